"""A procedure is translated and reviewed, by people in front of the desk's pages."""

import copy
import re

import pytest

from qc_service.db import connected
from qc_service.procedures.translation_models import ProcedureTranslation
from sops.translations import texts
from tests.attacks import found as broken
from tests.procedure_life import document
from tests.translating_desk import DANISH, ONE, form, many, number_of, reviewed, translated, write


def test_a_translator_types_and_somebody_else_reviews(life, anna, desk, other):
    life.draft(anna)

    desk.get(ONE)
    assert desk.headline == "Fill and seal a can in Dansk"
    assert "Reviewed: 0 of 5 texts." in desk.text
    write(desk, DANISH)
    assert desk.follow().status_code == 200
    assert "Texts saved: 5." in desk.text
    assert "You wrote it, so somebody else reviews it." in desk.text

    reviewed(other)
    assert "Texts reviewed: 5." in other.text
    other.get(ONE)
    assert "Nothing left here" in other.text
    assert "Reviewed: 5 of 5 texts." in other.text
    assert broken() == []


def test_saving_writes_only_what_changed(life, anna, desk):
    life.draft(anna)
    translated(desk)
    desk.get(ONE, show="all")
    write(desk, {"title": "Fyld og fals en dåse"})

    assert "Texts saved: 1." in desk.follow().text
    desk.get(ONE, show="all")
    write(desk, {})
    assert "Nothing was changed." in desk.follow().text
    with connected():
        assert ProcedureTranslation.select().count() == 6


def test_what_somebody_else_wrote_meanwhile_is_said_and_nothing_typed_is_lost(life, anna, desk, other):
    life.draft(anna)
    desk.get(ONE)
    other.get(ONE)
    write(other, {"title": "Fyld dåsen"})

    write(desk, DANISH)

    assert desk.answer.status_code == 422
    [(_, told)] = desk.errors.items()
    assert told == "Name of BO wrote this meanwhile: “Fyld dåsen”. Yours was not saved: save again if it is better."
    assert "Texts saved: 4. Texts not saved: 1." in desk.text
    assert DANISH["title"] in form(desk).values()

    write(desk, {})  # as it stands on the page, by now in the knowledge of the other's
    assert desk.answer.status_code == 303
    with connected():
        last = ProcedureTranslation.select().where(ProcedureTranslation.path == "title")
        assert [row.text for row in last.order_by(ProcedureTranslation.number)] == ["Fyld dåsen", DANISH["title"]]


def test_a_text_that_the_version_lost_meanwhile_is_given_back(life, anna, desk):
    number = life.draft(anna, doc=document(scope="Line 1"))
    desk.get(ONE)
    sent = form(desk) | {f"text-{number_of(desk, 'scope')}": "Linje 1", f"text-{number_of(desk, 'title')}": "Fyld"}
    sent[f"text-{number_of(desk, 'purpose')}"] = "Tæt."
    changed = document(purpose="Every can leaves full.")
    anna.done("PUT", f"/procedures/CAN/versions/{number}", {"document": changed, "revision": 1, "change_note": "x"})

    desk.post(ONE, **sent)

    assert desk.answer.status_code == 422
    assert "This text is not in the version any more. Linje 1" in desk.text
    assert list(desk.errors.values()) == ["The source text was changed meanwhile: read it again, then save."]
    assert "Tæt." in form(desk).values()
    assert "Texts saved: 1. Texts not saved: 2." in desk.text


def test_nobody_reviews_their_own_text_not_even_with_a_form_of_their_own(life, anna, desk):
    life.draft(anna)
    translated(desk)
    desk.get(ONE)
    assert 'name="right-' not in desk.answer.text

    desk.post(ONE, **form(desk), **{"right-1": "1"})

    assert desk.answer.status_code == 422
    assert "You wrote it yourself, so somebody else reviews it." in desk.text
    with connected():
        assert {row.status for row in ProcedureTranslation.select()} == {"draft"}


def test_what_was_read_is_what_is_reviewed(life, anna, desk, other):
    life.draft(anna)
    translated(desk, {"title": "Fyld"})
    other.get(ONE)
    read = {**form(other), "right-1": "1"}
    translated(desk, {"title": "Fyld og luk"})

    other.post(ONE, **read)
    assert list(other.errors.values()) == ["It is not what you read any more: read it again, then tick it."]

    other.get(ONE)
    write(other, {"title": "Fyld og fals"}, **{"right-1": "1"})
    assert "You changed it, so somebody else reviews it" in other.text
    assert "Fyld og fals" in form(other).values()
    with connected():
        assert {row.status for row in ProcedureTranslation.select()} == {"draft"}


def test_a_text_that_lacks_its_placeholder_is_refused_and_the_others_are_kept(life, anna, desk):
    doc = document()
    doc["checks"][1]["text"] = "Weigh it: {min} to {max} {unit}"
    life.draft(anna, doc=doc)
    desk.get(ONE)
    assert re.search(r'<code class="placeholder">{min}</code> stands for 338', desk.answer.text)

    write(desk, {"checks.weight.text": "Vej den: {min} til {maks} {unit}", "title": "Fyld"})

    assert desk.answer.status_code == 422
    assert list(desk.errors.values()) == ["Missing: {max}. Copy it as it stands in the source text."]
    assert "Texts saved: 1." in desk.text
    assert "Vej den: {min} til {maks} {unit}" in form(desk).values()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x" * 121, "It has 121 characters, and there is room for 120."), ("a\nb", "This must be one line"),
        ("{a} b", "Not in the source text: {a}. Take it out."), ("a } b", "There is a single brace."),
    ],
)  # fmt: skip
def test_what_fits_no_title_is_refused_in_words(life, anna, desk, text, told):
    life.draft(anna)
    desk.get(ONE)
    write(desk, {"title": text})

    [error] = desk.errors.values()
    assert error.startswith(told)


