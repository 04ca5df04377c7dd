"""The languages that procedures are written and read in, and how a text or a number finds its language."""

from typing import Protocol

LANGUAGES = ("en", "id", "ms", "ca", "fil", "da")
"""ISO 639 codes, as documents and translations name them."""

NAMES = {
    "en": "English",
    "id": "Bahasa Indonesia",
    "ms": "Bahasa Melayu",
    "ca": "Català",
    "fil": "Filipino",
    "da": "Dansk",
}
"""Each language's name as its own speakers write it."""


class Say(Protocol):
    """Puts a text into the reader's language; `%(name)s` in it is then filled from `values`."""

    def __call__(self, text: str, /, **values: object) -> str: ...


class Number(Protocol):
    """Writes a decimal string as the reader's language does, with at least so many decimals."""

    def __call__(self, value: str, decimals: int | None = None, /) -> str: ...


def plain(text: str, /, **values: object) -> str:
    """The text as it stands, in English. A text without values may hold a bare per cent sign."""
    return text % values if values else text
