"""Whoever an inspection names is asked at the desk whether it was theirs, where nobody could prove it."""

import re

import pytest

from tests.floor_life import record
from tests.procedure_life import PASSWORD
from tests.reader import Desk, readable
from tests.tablet_life import set_pin, tablet_of

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
OLD, NEW = "739154", "260483"
ASKED = "Was this inspection yours?"


@pytest.fixture
def doubtful(floor, mia, ines):
    """Records of INES that a tablet sent with a PIN that was not theirs any more."""
    floor.lot("A", "MIA")
    tablet = tablet_of(floor)
    for pin in (OLD, NEW):
        set_pin("INES", pin)
    return [
        tablet.judged(record("INES", unit=unit, units_inspected=1), OLD) for unit in ("U-1", "U-2", "U-3")
    ]  # fmt: skip


def asked(desk) -> str:
    """What the list asks of its reader."""
    found = re.search(r'<h2 id="own">(.*?)</section>', desk.answer.text, re.DOTALL)
    return readable(found[1]) if found else ""


def test_who_is_named_says_on_the_page_or_in_the_list_whose_it_was_and_signs(floor, doubtful, desk):
    first, second, third = doubtful
    waits = ("unconfirmed", ["identity_unconfirmed"], False, False)
    assert [floor.standing(name) for name in doubtful] == [waits] * 3
    own = Desk(floor.life.app, "INES")
    own.get("/inspections", lot="nothing fits")
    assert asked(own).startswith("Were these inspections yours? 3 They stand under your name, and it is not certain")
    assert asked(own).count(ASKED) == 3

    own.get(f"/inspections/{first}")
    assert "It is not certain that it was you who inspected If it was yours, it stands" in own.text
    own.post(f"/inspections/{first}/own", password=PASSWORD)
    assert (own.answer.status_code, own.errors) == (422, {f"own-{first}-mine": "Say whether it was yours."})
    own.post(f"/inspections/{first}/own", mine="yes")
    assert own.errors == {f"own-{first}-password": "Type your password to sign."}
    assert 'value="yes" checked' in own.answer.text
    own.post(f"/inspections/{first}/own", mine="yes", password=PASSWORD)
    own.follow()
    assert "You said that it was yours, and signed." in own.text
    assert ASKED not in own.text
    assert "said that it was theirs Name of INES (INES)" in own.text
    assert floor.standing(first) == ("accepted", [], True, True)

    own.get("/inspections")
    assert asked(own).startswith("Were these inspections yours? 2")
    own.post(f"/inspections/{second}/own", **{"from": "list", "mine": "no", "password": "not this one"})
    assert list(own.errors) == [f"own-{second}-password"]
    opened = '<details open><summary>Say whether it was yours<span class="hidden-text">: Lot A, unit U-2'
    assert opened in own.answer.text
    own.post(f"/inspections/{second}/own", **{"from": "list", "mine": "no", "password": PASSWORD})
    own.follow()
    assert "You said that it was not yours, and signed. It does not count." in own.text
    assert asked(own).startswith("Were these inspections yours? 1")
    assert floor.standing(second) == ("unconfirmed", ["disowned", "identity_unconfirmed"], False, False)
    own.post(f"/inspections/{first}/own", mine="no", password=PASSWORD)
    assert own.answer.status_code == 409
    assert "Nobody asks whose it was." in own.text

    desk.get("/inspections")
    assert asked(desk) == ""
    desk.get(f"/inspections/{third}")
    assert ASKED not in desk.text
    assert desk.post(f"/inspections/{third}/own", mine="yes", password=PASSWORD).status_code == 403
    assert floor.standing(third) == waits


@ONE_ENGINE
def test_who_was_found_to_be_the_same_human_being_is_asked_too_and_nobody_after_a_supervisors_word(
    floor, doubtful, boss, desk
):
    first, *_ = doubtful
    floor.person("INES2", reads=False)
    other = Desk(floor.life.app, "INES2")
    other.get("/inspections")
    assert asked(other) == ""
    floor.life.somebody("ADMIN", "admin").done("POST", "/people/INES2/same-as", {"badge": "INES"})
    other.get("/inspections")
    assert asked(other).startswith("Were these inspections yours? 3")
    desk.get(f"/inspections/{first}")
    desk.post(f"/inspections/{first}/confirm", password=PASSWORD)
    other.get("/inspections")
    assert asked(other).startswith("Were these inspections yours? 2")
    other.get(f"/inspections/{first}")
    assert ASKED not in other.text
