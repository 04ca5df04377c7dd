"""What waits for a decision, and the decision beside it."""

import re
from datetime import timedelta

import pytest

from qc_service import clock
from tests.floor_life import OK, record
from tests.procedure_life import PASSWORD, SIGNED
from tests.reader import Desk, readable

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WHY = "I looked at the wrong seam."


def section(desk, name: str) -> str:
    found = re.search(rf'<h2 id="{name}">(.*?)</section>', desk.answer.text, re.DOTALL)
    return readable(found[1]) if found else ""


def test_a_plant_without_anything_to_decide_says_so(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    floor.inspect(ines)
    desk.get("/inspections/waiting")
    assert desk.headline == "Nothing waits for a decision"


def test_a_supervisor_gives_their_word_where_it_waits_and_signs_it(floor, mia, desk):
    floor.lot("A", "MIA")
    omar = floor.person("OMAR", reads=False)
    name = floor.inspect(omar)
    desk.get("/inspections/waiting")
    assert desk.headline == "Waiting for a decision: 1"
    assert "It waits for a supervisor's word: the inspector was not qualified" in section(desk, "confirm")
    desk.post(f"/inspections/{name}/confirm", **{"from": "waiting", "note": "I stood beside him."})
    assert desk.answer.status_code == 422
    assert desk.errors == {f"confirm-{name}-password": "Type your password to sign."}
    assert "I stood beside him." in desk.text
    desk.post(
        f"/inspections/{name}/confirm", **{"from": "waiting", "note": "I stood beside him.", "password": PASSWORD}
    )
    desk.follow()
    assert "You gave your word, and signed." in desk.text
    assert section(desk, "confirm") == ""
    assert floor.standing(name) == ("accepted", [], True, True)
    desk.get(f"/inspections/{name}")
    assert "gave their word for it I stood beside him. Name of BOSS (BOSS)" in desk.text


def test_a_correction_tells_why_it_was_made_and_voiding_who_asked(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    first = floor.inspect(ines)
    floor.inspect(ines, amends=first, reason=WHY)
    ines.done("POST", f"/inspections/{first}/void", {**SIGNED, "reason": "It was another lot."})
    desk.get("/inspections/waiting")
    assert f"See what the correction changes : {WHY}" in section(desk, "confirm")
    assert "It was another lot. Name of INES" in section(desk, "agree")
    desk.post(f"/inspections/{first}/void/agree", **{"from": "waiting", "password": PASSWORD})
    desk.follow()
    assert section(desk, "agree") == ""
    assert floor.get(first)["state"] == "void"


def test_who_asked_to_void_it_reads_that_another_person_agrees(floor, mia, ines, boss, desk):
    floor.lot("A", "MIA")
    first = floor.inspect(ines)
    boss.done("POST", f"/inspections/{first}/void", {**SIGNED, "reason": "It was another lot."})
    desk.get("/inspections/waiting")
    assert "You asked for it yourself, so another person agrees." in section(desk, "agree")
    assert "I agree: it is void" not in desk.text


def test_makers_are_named_by_badge_and_own_work_that_comes_out_is_told_at_once(floor, mia, ines, desk):
    floor.lot("A")
    name = floor.inspect(ines)
    desk.get("/inspections/waiting")
    assert "Lot A L1 P inspections: 1" in section(desk, "makers")
    form = re.search(r'action="(/lots/A/makers[^"]*)"', desk.answer.text)[1]
    [field] = set(re.findall(r'id="(makers-lot_\w+-makers)"', desk.answer.text))
    desk.post(form, **{"from": "waiting", "makers": " "})
    assert desk.errors == {field: "Write the badge of at least one person."}
    desk.post(form, **{"from": "waiting", "makers": "MIA, NOBODY NONE"})
    assert desk.errors == {field: "Nobody has the badge 'NOBODY'. Nobody has the badge 'NONE'."}
    assert "MIA, NOBODY NONE" in desk.answer.text
    desk.post(form, **{"from": "waiting", "makers": "MIA;INES"})
    desk.follow()
    assert "Saved: who made lot A is known." in desk.text
    assert "Inspections that turn out to be by one of its makers: 1." in desk.text
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
    assert section(desk, "makers") == ""
    assert "Lot A L1 P inspections: 1" in section(desk, "second")


def test_a_lot_needs_a_second_person_until_one_has_inspected_it(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    floor.lot("B", "MIA")  # nobody has looked at it yet: it waits for nobody's decision
    floor.inspect(mia)
    desk.get("/inspections/waiting")
    assert section(desk, "second").startswith("Lots that need a second person 1")
    floor.inspect(ines)
    desk.get("/inspections/waiting")
    assert section(desk, "second") == ""


def test_a_lot_that_nobody_told_of_is_made_known_and_what_names_it_judged_again(floor, mia, ines, desk):
    name = floor.inspect(ines, "Z-9")
    desk.get("/inspections/waiting")
    assert "Lot unknown Lot Z-9" in section(desk, "unknown")
    desk.post(f"/inspections/{name}/lot", line="")
    assert desk.errors == {
        f"lot-{name}-line": "Choose the line where it was made, in the site of the inspection.",
    }
    desk.post(f"/inspections/{name}/lot", line="L1", makers="MIA")
    desk.follow()
    assert "Lot Z-9 is known now." in desk.text
    floor.plant.work()
    assert floor.standing(name) == ("accepted", [], True, True)
    desk.get("/inspections/waiting")
    assert section(desk, "unknown") == ""
    assert desk.post(f"/inspections/{name}/lot", line="L1").status_code == 409


def test_units_on_hold_are_there_until_somebody_decides(floor, mia, ines, boss, desk):
    floor.lot("A", "MIA")
    name = floor.inspect(ines, answers={**OK, "tight": {"value": "defect"}})
    desk.get("/inspections/waiting")
    assert "Units on hold: 1" in section(desk, "hold")
    [found] = floor.get(name)["nonconformities"]
    told = {**SIGNED, "disposition": "scrap", "reason": "It cannot be mended."}
    boss.done("POST", f"/nonconformities/{found['id']}/dispositions", told)
    desk.get("/inspections/waiting")
    assert section(desk, "hold") == ""


def test_a_number_that_never_arrived_is_named_with_its_tablet(floor, mia, ines, at_tablet, desk):
    floor.lot("A", "MIA")
    tablet = at_tablet("INES")
    for number in (1, 2, 4, 7):
        floor.send(tablet, record("INES", device_seq=number))
    desk.get("/inspections/waiting")
    told = section(desk, "gaps")
    assert "Tablet 4: no. 3 never arrived." in told
    assert "Tablet 4: nos. 5 to 6 never arrived." in told
    floor.send(tablet, record("INES", device_seq=3))
    name, _ = floor.send(mia, record("MIA"))
    answer = tablet("PUT", f"/inspections/{name}", record("INES", device_seq=5, units_inspected=3))
    assert answer.status_code == 409  # it arrived, and is kept beside the other
    desk.get("/inspections/waiting")
    assert "no. 3" not in desk.text
    assert "Tablet 4: no. 6 never arrived." in section(desk, "gaps")


@ONE_ENGINE
def test_a_number_that_is_lost_is_explained_where_it_waits_and_asked_for_again_when_it_comes(
    floor, mia, ines, at_tablet, desk
):
    floor.lot("A", "MIA")
    tablet = at_tablet("INES")
    floor.send(tablet, record("INES", device_seq=3))
    desk.get("/inspections/waiting")
    address = re.search(r'action="(/devices/[^"]*/gaps)"', desk.answer.text)[1]
    form = {"first": "1", "last": "2", "reason": WHY}
    desk.post(address, **form)
    assert desk.answer.status_code == 422
    [field] = desk.errors
    assert field.endswith("-1-password")
    assert WHY in desk.text
    desk.post(address, **{**form, "reason": " "}, password=PASSWORD)
    assert [name.rpartition("-")[2] for name in desk.errors] == ["reason"]
    desk.post(address, **form, password=PASSWORD)
    desk.follow()
    assert "Explained, and signed." in desk.text
    assert section(desk, "gaps") == ""
    desk.get("/gaps")
    assert f"Tablet 4: nos. 1 to 2 never arrived. {WHY} Name of BOSS (BOSS)" in desk.text
    desk.get("/inspections/waiting")
    desk.post(address, **form, password=PASSWORD)
    assert desk.answer.status_code == 409
    assert "Somebody has explained that already." in desk.text

    name, _ = floor.send(tablet, record("INES", device_seq=2))
    desk.get("/inspections/waiting")
    told = section(desk, "gaps")
    assert f"Tablet 4: no. 2 arrived late. It was explained as lost: {WHY} Name of BOSS (BOSS)" in told
    assert f'href="/inspections/{name}"' in desk.answer.text
    operator = Desk(floor.life.app, "INES")
    operator.get("/inspections/waiting")
    assert "That needs one of the roles supervisor, quality manager." in section(operator, "gaps")
    desk.post(address, first="2", last="2", reason="The battery was changed.", password=PASSWORD)
    desk.follow()
    assert section(desk, "gaps") == ""


def test_somebody_of_another_site_waits_for_nothing_of_this_one(floor, mia, ines, at_tablet, desk):
    floor.lot("A")
    floor.send(at_tablet("INES"), record("INES", device_seq=9))
    floor.plant.work()
    floor.life.somebody("AWAY", "supervisor", site="S2")
    away = Desk(floor.life.app, "AWAY")
    away.get("/inspections/waiting")
    assert away.headline == "Nothing waits for a decision"
    desk.get("/inspections/waiting")
    assert desk.headline == "Waiting for a decision: 2"


@ONE_ENGINE
def test_who_only_reads_sees_what_waits_and_no_way_to_decide(floor, mia, desk):
    floor.lot("A", "MIA")
    omar = floor.person("OMAR", reads=False)
    floor.inspect(omar, observed_at=clock.iso(clock.now() - timedelta(seconds=1)))
    floor.life.somebody("AUDIT", "auditor")
    auditor = Desk(floor.life.app, "AUDIT")
    auditor.get("/inspections/waiting")
    assert "That needs one of the roles supervisor, quality manager." in section(auditor, "confirm")
    assert 'method="post"' not in auditor.answer.text.partition("<main")[2]


def test_a_record_of_a_lot_that_nobody_knows_is_said_to_be_of_one_that_looks_like_it(floor, mia, ines, desk):
    floor.lot("PALLET-0044", "MIA")
    floor.lot("SACK-7", "MIA")
    name = floor.inspect(ines, "PALET-0044")
    desk.get("/inspections/waiting")
    form = section(desk, "unknown")
    assert "Lots that look like it PALLET-0044" in form
    assert "SACK-7" not in form
    told = {"from": "waiting", "note": "The label was smeared."}
    for more, error in (({}, "Choose the lot, or type its code."), ({"lot": "Z"}, "No lot here has the code Z.")):
        desk.post(f"/inspections/{name}/match", **told, **more, password=PASSWORD)
        assert (desk.answer.status_code, desk.errors) == (422, {f"match-{name}-lot": error})
        assert "The label was smeared." in desk.text
    desk.post(f"/inspections/{name}/match", **told, offered="PALLET-0044")
    assert desk.errors == {f"match-{name}-password": "Type your password to sign."}
    assert 'value="PALLET-0044" checked' in desk.answer.text
    desk.post(f"/inspections/{name}/match", **told, offered="PALLET-0044", password=PASSWORD)
    desk.follow()
    assert "Said and signed. It is judged as an inspection of that lot now." in desk.text
    assert section(desk, "unknown") == ""
    assert floor.standing(name) == ("accepted", [], True, True)
    desk.get(f"/inspections/{name}")
    assert "said which lot it was PALET-0044 → PALLET-0044. The label was smeared. Name of BOSS" in desk.text


def test_who_inspected_it_reads_that_another_person_says_which_lot_it_was(floor, mia, boss, desk):
    floor.lot("PALLET-0044", "MIA")
    floor.inspect(boss, "PALET-0044")
    desk.get("/inspections/waiting")
    assert "You inspected it yourself, so another person says which lot it was." in section(desk, "unknown")
    assert "It was this lot" not in desk.text
