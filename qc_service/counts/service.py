"""Recording production counts: a batch of rows becomes revisions of documents, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.audit import Author
from qc_service.auth import Actor
from qc_service.clock import iso
from qc_service.counts import rules
from qc_service.counts.documents import Desk, Document
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.counts.rules import CountRow, RowRefused
from qc_service.db import db, write
from qc_service.errors import FieldProblem, Invalid, QCError
from qc_service.lines import service as lines
from qc_service.texts import later

ACTION = "count.record"


@dataclass(slots=True)
class Result:
    """What became of one row of a batch."""

    line: int
    external_id: str | None
    status: str = "rejected"
    id: str | None = None
    revision: int | None = None
    error: QCError | None = None


@dataclass(slots=True)
class _Entry:
    result: Result
    row: CountRow
    line: Any  # with its site joined


def record_counts(
    actor: Actor, rows: Sequence[tuple[int, Any]], now: datetime, *, dry_run: bool = False
) -> list[Result]:
    """Record a batch of (line number, JSON value or error); every row has its result, good ones are kept.

    With `dry_run` everything is done and taken back.
    """
    results: list[Result] = []
    read: list[tuple[Result, CountRow]] = []
    for number, raw in rows:
        result = Result(number, _external_id(raw))
        results.append(result)
        try:
            if isinstance(raw, QCError):
                raise raw
            read.append((result, rules.read_row(raw, now)))
        except RowRefused as refused:
            result.error = _refusal(refused)
        except QCError as error:
            result.error = error
    with write(), db.atomic() as savepoint:
        _apply(actor, _resolve(actor, read), now)
        if dry_run:
            savepoint.rollback()
            for result in results:
                result.id = None if result.status == "created" else result.id
    return results


def _external_id(raw: Any) -> str | None:
    found = raw.get("external_id") if isinstance(raw, dict) else None
    return found if isinstance(found, str) else None


def _refusal(refused: RowRefused) -> Invalid:
    return Invalid(*[FieldProblem(*problem) for problem in refused.problems])


def _resolve(actor: Actor, read: Iterable[tuple[Result, CountRow]]) -> list[_Entry]:
    """Each row with its line; a row of an unknown line, or of a product that may not be made here, is refused."""
    read = list(read)
    found = lines.find_lines(actor, ACTION, {(row.site, row.line) for _, row in read})
    entries = []
    for result, row in read:
        line = found[row.site, row.line]
        if isinstance(line, QCError):
            result.error = line
        else:
            entries.append(_Entry(result, replace(row, line=line.id), line))
    return _known_products(entries)


def _known_products(entries: list[_Entry]) -> list[_Entry]:
    closed: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.row.product is not None and not entry.line.site.creates:
            closed[entry.line.site_id].add(entry.row.product)
    unknown = {site: lines.unknown_products(site, codes) for site, codes in closed.items()}
    kept = []
    for entry in entries:
        if entry.row.product in unknown.get(entry.line.site_id, ()):
            text = later(
                "No product %(code)s, and this site creates none by itself: create it first.",
                code=repr(entry.row.product),
            )
            entry.result.error = Invalid(FieldProblem("/product", "unknown_ref", text), code="unknown_ref")
        else:
            kept.append(entry)
    return kept


def _apply(actor: Actor, entries: list[_Entry], now: datetime) -> None:
    """Everything of a site is recorded by one writer at a time, so that two batches cannot both create a document."""
    by_site: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        by_site[entry.line.site_id].append(entry)
    audit.lock_streams(audit.stream_of(site) for site in by_site)
    for site_id in sorted(by_site):
        mine = by_site[site_id]
        desk = Desk(site_id)
        desk.fetch((entry.row.source, entry.row.external_id) for entry in mine)
        for entry in mine:
            _take(desk, entry)
        desk.settle()
        products = {entry.row.product for entry in mine if entry.row.product and entry.result.error is None}
        lines.ensure_products(actor.author, site_id, products, now)
        _write(actor.author, site_id, desk, now)


def record_own(author: Author, site_id: str, row: CountRow) -> None:
    """Record what the service itself counted, in the running transaction; `line` is the line's id.

    Whoever calls it holds the line's stream, and is alone in writing this document.
    """
    now = db.obj.now()
    desk = Desk(site_id)
    desk.fetch([(row.source, row.external_id)])
    document = desk.get(row.source, row.external_id)
    if document is None:
        desk.create(row)
    elif rules.outcome(row, document.own) == "updated":
        document.revise(row)
    desk.settle()
    _write(author, site_id, desk, now)


def has_own(site_id: str, external_id: str) -> bool:
    """Did the service count this before?"""
    mine = (ProductionCount.source == rules.OWN_SOURCE) & (ProductionCount.external_id == external_id)
    return bool(ProductionCount.select().where((ProductionCount.site_id == site_id) & mine).exists())


def _take(desk: Desk, entry: _Entry) -> None:
    row, result = entry.row, entry.result
    document = desk.get(row.source, row.external_id)
    outcome = rules.outcome(row, document.own if document else None)
    if outcome == "created":
        document = desk.create(row)
    elif outcome == "updated" and document is not None:
        document.revise(row)
    assert document is not None  # noqa: S101 - only "created" finds none
    result.id, result.revision = document.id, document.revision
    if outcome == "conflict":
        text = later("This version is stored with other content: send the change under a newer external_version.")
        result.error = Invalid(FieldProblem("/external_version", "revision_conflict", text), code="revision_conflict")
    else:
        result.status = outcome


def _write(author: Author, site_id: str, desk: Desk, now: datetime) -> None:
    """One event a line: its new revisions and its documents as they now stand."""
    by_line: dict[str, list[Document]] = defaultdict(list)
    left: dict[str, list[Document]] = defaultdict(list)
    for document in desk.changed():
        by_line[document.own.line].append(document)
        if document.stored_line not in (None, document.own.line):
            left[str(document.stored_line)].append(document)
    for line_id in sorted({*by_line, *left}):
        kind = "counts.recorded" if by_line[line_id] else "counts.moved"
        data = {"line_id": line_id, "moved_away": bool(left[line_id]), **_span([*by_line[line_id], *left[line_id]])}
        with audit.change(author, kind, site_id=site_id, line_id=line_id, data=data) as change:
            for document in left[line_id]:
                change.release(ProductionCount, {"id": document.id})
            mine = by_line[line_id]
            standing = [document.standing(site_id, change.seq, now) for document in mine]
            change.insert_many(ProductionCount, standing, replace=True)
            change.insert_many(
                CountRevision, [row for document in mine for row in document.new_revisions(site_id, now)]
            )


def _span(documents: list[Document]) -> dict[str, str]:
    """From when to when the changed counts reach, before and after it: whoever watches another time can rest."""
    periods = [period for document in documents for period in document.periods()]
    return {"from": iso(min(start for start, _ in periods)), "to": iso(max(end for _, end in periods))}
