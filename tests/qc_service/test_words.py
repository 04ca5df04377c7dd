"""Numbers, times and texts as each language writes them."""

from datetime import UTC, datetime

import pytest

from qc_service.texts import Text, later
from qc_service.words import LANGUAGES, Words, language_of

AFTERNOON = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "rate", "many", "moment", "day"),
    [
        ("en", "1.65%", "1,234.5", "21 Nov 2026 14:05", "21 Nov"),
        ("id", "1,65%", "1.234,5", "21 Nov 2026 14:05", "21 Nov"),
        ("ms", "1.65%", "1,234.5", "21 Nov 2026 14:05", "21 Nov"),
        ("ca", "1,65\N{NO-BREAK SPACE}%", "1.234,5", "21 de nov. 2026 14:05", "21 de nov."),
        ("fil", "1.65%", "1,234.5", "21 Nob 2026 14:05", "21 Nob"),
        ("da", "1,65\N{NO-BREAK SPACE}%", "1.234,5", "21. nov. 2026 14:05", "21. nov."),
    ],
)  # fmt: skip
def test_each_language_writes_numbers_and_times_its_own_way(language, rate, many, moment, day):
    words = Words(language)

    assert (words.percent(0.0165), words.number(1234.5)) == (rate, many)
    assert (words.moment(AFTERNOON), words.day(AFTERNOON)) == (moment, day)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clock_has_24_hours_in_every_language_and_zone(language):
    for hour in range(24):
        said = Words(language, "Asia/Kuala_Lumpur").moment(AFTERNOON.replace(hour=hour))
        assert said.endswith(f"{(hour + 8) % 24:02}:05"), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_something_that_happened_is_never_a_bare_zero_per_cent(language):
    assert Words(language).percent(0.0000004)[0:1] == "0"
    assert Words(language).percent(0.0000004).rstrip("%\N{NO-BREAK SPACE}") not in ("0", "0.0", "0,0", "0,00", "0.00")


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (["da-DK", "en"], "da"), (["de-DE", "ms-MY"], "ms"), (["tl"], "fil"), (["in-ID"], "id"), (["fil_PH"], "fil"),
        (["de"], "en"), ([], "en"), (["*"], "en"), (["CA"], "ca"),
    ],
)  # fmt: skip
def test_a_reader_gets_the_first_language_of_theirs_that_there_is(tags, language):
    assert language_of(tags) == language


def test_a_text_that_is_said_later_is_english_until_somebody_says_it():
    refusal = later("That needs one of the roles %(roles)s.", roles=(later("operator"), later("auditor")))

    assert isinstance(refusal, Text)
    assert refusal == "That needs one of the roles operator, auditor."
    assert Words("ms").say(refusal) == "Itu memerlukan salah satu peranan: operator, juruaudit."
    assert Words("en").say(refusal) == refusal


def test_what_is_in_no_catalogue_is_said_as_it_is():
    assert Words("da").say("100 % new wording") == "100 % new wording"
    assert Words("da").say("") == ""
