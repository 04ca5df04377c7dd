"""Lots that are put on hold by what is learnt of their inspections: by a worker, afterwards, once for each cause.

A lot that has left is not held any more. Many lots are held a part at a time, so that nobody waits for all of them.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.inspections.models import Inspection
from qc_service.lines.models import Line
from qc_service.lots import holds, measuring
from qc_service.lots.holds import Cause
from qc_service.lots.models import Lot
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import Issue, Ledger, ledger
from sops.diff import ChangeClass

MOST = 200  # lots in one transaction
GONE = ("void", "superseded")  # inspections that say nothing about their lot any more


def version_withdrawn(code: str, number: int) -> bool:
    """Hold what was inspected by a version that was withdrawn; True while there may be more."""
    book = _book(code)
    issue = _issue(book, number)
    if issue is None:
        return False
    return _hold(_cause("version_withdrawn", code, issue), [issue.version_id], None)


def version_superseded(code: str, number: int, now: datetime) -> datetime | bool:
    """Hold what was inspected before a version that changes what is safe came into force.

    True while there may be more, and the moment to come back at where that is still to come.
    """
    book = _book(code)
    issue = _issue(book, number)
    if issue is None or issue.change is not ChangeClass.SAFETY or not issue.publication.began:
        return False
    if issue.publication.effective_at > now:
        return issue.publication.effective_at
    earlier = [one.version_id for one in book.issues if _before(one, issue)]
    inspected = Inspection.select(Inspection.line_id).where(Inspection.version_id.in_(earlier)).distinct()
    there = [line.id for line in Line.select().where(Line.id.in_(inspected)) if _came(book, issue, line)]
    return _hold(_cause("version_superseded", code, issue), earlier, there)


def inspected(uuid: str, now: datetime) -> list[str]:
    """Hold the lot of an inspection for what was known of it, or learnt, before it was judged."""
    row: Inspection | None = Inspection.get_or_none(Inspection.uuid == uuid)
    if row is None or row.lot_id is None or row.state in GONE:
        return []
    lot: Lot = Lot.get_by_id(row.lot_id)
    if lot.shipped_at is not None:
        return []
    causes = [*_causes(row, now), *measuring.causes_for(uuid)]
    return [lot_id for cause in causes for lot_id in holds.hold_all(audit.SYSTEM, [lot], cause)]


def _causes(row: Inspection, now: datetime) -> list[Cause]:
    """What its version gives cause for."""
    if "version_withdrawn" in row.reasons:
        told = {"procedure": row.procedure_code, "version": row.version, "uuid": row.uuid}
        return [Cause("inspection", row.uuid, told)]
    if row.procedure_id is None or row.version_id is None or row.line_id is None:
        return []
    book, line = ledger(row.procedure_id, []), Line.get_by_id(row.line_id)
    own = next(one for one in book.issues if one.version_id == row.version_id)
    if own.publication.withdrawn(now):
        return [_cause("version_withdrawn", row.procedure_code, own)]
    return [
        _cause("version_superseded", row.procedure_code, one)
        for one in book.issues
        if one.change is ChangeClass.SAFETY and one.publication.began and one.publication.effective_at <= now
        and _before(own, one) and _came(book, one, line)
    ]  # fmt: skip


def _book(code: str) -> Ledger:
    return ledger(Procedure.get(Procedure.code == code).id, [])


def _issue(book: Ledger, number: int) -> Issue | None:
    """The version as it was published; None where it never was."""
    return next((one for one in book.issues if one.number == number), None)


def _before(one: Issue, other: Issue) -> bool:
    return one.publication.effective_at < other.publication.effective_at


def _came(book: Ledger, issue: Issue, line: Line) -> bool:
    """Did the version come into force on that line?"""
    there = book.in_force(line.site_id, line.id, issue.publication.effective_at)
    return there is not None and there.number == issue.number


def _cause(kind: str, code: str, issue: Issue) -> Cause:
    return Cause(kind, issue.version_id, {"procedure": code, "version": issue.number})


def _hold(cause: Cause, version_ids: Collection[str], line_ids: Collection[str] | None) -> bool:
    """Hold a part of the lots that were inspected by these versions on these lines, or on all."""
    inspections: Any = Inspection.select(Inspection.lot_id).where(
        Inspection.version_id.in_(list(version_ids)) & Inspection.lot_id.is_null(False) & Inspection.state.not_in(GONE)  # noqa: FBT003
    )
    wanted = Lot.id.in_(inspections) & Lot.shipped_at.is_null() & cause.unheld
    if line_ids is not None:
        wanted &= Lot.line_id.in_(list(line_ids))
    found = list(Lot.select().where(wanted).order_by(Lot.id).limit(MOST))
    holds.hold_all(audit.SYSTEM, found, cause)
    return len(found) == MOST