def test_a_translation_is_changed_but_never_taken_away(life, anna, desk):
    life.draft(anna)
    translated(desk)
    desk.get(ONE, show="all")
    write(desk, {"title": " "})

    assert list(desk.errors.values()) == [
        "A translation that was written cannot be taken away: write what it should say."
    ]


def test_an_outdated_text_shows_what_changed_and_may_stay_as_it_is(life, anna, bo, desk, other):
    number = life.published(anna, bo)
    assert number == 1
    translated(desk)
    reviewed(other)
    doc = copy.deepcopy(document())
    doc["steps"][0]["text"] = "Close the lid and crimp it well all round."
    life.draft(anna, doc=doc)
    second = "/procedures/CAN/versions/2/translate/da"

    desk.get(second)
    assert re.search(r"<ins>.*?well.*?</ins>", desk.answer.text)
    assert "Outdated" in desk.text
    assert len(re.findall(r'name="path-', desk.answer.text)) == 1
    place = number_of(desk, "steps.seal.text")
    desk.post(second, **form(desk), **{f"same-{place}": "1"})
    assert "Texts saved: 1." in desk.follow().text
    other.get(second)
    other.post(second, **form(other), **{f"right-{place}": "1"})
    assert "Texts reviewed: 1." in other.follow().text
    other.get(second, show="all")
    assert "Reviewed: 5 of 5 texts." in other.text


def test_a_newer_draft_leaves_readers_what_was_reviewed_and_says_so(life, anna, desk, other):
    life.draft(anna)
    translated(desk)
    reviewed(other)
    translated(desk, {"title": "Fyld og fals en dåse"})
    desk.get(ONE)

    assert "a newer draft waits to be reviewed" in desk.text
    assert f"Until it is reviewed, readers see: {DANISH['title']}" in desk.text


def test_a_long_procedure_is_shown_25_texts_a_page(life, anna, desk):
    life.draft(anna, doc=many(60))
    desk.get(ONE)
    assert len(re.findall('name="path-', desk.answer.text)) == 25
    assert "Page 1 of 3" in desk.text

    desk.get(ONE, page=3)
    assert len(re.findall('name="path-', desk.answer.text)) == 10
    desk.get(ONE, page=999)
    assert "Page 3 of 3" in desk.text
    write(desk, {"steps.s57.text": "Trin 57."})
    assert "page=999" not in desk.answer.headers["Location"]
    assert desk.follow().status_code == 200
    assert "Page 3 of 3" in desk.text


def test_texts_are_found_by_their_state_their_part_and_their_words(life, anna, desk):
    life.draft(anna, doc=document(hazards=[{"id": "crush", "text": "It crushes.", "control": "Guard closed."}]))
    translated(desk, {"title": "Fyld og luk"})

    def found(**query):
        desk.get(ONE, **query)
        return re.findall(r'name="path-\d+" value="([^"]+)"', desk.answer.text)

    assert found(show="draft") == ["title"]
    assert "title" not in found(show="missing")
    assert found(section="hazards") == ["hazards.crush.text", "hazards.crush.control"]
    assert found(section="checks") == ["checks.tight.text", "checks.weight.text"]
    assert found(q="LUK fyld") == ["title"]
    assert found(q="nothing like it") == []
    assert "No text fits" in desk.text
    assert found(show="nonsense", section="nonsense", page="x") == list(texts(document(
        hazards=[{"id": "crush", "text": "It crushes.", "control": "Guard closed."}])))  # fmt: skip


def test_the_same_text_elsewhere_and_the_terms_of_the_procedure_stand_beside(life, anna, desk, other):
    life.draft(anna, code="OTHER")
    desk.get("/procedures/OTHER/versions/1/translate/da")
    sent = form(desk) | {f"text-{number_of(desk, 'purpose')}": "Hver dåse er tæt."}
    desk.post("/procedures/OTHER/versions/1/translate/da", **sent)
    life.draft(anna, doc=document(tools=[{"id": "lid", "text": "Lid"}]))
    translated(desk, {"tools.lid.text": "Låg"})

    desk.get(ONE, show="all")

    assert "Same text in OTHER (draft) Hver dåse er tæt." in desk.text
    assert "Lid Låg" in desk.text


def test_the_languages_of_a_procedure_with_what_the_gate_would_refuse(life, anna, bo, desk, danes):
    life.approved(anna, bo)
    translated(desk, {"title": "Fyld"})

    desk.get("/procedures/CAN/translate")

    assert desk.headline == "Languages of CAN"
    assert "Version 1, approved" in desk.text
    [first, *rest] = desk.rows
    assert first == "Dansk 0 of 5 1 0 4 people work in it ✘︎ in the way of publishing: 5"
    assert len(rest) == 4
    assert all("nobody who works by it" in row for row in rest)


def test_a_procedure_without_a_version_has_nothing_to_translate(life, anna, desk):
    anna.done("POST", "/procedures", {"code": "CAN", "title": "CAN"})

    assert "No version yet" in desk.get("/procedures/CAN/translate").text
