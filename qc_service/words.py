"""Texts, numbers and times as each language writes them, for pages and for messages alike (no Flask in here)."""

import gettext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

LANGUAGES = ("en",)
CATALOGUES = Path(__file__).parent / "translations"


@lru_cache(maxsize=32)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", CATALOGUES, [language], fallback=True)


@dataclass(frozen=True, slots=True)
class Words:
    """One reader's language and zone. `say` translates; the others write numbers and times."""

    language: str = "en"
    zone: str = "UTC"

    def say(self, text: str, **values: Any) -> str:
        found = _catalogue(self.language).gettext(text)
        return found % values if values else found

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
        return format_decimal(round(value, digits), format=pattern, locale=self._locale) + "%"

    def percent_to(self, rate: float, decimals: int) -> str:
        """A percentage with so many decimals, as an axis needs it."""
        return self.number_to(rate * 100, decimals) + "%"

    def number_to(self, value: float, decimals: int) -> str:
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self._locale)

    def day(self, moment: datetime) -> str:
        return format_date(moment.astimezone(ZoneInfo(self.zone)), "d MMM", locale=self._locale)

    def moment(self, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(self.zone))
        return format_datetime(local, "d MMM yyyy HH:mm", locale=self._locale)

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)


ENGLISH = Words()
