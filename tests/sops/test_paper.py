import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.checklist import as_text
from sops.languages import LANGUAGES, plain
from sops.numbers import DECIMAL, DECIMAL_SIGN
from sops.paper import WIDTH, severity_in_words
from sops.translations import render, translation_of
from tests.sops import strategies

CAN = {
    "title": "Fill and seal a can",
    "purpose": "Every can leaves tight and full.",
    "scope": "Line 1",
    "language": "en",
    "hazards": [{"id": "crush", "text": "The seamer crushes fingers.", "control": "Guard closed."}],
    "tools": [{"id": "gauge", "text": "Seam gauge, 0.01 mm"}],
    "defects": [{"code": "LEAK", "text": "Leaks at the seam"}],
    "skill": {"text": "Ten cans sealed tight.", "valid_for_days": 365},
    "sampling": {"rule": "every", "units": 50},
    "steps": [
        {"id": "fill", "text": "Fill the can.", "detail": "Slowly.\nWithout foam."},
        {
            "id": "seal",
            "text": "Close the lid within {within} s.",
            "hazards": ["crush"],
            "tools": ["gauge"],
            "photos": [{"id": "ab" * 32, "kind": "good", "text": "A tight seam"}],
            "type": "timer",
            "within": "90.5",
        },
    ],
    "checks": [
        {
            "id": "lid",
            "step": "seal",
            "type": "choose",
            "text": "Which lid?",
            "severity": "minor",
            "choices": [{"id": "red", "text": "Red", "ok": True}, {"id": "blue", "text": "Blue", "ok": False}],
        },
        {
            "id": "seam",
            "step": "seal",
            "type": "measure",
            "text": "How high is the seam? {{gauge}}",
            "help": "Turn the can once.",
            "severity": "critical",
            "defect_codes": ["LEAK"],
            "show_if": {"check": "lid", "equals": "red"},
            "sampling": {"rule": "accept_zero", "quality": "1.0", "confidence": "0.95"},
            "photo_on_defect": True,
            "unit": "mm",
            "min": "2.45",
            "max": "2.6",
            "decimals": 2,
            "samples": 3,
            "gauge": "gauge",
        },
    ],
}

DANISH = """\
Fill and seal a can
===================
Purpose: Every can leaves tight and full.
Scope: Line 1

Version: ________________  Line: ________________  Date, time: ________________
Lot: ________________  Unit: ________________

HAZARDS
-------
! The seamer crushes fingers.
  Protection: Guard closed.

TOOLS
-----
- Seam gauge, 0.01 mm

SKILL NEEDED
------------
Ten cans sealed tight.
Shown within the last 365 days.

STEPS
-----
  1. Fill the can.
     Slowly.
     Without foam.

  2. Close the lid within 90,5 s.
     Hazard: The seamer crushes fingers.
     Protection: Guard closed.
     Tools: Seam gauge, 0.01 mm
     Good: A tight seam
     Within 90,5 s.
     Time: [__________] s

CHECKS BY A SECOND PERSON
-------------------------
  1. Which lid? (minor)
     Step 2. On the first unit and every 50 units after it.
     Accepted: Red.
     [ ] Red
     [ ] Blue
     [ ] Not applicable  [ ] Cannot check  because: ________________________

  2. How high is the seam? {gauge} (critical)
     Step 2. On a sample of the lot; one defect in it fails the lot (quality 1,0 %, confidence
     0,95).
     Only if check 1 was answered: Red
     Turn the can once.
     Must be 2,45 to 2,60 mm, 3 samples.
     Measure with: Seam gauge, 0.01 mm
     Samples: 1: [__________] mm   2: [__________] mm   3: [__________] mm
     If it is a defect:
       [ ] LEAK Leaks at the seam
     [ ] A defect needs a photo. Its number: ________________________
     [ ] Not applicable  [ ] Cannot check  because: ________________________

RESULT
------
[ ] Pass    [ ] Fail    [ ] Incomplete
Remarks: ____________________________________________________________

Made by:
  Name: ________________________  Signature: ________________________
  Date, time: ________________________

Checked by, another person:
  Name: ________________________  Signature: ________________________
  Date, time: ________________________
"""


def flat(text: str) -> str:
    return " ".join(text.split())


def written(text: str, item: dict, language: str) -> str:
    """A text as a reader sees it, by rules of its own: placeholders filled, braces single."""
    sign = DECIMAL_SIGN[language]
    for name in ("min", "max", "nominal", "tolerance", "within", "at_least"):
        value = str(item.get(name, ""))
        if item.get("type") == "measure" and DECIMAL.fullmatch(value):
            whole, _, part = value.partition(".")
            places = item.get("decimals", 0)
            value = f"{whole}.{part.ljust(places, '0')}" if places else whole
        text = text.replace(f"{{{name}}}", value.replace(".", sign))
    text = text.replace("{samples}", str(item.get("samples", 1)))
    text = text.replace("{unit}", item.get("unit", "").replace("{{", "{").replace("}}", "}"))
    return flat(text.replace("{{", "{").replace("}}", "}"))


def test_the_paper_of_a_language_with_a_decimal_comma_is_complete():
    assert as_text(CAN, "da") == DANISH


def test_a_language_with_a_decimal_point_keeps_it():
    text = as_text(CAN, "ms")

    assert "Must be 2.45 to 2.60 mm, 3 samples." in text
    assert "within 90.5 s" in text


