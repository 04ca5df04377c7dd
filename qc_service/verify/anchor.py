"""Anchors: what history amounted to at one moment, kept where nobody who can change the database can reach.

A text file: the date, a root hash, and a line for each stream with the number and the hash of its last event.
The root (the Merkle tree of RFC 6962 over those lines) is short enough for a mail or the foot of a printed
report; kept there, it proves that the file is the one that was written.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from qc_service import clock
from qc_service.verify.findings import Finding
from qc_service.verify.snapshot import Snapshot, snapshot

TITLE = "qc anchor 1"
_HEADS = "SELECT stream, seq, hash FROM stream_head WHERE seq > 0"
_LINES_OF_HEAD = 4
_WIDTH = 32  # bytes of a hash
_MOST_DIGITS = 18  # of a number that both engines can compare


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor as it was read. `fault` says why it is not one that was written by the service."""

    date: str = ""
    root: str = ""
    heads: tuple[tuple[str, int, str], ...] = ()
    fault: str | None = None


def write_anchor(target: str | Path | TextIO) -> str:
    """Write what history amounts to now, to a file or a stream; gives the root hash."""
    with snapshot() as view:
        lines = sorted(f"{stream} {seq} {bytes(held).hex()}" for stream, seq, held in view.query(_HEADS))
    root = _root_of(lines)
    head = [TITLE, f"date {clock.iso(clock.now())}", f"root {root}", f"streams {len(lines)}"]
    text = "".join(f"{line}\n" for line in (*head, *lines))
    if isinstance(target, str | Path):
        Path(target).write_text(text)
    else:
        target.write(text)
    return root


def read_anchor(path: str | Path) -> Anchor:
    """The anchor in a file; what is wrong with the file is said by the check."""
    try:
        return _read(Path(path).read_bytes().decode().removesuffix("\n").split("\n"))
    except ValueError:
        return Anchor(fault="the file is no anchor: it is not of the form that `qc audit anchor` writes")


def _read(lines: list[str]) -> Anchor:
    head, body = lines[:_LINES_OF_HEAD], lines[_LINES_OF_HEAD:]
    if len(head) < _LINES_OF_HEAD or head[0] != TITLE:
        raise ValueError(head)
    values = dict(line.split(" ", 1) for line in head[1:])
    if values.keys() != {"date", "root", "streams"}:
        raise ValueError(head)
    heads = tuple(_head(line) for line in body)
    fault = None
    if values["streams"] != str(len(body)) or values["root"] != _root_of(body):
        fault = "the file was changed after it was written: its root does not fit its lines"
    return Anchor(values["date"], values["root"], heads, fault)


def _head(line: str) -> tuple[str, int, str]:
    stream, seq, held = line.rsplit(" ", 2)
    if not seq.isdecimal() or len(seq) > _MOST_DIGITS or len(bytes.fromhex(held)) != _WIDTH:
        raise ValueError(line)
    return stream, int(seq), held


def check_anchor(view: Snapshot, anchor: Anchor) -> Iterator[Finding]:
    """Does history still contain every event that the anchor names, with the same hash?"""
    if anchor.fault:
        yield Finding.at("the anchor", "anchor", anchor.fault)
    event = f"SELECT hash FROM event WHERE stream = {view.mark} AND seq = {view.mark}"  # noqa: S608
    last = f"SELECT max(seq) FROM event WHERE stream = {view.mark}"  # noqa: S608
    for stream, seq, held in anchor.heads:
        place = f"stream {stream}"
        found = list(view.query(event, stream, seq))
        if not found:
            until = next(view.query(last, stream))[0] or 0
            words = f"history is shorter than the anchor of {anchor.date}"
            yield Finding.at(place, "anchor", f"{words}: that saw event {seq}, the last is {until}")
        elif found[0][0] != bytes.fromhex(held):
            words = f"history differs from the anchor of {anchor.date}: event {seq} has another hash"
            yield Finding.at(place, "anchor", words)


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root of RFC 6962, section 2.1: leaves and nodes are hashed apart, the left side is full."""
    if not leaves:
        return hashlib.sha256().digest()
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        level = above + level[len(above) * 2 :]  # one that is left over goes up as it is
    return level[0]


def _root_of(lines: Sequence[str]) -> str:
    return merkle_root([line.encode() for line in lines]).hex()
