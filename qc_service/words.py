"""Texts, numbers and times as each language writes them, for pages and for messages alike (no Flask in here)."""

import gettext
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from qc_service.texts import Text
from sops.languages import LANGUAGES, NAMES

__all__ = ["CATALOGUES", "ENGLISH", "LANGUAGES", "NAMES", "Words", "language_of"]

CATALOGUES = Path(__file__).parent / "translations"
_ELDER_NAMES = {"in": "id", "tl": "fil", "may": "ms", "msa": "ms", "zsm": "ms", "ind": "id", "cat": "ca", "dan": "da"}

_DAYS = {"da": "d. LLL", "ca": "d MMM"}


@lru_cache(maxsize=32)
def _catalogue(language: str) -> gettext.NullTranslations:
    """The texts in one language, read from the file that translators edit: about 40 ms, once for each process."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language_of(tags: Iterable[str]) -> str:
    """The first of these language tags that the service speaks, English where it speaks none: `da-DK` is `da`."""
    for tag in tags:
        main = tag.replace("_", "-").split("-")[0].lower()
        main = _ELDER_NAMES.get(main, main)
        if main in LANGUAGES:
            return main
    return "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One reader's language and zone. `say` translates; the others write numbers and times."""

    language: str = "en"
    zone: str = "UTC"

    def say(self, text: str, /, **values: Any) -> str:
        pattern: str = text
        if isinstance(text, Text):
            pattern, values = text.pattern, {**text.values, **values}
        found = _catalogue(self.language).gettext(pattern) if pattern else pattern
        return found % {name: self._said(value) for name, value in values.items()} if values else found

    def _said(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return ", ".join(str(self._said(one)) for one in value)
        return self.say(value) if isinstance(value, Text) else value

    def say_many(self, one: str, many: str, count: int) -> str:
        """The form that goes with a number, which the text names as %(count)s."""
        return _catalogue(self.language).ngettext(one, many, count) % {"count": self.number(count)}

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._locale)

    def percent(self, rate: float | None) -> str:
        """Three figures that matter, and never a bare 0 % for something that happened: 21.5%, 1.65%, 0.04%."""
        if rate is None:
            return "–"
        value = rate * 100
        digits = 0 if value == 0 else 1 if value >= 10 else 2
        while 0 < value < 0.5 * 10 ** -(digits - 1) and digits < 6:
            digits += 1
        pattern = "0." + "0" + "#" * (digits - 1) if digits else "0"
        return format_decimal(round(value, digits), format=pattern, locale=self._locale) + self.percent_sign

    def percent_to(self, rate: float, decimals: int) -> str:
        """A percentage with so many decimals, as an axis needs it."""
        return self.number_to(rate * 100, decimals) + self.percent_sign

    @property
    def percent_sign(self) -> str:
        """With the no-break space before it where the language has one."""
        suffix: str = self._locale.percent_formats[None].suffix[0]
        return suffix.replace(" ", "\u00a0")

    def number_to(self, value: float, decimals: int) -> str:
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self._locale)

    def day(self, moment: datetime) -> str:
        return format_date(moment.astimezone(ZoneInfo(self.zone)), self._day, locale=self._locale)

    def moment(self, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(self.zone))
        return format_datetime(local, f"{self._day} yyyy HH:mm", locale=self._locale)

    @property
    def _day(self) -> str:
        """Day and month; the clock is one of 24 hours in every language."""
        return _DAYS.get(self.language, "d LLL")

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)


ENGLISH = Words()
