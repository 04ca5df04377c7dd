"""What an inspection is worth: its state, whether it counts, and whether it is a check by a second person.

Plain values in, plain values out. What was found about a record when it was judged (`Found`) stays; what depends on
others (who made the lot, who else looked at the unit, what people decided) is put beside it each time anew.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["accepted", "quarantined", "unconfirmed", "superseded", "void"]

# Why a record is as it is, in the order in which people are told. Beside each: the state that it leads to, or none.
REASONS: dict[str, State | None] = {
    "self_check": "quarantined",
    "version_withdrawn": "quarantined",
    "checks_changed": "quarantined",
    "disowned": "unconfirmed",
    "identity_unconfirmed": "unconfirmed",
    "not_qualified": "unconfirmed",
    "lot_shipped": "unconfirmed",
    "unit_unknown": "unconfirmed",
    "unmatched": "unconfirmed",
    "unknown_checks": "unconfirmed",
    "unknown_fields": "unconfirmed",
    "gauge_expired": "unconfirmed",
    "too_many_units": "unconfirmed",
    "correction_unconfirmed": "unconfirmed",
    "maker_unknown": None,
    "also_inspected": None,
    "incomplete": None,
    "deviation_missing": None,
    "old_version": None,
    "time_estimated": None,
    "media_pending": None,
}

# What a person may confirm with their word: afterwards the record stands as if it had not been found.
CONFIRMABLE = frozenset({
    "identity_unconfirmed", "not_qualified", "unknown_checks", "unknown_fields", "gauge_expired",
    "correction_unconfirmed", "lot_shipped", "unit_unknown",
})  # fmt: skip

BUCKETS = {
    "rework": "rework", "scrap": "scrap", "return": "scrap", "replace": "scrap", "hold": "hold",
    "use_as_is": "accepted",
}  # fmt: skip
"""Where the units of a disposition are counted; what is returned or replaced has left the lot, as scrap has."""

CLOCK_DOUBT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a record's standing depends on beside its own findings.

    made_by_inspector: None while nobody is known to have made the lot. first: no earlier record of the same units
    counts. decided: `confirmed`, `owned`, `disowned`, `superseded` or `void`, or nothing. strays: why the lot may not
    be the one that was inspected, `lot_shipped` or `unit_unknown`.
    """

    made_by_inspector: bool | None
    first: bool = True
    complete: bool = True
    decided: frozenset[str] = frozenset()
    strays: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    state: State
    reasons: tuple[str, ...]
    counts: bool


def stand(findings: Collection[str], around: Circumstances) -> Standing:
    """Where a record stands, why, and whether it enters the line's numbers."""
    strays = {"unmatched", *around.strays} if around.strays else set()
    reasons = strays | set(findings)
    if "confirmed" in around.decided:
        reasons = set(findings) - CONFIRMABLE
    if "owned" in around.decided:
        reasons.discard("identity_unconfirmed")
    if "disowned" in around.decided:
        reasons.add("disowned")
    if around.made_by_inspector:
        reasons.add("self_check")
    if around.made_by_inspector is None:
        reasons.add("maker_unknown")
    state = _state(reasons, around.decided)
    if state == "accepted" and not around.first:
        reasons.add("also_inspected")
    if state == "accepted" and not around.complete:
        reasons.add("incomplete")
    counts = state == "accepted" and around.first and around.complete
    return Standing(state, tuple(one for one in REASONS if one in reasons), counts)


def _state(reasons: Collection[str], decided: Collection[str]) -> State:
    if "void" in decided:
        return "void"
    if "superseded" in decided:
        return "superseded"
    led_to = {REASONS[one] for one in reasons}
    if "quarantined" in led_to:
        return "quarantined"
    return "unconfirmed" if "unconfirmed" in led_to else "accepted"


def second_person(state: str, reasons: Collection[str]) -> bool | None:
    """Is it a valid check by another person? None while nobody is known to have made the lot."""
    if state != "accepted":
        return False
    return None if "maker_unknown" in reasons else True


