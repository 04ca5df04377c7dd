"""The shipped procedures are whole, realistic in their form, and translated throughout."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from sops import library
from sops.checklist import screens
from sops.document import normal
from sops.exchange import read_csv, read_xliff, write_csv, write_xliff
from sops.files import read_yaml, write_yaml
from sops.languages import LANGUAGES
from sops.library import load
from sops.numbers import DECIMAL_SIGN
from sops.sampling import RULES
from sops.steps import KINDS
from sops.text_places import text_places
from sops.translations import State, problems, render, state_of, texts
from sops.wording import braces

SHIPPED = {one.code: one for one in load()}
OTHERS = [language for language in LANGUAGES if language != "en"]
EVERY = pytest.mark.parametrize("shipped", SHIPPED.values(), ids=SHIPPED)
IN_EACH = pytest.mark.parametrize("language", OTHERS)

SAME_IN_EVERY_LANGUAGE = {"8.8", "Gluten"}
DESIGNATIONS = {"8.8"}  # a bolt's grade is no number

# Words of one of the two languages that the other does not know in a workshop.
ONLY_INDONESIAN = {"adalah", "baut", "bets", "detik", "flensa", "jangka", "kaleng", "karena", "lini", "mur", "surel"}
ONLY_MALAY = {
    "adakah",
    "bebibir",
    "berapakah",
    "bolehkah",
    "ialah",
    "kelim",
    "nat",
    "sekurang",
    "sepana",
    "sijil",
    "tin",
}


def of(shipped, language):
    return {one.path: one.text for one in shipped.translations if one.language == language}


def test_ten_trades_are_there_by_their_codes():
    assert list(SHIPPED) == [
        "CALL-BACK", "CAN-FILL", "ICE-CREAM", "PACKING", "RECEIVING", "SANDWICH", "SANITISE", "TORQUE", "WAVE-SOLDER",
        "WELD",
    ]  # fmt: skip
    assert all(re.fullmatch(r"[A-Z]+(-[A-Z]+)*", code) for code in SHIPPED)


def test_every_file_of_the_library_is_loaded():
    names = {one.name for one in files(library).iterdir() if one.name.endswith(".yaml")}

    assert names == {f"{code}{end}.yaml" for code in SHIPPED for end in ["", *(f".{one}" for one in OTHERS)]}


@EVERY
def test_every_procedure_is_in_normal_form_and_reads_back_from_its_file(shipped):
    text = files(library).joinpath(f"{shipped.code}.yaml").read_text("utf-8")

    assert shipped.document["language"] == "en"
    assert normal(shipped.document) == shipped.document == read_yaml(text)
    assert read_yaml(write_yaml(shipped.document)) == shipped.document
    assert write_yaml(shipped.document) == text


def test_each_load_is_ones_own():
    first = load()[0]
    first.document["title"] = "Spoilt"

    assert load()[0].document["title"] != "Spoilt"


@EVERY
def test_every_procedure_has_the_size_of_a_real_one(shipped):
    steps, checks = shipped.document["steps"], shipped.document["checks"]

    assert 6 <= len(steps) <= 12
    assert 6 <= len(checks) <= 12
    assert sum(check["type"] == "measure" for check in checks) >= 2
    assert {step["id"] for step in steps} & {check["step"] for check in checks}
    assert any(check["severity"] == "critical" for check in checks)
    assert all(check.get("defect_codes") for check in checks if KINDS[check["type"]].judged and not recorded(check))


def recorded(check):
    """Checks that are put down and not judged, and those where every choice is right."""
    if check["type"] == "choose":
        return all(choice["ok"] for choice in check["choices"]) or "defect_codes" not in check
    return check["type"] in ("sign", "text", "photo")


@EVERY
def test_every_procedure_says_that_its_limits_are_examples(shipped):
    assert "example" in shipped.document["purpose"]
    assert shipped.document["hazards"]
    assert shipped.document["tools"]


@EVERY
def test_what_is_listed_is_used(shipped):
    document = shipped.document
    gauges = [one["gauge"] for one in [*document["steps"], *document["checks"]] if "gauge" in one]
    tools = [tool for step in document["steps"] for tool in step.get("tools", [])]

    assert {tool["id"] for tool in document["tools"]} <= {*gauges, *tools}
    assert {hazard["id"] for hazard in document["hazards"]} == {
        name for step in document["steps"] for name in step.get("hazards", [])
    }
    assert {defect["code"] for defect in document["defects"]} == {
        code for check in document["checks"] for code in check.get("defect_codes", [])
    }


def test_between_them_they_use_what_a_procedure_can_have():
    documents = [one.document for one in SHIPPED.values()]
    steps = [step for document in documents for step in document["steps"]]
    checks = [check for document in documents for check in document["checks"]]
    fields = Counter(name for item in [*steps, *checks] for name in item)

    assert {check["type"] for check in checks} == set(KINDS)
    assert len({step["type"] for step in steps if "type" in step}) >= 5
    rules = {one["sampling"]["rule"] for one in [*documents, *checks] if "sampling" in one}
    assert {*rules, *("all" for one in documents if "sampling" not in one)} == set(RULES)
    for name in ("detail", "help", "show_if", "layout", "photo_on_defect", "accept", "nominal", "gauge", "several"):
        assert fields[name], name
    assert sum("skill" in document for document in documents) >= 5
    assert any(len(screen) > 1 for document in documents for screen in screens(document))
    named = {name for document in documents for text in texts(document).values() for name in braces(text).names}
    assert {"min", "max", "nominal", "tolerance", "unit", "samples", "within", "at_least"} == named


# -- translations ----------------------------------------------------------------------------------------------


@EVERY
@IN_EACH
def test_every_text_is_translated_from_the_source_as_it_is(shipped, language):
    states = state_of(shipped.document, language, shipped.translations)
    wrong = {path: text for path, text in texts(shipped.document).items() if states[path] is not State.DRAFT}

    assert wrong == {}
    assert set(of(shipped, language)) == set(states)


@EVERY
def test_every_translation_can_be_taken_and_is_a_draft(shipped):
    assert [found for one in shipped.translations if (found := problems(shipped.document, one))] == []
    assert {one.status for one in shipped.translations} == {"draft"}
    assert len(set(shipped.translations)) == len(shipped.translations) == 5 * len(texts(shipped.document))


@EVERY
@IN_EACH
def test_nothing_was_left_in_english(shipped, language):
    source, found = texts(shipped.document), of(shipped, language)

    assert {text for path, text in found.items() if text == source[path]} <= SAME_IN_EVERY_LANGUAGE


@EVERY
@IN_EACH
def test_the_numbers_in_a_translation_are_those_of_its_source_with_the_languages_own_decimal_sign(shipped, language):
    number = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
    for path, text in texts(shipped.document).items():
        wanted = [
            one if one in DESIGNATIONS else one.replace(".", DECIMAL_SIGN[language]) for one in number.findall(text)
        ]
        assert sorted(number.findall(of(shipped, language)[path])) == sorted(wanted), path


@EVERY
@IN_EACH
def test_a_translated_sentence_ends_as_its_source_does(shipped, language):
    for path, text in texts(shipped.document).items():
        found = of(shipped, language)[path]
        assert (found[-1] in ".?") == (text[-1] in ".?"), path
        assert (found[-1] == "?") == (text[-1] == "?"), path
        assert not found[0].islower() or text[0].islower() or text[0] in "{0123456789", path
        assert "  " not in found, path


@EVERY
@IN_EACH
def test_a_translation_is_no_novel(shipped, language):
    """A screen that fits the source fits the translation: at most twice as long, and 20 characters."""
    for place in text_places(shipped.document):
        assert len(of(shipped, language)[place.path]) <= min(2 * len(place.text) + 20, place.longest)


@EVERY
def test_malay_is_not_indonesian(shipped):
    indonesian, malay = of(shipped, "id"), of(shipped, "ms")
    words = {
        name: set(re.findall(r"\w+", " ".join(found.values()).lower()))
        for name, found in (("id", indonesian), ("ms", malay))
    }

    assert words["ms"] & ONLY_INDONESIAN == set()
    assert words["id"] & ONLY_MALAY == set()
    same = [text for path, text in malay.items() if text == indonesian[path]]
    assert len(same) <= len(malay) / 5


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_sees_no_brace_and_no_gap(shipped, language):
    rendered = render(shipped.document, language, shipped.translations)

    assert not [text for text in texts(rendered.document).values() if "{" in text or "}" in text or not text.strip()]
    assert {mark.language for mark in rendered.marks.values()} == {language}


@EVERY
@pytest.mark.parametrize(("write", "read"), [(write_xliff, read_xliff), (write_csv, read_csv)], ids=["xliff", "csv"])
def test_the_library_goes_to_a_translator_and_comes_back(shipped, write, read):
    for language in OTHERS:
        back = read(write(shipped.document, language, shipped.translations), shipped.document, language)
        assert back.problems == ()
        assert set(back.translations) == {one for one in shipped.translations if one.language == language}
