"""How well is checked, as a page: a sentence, the numbers of each check, what is worth a look, and nobody's name."""

import re
from datetime import timedelta

import pytest

from qc_service import clock
from tests.floor_life import record
from tests.reader import Desk, readable

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
TIGHT, WEIGHT = "Closed all round?", "Filled weight"


def answers(tight: str = "ok", seconds: float | None = None) -> dict:
    """Both checks, each answered so long after it was shown."""
    shown = clock.now() - timedelta(minutes=5)
    times = {} if seconds is None else {
        "shown_at": clock.iso(shown), "at": clock.iso(shown + timedelta(seconds=seconds))
    }  # fmt: skip
    found = {"value": tight} if tight in ("ok", "defect") else {"value": tight, "reason": "The lamp is broken."}
    return {"tight": {**found, **times}, "weight": {"value": ["340", "341", "339"], **times}}


def sent(floor, who, *filled: dict, lot: str = "BIG") -> list[str]:
    """Records of a lot, one after the other; judged together."""
    names = [floor.send(who, record(who.badge, lot, answers=one))[0] for one in filled]
    floor.plant.work()
    return names


def part(desk, heading: str) -> str:
    """What stands under a heading."""
    return re.search(rf"<h2>{heading}(.*?)</section>", desk.answer.text, re.DOTALL)[1]


def rows(desk, heading: str) -> dict[str, list[str]]:
    """The cells of a table's rows, by what its first one says."""
    body = part(desk, heading).partition("<tbody>")[2]
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")]
    return {readable(row[0]): [readable(cell) for cell in row[1:]] for row in cells if row}


def test_what_two_people_found_is_told_in_a_sentence_and_check_by_check(floor, mia, ines, omar, desk):
    desk.get("/checking")
    assert "No inspections yet" in desk.text
    desk.get("/checking", procedure="CAN")
    assert "No inspection to look at" in desk.text
    for number, (first, second) in enumerate([("ok", "ok"), ("ok", "defect"), ("defect", "defect"), ("ok", "ok")]):
        floor.lot(f"A{number}", "MIA")
        sent(floor, ines, answers(first), lot=f"A{number}")
        sent(floor, omar, answers(second), lot=f"A{number}")
    floor.lot("B", "MIA")
    sent(floor, ines, answers("cannot_check"), lot="B")

    desk.get("/checking")
    assert 'href="/checking?procedure=CAN">CAN · CAN' in desk.answer.text
    desk.get("/checking", procedure="CAN")
    assert desk.headline == "How well is checked"
    assert (
        "9 inspections were looked at. Two people answered differently in 1 of 8 comparisons, most often at "
        f"“{TIGHT}”. Nothing in them stands out."
    ) in desk.text
    assert rows(desk, "Answers and their time: version 1") == {
        TIGHT: ["8", "3", "1", "–", "–"],
        WEIGHT: ["9", "0", "0", "–", "–"],
    }
    found = rows(desk, "What two people found: version 1")
    assert found.pop(TIGHT) == [
        "Both OK: 2 OK, then defect: 1 Defect, then OK: 0 Both defect: 1",
        "75.0%",
        "0.50",
        "0.38",
        "0.50",
    ]
    [(said, numbers)] = found.items()
    assert said.startswith(f"{WEIGHT} Nearly everything is in order here, so kappa says little")
    assert numbers == ["Both OK: 4 OK, then defect: 0 Defect, then OK: 0 Both defect: 0", "100.0%", "–", "–", "1.00"]
    assert "No time is known" in desk.text
    assert "known once it was answered 20 times" in readable(part(desk, "Worth a look"))

    floor.life.somebody("FAR", "supervisor", site="S2")
    away = Desk(floor.life.app, "FAR")
    away.get("/checking")
    assert "No inspections yet" in away.text
    away.get("/checking", procedure="CAN")
    assert "No inspection to look at" in away.text


@ONE_ENGINE
def test_what_stands_out_leads_to_its_record_and_no_page_of_it_names_anybody(floor, mia, ines, omar, desk):
    floor.plant.line("L2", "S1")
    floor.lot("BIG", "MIA", quantity=10_000)
    sent(floor, ines, *(answers(seconds=10) for _ in range(20)))
    [fast] = sent(floor, omar, answers(seconds=1.5))
    sent(floor, ines, *(answers(seconds=200) for _ in range(6)))

    desk.get("/checking", procedure="CAN", line="L1")
    assert ("27 inspections were looked at. Median time of a check: 10 s. 1 observation is worth a look.") in desk.text
    assert rows(desk, "Answers and their time: version 1")[TIGHT] == ["27", "0", "0", "10 s", "10 s"]
    assert "no two people inspected the same unit" in readable(part(desk, "What two people found"))
    told = part(desk, "Worth a look")
    assert f'href="/inspections/{fast}">Answered faster than anybody can read and do it: 2 of 2 checks.' in told
    assert "Lot BIG L1" in readable(told)
    assert desk.get(f"/inspections/{fast}").status_code == 200

    for by, name in (("line", "Line: L1"), ("shift", r"Part of the day: \d\d–\d\d")):
        desk.get("/checking", procedure="CAN", by=by)
        assert re.match(rf"{re.escape(TIGHT)} {name}$", next(iter(rows(desk, "Answers and their time: version 1"))))
        main = readable(desk.answer.text.partition("<main")[2])
        assert [one for one in ("MIA", "INES", "OMAR", "Name of") if one in main] == []
    desk.get("/checking", procedure="CAN", line="L2")
    assert "No inspection to look at" in desk.text
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    desk.get("/checking", procedure="CAN", since=tomorrow)
    assert "No inspection to look at" in desk.text


@ONE_ENGINE
def test_what_cannot_be_asked_is_said_beside_its_field_and_who_does_not_lead_asks_nothing(floor, ines, desk):
    asked = {"procedure": "NONE", "line": "L9", "by": "inspector", "since": "2026-11-22", "until": "2026-11-20"}
    assert desk.get("/checking", **asked).status_code == 422
    chosen = "Choose one of the list."
    assert desk.errors == {
        "procedure": chosen, "line": chosen, "by": chosen,
        "until": "The end of the period is not after its beginning.",
    }  # fmt: skip
    assert '<details class="insp-filters section" open>' in desk.answer.text
    desk.get("/checking", procedure="CAN", line="L1")
    assert '<details class="insp-filters section">' in desk.answer.text
    assert "Filter: 2 set" in desk.text
    desk.get("/inspections")
    assert 'href="/checking"' in desk.answer.text
    own = Desk(floor.life.app, "INES")
    assert own.get("/checking").status_code == 403
    own.get("/inspections")
    assert 'href="/checking"' not in own.answer.text
