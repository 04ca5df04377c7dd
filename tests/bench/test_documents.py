"""What it costs to read a procedure, and to refuse what is none: beside hashing as many bytes once."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sops
from sops.document import normal
from sops.errors import DocumentInvalid
from sops.files import read_yaml, write_yaml
from sops.workbook import read_xlsx, write_xlsx
from tests.bench.table import Table, in_turn, share
from tests.sops.small import SMALL

pytestmark = pytest.mark.bench

LARGE = 50_000_000
CAN = Path(sops.__file__).parent / "library" / "CAN-FILL.yaml"


def refuse(read: Callable[[], Any]) -> None:
    with pytest.raises(DocumentInvalid):
        read()


def test_refusing_50_mb(table: Table) -> None:
    text = "title: a\n" * (LARGE // 9)
    data = text.encode()
    archive = b"PK\3\4" + data
    ways: dict[str, Callable[[], Any]] = {
        "YAML": lambda: read_yaml(text),
        "a document": lambda: normal({**SMALL, "purpose": text}),
        "XLSX": lambda: read_xlsx(archive),
    }
    for name, read in ways.items():
        pair = in_turn(lambda read=read: refuse(read), lambda: hashlib.sha256(data).digest() and None, 5)
        ours = f"{share(pair.one, 0.5) * 1000:.2f} ms"
        beside = f"{share(pair.other, 0.5) * 1000:.0f} ms to hash it"
        table.add(f"refusing 50 MB as {name}", ours, beside, pair.ratio, target="well under 1 s")


def test_reading_a_procedure(table: Table) -> None:
    document = read_yaml(CAN.read_bytes())
    text, sheets = write_yaml(document), write_xlsx(document, [])
    ways: dict[str, Callable[[], Any]] = {"YAML": lambda: read_yaml(text), "XLSX": lambda: read_xlsx(sheets)}
    for name, read in ways.items():
        pair = in_turn(lambda read=read: read() and None, lambda: normal(document) and None, 9)
        ours, beside = (f"{share(times, 0.5) * 1000:.1f} ms" for times in (pair.one, pair.other))
        table.add(f"reading a procedure from {name}", ours, f"{beside} for its normal form", pair.ratio)
