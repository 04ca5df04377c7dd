"""The baseline of a fix: its lots as they were when the fix was declared, and whether they still are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service.clock import iso, parse
from qc_service.counts.history import LotOfMeasure, last_lots_before
from qc_service.counts.measures import MEASURES
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import Lot

DEFAULT_LOTS = 60
MOST_LOTS = 1000


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A lot left out of the baseline, by its external id (of one source, or of any), with the reason."""

    external_id: str
    source: str | None = None
    why: str | None = None

    def covers(self, lot: LotOfMeasure) -> bool:
        return lot.external_id == self.external_id and self.source in (None, lot.source)


def collect(
    line_id: str,
    measure_code: str,
    defect_code: str | None,
    moment: datetime,
    not_before: datetime | None,
    most: int,
    exclude: Sequence[Exclusion],
) -> list[dict[str, Any]]:
    """The lots before the fix, oldest first, those left out marked with their reason."""
    found = last_lots_before(line_id, MEASURES[measure_code], defect_code, moment, most, not_before)
    return [_entry(lot, next((one for one in exclude if one.covers(lot)), None)) for lot in found]


def _entry(lot: LotOfMeasure, exclusion: Exclusion | None) -> dict[str, Any]:
    return {
        "count_id": lot.count_id, "revision": lot.revision, "source": lot.source, "external_id": lot.external_id,
        "period_start": iso(lot.period_start), "period_end": iso(lot.period_end), "n": lot.n, "d": lot.d,
        "excluded": exclusion is not None or lot.open, "why": exclusion.why if exclusion else None,
        **({"open": True} if lot.open else {}),
    }  # fmt: skip


def unmatched(entries: Iterable[Mapping[str, Any]], exclude: Iterable[Exclusion]) -> list[str]:
    """What was to be left out and is no lot of the baseline: a slip of the pen, or a lot of another time."""
    names = {(entry["source"], entry["external_id"]) for entry in entries}
    ids = {external_id for _, external_id in names}
    return [
        one.external_id
        for one in exclude
        if (one.source, one.external_id) not in names and not (one.source is None and one.external_id in ids)
    ]


def used(entries: Iterable[Mapping[str, Any]]) -> list[Lot]:
    return [Lot(entry["n"], entry["d"]) for entry in entries if not entry["excluded"]]


def ended(entries: Iterable[Mapping[str, Any]]) -> list[datetime]:
    """When each lot that is used ended."""
    return [parse(entry["period_end"]) for entry in entries if not entry["excluded"]]


def changes(fix: Fix, not_before: datetime | None) -> list[dict[str, Any]]:
    """What is different from the frozen baseline now: lots that were corrected, went away or arrived late."""
    frozen = {entry["count_id"]: entry for entry in fix.baseline["lots"]}
    most = fix.baseline["asked"]
    now = collect(fix.line_id, fix.measure, fix.defect_code, fix.in_effect_at, not_before, most, ())
    current = {entry["count_id"]: entry for entry in now}
    found = [
        {"external_id": entry["external_id"], "what": "corrected" if count_id in current else "gone"}
        for count_id, entry in frozen.items()
        if not _same(entry, current.get(count_id))
    ]
    first = min((entry["period_end"] for entry in frozen.values()), default="")
    full = len(frozen) >= most
    arrived = [
        {"external_id": entry["external_id"], "what": "arrived"}
        for count_id, entry in current.items()
        if count_id not in frozen and not (full and entry["period_end"] < first)
    ]
    return found + arrived


def _same(frozen: Mapping[str, Any], current: Mapping[str, Any] | None) -> bool:
    names = ("n", "d", "period_end", "open")
    return current is not None and all(frozen.get(name) == current.get(name) for name in names)
