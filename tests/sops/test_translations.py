"""What a reader of another language is shown, and what is known of it."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sops.document import normal, parts
from sops.numbers import DECIMAL_SIGN, format_number
from sops.text_places import text_places
from sops.translations import (
    Gap,
    Mark,
    State,
    Translation,
    gaps,
    problems,
    render,
    source_sha,
    state_of,
    texts,
    translation_of,
)
from sops.wording import braces, filled
from tests.effort import examples
from tests.sops import translating
from tests.sops.strategies import LANGUAGES, documents

CAN = normal(
    {
        "title": "Fill a can",
        "purpose": "Every can is full.",
        "language": "en",
        "steps": [
            {"id": "fill", "text": "Fill it within {within} seconds.", "type": "timer", "within": "2.5"},
            {"id": "look", "text": "Write {{max}} on the board."},
        ],
        "checks": [
            {
                "id": "weight", "step": "fill", "type": "measure", "severity": "major",
                "text": "{samples} cans of {min} to {max} {unit}.",
                "unit": "kg", "min": "0.3", "max": "0.45", "decimals": 2, "samples": 3,
            },
            {
                "id": "dents", "step": "look", "type": "count", "severity": "minor",
                "text": "At most {max} {unit}?", "unit": "dents", "max": 2,
            },
            {
                "id": "lid", "step": "look", "type": "choose", "severity": "major", "text": "Which lid?",
                "choices": [{"id": "blue", "text": "Blue", "ok": True}, {"id": "red", "text": "Red", "ok": False}],
            },
            {"id": "name", "step": "look", "type": "sign", "severity": "minor", "text": "Sign.", "meaning": "Seen."},
        ],
    }
)  # fmt: skip


def danish(path, text, *, status="reviewed", sha=None):
    return Translation(path, "da", text, sha or source_sha(texts(CAN)[path]), status)


def codes(path, text, language="da"):
    return [one.code for one in problems(CAN, Translation(path, language, text, source_sha(texts(CAN)[path]), "draft"))]


# -- paths ---------------------------------------------------------------------------------------------------


def test_texts_are_named_by_ids_in_the_order_in_which_they_are_read():
    assert list(texts(CAN)) == [
        "title", "purpose", "steps.fill.text", "steps.look.text", "checks.weight.text", "checks.dents.text",
        "checks.dents.unit", "checks.lid.text", "checks.lid.choices.blue.text", "checks.lid.choices.red.text",
        "checks.name.text", "checks.name.meaning",
    ]  # fmt: skip


@given(documents())
def test_every_text_that_people_read_has_one_path(document):
    places = text_places(document)

    assert sorted(texts(document).values()) == sorted(translating.readable(document))
    assert len(places) == len(texts(document))
    for place in places:
        found = document
        for part in parts(place.pointer):
            found = found[int(part)] if isinstance(found, list) else found[part]
        assert found == place.get(document) == place.text
        assert len(place.text) <= place.longest
        assert not (place.one_line and "\n" in place.text)


@given(documents(), st.randoms())
def test_a_path_stays_when_items_change_places(document, random):
    moved = deepcopy(document)
    for name in ("hazards", "tools", "defects", "steps"):
        random.shuffle(moved.get(name, []))

    assert texts(moved) == texts(document)


def test_a_hash_is_of_the_composed_text():
    assert source_sha("e\u0301") == source_sha("é") == "4a99557e4033c353"


# -- states --------------------------------------------------------------------------------------------------


def expected(document, language, translations, sister=None):
    """The rules once more, written as a table of what is tried in turn."""
    shown = {}
    for path, text in texts(document).items():
        here = [one for one in translations if (one.path, one.language) == (path, language)]
        near = [one for one in translations if (one.path, one.language) == (path, sister)]
        now = source_sha(text)
        own = {
            (current, status): [one for one in here if (one.source_sha == now, one.status) == (current, status)]
            for current in (True, False)
            for status in ("reviewed", "draft")
        }
        tried = [
            (own[True, "reviewed"], State.REVIEWED),
            (own[True, "draft"], State.DRAFT),
            (own[False, "reviewed"], State.OUTDATED),
            (own[False, "draft"], State.OUTDATED),
        ]
        if language == document["language"]:
            shown[path] = (text, Mark(State.SOURCE, language))
        elif found := next(((some[-1].text, Mark(state, language)) for some, state in tried if some), None):
            shown[path] = found
        else:
            reviewed_first = sorted(near, key=lambda one: one.status == "reviewed")
            lent = [one.text for one in reviewed_first if one.source_sha == now and sister != document["language"]]
            if lent:
                shown[path] = (lent[-1], Mark(State.MISSING, sister))
            else:
                shown[path] = (text, Mark(State.MISSING, document["language"]))
    return shown


@effort(max_examples=examples(30), deadline=None)
@given(translating.translated(), st.sampled_from([None, *LANGUAGES]), st.booleans())
def test_every_text_is_shown_in_the_best_language_there_is_and_marked_so(drawn, sister, source):
    document, language, translations = drawn
    language = document["language"] if source else language
    rendered = render(document, language, translations, sister=sister)
    wanted = expected(document, language, translations, sister)

    assert rendered.marks == {path: mark for path, (_, mark) in wanted.items()}
    for place in text_places(document):
        shown, raw = place.get(rendered.document), wanted[place.path][0]
        assert shown.strip() != ""
        assert shown == raw or "{" in raw or "}" in raw
    states = state_of(document, language, translations)
    assert states == {path: mark.state for path, mark in rendered.marks.items()}
    enough = (State.SOURCE, State.REVIEWED)
    missing = [Gap(path, language, state) for path, state in states.items() if state not in enough]
    assert gaps(document, [language], translations) == missing


@effort(deadline=None)
@given(translating.translated())
def test_rendering_changes_nothing_but_texts(drawn):
    document, language, translations = drawn
    before = deepcopy(document)
    rendered = deepcopy(render(document, language, translations).document)
    for place in text_places(document):
        place.put(rendered, place.text)

    assert document == before == rendered


@effort(deadline=None)
@given(translating.reviewed(), st.data())
def test_a_changed_source_makes_exactly_its_own_translation_outdated(drawn, data):
    document, language, translations = drawn
    assert set(state_of(document, language, translations).values()) == {State.REVIEWED}
    place = data.draw(st.sampled_from(text_places(document)))
    text = data.draw(translating.wording(place).filter(lambda text: text != place.text))
    states = state_of(normal(translating.with_text(document, place, text)), language, translations)

    assert states.pop(place.path) is State.OUTDATED
    assert set(states.values()) <= {State.REVIEWED}


@effort(deadline=None)
@given(translating.reviewed(), st.randoms())
def test_an_unchanged_text_keeps_its_reviewed_translation_in_a_new_version(drawn, random):
    """Whatever else changes: items come, go and change places, numbers and severities change."""
    document, language, translations = drawn
    changed = deepcopy(document)
    random.shuffle(changed["steps"])
    for check in changed.get("checks", []):
        check["severity"] = "minor"
        check.pop("show_if", None)
        if check["type"] == "text":
            check["max_length"] = 7
    changed["steps"].append({"id": "brand-new-step", "text": "New."})
    rendered = render(changed, language, translations)

    assert rendered.marks.pop("steps.brand-new-step.text") == Mark(State.MISSING, document["language"])
    assert set(rendered.marks.values()) == {Mark(State.REVIEWED, language)}
    assert gaps(changed, [language], translations) == [Gap("steps.brand-new-step.text", language, State.MISSING)]


def test_gaps_are_named_language_by_language_and_never_for_the_source():
    found = gaps(CAN, ["da", "en", "ca"], [danish("title", "Fyld en dåse"), danish("purpose", "…", status="draft")])

    assert found[0] == Gap("purpose", "da", State.DRAFT)
    assert {one.language for one in found} == {"da", "ca"}
    assert len(found) == 2 * len(texts(CAN)) - 1


def test_a_correction_in_draft_does_not_replace_what_was_reviewed():
    known = [danish("title", "Fyld en dåse"), danish("title", "Fyld dåsen", status="draft")]

    assert render(CAN, "da", known).document["title"] == "Fyld en dåse"
    assert render(CAN, "da", known[1:]).document["title"] == "Fyld dåsen"


def test_of_two_equal_translations_the_one_given_last_counts():
    assert render(CAN, "da", [danish("title", "En"), danish("title", "To")]).document["title"] == "To"


def test_the_sister_language_helps_only_where_it_is_asked_for_and_up_to_date():
    malay = [
        Translation("title", "ms", "Isi tin", source_sha("Fill a can"), "draft"),
        Translation("purpose", "ms", "Lama", translating.ELSEWHERE, "reviewed"),
    ]
    with_it, without = render(CAN, "id", malay, sister="ms"), render(CAN, "id", malay)

    assert (with_it.document["title"], with_it.marks["title"]) == ("Isi tin", Mark(State.MISSING, "ms"))
    assert (without.document["title"], without.marks["title"]) == ("Fill a can", Mark(State.MISSING, "en"))
    assert (with_it.document["purpose"], with_it.marks["purpose"].language) == ("Every can is full.", "en")


def test_an_outdated_translation_is_shown_and_marked_before_any_other_language():
    old = danish("title", "Fyld en flaske", sha=translating.ELSEWHERE)
    malay = Translation("title", "ms", "Isi tin", source_sha("Fill a can"), "reviewed")
    rendered = render(CAN, "da", [old, malay], sister="ms")

    assert (rendered.document["title"], rendered.marks["title"]) == ("Fyld en flaske", Mark(State.OUTDATED, "da"))


def test_an_outdated_translation_that_names_a_number_which_is_gone_is_told_and_not_shown():
    old = danish("checks.weight.text", "Omkring {nominal} {unit}.", sha=translating.ELSEWHERE)
    rendered = render(CAN, "da", [old])

    assert rendered.document["checks"][0]["text"] == "3 cans of 0,30 to 0,45 kg."
    assert rendered.marks["checks.weight.text"] == Mark(State.OUTDATED, "en")


@pytest.mark.parametrize("text", ["", " ", "\u00a0\n", "Mellem {min} og {maks} {unit}.", "Dåser { af {min}"])
def test_what_should_never_have_been_stored_is_never_shown(text):
    rendered = render(CAN, "da", [danish("checks.weight.text", text)])

    assert rendered.document["checks"][0]["text"] == "3 cans of 0,30 to 0,45 kg."
    assert rendered.marks["checks.weight.text"] == Mark(State.MISSING, "en")


def test_a_language_that_does_not_exist_is_no_language():
    with pytest.raises(KeyError):
        render(CAN, "xx", [])


# -- placeholders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_in_texts_are_the_readers_own(language):
    sign = DECIMAL_SIGN[language]
    rendered = render(CAN, language, []).document

    assert rendered["steps"][0]["text"] == f"Fill it within 2{sign}5 seconds."
    assert rendered["checks"][0]["text"] == f"3 cans of 0{sign}30 to 0{sign}45 kg."


def test_a_counted_unit_is_named_in_the_readers_language():
    known = [danish("checks.dents.text", "Højst {max} {unit}?"), danish("checks.dents.unit", "buler {{store}}")]
    rendered = render(CAN, "da", known).document["checks"][1]

    assert (rendered["text"], rendered["unit"]) == ("Højst 2 buler {store}?", "buler {store}")


def test_the_requirement_of_a_rendered_check_is_in_the_readers_words():
    rendered = render(CAN, "da", [danish("checks.lid.choices.blue.text", "Blåt")]).document["checks"][2]

    assert [choice["text"] for choice in rendered["choices"]] == ["Blåt", "Red"]
    assert [choice["id"] for choice in rendered["choices"]] == ["blue", "red"]


def test_doubled_braces_are_read_as_single_ones_and_never_filled():
    known = [danish("steps.look.text", "Skriv {{max}} på tavlen, {{{{to}}}} gange.")]

    assert render(CAN, "en", []).document["steps"][1]["text"] == "Write {max} on the board."
    assert render(CAN, "da", known).document["steps"][1]["text"] == "Skriv {max} på tavlen, {{to}} gange."


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_any_text_can_be_written_with_doubled_braces(text, values):
    written = text.replace("{", "{{").replace("}", "}}")

    assert filled(written, values) == text
    assert braces(written).names == frozenset()
    assert braces(written).single == ()


@effort(deadline=None)
@given(documents(), st.sampled_from(LANGUAGES))
def test_every_placeholder_is_filled_with_its_checks_own_number(document, language):
    rendered = render(document, language, []).document
    for before, after in zip(document.get("checks", []), rendered.get("checks", []), strict=True):
        if before["type"] == "measure":
            for name in braces(before["text"]).names & {"min", "max", "nominal", "tolerance"}:
                assert format_number(before[name], language, before.get("decimals", 0)) in after["text"]
                assert f" {{{name}}}" not in after["text"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{samples} dåser på {min} til {max} {unit}.", []),
        ("{max} {unit}, {min} {unit}: {samples} {samples}", []),
        ("{samples} dåser på {min} til {maks} {unit}.", ["placeholder_missing", "placeholder_unknown"]),
        ("{samples} dåser på {min} til {mål} {unit}.", ["placeholder_missing", "placeholder_unknown"]),
        ("{samples} dåser på {min} til { max } {unit}.", ["placeholder_missing", "placeholder_unknown"]),
        ("{samples} dåser på {min} til {MAX} {unit}.", ["placeholder_missing", "placeholder_unknown"]),
        ("{samples} dåser på {min} til {} {unit}.", ["placeholder_missing", "placeholder_unknown"]),
        ("{samples} dåser på {min} til max {unit}.", ["placeholder_missing"]),
        ("{samples} dåser på {min} til {{max}} {unit}.", ["placeholder_missing"]),
        ("{samples} dåser på {min} til {max {unit}.", ["placeholder_missing", "brace_single"]),
        ("{samples} {min} {max} {unit} {nominal}", ["placeholder_unknown"]),
        ("{samples} {min} {max} {unit} }", ["brace_single"]),
        ("", ["missing"]),
        (" \n ", ["missing"]),
        ("\x07", ["control_character"]),
        ("x" * 501, ["too_long"]),
    ],
)
def test_a_placeholder_cannot_be_translated_lost_or_invented(text, wrong):
    assert codes("checks.weight.text", text) == wrong


@effort(deadline=None)
@given(documents(), st.data())
def test_a_translation_with_the_same_placeholders_can_be_taken(document, data):
    place = data.draw(st.sampled_from(text_places(document)))
    language = data.draw(st.sampled_from(translating.other_languages(document)))
    text = data.draw(translating.wording(place))

    assert problems(document, translation_of(document, place.path, language, text)) == []
    for name in braces(place.text).names:
        left_out = translation_of(document, place.path, language, text.replace(f"{{{name}}}", "x"))
        found = problems(document, left_out)
        assert [(one.pointer, one.code) for one in found] == [(place.pointer, "placeholder_missing")]
        assert f"{{{name}}}" in found[0].message


# -- what else is wrong with a translation -------------------------------------------------------------------


def test_a_translation_is_held_to_the_length_and_the_lines_of_its_place():
    assert codes("title", "x" * 121) == ["too_long"]
    assert codes("title", "To\nlinjer") == ["several_lines"]
    assert codes("steps.look.text", "To\nlinjer") == []
    assert codes("checks.dents.unit", "x" * 41) == ["too_long"]
    assert codes("checks.name.meaning", "x" * 121) == ["too_long"]
    assert codes("purpose", "x" * 4000) == []


def test_paths_languages_and_statuses_that_do_not_exist_are_named():
    wrong = Translation("checks.gone.text", "da", "Væk", "0" * 16, "draft")
    assert [(one.pointer, one.code) for one in problems(CAN, wrong)] == [("", "path_unknown")]
    assert "checks.gone.text" in problems(CAN, wrong)[0].message

    assert codes("title", "Titel", "de") == ["language_unknown"]
    assert codes("title", "Title", "en") == ["language_is_source"]
    assert [one.code for one in problems(CAN, danish("title", "Titel", status="approved"))] == ["status_unknown"]


def test_an_outdated_translation_is_no_problem():
    assert problems(CAN, danish("title", "Titel", sha=translating.ELSEWHERE)) == []


def test_a_translation_is_tidied_and_knows_its_source():
    made = translation_of(CAN, "purpose", "ca", " Cada llauna\r\ne\u0301s plena. ")

    assert made == Translation("purpose", "ca", "Cada llauna\nés plena.", source_sha("Every can is full."), "draft")
    with pytest.raises(KeyError):
        translation_of(CAN, "scope", "ca", "Línia 1")