def test_a_rendered_document_is_printed_as_it_was_rendered():
    words = {"steps.fill.text": "Fyld {{dåsen}}.", "checks.seam.text": "Hvor høj er falsen? Ikke {{min}}."}
    shown = render(CAN, "da", [translation_of(CAN, path, "da", text) for path, text in words.items()]).document

    printed = as_text(shown, "da", rendered=True)
    assert "Fyld {dåsen}." in printed
    assert "Hvor høj er falsen? Ikke {min}." in printed
    assert as_text(render(CAN, "da", []).document, "da", rendered=True) == as_text(CAN, "da")


def test_a_document_of_the_least_has_no_empty_sections():
    text = as_text({"title": "A", "purpose": "B", "language": "en", "steps": [{"id": "a", "text": "Do it."}]})

    assert re.findall(r"(?m)^[A-Z ]{4,}$", text) == ["STEPS", "RESULT"]


@given(sop=strategies.documents(), language=st.sampled_from(LANGUAGES))
def test_every_text_of_any_document_is_on_the_paper(sop, language):
    paper = flat(as_text(sop, language))

    for item in (*sop["steps"], *sop.get("checks", [])):
        own = [item["text"], item.get("detail", ""), item.get("help", ""), item.get("meaning", "")]
        captions = [one["text"] for one in (*item.get("photos", []), *item.get("choices", []))]
        assert [text for text in (*own, *captions) if written(text, item, language) not in paper] == []
        assert all(code in paper for code in item.get("defect_codes", []))
    for item in (*sop.get("hazards", []), *sop.get("tools", [])):
        assert written(item["text"], {}, language) in paper
        assert written(item.get("control", ""), {}, language) in paper
    head = [sop["title"], sop["purpose"], sop.get("scope", ""), sop.get("skill", {}).get("text", "")]
    assert all(written(text, {}, language) in paper for text in head)


@given(sop=strategies.documents(), language=st.sampled_from(LANGUAGES))
def test_there_is_a_box_for_every_sample_and_room_for_two_signatures(sop, language):
    text = as_text(sop, language)
    items = [*sop["steps"], *sop.get("checks", [])]

    boxes = sum(item.get("samples", 1) for item in items if item.get("type") in ("measure", "count"))
    times = sum(item.get("type") == "timer" for item in items)
    signs = sum(item.get("type") == "sign" for item in items)
    assert text.count("[__________]") == boxes + times
    assert text.count("Signature: ____") == 2 + signs
    assert text.count("Not applicable") >= len(sop.get("checks", []))


@given(sop=strategies.documents())
def test_no_line_is_wider_than_the_paper(sop):
    for line in as_text(sop).splitlines():
        assert len(line) <= WIDTH or max(map(len, line.split())) > WIDTH - 20


@given(sop=strategies.documents())
def test_every_limit_is_on_the_paper_in_the_readers_numbers(sop):
    paper = flat(as_text(sop, "ca"))

    for item in (*sop["steps"], *sop.get("checks", [])):
        for name in {"min", "max", "nominal", "tolerance", "within", "at_least"} & set(item):
            assert str(item[name]).replace(".", ",") in paper


@given(sop=strategies.documents())
def test_every_word_that_is_not_the_documents_is_said(sop):
    """With a `say` that says nothing but blanks, nothing is left but what the document says and room to write."""

    def mute(text: str, /, **values: object) -> str:
        return " ".join(str(value) for value in values.values())

    left = as_text(sop, "en", mute)

    assert not re.search(r"Step|Purpose|Tools|Only if|Must be|Signature|Remarks|Not applicable", _without(left, sop))


def _without(paper: str, sop: dict) -> str:
    """The paper if none of the document's own texts has an English label in it, else nothing to look at."""
    return "" if re.search(r"Step|Purpose|Tools|Only if|Must be|Signature|Remarks", str(sop)) else paper


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (None, "On every unit."),
        ({"rule": "all"}, "On every unit."),
        ({"rule": "every", "units": 1}, "On every unit."),
        ({"rule": "every", "units": 20}, "On the first unit and every 20 units after it."),
        ({"rule": "per_shift", "units": 1}, "On one unit a shift."),
        ({"rule": "per_shift", "units": 3}, "On 3 units a shift."),
    ],
)
def test_on_which_units_a_check_is_made_is_said(rule, sentence):
    check = {**CAN["checks"][0], **({"sampling": rule} if rule else {})}
    sop = {name: value for name, value in CAN.items() if name != "sampling"}

    assert f"Step 2. {sentence}\n" in as_text({**sop, "checks": [check]})


def test_the_check_goes_before_the_document_in_what_is_sampled():
    check = {**CAN["checks"][0], "sampling": {"rule": "all"}}

    assert "On every unit." in as_text({**CAN, "checks": [check]})


def test_a_condition_on_a_confirm_is_said_in_words():
    confirm = {"id": "lid", "step": "fill", "type": "confirm", "text": "Lid?", "severity": "major"}
    after = {**confirm, "id": "after", "show_if": {"check": "lid", "equals": "defect"}}

    assert "Only if check 1 was answered: Defect\n" in as_text({**CAN, "checks": [confirm, after]})


def test_an_unknown_language_or_severity_is_an_error():
    with pytest.raises(KeyError):
        as_text(CAN, "xx")
    with pytest.raises(KeyError):
        severity_in_words("grave", plain)
