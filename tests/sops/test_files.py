"""Procedures as YAML: what a person writes is read, what cannot be read is told with its line."""

from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sops import files
from sops.document import LARGEST, canonical, normal
from sops.errors import DocumentInvalid, Problem
from sops.files import read_yaml, write_yaml
from tests.effort import examples
from tests.sops.small import check, refused, small
from tests.sops.strategies import documents

LIBRARY = Path(files.__file__).parent / "library"
many = settings(
    max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

BY_HAND = """\
# Filling, as the first shift does it
title: Fill and seal a can
purpose: |
  Every can leaves tight
  and full.
language: en
hazards:
  - {id: crush, text: "The seamer's head crushes fingers.", control: Guard closed.}
steps:
  - id: seal
    text: Close the lid and crimp it
      all round.
    hazards: [crush]
checks:
  - id: lid
    step: seal
    type: choose
    text: Is a lid on it?
    choices: [{id: yes, text: Yes, ok: true}, {id: no, text: No, ok: false}]
    severity: critical
  - id: weight
    step: seal
    type: measure
    unit: g
    text: 2026-11-22
    min: 338
    max: 345.50
    decimals: 2
    severity: major
    show_if: {check: lid, equals: yes}
"""


@pytest.fixture(params=["libyaml", "python"])
def parser(request, monkeypatch):
    """Both parsers that PyYAML can have."""
    if request.param == "libyaml" and not hasattr(yaml, "CSafeLoader"):
        pytest.skip("this PyYAML was built without libyaml")
    monkeypatch.setattr(files, "_LOADER", yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader)


def lined(text: str | bytes) -> list[tuple[int | None, str]]:
    """Lines and codes of what is wrong with a file."""
    return [(one.line, one.code) for one in refused(lambda: read_yaml(text))]


# -- reading -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("parser")
def test_a_file_is_read_as_a_person_means_it():
    document = read_yaml(BY_HAND)

    assert document["purpose"] == "Every can leaves tight\nand full."
    assert document["steps"][0]["text"] == "Close the lid and crimp it all round."
    lid, weight = document["checks"]
    assert [choice["id"] for choice in lid["choices"]] == ["yes", "no"]
    assert (weight["min"], weight["max"], weight["text"]) == ("338", "345.50", "2026-11-22")
    assert weight["show_if"] == {"check": "lid", "equals": "yes"}


def test_bytes_and_other_line_ends_are_read_the_same():
    document = read_yaml(BY_HAND)

    assert read_yaml(BY_HAND.encode()) == document
    assert read_yaml(BY_HAND.replace("\n", "\r\n")) == document
    assert read_yaml(BY_HAND.replace("\n", "\r").encode()) == document


@pytest.mark.parametrize("name", sorted(path.name for path in LIBRARY.glob("*.yaml") if path.name.count(".") == 1))
def test_procedures_of_the_library_are_written_and_read_back(name):
    document = read_yaml((LIBRARY / name).read_bytes())

    assert read_yaml(write_yaml(document)) == document


# -- round trips -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("parser")
@settings(many, suppress_health_check=[*many.suppress_health_check, HealthCheck.function_scoped_fixture])
@given(documents())
def test_what_is_written_is_read_back(document):
    text = write_yaml(document)

    assert read_yaml(text) == document
    assert write_yaml(read_yaml(text)) == text


@many
@given(documents())
def test_any_reader_of_yaml_reads_the_same(document):
    assert yaml.safe_load(write_yaml(document)) == document


@many
@given(documents())
def test_json_is_read_too(document):
    assert read_yaml(canonical(document)) == document


def test_a_written_file_is_one_that_people_like_to_read():
    assert write_yaml(normal(small(("purpose", "Tight.\nFull."), ("checks", ...), ("tools", ...)))) == dedent(
        """\
        title: Fill and seal a can
        purpose: |-
          Tight.
          Full.
        language: en
        hazards:
          - id: crush
            text: The seamer crushes fingers.
            control: Guard closed.
        defects:
          - code: LEAK
            text: Leaks at the seam
        sampling:
          rule: every
          units: 50
        steps:
          - id: fill
            text: Fill the can.
          - id: seal
            type: timer
            text: Seal it within {within} s.
            within: '90'
            hazards: [crush]
        """
    )


def test_a_document_too_large_for_a_readable_file_is_written_as_json():
    spaced = "\n".join("x" * 3 for _ in range(250))
    steps = [{"id": f"s{n}", "text": "x", "detail": f"\ufeff{'x' * 3900}"} for n in range(200)]
    checks = [check(f"c{n}", step="s1", help=spaced) for n in range(150)]
    document = normal({**small(("checks", checks)), "steps": steps})
    text = write_yaml(document)

    assert text.startswith("{")
    assert len(text.encode()) <= LARGEST
    assert read_yaml(text) == document


# -- lines -------------------------------------------------------------------------------------------------


def spoilt(old: str, new: str) -> str:
    assert BY_HAND.count(old) == 1
    return BY_HAND.replace(old, new)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("title: Fill and seal a can", "titel: Fill", 2, "unknown_field"),
        ("    severity: major\n", "", 21, "missing"),
        ("language: en", "language: english", 6, "not_a_choice"),
        ("[crush]", "[crush, burn]", 13, "unknown_hazard"),
        ("345.50", "337.50", 26, "min_above_max"),
        ("equals: yes}", "equals: maybe}", 30, "condition_never"),
        ("check: lid, ", "check: weight, ", 30, "condition_on_itself"),
        ("    min: 338\n    max: 345.50\n", "", 21, "no_limit"),
        ("all round.", "all round {min}.", 11, "placeholder_unknown"),
        ("  and full.", "  and \\u0007 {full.", 3, "brace_single"),
        ("text: No,", "text: [No],", 19, "not_a_text"),
        ("decimals: 2", "decimals: 1", 27, "too_many_decimals"),
        ("decimals: 2", "decimals: 2.0", 28, "not_a_whole_number"),
    ],
)
def test_a_problem_has_the_line_of_its_key_or_of_what_it_is_missing_from(old, new, line, code):
    problems = refused(lambda: read_yaml(spoilt(old, new)))

    assert (line, code) in [(one.line, one.code) for one in problems]
    assert all(one.line for one in problems)


