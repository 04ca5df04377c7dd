"""Inspections as production counts of their line: one count a lot, revised whenever what counts has changed.

Units are inspected once: what is inspected again after rework adds nothing. A record that stops counting takes its
units out again, whoever or whatever was the reason.
"""

from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.counts import service as counts
from qc_service.counts.rules import OWN_SOURCE, CountRow
from qc_service.inspections import rules
from qc_service.inspections.models import CountedInspection, Inspection, Nonconformity
from qc_service.lots.models import Lot, WorkOrder


def recount(author: audit.Author, lot: Lot) -> None:
    """Bring the lot's count to what its counting inspections add up to. The line's stream is locked by the caller."""
    row = count_of(lot)
    if row is not None:
        counts.record_own(author, lot.site_id, row)


def count_of(lot: Lot) -> CountRow | None:
    """What the lot's inspections add up to; quantities are unknown where none counts any more, None for none ever."""
    counting = _rows(lot, counted=True)
    inspected, defective, reworked, start, end = (
        counting.select(
            fn.SUM(Inspection.units_inspected), fn.SUM(Inspection.units_defective), fn.SUM(Inspection.rework),
            fn.MIN(Inspection.happened_at), fn.MAX(Inspection.happened_at),
        )
        .tuples()
        .get()
    )  # fmt: skip
    if start is None:
        start, end = (
            _rows(lot, counted=False)
            .select(fn.MIN(Inspection.happened_at), fn.MAX(Inspection.happened_at))
            .tuples()
            .get()
        )
    if start is None or (inspected is None and not counts.has_own(lot.site_id, lot.id)):
        return None
    order = WorkOrder.get_by_id(lot.work_order_id).code if lot.work_order_id else None
    return CountRow(
        source=OWN_SOURCE, external_id=lot.id, line=lot.line_id, period_start=_moment(start), period_end=_moment(end),
        product=lot.product, lot=lot.code, total=_whole(inspected), reworked=_whole(reworked),
        inspected=_whole(inspected), defective=_whole(defective),
        defects=_defects(lot) if inspected is not None else None, work_order=order,
    )  # fmt: skip


def _rows(lot: Lot, *, counted: bool) -> Any:
    query = Inspection.select()
    if counted:
        query = query.join(CountedInspection, on=(CountedInspection.uuid == Inspection.uuid))
    return query.where((Inspection.lot_id == lot.id) & (Inspection.round == 1))


def _defects(lot: Lot) -> Any:
    query: Any = (
        Nonconformity.select(Nonconformity.defect_code, fn.SUM(Nonconformity.units), Inspection.units_inspected)
        .join(Inspection, on=(Inspection.uuid == Nonconformity.uuid))
        .join(CountedInspection, on=(CountedInspection.uuid == Inspection.uuid))
        .where((Inspection.lot_id == lot.id) & (Inspection.round == 1))
        .group_by(Nonconformity.uuid, Nonconformity.defect_code, Inspection.units_inspected)
    )
    # a single unit that two checks found to leak is one that leaks
    found = rules.defects((code, min(int(units), inspected)) for code, units, inspected in query.tuples())
    return tuple((one["code"], one["units"], None, None) for one in found) or None


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _moment(value: Any) -> Any:
    return Inspection.happened_at.python_value(value)
