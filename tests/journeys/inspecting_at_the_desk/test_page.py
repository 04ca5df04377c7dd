"""One inspection as a document, on the page and on paper, and what is decided about it there."""

import json
import re

import pytest
from pypdfium2 import PdfDocument

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from tests.floor_life import OK, record
from tests.pictures import JPEG, jpeg, sha256
from tests.procedure_life import PASSWORD, SIGNED, document
from tests.reader import Desk, readable

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WHY = "I looked at the wrong seam."


def shown_at(second: int) -> dict[str, str]:
    return {"shown_at": f"2026-11-20T06:00:0{second}Z", "at": f"2026-11-20T06:00:{second + 12}Z"}


BAD = {
    "tight": {"value": "cannot_check", "reason": "The lamp is broken."},
    "weight": {"value": ["337", "341", "346"], **shown_at(5)},
}


@pytest.fixture
def first(floor, mia, ines):
    """An inspection that found something, of a lot with a maker."""
    floor.lot("A", "MIA")
    parts = [{"check": "weight", "defect_code": "LIGHT", "units": 4, "disposition": "hold"}]
    return floor.inspect(ines, answers=BAD, nonconformities=parts)


def part(desk, heading: str) -> str:
    """The part of the page under a heading, as a person reads it."""
    found = re.search(rf"<h2[^>]*>{heading}(.*?)</section>", desk.answer.text, re.DOTALL)
    return readable(found[1])


def test_the_document_says_who_made_who_inspected_and_each_answer_beside_its_limits(desk, first):
    assert desk.get(f"/inspections/{first}").status_code == 200
    assert desk.headline == "Lot A"
    for said in (
        "Fill and seal a can", "Made by Name of MIA (MIA)", "Inspected by Name of INES (INES) , signed in and sent it",
        "Procedure CAN, version 1", "Units inspected 10 Accepted 6 Rework 0 Scrap 0 On hold 4",
    ):  # fmt: skip
        assert said in desk.text, said
    told = part(desk, "Checks and answers")
    assert "Closed all round? critical – Cannot check Because: The lamp is broken." in told
    assert (
        "Filled weight major Must be 338 to 345 g, nominally 340 g, 3 samples. ✘︎ Defect 337 g outside 341 g "
        "346 g outside 2 of 3 samples are outside the limits; 0 may be. Answered 20 Nov 2026 06:00, 12 s after it"
    ) in told
    assert "Filled weight major LIGHT · Units: 4 · On hold" in part(desk, "Does not conform")
    assert "inspected it Name of INES (INES)" in part(desk, "Signatures")


def test_the_limits_are_those_of_the_answer_however_the_procedure_goes_on(floor, boss, desk, first):
    author = floor.life.somebody("ANNA")
    floor.life.published(author, boss, doc=document("400"))
    desk.get(f"/inspections/{first}")
    assert "Must be 338 to 345 g" in desk.text
    assert "to 400 g" not in desk.text


@ONE_ENGINE
def test_a_reader_of_danish_reads_numbers_limits_and_what_is_wrong_in_danish(floor, first):
    doc = document()
    doc["checks"][1] |= {"min": "338.5", "decimals": 1}
    boss, author = floor.life.somebody("CARL"), floor.life.somebody("ANNA")
    floor.life.published(author, boss, doc=doc)
    ines = floor.people["INES"]
    ines.done("POST", "/procedures/CAN/versions/2/acknowledgements", SIGNED)
    answers = {**OK, "weight": {"value": ["338.4", "341", "339"]}}
    name = floor.inspect(ines, answers=answers, version=2)
    floor.life.somebody("DITTE", "supervisor")
    with connected():
        staff.change_person(audit.COMMAND, Person.get(Person.code == "DITTE").id, language="da")
    dane = Desk(floor.life.app, "DITTE")
    dane.get(f"/inspections/{name}")
    assert "338,4 g" in dane.text
    assert "338,5" in dane.text
    assert "samples" not in dane.text


