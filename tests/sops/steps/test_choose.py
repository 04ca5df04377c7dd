import marshmallow
import pytest

from sops.errors import AnswerUnreadable
from sops.steps.base import Judgement
from sops.steps.choose import CHOOSE

SEAM = {
    "type": "choose",
    "choices": [
        {"id": "tight", "text": "Tight", "ok": True},
        {"id": "loose", "text": "Loose", "ok": False},
        {"id": "open", "text": "Open", "ok": False},
    ],
}
SEVERAL = {**SEAM, "several": True}


def choice(name: str, *, ok: bool = True) -> dict:
    return {"id": name, "text": "Words", "ok": ok}


def problems(*choices: dict) -> list[tuple[str, str, str]]:
    spec = {"type": "choose", "choices": list(choices)}
    return [(one.pointer, one.code, one.message) for one in CHOOSE.problems(spec, "/checks/0")]


def messages(**fields) -> dict:
    with pytest.raises(marshmallow.ValidationError) as found:
        CHOOSE.schema().load(fields)
    return found.value.messages


# -- its fields ------------------------------------------------------------------------------------------


def test_a_default_is_left_out():
    assert CHOOSE.schema().load({"choices": [choice("a"), choice("b")], "several": False}) == {
        "choices": [choice("a"), choice("b")]
    }


def test_two_to_twelve_choices():
    assert messages(choices=[choice("a")])["choices"] == ["This list has 1 items, it may have 2 to 12."]
    assert messages(choices=[choice(f"c{n}") for n in range(13)])["choices"][0].code == "wrong_length"
    assert messages()["choices"][0].code == "missing"
    assert messages(choices={"a": 1})["choices"][0].code == "not_a_list"


def test_a_choice_says_whether_it_is_right():
    found = messages(choices=[{"id": "a", "text": "A"}, {"id": "B", "text": " ", "ok": "yes", "colour": 1}, None, "x"])
    found = {
        place: {name: m[0].code for name, m in one.items()} if isinstance(one, dict) else one[0].code
        for place, one in found["choices"].items()
    }

    assert found == {
        0: {"ok": "missing"},
        1: {"id": "not_an_id", "text": "missing", "ok": "not_true_or_false", "colour": "unknown_field"},
        2: "missing",
        3: {"_schema": "not_an_object"},
    }


def test_two_choices_with_one_id():
    assert problems(choice("a"), choice("b"), choice("a")) == [
        ("/checks/0/choices/2/id", "duplicate_id", "Another choice has the id “a”. Give each its own.")
    ]


@pytest.mark.parametrize("name", ["not_applicable", "cannot_check"])
def test_an_id_that_means_something_else(name):
    assert problems(choice("a"), choice(name)) == [
        (
            "/checks/0/choices/1/id",
            "reserved_id",
            f"“{name}” is what every check may be answered. Take another id.",
        )
    ]


def test_choices_of_which_none_is_right():
    assert problems(choice("a", ok=False), choice("b", ok=False)) == [
        (
            "/checks/0/choices",
            "nothing_accepted",
            "No choice is right, so every answer would be a defect. Mark at least one with ok: true.",
        )
    ]


# -- answers ---------------------------------------------------------------------------------------------


def test_one_choice_is_an_id_and_several_are_a_list():
    assert CHOOSE.read("tight", SEAM) == ("tight",)
    assert CHOOSE.read("tight", SEVERAL) == ("tight",)
    assert CHOOSE.read(["open", "tight"], SEVERAL) == ("tight", "open")


@pytest.mark.parametrize(
    ("spec", "value", "code", "message"),
    [
        (SEAM, ["tight"], "not_a_choice", "[…] is none of the choices. Choose again."),
        (SEAM, "Tight", "not_a_choice", "“Tight” is none of the choices. Choose again."),
        (SEAM, "", "not_a_choice", "“” is none of the choices. Choose again."),
        (SEAM, True, "not_a_choice", "true is none of the choices. Choose again."),
        (SEVERAL, ["tight", "shut"], "not_a_choice", "“shut” is none of the choices. Choose again."),
        (SEVERAL, [["tight"]], "not_a_choice", "[…] is none of the choices. Choose again."),
        (SEVERAL, [], "empty", "Nothing is chosen. Choose at least one."),
        (SEVERAL, ["tight", "tight"], "twice", "A choice is there twice. Choose each once."),
        (SEVERAL, ["tight"] * 4, "too_many", "There are fewer choices than that. Choose again."),
    ],
)
def test_what_is_no_choice_is_said_in_a_sentence(spec, value, code, message):
    with pytest.raises(AnswerUnreadable) as found:
        CHOOSE.read(value, spec)

    assert (found.value.code, found.value.message) == (code, message)


def test_one_wrong_choice_is_a_defect():
    assert CHOOSE.judge(("tight",), SEAM) == Judgement("ok")
    assert CHOOSE.judge(("loose",), SEAM) == Judgement("defect", "wrong_choice", "Not right: Loose.")
    assert CHOOSE.judge(("tight", "loose", "open"), SEVERAL).detail == "Not right: Loose; Open."


# -- words -----------------------------------------------------------------------------------------------


def test_the_order_of_choices_is_wording_and_what_is_right_is_not():
    turned = {**SEAM, "choices": SEAM["choices"][::-1]}
    changed = {**SEAM, "choices": [*SEAM["choices"][:2], {**SEAM["choices"][2], "ok": True}]}

    assert CHOOSE.accepts(turned) == CHOOSE.accepts(SEAM) != CHOOSE.accepts(changed)
    assert CHOOSE.accepts(SEAM) != CHOOSE.accepts(SEVERAL)


def test_its_texts_and_the_answers_a_condition_may_wait_for():
    assert CHOOSE.texts(SEAM) == {
        "choices.tight.text": "Tight",
        "choices.loose.text": "Loose",
        "choices.open.text": "Open",
    }
    assert CHOOSE.possible(SEAM) == ("tight", "loose", "open")


def test_the_requirement_names_what_is_right_where_something_is_not():
    anything = {"type": "choose", "choices": [choice("here"), choice("away")]}

    assert CHOOSE.requirement(SEAM) == "Accepted: Tight."
    assert CHOOSE.requirement(SEVERAL) == "Choose all that apply. Accepted: Tight."
    assert CHOOSE.requirement(anything) == ""


def test_on_paper_there_is_a_box_for_each_choice():
    assert CHOOSE.paper(SEAM) == ["[ ] Tight", "[ ] Loose", "[ ] Open"]
