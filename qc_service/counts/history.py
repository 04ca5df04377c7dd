"""A line's history of a measure: its lots in their one order, each with opportunities and events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service.counts.measures import Measure, numbers
from qc_service.counts.models import ProductionCount as Count

LotKey = tuple[datetime, str, str]  # period_end, source, external_id: the order of lots


@dataclass(frozen=True, slots=True)
class LotOfMeasure:
    """One production count that carries both numbers of a measure (n opportunities, d events)."""

    count_id: str
    revision: int
    source: str
    external_id: str
    period_start: datetime
    period_end: datetime
    n: int
    d: int
    lot: str | None = None
    open: bool = False  # events of this measure may still come: it is shown and not judged

    @property
    def key(self) -> LotKey:
        return (self.period_end, self.source, self.external_id)


def lots(
    line_id: str, measure: Measure, defect_code: str | None = None, *, condition: Any = None
) -> Iterator[LotOfMeasure]:
    """The lots of a line that carry the measure, oldest first."""
    query = Count.select().where((Count.line_id == line_id) & Count.is_lot)
    if condition is not None:
        query = query.where(condition)
    yield from _carrying(query.order_by(Count.period_end, Count.source, Count.external_id), measure, defect_code)


def open_lots(
    line_id: str, measure: Measure, defect_code: str | None, condition: Any, *, most: int | None = None
) -> list[LotOfMeasure]:
    """The lots whose numbers of the measure may still change, oldest first; of one that waits for nothing, none."""
    if not measure.settles_late:
        return []
    query = Count.select().where(
        (Count.line_id == line_id) & Count.is_lot & Count.open.is_null(is_null=False) & condition
    )
    query = query.order_by(Count.period_end, Count.source, Count.external_id).limit(most)
    return list(_carrying(query, measure, defect_code))


def last_lots_before(
    line_id: str, measure: Measure, defect_code: str | None, moment: datetime, most: int, not_before: datetime | None
) -> list[LotOfMeasure]:
    """The last `most` lots that ended by `moment`, oldest first, none that began before `not_before`."""
    query = Count.select().where((Count.line_id == line_id) & Count.is_lot & (Count.period_end <= moment))
    if not_before is not None:
        query = query.where(Count.period_start >= not_before)
    newest_first = query.order_by(Count.period_end.desc(), Count.source.desc(), Count.external_id.desc())
    found: list[LotOfMeasure] = []
    for lot in _carrying(newest_first, measure, defect_code):
        if len(found) >= most:
            break
        found.append(lot)
    return found[::-1]


def changed_after(line_id: str, seq: int, condition: Any) -> list[dict[str, Any]]:
    """Counts of a line that changed after an event's number, in the order of lots."""
    query = Count.select().where((Count.line_id == line_id) & (Count.changed_seq > seq) & condition)
    rows: Any = query.order_by(Count.period_end, Count.source, Count.external_id).dicts()
    return list(rows)


def as_lot(row: dict[str, Any], measure: Measure, defect_code: str | None) -> LotOfMeasure | None:
    found = numbers(measure, defect_code, row) if row["is_lot"] else None
    if found is None:
        return None
    return LotOfMeasure(
        row["id"], row["revision"], row["source"], row["external_id"], row["period_start"], row["period_end"],
        *found, row["lot"], measure.settles_late and bool(row["open"]),
    )  # fmt: skip


def _carrying(query: Any, measure: Measure, defect_code: str | None) -> Iterator[LotOfMeasure]:
    for row in query.dicts().iterator():
        lot = as_lot(row, measure, defect_code)
        if lot is not None:
            yield lot