@dataclass(frozen=True, slots=True)
class Looked:
    """One record of a lot, for the question which of several counts.

    device, seq: the tablet and its number, where a time is only estimated and the number has to say what came first.
    """

    uuid: str
    happened_at: datetime
    units: int
    device: str | None = None
    seq: int | None = None


def in_order(records: Iterable[Looked]) -> list[Looked]:
    """The earliest first. None of a tablet's records happened after the one that it numbered next."""
    found = list(records)
    at: dict[str, datetime] = {}
    latest: dict[str, datetime] = {}
    numbered = [(one.device, one.seq, one) for one in found if one.device is not None and one.seq is not None]
    for device, _, one in sorted(numbered, key=lambda row: row[1], reverse=True):
        at[one.uuid] = latest[device] = min(one.happened_at, latest.get(device, one.happened_at))
    return sorted(found, key=lambda one: (at.get(one.uuid, one.happened_at), one.seq or 0, one.uuid))


def first_of(records: Iterable[Looked], quantity: int | None) -> set[str]:
    """Of valid records of the same units, those that count: the earliest, by the corrected time.

    quantity: how many units there are: 1 for a single unit, the lot's for the lot. Within a lot several people may
    each look at some units; once these are as many as there are, whoever looks next looks at the same ones again.
    None: nobody said how many, so all count.
    """
    counting, seen = set(), 0
    for one in in_order(records):
        if quantity is None or seen + one.units <= quantity:
            counting.add(one.uuid)
            seen += one.units
    return counting


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one inspection by what becomes of them; the four always add up to `inspected`."""

    inspected: int
    defective: int = 0
    rework: int = 0
    scrap: int = 0
    hold: int = 0

    @property
    def accepted(self) -> int:
        return self.inspected - self.rework - self.scrap - self.hold


STRICTEST = ("scrap", "hold", "rework", "accepted")


def units_of(inspected: int, dispositions: Sequence[tuple[str, int]]) -> Units | None:
    """Inspected units dealt out to what becomes of them; None where more do not conform than were inspected.

    A single unit may have several defects, and is one unit all the same: the strictest of what becomes of them holds.
    """
    if inspected == 1 and all(units == 1 for _, units in dispositions):
        buckets = {BUCKETS[disposition] for disposition, _ in dispositions}
        dispositions = [(one, 1) for one in STRICTEST if one in buckets][:1]
        return _dealt(inspected, dispositions)
    return _dealt(inspected, [(BUCKETS[disposition], units) for disposition, units in dispositions])


def _dealt(inspected: int, buckets: Sequence[tuple[str, int]]) -> Units | None:
    sums = dict.fromkeys(("rework", "scrap", "hold", "accepted"), 0)
    for bucket, units in buckets:
        sums[bucket] += units
    defective = sum(sums.values())
    if defective > inspected:
        return None
    return Units(inspected, defective, sums["rework"], sums["scrap"], sums["hold"])


def ahead(milliseconds: int | None) -> timedelta | None:
    return None if milliseconds is None else timedelta(milliseconds=milliseconds)


def happened(
    observed: datetime, received: datetime, offset: timedelta | None, *, jumped: bool
) -> tuple[datetime, bool]:
    """When it happened by our clock, and whether that is only estimated.

    observed: as the tablet's clock had it. offset: how far that clock was ahead of ours at the last contact.
    """
    corrected = observed - (offset or timedelta())
    doubtful = jumped or corrected > received + CLOCK_DOUBT or (offset is not None and abs(offset) > CLOCK_DOUBT)
    return min(corrected, received), doubtful


def defects(found: Iterable[tuple[str | None, int]]) -> list[dict[str, Any]]:
    """Units by defect code, of those that have one, in the order of the codes."""
    sums: dict[str, int] = {}
    for code, units in found:
        if code:
            sums[code] = sums.get(code, 0) + units
    return [{"code": code, "units": sums[code]} for code in sorted(sums)]


def changed_class(order: Mapping[str, int], confirmed: str, computed: str) -> str:
    """The heavier of two classes of change."""
    return max(confirmed, computed, key=lambda one: order[one])
