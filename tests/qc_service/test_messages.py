"""Every text that people read is there in every language, with all that it names, and marked so that it is found."""

import re

import pytest

from qc_service.errors import PROBLEMS
from qc_service.texts import Text
from qc_service.words import Words
from tests.messages import PLURALS, TRANSLATED, catalogue, entries, extract, forms, key, placeholders

FOUND = extract()
HINT = "run `python -m tests.messages`, then translate what it names in qc_service/translations"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_of_the_code_is_without_a_translation_and_no_translation_without_its_text(language):
    known = {text for text, entry in entries(language).items() if all(forms(entry))}

    assert sorted({key(message) for message in FOUND.places} - known) == [], HINT
    assert sorted(set(entries(language)) - {key(message) for message in FOUND.places}) == [], HINT


def test_a_text_is_written_out_where_it_is_said():
    assert FOUND.composed == [], "what is put together is found in no catalogue: name the parts as %(name)s"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_names_what_its_text_names(language):
    wrong = [
        (text, form)
        for text, entry in entries(language).items()
        for form in forms(entry)
        if placeholders(form) != placeholders(text)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_as_a_guess(language):
    assert [text for text, entry in entries(language).items() if entry.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_has_its_own_forms_for_numbers(language):
    number, rule = PLURALS[language]
    found = catalogue(language)

    assert (found.num_plurals, found.plural_expr.replace(" ", "")) == (number, rule.replace(" ", ""))
    assert {len(forms(entry)) for entry in entries(language).values() if not isinstance(entry.id, str)} == {number}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_begins_and_ends_as_its_text_does(language):
    """Parts of sentences are put together: blanks, commas and full stops are not for the translator to change."""

    def frame(text):
        return re.match(r"[\s,]*", text)[0], text[len(text.rstrip()) :], text.rstrip()[-1:] in ".:?!"

    wrong = [
        (text, form) for text, entry in entries(language).items() for form in forms(entry) if frame(form) != frame(text)
    ]
    assert wrong == []


def test_the_title_of_every_problem_can_be_translated():
    assert [code for code, (_, title) in PROBLEMS.items() if not isinstance(title, Text)] == []


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "1 line needs you.", "2 lines need you."), ("id", "1 lini memerlukan Anda.", "2 lini memerlukan Anda."),
        ("ca", "1 línia us necessita.", "2 línies us necessiten."),
        ("da", "1 linje har brug for dig.", "2 linjer har brug for dig."),
    ],
)  # fmt: skip
def test_numbers_bring_their_form(language, one, two):
    said = [Words(language).say_many("%(count)s line needs you.", "%(count)s lines need you.", n) for n in (1, 2)]

    assert said == [one, two]
