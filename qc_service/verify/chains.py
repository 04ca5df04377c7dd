"""The chains of events, read from the first to the last: is any event missing, moved, added or changed?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from qc_service import audit
from qc_service.verify.findings import Finding, event_name
from qc_service.verify.images import parse, read_body
from qc_service.verify.snapshot import Row, Snapshot
from qc_service.verify.tally import Tally

_EVENTS = """
    SELECT stream, seq, id, site_id, type, recorded_at, actor, device_id, via, observed_at, body, prev, hash
    FROM event ORDER BY stream, seq"""
_HEAD = "SELECT seq, hash FROM stream_head WHERE stream = {}"
_HEADS = """
    SELECT stream, seq, hash FROM stream_head
    WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.stream = stream_head.stream) ORDER BY stream"""
_TIMES = (5, 9)  # places in an event's row
_WIDTH = len("2026-11-18T06:00:00.000000Z")


def check_streams(view: Snapshot, tally: Tally) -> Iterator[Finding]:
    """Walk every stream; what its events say of rows goes into the tally."""
    for stream, events in groupby(view.query(_EVENTS), key=itemgetter(0)):
        walk = _Walk(str(stream))
        tally.begin(walk.stream)
        for row in events:
            yield from walk.step(row, tally)
        yield from _check_head(view, stream, walk)
    for stream, seq, held in view.query(_HEADS):
        if (seq, held) != (0, audit.GENESIS):  # a stream that was locked and not yet written to
            words = f"all its events are missing: its head says there were {seq}"
            yield Finding.at(f"stream {stream}", "head", words)


def _check_head(view: Snapshot, stream: Any, walk: "_Walk") -> Iterator[Finding]:
    place = f"stream {walk.stream}"
    found = list(view.query(_HEAD.format(view.mark), stream))
    if not found:
        yield Finding.at(place, "head", f"it has events up to {walk.seq}, but its head is missing")
        return
    seq, held = found[0]
    if not isinstance(seq, int) or seq > walk.seq:
        words = f"its end is missing: the head says {seq} events, the last is {walk.seq}"
        yield Finding.at(place, "head", words)
    elif seq < walk.seq:
        yield Finding.at(place, "head", f"events after {seq} stand behind its end, up to {walk.seq}")
    elif held != walk.hash:
        yield Finding.at(place, "head", f"its head is not the hash of its last event, {seq}")


@dataclass
class _Walk:
    """How far a stream has been read, and the hash that its next event must name."""

    stream: str
    seq: int = 0
    hash: Any = audit.GENESIS

    def step(self, row: Row, tally: Tally) -> Sequence[Finding]:
        """Take the next event, and say what is wrong with it."""
        seq, body, prev, held = row[1], *row[10:]
        if not isinstance(seq, int):
            return [Finding.at(event_name(self.stream, seq), "order", "its number cannot be read")]
        fault = _take(seq, body, tally)
        wanted, before = self.seq + 1, self.hash
        self.seq, self.hash = seq, held
        sound = _recomputed(row) == held
        if sound and fault is None and seq == wanted and prev == before:
            return ()
        return list(self._faults(wanted, prev == before, sound, fault))

    def _faults(self, wanted: int, follows: bool, sound: bool, fault: str | None) -> Iterator[Finding]:  # noqa: FBT001
        place = event_name(self.stream, self.seq)
        if self.seq > wanted:
            missing = f"event {wanted} is" if self.seq == wanted + 1 else f"events {wanted} to {self.seq - 1} are"
            yield Finding.at(f"stream {self.stream}", "gap", f"{missing} missing")
        elif self.seq < wanted:
            yield Finding.at(place, "order", f"it stands behind event {wanted - 1}")
        elif not follows:
            last = f"event {wanted - 1}" if wanted > 1 else "the beginning of the stream"
            yield Finding.at(place, "order", f"it does not follow on {last}: it names another hash")
        if not sound:
            words = "it is not as it was recorded: its hash does not fit what it says"
            yield Finding.at(place, "hash", words)
        if fault:
            yield Finding.at(place, "body", fault)


def _take(seq: int, body: Any, tally: Tally) -> str | None:
    """Enter what an event says of rows; gives what is wrong with its body."""
    try:
        said, plain = read_body(body)
    except (ValueError, RecursionError) as error:
        return f"its body cannot be read: {error}"
    tally.say(seq, said)
    return None if plain else "its body is not in canonical form"


def _recomputed(row: Row) -> bytes | None:
    """The hash that the event's row should have; none where it holds what no event can."""
    times = [_short(row[place]) for place in _TIMES]
    head = [*row[:5], times[0], *row[6:9], times[1]]
    try:
        return audit.link(head, row[11], row[10])
    except (TypeError, ValueError):
        return None


def _short(fixed: Any) -> Any:
    """A stored time as `clock.iso` writes it; what is not as wide as the service makes it stays wrong."""
    if fixed is None:
        return None
    if not isinstance(fixed, str) or len(fixed) != _WIDTH:
        return ["not a time", str(fixed)]
    return f"{fixed[:-8]}Z" if fixed.endswith(".000000Z") else fixed


def said_of(view: Snapshot, stream: str, seq: int, table: str, key: str) -> dict[str, Any]:
    """What an event says of a row, the last time it names it."""
    statement = f"SELECT body FROM event WHERE stream = {view.mark} AND seq = {view.mark}"  # noqa: S608
    found: dict[str, Any] = {}
    for (body,) in view.query(statement, stream, seq):
        for name, which, content in read_body(body)[0]:
            if (name, which) == (table, key) and content is not None:
                found = parse(content)
    return found
