"""The chain of a stream for somebody who may read some of its events only: whole of those, hashes of the others.

An event's hash is over its head and its body's SHA-256, so that who holds no body can still recompute the chain.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from qc_service.audit import PLANT
from qc_service.packs import rules
from qc_service.packs.archive import Archive
from qc_service.verify.snapshot import Row, Snapshot

_EVENTS = """
    SELECT stream, seq, id, site_id, type, recorded_at, actor, device_id, via, observed_at, body, hash
    FROM event WHERE stream = {} ORDER BY seq"""
_HEAD = "SELECT seq, hash FROM stream_head WHERE stream = {}"
_HEAD_PARTS = 10

_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Proof:
    """The streams as they were written, and the rows whose newest event was not to be shown."""

    streams: list[tuple[str, str, int, str]] = field(default_factory=list)  # stream, file, number and hash at its end
    withheld: set[tuple[str, str]] = field(default_factory=set)
    shown: int = 0


class Prover:
    """Writes streams; `wanted` are the rows of the pack, `ours` the ids of what they are about."""

    def __init__(self, view: Snapshot, wanted: Collection[tuple[str, str]], ours: Collection[str]) -> None:
        self._view, self._wanted, self._ours = view, wanted, ours
        tables = "|".join(sorted({re.escape(table) for table, _ in wanted}))
        self._maybe = re.compile(rf'\["(?:{tables})","'.encode()) if tables else None
        self.proof = Proof()

    def write(self, archive: Archive, streams: Collection[str]) -> Proof:
        for number, stream in enumerate(sorted(streams), start=1):
            self._stream(archive, f"chain/{number}.jsonl", stream)
        return self.proof

    def _stream(self, archive: Archive, name: str, stream: str) -> None:
        view = self._view
        for seq, held in view.query(_HEAD.format(view.mark), stream):
            with archive.stream(name) as write:
                for row in view.query(_EVENTS.format(view.mark), stream):
                    write(self._event(row))
            self.proof.streams.append((stream, name, seq, bytes(held).hex()))

    def _event(self, row: Row) -> bytes:
        head = [*row[:_HEAD_PARTS]]
        head[5], head[9] = _time(row[5]), _time(row[9])
        body, held = bytes(row[10]), bytes(row[11]).hex()
        said = {"head": head, "hash": held}
        if self._shown(str(row[0]), body):
            return f"{_write({**said, 'body': body.decode(errors='replace')})}\n".encode()
        return f"{_write({**said, 'body_sha256': hashlib.sha256(body).hexdigest()})}\n".encode()

    def _shown(self, stream: str, body: bytes) -> bool:
        """Does the event touch what is in the pack? The plant's must not speak of anything else besides."""
        if self._maybe is None or not self._maybe.search(body):
            return False
        rows = list(_rows(body))
        touched = {(table, key) for table, key, _ in rows if (table, key) in self._wanted}
        if not touched:
            return False
        if stream == PLANT and not rules.only_about(rows, self._wanted, self._ours):
            self.proof.withheld |= touched
            return False
        self.proof.withheld -= touched
        self.proof.shown += 1
        return True


def _rows(body: bytes) -> Iterator[Any]:
    try:
        yield from json.loads(body)["rows"]
    except (ValueError, LookupError, TypeError):
        return  # it is damaged: the chain will say so


def _time(fixed: Any) -> Any:
    """A stored time as the chain has it: without a needless fraction."""
    return fixed if fixed is None else str(fixed).replace(".000000Z", "Z")
