"""The list of inspections: what each row says, what can be looked for, and that it stays quick."""

import re
from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.db import connected, db
from qc_service.desk import inspection_words as words
from qc_service.desk.inspection_standing import Standing
from qc_service.inspections.rules import REASONS
from tests.floor_life import OK
from tests.procedure_life import SIGNED
from tests.reader import Desk, readable

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
BAD = {**OK, "tight": {"value": "defect"}}


def rows(desk) -> list[str]:
    body = desk.answer.text.partition('<ul class="items card">')[2]
    return [
        readable(row)
        for row in re.findall(r'<li class="item">(.*?)</li>\s*(?=<li class="item">|</ul>)', body, re.DOTALL)
    ]


def found(desk, **asked) -> list[str]:
    """The lots of the rows that fit."""
    assert desk.get("/inspections", **asked).status_code == 200, desk.text
    return [re.search(r"Lot (\S+?),? ", row)[1] for row in rows(desk)]


def test_each_row_says_in_one_sentence_what_it_is_and_accuses_nobody(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    floor.lot("B")
    floor.inspect(ines, answers=BAD)
    floor.inspect(mia)
    floor.inspect(ines, "B", unit="7", units_inspected=1)
    floor.inspect(ines, "NOWHERE")
    desk.get("/inspections")
    unknown, unmade, own, bad = rows(desk)
    assert unknown.startswith("◐ Lot unknown Lot NOWHERE Its lot is not known here yet")
    assert unmade.startswith("✔︎ Accepted Lot B, unit 7 It counts. Whether it is a check by a second person is known")
    assert own.startswith("◕ Own work Lot A The inspector also made the lot: it is kept as their own check")
    assert bad.startswith("✔︎ Accepted Lot A It counts, and it is a check by a second person. Fail")
    assert "1 of 10 units do not conform" in bad
    assert "CAN · version 1" in bad
    assert "Name of INES" in bad


def test_a_correction_a_void_one_and_one_that_came_second_are_told_apart(floor, mia, ines, boss, desk):
    omar = floor.person("OMAR")
    floor.lot("A", "MIA")
    first = floor.inspect(ines)
    floor.inspect(omar)
    second = floor.inspect(ines, amends=first, reason="I looked at the wrong seam.", answers=BAD)
    desk.get("/inspections")
    assert "It is a correction, and waits for another person's word." in rows(desk)[0]
    assert "Another inspection of the same units came first and counts" in rows(desk)[1]
    boss.done("POST", f"/inspections/{second}/confirm", SIGNED)
    ines.done("POST", f"/inspections/{second}/void", {**SIGNED, "reason": "It was another lot."})
    boss.done("POST", f"/inspections/{second}/void/agree", SIGNED)
    desk.get("/inspections")
    assert [row.split(" Lot ")[0] for row in rows(desk)] == ["– Void", "✓ Accepted, not counted", "✔︎ Accepted"]


def test_one_that_has_just_arrived_is_there_before_it_is_judged(floor, ines, desk):
    floor.send(ines, {"lot": "A", "procedure": "CAN", "version": 1, "inspector": "INES", "answers": OK,
                      "units_inspected": 3, "observed_at": clock.iso(clock.now())})  # fmt: skip
    desk.get("/inspections", state="received")
    assert rows(desk)[0].startswith("◌ Not judged yet Lot A It has arrived and is judged in a moment. Units: 3")


def test_it_is_looked_for_by_everything_that_people_ask(floor, mia, ines, desk):
    floor.plant.line("L2", "S1")
    omar = floor.person("OMAR")
    floor.lot("APPLE", "MIA")
    floor.lot("PEAR", "MIA", line="L2")
    floor.inspect(ines, "APPLE")
    floor.inspect(mia, "APPLE")
    floor.inspect(omar, "PEAR", observed_at=clock.iso(clock.now() - timedelta(days=3)))
    assert found(desk) == ["PEAR", "APPLE", "APPLE"]
    assert found(desk, state="quarantined") == ["APPLE"]
    assert found(desk, state="unconfirmed") == ["PEAR"]  # three days ago the version was not in force
    assert found(desk, reason="self_check") == ["APPLE"]
    assert found(desk, line="L2") == ["PEAR"]
    assert found(desk, lot="appl") == ["APPLE", "APPLE"]
    assert found(desk, procedure="CAN", lot="PEAR") == ["PEAR"]
    assert found(desk, inspector="MIA") == ["APPLE"]
    assert found(desk, inspector="of omar") == ["PEAR"]
    today, before = clock.now().date(), clock.now().date() - timedelta(days=2)
    assert found(desk, since=before.isoformat(), until=today.isoformat()) == ["APPLE", "APPLE"]
    assert found(desk, until=before.isoformat()) == ["PEAR"]
    assert desk.get("/inspections", lot="PLUM").status_code == 200
    assert "Nothing fits" in desk.text


@ONE_ENGINE
def test_what_cannot_be_looked_for_is_said_beside_its_field(floor, desk):
    assert desk.get("/inspections", since="tomorrow", line="L9", state="lost").status_code == 422
    assert desk.errors == {
        "since": "Write a day, such as 2026-11-21.", "line": "Choose one of the list.",
        "state": "Choose one of the list.",
    }  # fmt: skip
    for last in ("9999-12-31", "0001-01-01"):
        assert desk.get("/inspections", until=last).status_code in (200, 422)


def test_fifty_a_page_and_the_older_ones_behind_a_link_that_skips_none(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    names = [floor.send(ines, {"lot": "A", "unit": f"U{n}", "procedure": "CAN", "version": 1, "inspector": "INES",
                               "answers": OK, "units_inspected": 1, "observed_at": clock.iso(clock.now())})[0]
             for n in range(53)]  # fmt: skip
    floor.plant.work()
    desk.get("/inspections", lot="A")
    seen = re.findall(r'href="/inspections/([0-9a-f-]{36})"', desk.answer.text)
    older = re.search(r'<a href="([^"]+)">Older ones', desk.answer.text)[1].replace("&amp;", "&")
    desk.get(older)
    seen += re.findall(r'href="/inspections/([0-9a-f-]{36})"', desk.answer.text)
    assert seen == names[::-1]
    assert "Older ones" not in desk.text
    assert desk.get("/inspections", cursor="bm9uc2Vuc2U").status_code == 422


def test_who_works_in_another_site_sees_none_of_it(floor, mia, ines):
    floor.lot("A", "MIA")
    name = floor.inspect(ines)
    floor.life.somebody("AWAY", "supervisor", site="S2")
    away = Desk(floor.life.app, "AWAY")
    assert away.get("/inspections").status_code == 200
    assert "No inspections yet" in away.text
    for path in (f"/inspections/{name}", f"/inspections/{name}/print", "/lots/A"):
        assert away.get(path).status_code == 404, path


@ONE_ENGINE
def test_five_of_each_take_no_more_statements_than_one(floor, mia, ines, desk):
    def statements(path: str) -> int:
        with connected():
            seen: list[str] = []
            plain = db.obj.execute_sql
            db.obj.execute_sql = lambda *args, **kwargs: seen.append(args[0]) or plain(*args, **kwargs)
            try:
                assert desk.get(path).status_code == 200
            finally:
                del db.obj.execute_sql
        return len(seen)

    def more(start: int, end: int) -> None:
        for n in range(start, end):
            floor.lot(f"M{n}", "MIA")
            floor.lot(f"N{n}")
            first = floor.inspect(ines, f"M{n}", answers=BAD)
            floor.inspect(ines, f"M{n}", amends=first, reason="I looked at the wrong seam.")
            floor.lot(f"O{n}", "MIA")
            floor.inspect(mia, f"O{n}")
            floor.inspect(ines, f"N{n}")
            floor.inspect(ines, f"X{n}")
            ines.done("POST", f"/inspections/{first}/void", {**SIGNED, "reason": "It was another lot."})

    more(0, 1)
    few = {path: statements(path) for path in ("/inspections", "/inspections/waiting", "/lots/M0")}
    more(1, 5)
    floor.inspect(floor.person("OMAR"), "M0")
    assert {path: statements(path) for path in few} == few


# --- the words ---


def test_every_reason_that_there_is_has_words():
    assert set(REASONS) <= set(words.REASONS)
    for reason, state in REASONS.items():
        for known in (True, False):
            one = Standing(state or "accepted", (reason,), known, counted=True)
            assert one.sentence
            assert all(one.notes)


def test_one_that_counts_for_nobody_known_is_not_said_to_count():
    assert Standing("accepted", (), counted=False).lead == "inspector_unknown"
    assert Standing("accepted", (), counted=True).lead == "accepted"
