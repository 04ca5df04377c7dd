"""A tablet seals what a card's code says with each record; the service finds out whether it was good at that time."""

import pytest

from tests.floor_life import record
from tests.tablet_life import card_of, lose_card, set_pin, tablet_of

PIN = "739154"


@pytest.fixture
def tablet(floor, mia, ines):
    floor.lot("A", "MIA")
    return tablet_of(floor)


def one(unit, **more):
    return record("INES", unit=unit, units_inspected=1, **more)


def test_a_record_that_is_sealed_with_the_card_is_the_inspectors_own(floor, tablet):
    name = tablet.judged(record("INES"), card_of("INES"))

    assert floor.standing(name) == ("accepted", [], True, True)
    found = floor.get(name)
    assert [(mark["badge"], mark["method"]) for mark in found["signatures"]] == [("INES", "card")]
    assert found["attestation"] == "sealed"


def test_a_card_that_was_lost_since_is_good_for_what_came_before_and_for_nothing_after(floor, tablet):
    card = card_of("INES")
    before, set_back = one("U-1"), one("U-2", clock_jumped=True)
    lose_card("INES")
    after = one("U-3")

    assert floor.standing(tablet.judged(before, card)) == ("accepted", [], True, True)
    for body in (set_back, after):  # whoever found it may have set the tablet's clock back
        state, reasons, counted, _ = floor.standing(tablet.judged(body, card))
        assert (state, counted) == ("unconfirmed", False)
        assert "identity_unconfirmed" in reasons


def test_of_two_cards_each_is_good_for_its_own_time(floor, tablet):
    old = card_of("INES")
    before = one("U-1")
    new = card_of("INES")
    after = [one("U-2"), one("U-3")]

    assert floor.standing(tablet.judged(before, old))[0] == "accepted"
    assert floor.standing(tablet.judged(after[0], new))[0] == "accepted"
    assert floor.standing(tablet.judged(after[1], old))[1] == ["identity_unconfirmed"]


def test_another_persons_card_and_another_records_seal_prove_nothing(floor, tablet):
    mine, other = card_of("INES"), card_of("MIA")

    assert floor.standing(tablet.judged(one("U-1"), other))[1] == ["identity_unconfirmed"]
    moved = tablet.judged(one("U-2"), mine, other=b"another record")
    assert floor.standing(moved)[1] == ["identity_unconfirmed"]


def test_a_queue_full_of_a_lost_card_locks_neither_the_pin_nor_the_tablet(floor, tablet):
    set_pin("INES", PIN)
    card = card_of("INES")
    lose_card("INES")
    for number in range(8):
        assert floor.standing(tablet.judged(one(f"U-{number}"), card))[1] == ["identity_unconfirmed"]

    assert floor.standing(tablet.judged(one("U-9"), PIN)) == ("accepted", [], True, True)
