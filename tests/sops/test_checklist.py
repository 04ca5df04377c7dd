from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.checklist import Judgement, Result, judge, judge_answer, screens, visible
from sops.numbers import number_of
from tests.sops import hostile, strategies

YES, NO = {"id": "yes", "text": "Yes", "ok": True}, {"id": "no", "text": "No", "ok": True}
LID = {"id": "lid", "type": "choose", "choices": [YES, NO]}
SEAM = {"id": "seam", "type": "confirm", "show_if": {"check": "lid", "equals": "yes"}}
WEIGHT = {"id": "weight", "type": "measure", "unit": "g", "min": "338", "max": "345"}
OK, DEFECT, ASIDE = {"value": "ok"}, {"value": "defect"}, {"value": "cannot_check", "reason": "No light."}


def document(*checks: dict) -> dict:
    return {
        "title": "Can",
        "purpose": "Tight.",
        "language": "en",
        "steps": [{"id": "fill", "text": "Fill it."}],
        "checks": [
            {"step": "fill", "text": f"Is the {check['id']} right?", "severity": "major", **check} for check in checks
        ],
    }


def value(answer: object) -> dict:
    return {"value": answer}


CANS = document(LID, SEAM, WEIGHT)


# -- one answer ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [None, {}, {"value": None}, value(""), value(" \n"), value([]), value(["", None])])
def test_no_answer_is_missing(answer):
    assert judge_answer(WEIGHT, answer) == Judgement("missing", "missing")


@pytest.mark.parametrize("answer", ["340", ["340"], 340, True, object()])
def test_what_is_no_answer_at_all_is_unreadable(answer):
    assert judge_answer(WEIGHT, answer) == Judgement("unreadable", "not_an_answer", "This is no answer. Give a value.")


def test_any_mapping_is_an_answer():
    assert judge_answer(WEIGHT, MappingProxyType(value("340"))).outcome == "ok"


def test_an_unreadable_answer_says_why():
    assert judge_answer({**WEIGHT, "decimals": 2}, value("1.250")) == Judgement(
        "unreadable", "too_many_decimals", "1.250 has three decimals; this check takes two."
    )


def test_what_is_wrong_is_said_in_the_readers_words_and_numbers():
    def say(text, **values):
        return (f"«{text}»" % values) if values else f"«{text}»"

    found = judge_answer({**WEIGHT, "decimals": 1}, value("345.5"), say=say, number=number_of("da"))

    assert found.detail == "«345,5 g is above the upper limit, 345,0 g.»"


def test_a_reserved_answer_is_taken_before_the_kind_sees_it():
    text = {"type": "text"}

    assert judge_answer(text, value("cannot_check")).reason == "reason_missing"
    assert judge_answer(text, ASIDE) == Judgement("cannot_check", "cannot_check", "No light.")
    assert judge_answer(text, value(["cannot_check"])).outcome == "unreadable"


# -- the whole -------------------------------------------------------------------------------------------


def test_all_answers_right_is_a_pass():
    found = judge(CANS, {"lid": value("yes"), "seam": OK, "weight": value("340")})

    assert found == Result(
        "pass",
        {"lid": Judgement("ok"), "seam": Judgement("ok"), "weight": Judgement("ok", samples=(True,))},
    )


@pytest.mark.parametrize(
    ("weight", "result"),
    [
        (value("346"), "fail"),
        (None, "incomplete"),
        (value("heavy"), "incomplete"),
        (ASIDE, "incomplete"),
        ({"value": "not_applicable", "reason": "Sample can."}, "pass"),
        (value("not_applicable"), "incomplete"),
    ],
)
def test_the_result_is_the_worst_of_what_was_judged(weight, result):
    assert judge(CANS, {"lid": value("no"), "weight": weight}).result == result


def test_a_defect_fails_whatever_else_is_missing():
    assert judge(CANS, {"lid": value("yes"), "seam": DEFECT}).result == "fail"


def test_a_defect_without_its_photo_is_a_defect_all_the_same():
    spec = {**SEAM, "photo_on_defect": True}

    assert judge_answer(spec, DEFECT).outcome == "defect"


def test_recorded_answers_pass_and_are_needed():
    batch = document({"id": "batch", "type": "text"})

    assert judge(batch, {"batch": value("B 7")}).result == "pass"
    assert judge(batch, {}).result == "incomplete"


def test_a_document_without_checks_passes():
    assert judge({**CANS, "checks": []}, {}) == Result("pass", {})


def test_an_answer_to_a_hidden_check_is_discarded_and_named():
    found = judge(CANS, {"lid": value("no"), "seam": DEFECT, "weight": value("340")})

    assert (found.result, found.hidden, found.discarded) == ("pass", ("seam",), ("seam",))
    assert "seam" not in found.judgements


def test_a_hidden_check_without_an_answer_is_only_hidden():
    for empty in (None, {}, value(""), value([])):
        found = judge(CANS, {"lid": value("no"), "seam": empty, "weight": value("340")})
        assert (found.result, found.hidden, found.discarded) == ("pass", ("seam",), ())


@pytest.mark.parametrize(
    "lid",
    [None, value("maybe"), value(["yes"]), ASIDE, {"value": "not_applicable", "reason": "No lid."}, "yes", value({})],
)
def test_a_condition_on_anything_but_a_readable_answer_is_not_met(lid):
    assert visible(CANS, {"lid": lid}) == ["lid", "weight"]


def test_a_condition_is_met_by_one_answer_among_several():
    cans = document({**LID, "several": True}, SEAM)

    assert visible(cans, {"lid": value(["no", "yes"])}) == ["lid", "seam"]
    assert visible(cans, {"lid": value(["no"])}) == ["lid"]


