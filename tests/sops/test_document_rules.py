"""Everything that is refused about a document: one thing wrong, and all of it at once."""

from typing import Any

import pytest

from sops.document import PROBLEMS_MOST, normal
from sops.errors import DocumentInvalid
from tests.sops.small import SMALL, check, refused, small, told

ZERO = {"rule": "accept_zero", "quality": "1.0", "confidence": "0.95"}
TOLERANCE = {"type": "measure", "unit": "g", "nominal": "5", "tolerance": "1"}

LATER = {"check": "dents", "equals": "none"}


def photos(*names: str) -> list[dict[str, Any]]:
    return [{"id": name, "kind": "good", "text": "x"} for name in names]


# -- one thing wrong -------------------------------------------------------------------------------------

WRONG = {
    "a title that is missing": (("title", ...), "/title", "missing"),
    "a blank purpose": (("purpose", " \n "), "/purpose", "missing"),
    "a title of two lines": (("title", "a\nb"), "/title", "several_lines"),
    "a title that is too long": (("title", "x" * 121), "/title", "too_long"),
    "a text that is a number": (("steps.0.text", 5), "/steps/0/text", "not_a_text"),
    "another language": (("language", "fr"), "/language", "not_a_choice"),
    "a NUL": (("title", "a\0b"), "/title", "control_character"),
    "half a character": (("purpose", "a\ud800b"), "/purpose", "control_character"),
    "a tab in a text": (("steps.0.text", "a\tb"), "/steps/0/text", "control_character"),
    "no steps": (("steps", []), "/steps", "wrong_length"),
    "201 steps": (("steps", [{"id": f"s{n}", "text": "x"} for n in range(201)]), "/steps", "wrong_length"),
    "a step that is a text": (("steps.2", "Close it."), "/steps/2", "not_an_object"),
    "a step that is nothing": (("steps.2", None), "/steps/2", "missing"),
    "an id with a capital": (("steps.0.id", "Fill"), "/steps/0/id", "not_an_id"),
    "an id of another type": (("hazards.0.id", 7), "/hazards/0/id", "not_a_text"),
    "a hazard without control": (("hazards.0.control", ...), "/hazards/0/control", "missing"),
    "a defect code in small letters": (("defects.0.code", "leak"), "/defects/0/code", "not_a_code"),
    "an unknown kind": (("checks.1.type", "weigh"), "/checks/1/type", "not_a_choice"),
    "a kind that is a list": (("checks.1.type", []), "/checks/1/type", "not_a_choice"),
    "a check without a kind": (("checks.1.type", ...), "/checks/1/type", "missing"),
    "a check without severity": (("checks.0.severity", ...), "/checks/0/severity", "missing"),
    "a binary fraction": (("checks.1.min", 338.0), "/checks/1/min", "number_unquoted"),
    "a decimal comma": (("checks.1.min", "338,5"), "/checks/1/min", "not_a_number"),
    "a tolerance below zero": (
        ("checks.1", check("w", **TOLERANCE | {"tolerance": "-1"})),
        "/checks/1/tolerance",
        "negative",
    ),
    "a lower limit above the upper": (("checks.1.min", "346"), "/checks/1/min", "min_above_max"),
    "limits beside a tolerance": (
        ("checks.1", check("w", **TOLERANCE, min="1")),
        "/checks/1/tolerance",
        "limits_twice",
    ),
    "an upper limit below the nominal value": (("checks.1.nominal", "346"), "/checks/1/nominal", "nominal_outside"),
    "more decimals than asked for": (("checks.1.decimals", 1), "/checks/1/max", "too_many_decimals"),
    "all samples may be bad": (("checks.1.accept", 1), "/checks/1/accept", "accept_too_many"),
    "a choice twice": (("checks.2.choices.1.id", "none"), "/checks/2/choices/1/id", "duplicate_id"),
    "a step twice": (("steps.2", {"id": "fill", "text": "x"}), "/steps/2/id", "duplicate_id"),
    "a defect twice": (("defects.1", {"code": "LEAK", "text": "x"}), "/defects/1/code", "duplicate_id"),
    "a photo twice": (("steps.0.photos", photos("0" * 64, "0" * 64)), "/steps/0/photos/1/id", "duplicate_id"),
    "seven photos": (("steps.0.photos", photos(*(f"{n:064x}" for n in range(7)))), "/steps/0/photos", "wrong_length"),
    "a photo by its name": (("steps.0.photos", photos("lid.jpg")), "/steps/0/photos/0/id", "not_a_hash"),
    "a hazard that is not there": (("steps.1.hazards", ["crush", "burn"]), "/steps/1/hazards/1", "unknown_hazard"),
    "a hazard named twice": (("steps.1.hazards", ["crush", "crush"]), "/steps/1/hazards/1", "named_twice"),
    "a tool that is not there": (("steps.1.tools", ["scale"]), "/steps/1/tools/0", "unknown_tool"),
    "a gauge that is not there": (("checks.1.gauge", "scale"), "/checks/1/gauge", "unknown_tool"),
    "a step that is not there": (("checks.0.step", "sael"), "/checks/0/step", "unknown_step"),
    "a defect code without words": (("checks.2.defect_codes", ["DENT"]), "/checks/2/defect_codes/0", "unknown_defect"),
    "a single id for a list": (("steps.1.hazards", "crush"), "/steps/1/hazards", "not_a_list"),
    "a sampling rule nobody knows": (("sampling", {"rule": "some"}), "/sampling/rule", "not_a_choice"),
    "every no units": (("sampling", {"rule": "every", "units": 0}), "/sampling/units", "out_of_range"),
    "a rule without its number": (("sampling", {"rule": "per_shift"}), "/sampling/units", "missing"),
    "a quality above 100 %": (("sampling", ZERO | {"quality": "101"}), "/sampling/quality", "out_of_range"),
    "certainty": (("sampling", ZERO | {"confidence": "1"}), "/sampling/confidence", "out_of_range"),
    "a skill for ever": (("skill", {"text": "Ten cans."}), "/skill/valid_for_days", "missing"),
    "a single brace": (("title", "Fill {"), "/title", "brace_single"),
    "a placeholder of a step without numbers": (
        ("steps.0.text", "Fill {min}."),
        "/steps/0/text",
        "placeholder_unknown",
    ),
    "a placeholder that the check lacks": (("checks.1.text", "{within}"), "/checks/1/text", "placeholder_unknown"),
    "a placeholder in a choice": (
        ("checks.2.choices.1.text", "{some}"),
        "/checks/2/choices/1/text",
        "placeholder_unknown",
    ),
    "a group with a measure": (("checks.1.layout", "group"), "/checks/1/layout", "group_not_easy"),
    "a condition on nothing": (("checks.1.show_if.check", "lit"), "/checks/1/show_if/check", "unknown_check"),
    "a condition on a later check": (("checks.1.show_if", LATER), "/checks/1/show_if/check", "condition_on_later"),
    "a condition on itself": (("checks.2.show_if", LATER), "/checks/2/show_if/check", "condition_on_itself"),
    "a condition that can never be": (
        ("checks.1.show_if.equals", "yes"),
        "/checks/1/show_if/equals",
        "condition_never",
    ),
    "a condition on a truth value": (("checks.1.show_if.equals", True), "/checks/1/show_if/equals", "not_a_text"),
    "an integer of 5,000 digits": (("checks.1.samples", 10**5000), "", "number_too_large"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_thing_wrong_is_told_once_and_in_its_place(case):
    change, pointer, code = WRONG[case]

    assert told(lambda: normal(small(change))) == [(pointer, code)]


# -- unknown fields --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "nearest"),
    [
        ("titel", "title"),
        ("checks.0.severty", "severity"),
        ("checks.1.minn", "min"),
        ("checks.2.choices.0.txt", "text"),
        ("steps.1.withn", "within"),
        ("hazards.0.controls", "control"),
        ("sampling.unit", "units"),
        ("checks.1.show_if.equal", "equals"),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest_one(where, nearest):
    [problem] = refused(lambda: normal(small((where, "x"))))

    assert (problem.pointer, problem.code) == ("/" + where.replace(".", "/"), "unknown_field")
    assert problem.message == f"There is no field “{where.rpartition('.')[2]}” here. Did you mean “{nearest}”?"


def test_a_field_like_no_other_is_told_what_there_is():
    [problem] = refused(lambda: normal(small(("defects.0.zzz", 1))))

    assert problem.message == "There is no field “zzz” here. There are: code, text."


def test_a_field_of_another_kind_is_unknown():
    assert told(lambda: normal(small(("checks.0.min", "1")))) == [("/checks/0/min", "unknown_field")]


@pytest.mark.parametrize("name", ["_schema", "\ud800", "a/b~c", "x" * 5000, 5, None])
def test_field_names_of_every_sort_are_told(name):
    [problem] = refused(lambda: normal({**SMALL, name: 1}))

    assert problem.code == "unknown_field"
    assert len(problem.message) < 300
    assert problem.pointer.encode()
    assert problem.message.encode()


# -- conditions and groups -------------------------------------------------------------------------------


def test_conditions_that_go_round_in_a_circle_are_shown_the_way():
    loop = [check("a", show_if={"check": "c", "equals": "ok"}), check("b", show_if={"check": "a", "equals": "ok"})]
    loop += [check("c", show_if={"check": "b", "equals": "ok"})]
    problems = refused(lambda: normal({**SMALL, "checks": loop}))

    assert [(one.pointer, one.code) for one in problems] == [
        (f"/checks/{n}/show_if/check", "condition_circle") for n in range(3)
    ]
    assert "a → c → b → a" in problems[0].message


def test_a_condition_on_a_circle_is_none_of_it():
    document = {
        **SMALL,
        "checks": [
            check("a", show_if={"check": "b", "equals": "ok"}),
            check("b", show_if={"check": "a", "equals": "ok"}),
            check("c", show_if={"check": "b", "equals": "ok"}),
        ],
    }

    assert [code for _, code in told(lambda: normal(document))] == [
        "condition_circle",
        "condition_circle",
        "condition_on_condition",
    ]


def test_conditions_go_one_level_only():
    document = small(("checks.3", check("x", show_if={"check": "y", "equals": "ok"})), ("checks.4", check("z")))
    document["checks"].insert(0, check("y", show_if={"check": "w", "equals": "ok"}))
    document["checks"].insert(0, check("w"))
    [problem] = refused(lambda: normal(document))

    assert (problem.pointer, problem.code) == ("/checks/5/show_if/check", "condition_on_condition")
    assert "Name “w” instead" in problem.message


def test_a_condition_names_a_check_whose_answers_are_known():
    last = check("x", show_if={"check": "weight", "equals": "340"})
    [problem] = refused(lambda: normal(small(("checks.1.show_if", ...), ("checks.3", last))))

    assert problem.code == "condition_on_kind"
    assert "confirm or choose" in problem.message


def test_a_condition_can_wait_for_a_choice():
    document = normal(small(("checks.3", check("x", show_if={"check": "dents", "equals": "some"}))))

    assert document["checks"][3]["show_if"] == {"check": "dents", "equals": "some"}


def test_four_checks_share_a_screen_and_five_do_not():
    group = [check(f"g{n}", layout="group") for n in range(4)]
    normal({**SMALL, "checks": group})
    normal({**SMALL, "checks": [*group, check("h", layout="group", step="fill")]})
    normal({**SMALL, "checks": [*group, check("h"), *(check(f"i{n}", layout="group") for n in range(4))]})

    assert told(lambda: normal({**SMALL, "checks": [*group, check("h", layout="group")]})) == [
        ("/checks/4/layout", "group_too_long")
    ]


def test_defect_codes_are_free_without_words_for_them():
    assert normal(small(("defects", ...), ("checks.2.defect_codes", ["DENT"])))


# -- everything at once ----------------------------------------------------------------------------------


def test_everything_wrong_is_told_at_once_in_the_order_of_the_document():
    document = small(
        ("title", ...),
        ("steps.0.hazards", ["a b", "burn"]),
        ("checks.0.severity", "high"),
        ("checks.1.step", "sael"),
        ("checks.1.min", "400"),
        ("checks.1.severity", None),
        ("checks.2.show_if", {"check": "weight", "equals": "x"}),
        ("checks.3", None),
        ("checks.4", check("lid")),
    )

    assert told(lambda: normal(document)) == [
        ("/title", "missing"),
        ("/steps/0/hazards/0", "not_an_id"),
        ("/steps/0/hazards/1", "unknown_hazard"),
        ("/checks/0/severity", "not_a_choice"),
        ("/checks/1/step", "unknown_step"),
        ("/checks/1/min", "min_above_max"),
        ("/checks/1/severity", "missing"),
        ("/checks/2/show_if/check", "condition_on_condition"),
        ("/checks/2/show_if/check", "condition_on_kind"),
        ("/checks/3", "missing"),
        ("/checks/4/id", "duplicate_id"),
    ]


def test_a_great_many_problems_are_cut_and_that_is_said():
    problems = refused(lambda: normal({**SMALL, **{f"field{n}": n for n in range(50_000)}}))

    assert len(problems) == PROBLEMS_MOST + 1
    assert problems[-1].code == "too_many_problems"


def test_the_error_reads_as_a_list():
    with pytest.raises(DocumentInvalid, match=r"(?s)^/title: This is missing.*\n/purpose: This is missing"):
        normal({"language": "en", "steps": [{"id": "a", "text": "b"}]})