def test_a_correction_stands_beside_what_it_corrects_and_each_leads_to_the_other(floor, ines, desk, first):
    second = floor.inspect(ines, amends=first, reason=WHY, answers=OK)
    desk.get(f"/inspections/{second}")
    assert f"Why it was sent: {WHY}" in desk.text
    assert f'href="/inspections/{first}"' in desk.answer.text
    told = part(desk, "What the correction changes")
    assert "Closed all round? Cannot check: The lamp is broken. OK" in told
    assert "Filled weight 337 g; 341 g; 346 g 340 g; 341 g; 339 g" in told
    assert "Does not conform 4 × LIGHT: On hold –" in told
    desk.get(f"/inspections/{first}")
    assert re.search(r"Correction: the inspection of .*: Waits for a word\.", desk.text)
    assert f'href="/inspections/{second}"' in desk.answer.text


def test_two_records_under_one_address_stand_side_by_side_with_only_what_differs(floor, ines, desk, first):
    told = {**record("INES", answers={**OK, "tight": {"value": "defect"}}), "units_inspected": 9}
    sent = ines("PUT", f"/inspections/{first}", data=json.dumps(told), content_type="application/json")
    assert sent.status_code == 409
    desk.get(f"/inspections/{first}")
    side = part(desk, "Another record came under the same address")
    assert "Units inspected 10 9" in side
    assert "Closed all round? Cannot check: The lamp is broken. Defect" in side
    assert "Procedure" not in side
    assert "Units inspected 10" in part(desk, "Checks and answers") or "Units inspected 10" in desk.text