def test_a_condition_can_wait_for_a_defect():
    cans = document({"id": "tight", "type": "confirm"}, {**SEAM, "show_if": {"check": "tight", "equals": "defect"}})

    assert visible(cans, {"tight": DEFECT}) == ["tight", "seam"]
    assert visible(cans, {"tight": OK}) == ["tight"]


def test_answers_to_checks_that_are_not_there_are_named():
    found = judge(CANS, {"lid": value("no"), "weight": value("340"), "colour": DEFECT, "belt": None})

    assert (found.result, found.unknown) == ("pass", ("belt", "colour"))


# -- sampling --------------------------------------------------------------------------------------------


def test_what_is_not_due_may_be_left_out():
    found = judge(CANS, {"weight": value("340")}, sampled={"weight"})

    assert (found.result, list(found.judgements)) == ("pass", ["weight"])
    assert judge(CANS, {}, sampled=()).result == "pass"


def test_a_defect_counts_even_where_nobody_had_to_look():
    found = judge(CANS, {"lid": value("no"), "weight": value("346")}, sampled={"lid"})

    assert found.result == "fail"


def test_a_blank_where_nobody_had_to_look_is_not_missing():
    assert judge(CANS, {"lid": value("no"), "weight": value("")}, sampled={"lid"}).result == "pass"


def test_a_due_check_makes_its_condition_due():
    assert judge(CANS, {}, sampled={"seam"}).judgements == {"lid": Judgement("missing", "missing")}
    assert judge(CANS, {"lid": value("yes")}, sampled={"seam"}).result == "incomplete"


# -- screens ---------------------------------------------------------------------------------------------


def test_neighbouring_group_checks_of_one_step_share_a_screen():
    cans = document(*({"id": name, "type": "confirm", "layout": "group"} for name in "abc"), LID, SEAM)
    cans["checks"][1]["step"] = "other"

    assert [[check["id"] for check in screen] for screen in screens(cans)] == [["a"], ["b"], ["c"], ["lid"], ["seam"]]
    cans["checks"][1]["step"] = "fill"
    assert [[check["id"] for check in screen] for screen in screens(cans)] == [["a", "b", "c"], ["lid"], ["seam"]]


def test_no_screen_has_more_than_four_checks():
    cans = document(*({"id": name, "type": "confirm", "layout": "group"} for name in "abcdef"))

    assert [len(screen) for screen in screens(cans)] == [4, 2]


@given(strategies.documents())
def test_screens_have_every_check_once_and_in_order(sop):
    found = screens(sop)

    assert [check for screen in found for check in screen] == sop.get("checks", [])
    assert all(len(screen) == 1 or {check["layout"] for check in screen} == {"group"} for screen in found)
    assert all(len({check["step"] for check in screen}) == 1 for screen in found)


# -- any document, any answers ---------------------------------------------------------------------------


def expected(outcomes: set[str]) -> str:
    if "defect" in outcomes:
        return "fail"
    return "incomplete" if outcomes & {"missing", "unreadable", "cannot_check"} else "pass"


@given(data=st.data(), sop=strategies.documents())
def test_a_result_follows_from_its_judgements_and_names_every_check(data, sop):
    answers = data.draw(strategies.answers_to(sop))
    found = judge(sop, answers)
    names = [check["id"] for check in sop.get("checks", [])]

    assert found.result == expected({one.outcome for one in found.judgements.values()})
    assert [name for name in names if name in found.judgements] == list(found.judgements) == visible(sop, answers)
    assert [name for name in names if name not in found.judgements] == list(found.hidden)
    assert found.discarded == tuple(name for name in found.hidden if name in answers)
    assert found.unknown == ()
    assert all(one.outcome != "unreadable" for one in found.judgements.values())


@given(data=st.data(), sop=strategies.documents())
def test_a_check_is_shown_exactly_where_its_condition_is_answered_so(data, sop):
    answers = data.draw(strategies.answers_to(sop))
    shown = set(visible(sop, answers))

    for check in sop.get("checks", []):
        condition = check.get("show_if")
        answer = answers.get(condition["check"], {}).get("value") if condition else None
        met = condition is None or condition["equals"] in (answer if isinstance(answer, list) else [answer])
        assert (check["id"] in shown) is met


@given(data=st.data(), sop=strategies.documents())
def test_changing_a_hidden_answer_changes_nothing_that_is_judged(data, sop):
    answers = data.draw(strategies.answers_to(sop))
    found = judge(sop, answers)
    changed = {name: DEFECT if name in found.hidden else answer for name, answer in answers.items()}

    assert judge(sop, changed).judgements == found.judgements


@given(data=st.data(), sop=strategies.documents(most_steps=1))
def test_no_answer_whatever_it_is_raises(data, sop):
    names = [check["id"] for check in sop.get("checks", [])]
    small = [one for one in hostile.NO_VALUES.values() if not isinstance(one, str | list) or len(one) < 1000]
    wild = st.sampled_from([*small, *hostile.NO_NUMBERS, "ok", "signed", "not_applicable"])
    answers = {name: data.draw(wild.map(value) | wild) for name in names}

    found = judge(sop, answers, sampled=data.draw(st.none() | st.just(names[:1])))

    assert found.result == expected({one.outcome for one in found.judgements.values()})


@given(sop=strategies.documents())
def test_sampling_every_check_is_the_same_as_no_sampling(sop):
    names = {check["id"] for check in sop.get("checks", [])}

    assert judge(sop, {}, sampled=names) == judge(sop, {})
