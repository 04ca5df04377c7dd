"""Procedures that come with the product, of ten trades and in six languages, to begin from.

A file `<code>.yaml` is a procedure in English, `<code>.<language>.yaml` its translation: each path with the text and
the `source_sha` of what it was made from. No second person has read the translations yet, so all are drafts. Limits are
examples, as every procedure says itself.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from sops.document import Document
from sops.files import read_yaml
from sops.translations import Translation

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Shipped:
    """One procedure of the library.

    code: capital letters, digits and hyphens, such as CAN-FILL. document: in normal form, written in English.
    translations: every text in every other language, as drafts.
    """

    code: str
    document: Document
    translations: tuple[Translation, ...]


def load() -> list[Shipped]:
    """Every procedure of the library, by code. Read anew each time, so that nobody changes another's."""
    texts = {one.name: one.read_text("utf-8") for one in files(__name__).iterdir() if one.name.endswith(".yaml")}
    codes = sorted(name.removesuffix(".yaml") for name in texts if name.count(".") == 1)
    return [
        Shipped(
            code,
            read_yaml(texts[f"{code}.yaml"]),
            tuple(
                one
                for name in sorted(texts)
                if name.startswith(f"{code}.") and name.count(".") == 2
                for one in _translations(texts[name])
            ),
        )
        for code in codes
    ]


def _translations(text: str) -> list[Translation]:
    found = yaml.load(text, Loader=_LOADER)  # noqa: S506 - one of the two safe loaders
    return [
        Translation(path, found["language"], one["text"], one["source"], "draft")
        for path, one in found["texts"].items()
    ]