def test_a_picture_is_shown_when_it_has_come_and_named_until_then(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    data = jpeg(comment="A leak")
    parts = [{"check": "tight", "defect_code": "LEAK", "units": 1, "disposition": "scrap", "photo": sha256(data)}]
    name = floor.inspect(ines, answers={**OK, "tight": {"value": "defect"}}, nonconformities=parts)
    desk.get(f"/inspections/{name}")
    assert f"A picture that has not come: {sha256(data)[:16]}…" in desk.text
    put = floor.plant.call("PUT", f"/v1/media/{sha256(data)}?site=S1", data=data, headers={"Content-Type": JPEG})
    assert put.status_code == 201
    desk.get(f"/inspections/{name}")
    assert f'<img src="/pictures/{sha256(data)}"' in desk.answer.text


# --- deciding -----------------------------------------------------------------------------------------------------


def test_units_on_hold_are_decided_about_on_the_page_and_refusals_keep_what_was_typed(floor, desk, first):
    [found] = floor.get(first)["nonconformities"]
    where, form = f"/nonconformities/{found['id']}/disposition", f"dispose-{found['id']}"
    desk.get(f"/inspections/{first}")
    typed = {"disposition": "rework", "units": "3", "reason": "They can be filled up."}
    desk.post(where, **{**typed, "units": "40"}, password=PASSWORD)
    assert desk.answer.status_code == 422
    assert desk.errors == {f"{form}-units": "Only 4 units stand so."}
    assert "They can be filled up." in desk.text
    desk.post(where, **typed, password="wrong")
    assert desk.errors[f"{form}-password"].startswith("That is not your password")
    desk.post(where, **{**typed, "reason": "Short."}, password=PASSWORD)
    assert list(desk.errors) == [f"{form}-reason"]
    desk.post(where, **typed, password=PASSWORD)
    desk.follow()
    assert "Decided and signed." in desk.text
    assert "Units: 3. On hold → Rework They can be filled up. Now: 1 · On hold; 3 · Rework" in desk.text
    assert "decided what becomes of units Units: 3. On hold → Rework. They can" in part(desk, "Signatures")
    assert floor.get(first)["units"]["rework"] == 3


def test_voiding_is_asked_for_on_the_page_and_agreed_to_by_another_person(floor, ines, desk, first):
    own = Desk(floor.life.app, "INES")
    own.get(f"/inspections/{first}")
    own.post(f"/inspections/{first}/void", reason="Too short", password=PASSWORD)
    assert list(own.errors) == [f"void-{first}-reason"]
    own.post(f"/inspections/{first}/void", reason=WHY, password=PASSWORD)
    own.follow()
    assert "Asked for. Another person agrees or leaves it." in own.text
    assert "That needs one of the roles supervisor, quality manager." in part(own, "Somebody asked to void it")
    desk.get(f"/inspections/{first}")
    assert WHY in part(desk, "Somebody asked to void it")
    desk.post(f"/inspections/{first}/void/agree", password=PASSWORD)
    desk.follow()
    assert "– Void" in desk.text
    assert "agreed to void it Name of BOSS (BOSS)" in part(desk, "Signatures")
    assert "Ask to void it" not in desk.text
    assert floor.get(first)["state"] == "void"


def test_nobody_presses_a_button_that_then_refuses(floor, mia, ines, desk):
    floor.lot("A", "BOSS")
    floor.lot("B", "MIA")
    first = floor.inspect(ines)
    floor.inspect(ines, "B", amends=first, reason=WHY)
    moved = floor.inspect(ines, amends=first, reason=WHY)
    desk.get(f"/inspections/{moved}")
    assert "You made this lot, so another person confirms the correction." in desk.text
    assert "I give my word for it" not in desk.text
    assert desk.post(f"/inspections/{moved}/confirm", password=PASSWORD).status_code == 409
    lead = floor.person("LEAD", "supervisor", "inspector", reads=False)
    own = floor.inspect(lead, "B")
    leads = Desk(floor.life.app, "LEAD")
    leads.get(f"/inspections/{own}")
    assert "You inspected it yourself, so another person gives their word." in leads.text


# --- on paper -----------------------------------------------------------------------------------------------------


def test_the_paper_carries_the_record_and_its_signatures_in_the_language_asked_for(floor, ines, desk, first):
    ines.done("POST", f"/inspections/{first}/void", {**SIGNED, "reason": WHY})
    desk.get(f"/inspections/{first}/print")
    assert "asked to void it I looked at the wrong seam. Name of INES (INES)" in desk.text
    assert "signed with password" in desk.text
    assert floor.get(first)["sha256"][:32] in desk.text
    answer = desk.get(f"/inspections/{first}/print.pdf", lang="da")
    assert answer.mimetype == "application/pdf"
    assert f'filename="inspection-{first}-da.pdf"' in answer.headers["Content-Disposition"]
    text = " ".join(" ".join(page.get_textpage().get_text_bounded() for page in PdfDocument(answer.data)).split())
    for said in ("Name of MIA (MIA)", "Name of INES (INES)", WHY, "337 g", first, "The lamp is broken."):
        assert said in text, said
    assert "Inspected by" not in text


@ONE_ENGINE
def test_each_sheet_is_named_and_its_code_opens_the_record(desk, first):
    assert first in desk.get(f"/inspections/{first}/print.css").text.replace("\\00002d ", "-")
    assert desk.get(f"/inspections/{first}/qr.svg").text.startswith("<svg")
    desk.get(f"/inspections/{first}/print")
    assert f"Code that opens http://localhost/inspections/{first}" in desk.answer.text


@ONE_ENGINE
def test_an_address_is_read_in_any_case_and_what_is_none_is_not_there(desk, first):
    assert desk.get(f"/inspections/{first.upper()}").status_code == 200
    for name in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        assert desk.get(f"/inspections/{name}").status_code == 404
    assert desk.post("/nonconformities/ncr_nothing/disposition", password=PASSWORD).status_code == 404


@ONE_ENGINE
def test_one_by_an_unknown_version_says_that_its_answers_cannot_be_shown(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    name = floor.inspect(ines, version=9, observed_at=clock.iso(clock.now()))
    desk.get(f"/inspections/{name}")
    assert "It names a procedure, a version or an inspection that is not known here: have it sent anew." in desk.text
    assert "There is nothing to show: the version it names is not known here." in desk.text