def test_everything_wrong_is_told_at_once_in_the_order_of_lines():
    text = spoilt("345.50", "1").replace("severity: critical", "severity: &a high").replace("title:", "titel:")

    assert lined(text) == [(1, "missing"), (2, "unknown_field"), (20, "anchor"), (26, "min_above_max")]


# -- what is no procedure ----------------------------------------------------------------------------------

NO_YAML = {
    "a colon in a text": ("title: a: b", 1, "colon"),
    "an indentation too far": ("title: a\n  purpose: b", 2, "indented"),
    "an indentation that does not fit": ("steps:\n  - id: a\n   text: b", 3, ""),
    "a quote that is not closed": ("title: 'a\npurpose: b\n", 1, "quote"),
    "a quote in quotes": ("title: 'it's'", 1, "quote"),
    "a bracket that is not closed": ("title: a\nsteps: [a, b\npurpose: c", 2, "bracket"),
    "a brace that is not closed": ("steps: {a: b", 1, "bracket"),
    "a closing bracket alone": ("title: ]", 1, "YAML"),
    "a text with an at sign": ("title: @home", 1, "quotes"),
    "a text with a per cent sign": ("title: %", 1, "quotes"),
    "a text with an asterisk": ("title: *", 1, "quotes"),
    "an escape that is none": ('title: "C:\\seal"', 1, "single quotes"),
    "an escape beyond Unicode": ('title: "\\U00110000"', 1, "single quotes"),
    "a dash in a text": ("title: - a", 1, "-"),
    "a line without a colon": ("title: a\npurpose\nlanguage: en", 3, "colon"),
    "words behind a bar": ("purpose: | every can\n", 1, "next line"),
    "a directive that is none": ("%YAML 9" + "9" * 5000 + ".1\n---\ntitle: a", 1, ""),
    "a tag that is not closed": ("title: !<a b", 1, "quotes"),
}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("case", NO_YAML)
def test_broken_yaml_is_told_with_its_line_and_what_to_do(case):
    text, line, advice = NO_YAML[case]
    [problem] = refused(lambda: read_yaml(text))

    assert (problem.line, problem.code) == (line, "not_yaml")
    assert advice in problem.message


