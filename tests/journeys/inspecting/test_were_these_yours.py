"""Whoever a doubtful inspection names says whether it was theirs: of several at once, on the tablet, by PIN or card."""

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.people import signin
from tests.floor_life import record
from tests.procedure_life import SIGNED, Somebody
from tests.tablet_life import card_of, set_pin, tablet_of

PIN, WRONG = "739154", "604713"


@pytest.fixture
def tablet(floor, mia, ines):
    floor.lot("A", "MIA")
    set_pin("INES", PIN)
    return tablet_of(floor)


@pytest.fixture
def doubtful(floor, tablet):
    """Two inspections under INES's name, with a PIN that is not hers."""
    return [tablet.judged(record("INES", unit=unit, units_inspected=1), WRONG) for unit in ("U-1", "U-2")]


def on_tablet(floor, tablet, card=None):
    with connected():
        if card:
            made = signin.sign_in_with_card(card, tablet.token, clock.now())
        else:
            made = signin.sign_in_on_tablet("INES", PIN, tablet.token, clock.now())
    return Somebody(floor.life, "INES", made.token)


def answers(*said):
    return {"answers": [{"uuid": uuid, "mine": mine} for uuid, mine in said]}


def test_she_is_told_which_and_says_of_each_with_one_pin(floor, tablet, doubtful):
    ines = on_tablet(floor, tablet)
    asked = ines("GET", "/inspections/own").json["data"]
    assert [(one["uuid"], one["lot"], one["unit"]) for one in asked] == [
        (doubtful[0], "A", "U-1"),
        (doubtful[1], "A", "U-2"),
    ]

    told = ines.done("POST", "/inspections/own", {"pin": PIN, **answers((doubtful[0], True), (doubtful[1], False))})

    assert [(one["taken"], one["state"]) for one in told["data"]] == [(True, "accepted"), (True, "unconfirmed")]
    assert floor.standing(doubtful[0]) == ("accepted", [], True, True)
    assert floor.standing(doubtful[1]) == ("unconfirmed", ["disowned", "identity_unconfirmed"], False, False)
    assert ines("GET", "/inspections/own").json["data"] == []


def test_with_a_card_she_signs_by_the_card(floor, tablet, doubtful):
    card = card_of("INES")
    ines = on_tablet(floor, tablet, card)
    ines.done("POST", "/inspections/own", {"card": card, **answers((doubtful[0], True))})
    ines.done("POST", f"/inspections/{doubtful[1]}/own", {"card": card, "mine": True})

    for uuid in doubtful:
        assert floor.standing(uuid)[0] == "accepted"
        assert ("inspection_owned", "card") in {
            (one["meaning"], one["method"]) for one in floor.get(uuid)["signatures"]
        }


def test_a_card_signs_nothing_else(floor, tablet, boss):
    card = card_of("INES")
    ines = on_tablet(floor, tablet, card)

    body = {"card": card, "reason": "Another lot was meant."}
    assert ines.refused("POST", f"/inspections/{tablet.judged(record('INES'), PIN)}/void", body)[0] == 422


def test_a_wrong_pin_or_anothers_card_says_nothing_of_any(floor, tablet, doubtful):
    ines = on_tablet(floor, tablet)
    for secret in ({"pin": WRONG}, {"card": card_of("MIA")}):
        status, code = ines.refused("POST", "/inspections/own", {**secret, **answers((doubtful[0], True))})
        assert (status, code) == (401, "credentials_wrong")

    assert floor.standing(doubtful[0])[0] == "unconfirmed"


def test_one_that_is_refused_stops_no_other(floor, tablet, doubtful, mia):
    ines = on_tablet(floor, tablet)
    ghost = "0" * 8 + "-0000-4000-8000-" + "0" * 12
    said = answers((ghost, True), (doubtful[0], True), (doubtful[0], True))
    told = ines.done("POST", "/inspections/own", {"pin": PIN, **said})["data"]

    assert [(one["taken"], one["code"]) for one in told] == [
        (False, "not_found"), (True, None), (False, "illegal_transition"),
    ]  # fmt: skip
    theirs = mia.done("POST", "/inspections/own", {**SIGNED, **answers((doubtful[1], True))})["data"]
    assert [one["code"] for one in theirs] == ["scope_missing"]


def test_nobody_is_asked_of_anothers_nor_of_what_needs_no_word(floor, tablet, doubtful, mia):
    set_pin("INES", "483920")
    assert floor.standing(tablet.judged(record("INES", unit="U-3", units_inspected=1), "483920"))[0] == "accepted"

    assert mia("GET", "/inspections/own").json["data"] == []