FORBIDDEN = {
    "an object of Python": ("title: a\npurpose: !!python/object:os.system x", 2, "tag"),
    "a call": ("title: !!python/object/apply:os.system ['true']", 1, "tag"),
    "a tag that is only an exclamation mark": ("title: ! a", 1, "tag"),
    "a tag on a list": ("title: a\nsteps: !!seq [a]", 2, "tag"),
    "a tag on a field's name": ("!!str title: a", 1, "tag"),
    "an anchor": ("title: &a b", 1, "anchor"),
    "an alias": ("title: a\npurpose: *a", 2, "alias"),
    "a merge": ("a: &a {title: b}\n<<: *a", 2, "alias"),
    "two documents": ("title: a\n---\ntitle: b", 2, "several_documents"),
    "a list as a field's name": ("title: a\n? [a]\n: b", 2, "key_not_a_text"),
    "a field twice": ("title: a\npurpose: b\ntitle: c", 3, "duplicate_key"),
    "a tab before a field": ("title: a\n\tpurpose: b", 2, "tab"),
    "a tab after a colon": ("title:\ta", 1, "tab"),
    "a NUL": ("title: a\npurpose: b\0c", 2, "control_character"),
    "half a character": ("title: \ud800", 1, "control_character"),
    "a line separator": ("title: a\n\npurpose: b\u2028c", 3, "control_character"),
    "a mark in the middle": ("title: a\ufeffb", 1, "control_character"),
    "nothing": ("", 1, "empty"),
    "blanks": (b" \n\n", 1, "empty"),
    "a comment": ("# title\n", 1, "not_an_object"),
    "a text": ("title", 1, "not_an_object"),
    "a list": ("- title: a", 1, "not_an_object"),
    "UTF-8 with a mark": ("\ufefftitle: a".encode(), 1, "byte_order_mark"),
    "a mark in a text": ("\ufefftitle: a", 1, "byte_order_mark"),
    "UTF-16": ("title: a".encode("utf-16"), 1, "not_utf8"),
    "UTF-16 without a mark": ("title: a".encode("utf-16-be"), 1, "not_utf8"),
    "UTF-32": ("title: a".encode("utf-32"), 1, "not_utf8"),
    "Latin 1": ("title: a\npurpose: Luk låget".encode("latin-1"), 2, "not_utf8"),
    "lists 100,000 deep": ("[" * 100_000, 1, "too_deep"),
    "fields 100,000 deep": ("{a: " * 100_000, 1, "too_deep"),
    "dashes 100,000 deep": ("- " * 100_000, 1, "too_deep"),
    "50 MB that are no YAML": (lambda: "title: 'a\0" + "# x\n" * 12_500_000, None, "too_large"),
    "50 MB of bytes that are no text": (lambda: b"\xff\0\n" * 17_000_000, None, "too_large"),
    "half a million wide characters": ("title: " + "é" * 600_000, None, "too_large"),
}


AND_MORE = ("tag", "anchor", "alias", "duplicate_key")  # after which what could be read is looked at too


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("case", FORBIDDEN)
def test_what_no_file_may_hold_is_refused(case):
    text, line, code = FORBIDDEN[case]
    found = lined(text() if callable(text) else text)

    assert (line, code) in found
    assert len(found) == 1 or code in AND_MORE


@pytest.mark.usefixtures("parser")
def test_a_billion_laughs_are_not_laughed():
    text = 'a: &a ["lol","lol"]\n' + "\n".join(
        f"{name}: &{name} [{', '.join(f'*{before}' for _ in range(10))}]"
        for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    problems = refused(lambda: read_yaml(text))

    assert {"anchor", "alias"} <= {one.code for one in problems}
    assert len(problems) == 100  # and no further


def test_a_value_that_was_refused_is_not_told_to_be_wrong_besides():
    assert lined(spoilt("severity: critical", "severity: *high")) == [(20, "alias")]


def test_the_first_of_two_fields_counts_and_what_is_in_the_second_is_no_third():
    skill = "skill: {text: Ten cans., valid_for_days: 1}\n"

    assert lined(skill + BY_HAND + skill) == [(32, "duplicate_key")]


@many
@given(st.text() | st.binary() | st.text("{}[]&*!|>'\"%@`-:,#? \n\tab0\\").map(lambda text: f"title: a\n{text}"))
def test_anything_is_a_procedure_or_refused_in_words(text):
    with pytest.raises(DocumentInvalid) as caught:
        read_yaml(text)
    assert all(isinstance(one, Problem) and one.message.encode() for one in caught.value.problems)


@pytest.mark.usefixtures("parser")
@settings(many, suppress_health_check=[*many.suppress_health_check, HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_with_one_character_changed_is_read_or_refused_with_lines(data):
    place = data.draw(st.integers(0, len(BY_HAND) - 1))
    sign = data.draw(st.sampled_from("{}[]&*!|>'\"%@`-:,#? \n\0\tab0\\\u2028é") | st.characters())
    problems: tuple[Problem, ...] = ()
    try:
        read_yaml(BY_HAND[:place] + sign + BY_HAND[place + 1 :])
    except DocumentInvalid as error:
        problems = error.problems
    assert all(one.line for one in problems)


def test_what_a_whole_document_lacks_has_a_line_too():
    assert lined("language: en\nsteps: [{id: a, text: b}]") == [(1, "missing"), (1, "missing")]
