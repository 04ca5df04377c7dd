"""The documents that a batch touches, on the desk while it is worked through: fetched once, changed, written once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qc_service.counts import rules
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.counts.rules import CountRow
from qc_service.db import new_id

_OWN = [name for name in CountRow.__slots__ if name not in ("site", "line", "defects")]


@dataclass(slots=True)
class Document:
    """One (source, external_id): its own content, and what it and its charges add up to."""

    id: str
    own: CountRow
    revision: int
    stored_line: str | None = None
    stored_period: tuple[datetime, datetime] | None = None
    created_at: datetime | None = None
    sums: dict[str, Any] | None = None
    pending: list[tuple[int, CountRow]] = field(default_factory=list)
    charges_before: str | None = None
    resummed: bool = False

    def revise(self, row: CountRow) -> None:
        self.own = row
        self.revision += 1
        self.pending.append((self.revision, row))

    def periods(self) -> list[tuple[datetime, datetime]]:
        """Its period now and, where it was stored, then."""
        now = (self.own.period_start, self.own.period_end)
        return [now] if self.stored_period is None else [now, self.stored_period]

    def standing(self, site_id: str, seq: int, now: datetime) -> dict[str, Any]:
        row = self.own
        return {
            "id": self.id, "site_id": site_id, "line_id": row.line, "source": row.source,
            "external_id": row.external_id, "external_version": row.external_version, "revision": self.revision,
            "product": row.product, "lot": row.lot, "period_start": row.period_start, "period_end": row.period_end,
            **(self.sums or {}), "charged_to": row.charged_to, "is_lot": row.charged_to is None,
            "changed_seq": seq, "created_at": self.created_at or now, "updated_at": now,
        }  # fmt: skip

    def new_revisions(self, site_id: str, now: datetime) -> Iterator[dict[str, Any]]:
        for revision, row in self.pending:
            values = {name: getattr(row, name) for name in _OWN}
            yield {
                **values, "open": row.open or None, "count_id": self.id, "revision": revision,
                "site_id": site_id, "line_id": row.line,
                "defects": None if row.defects is None else [list(entry) for entry in row.defects],
                "received_at": now,
            }  # fmt: skip


class Desk:
    """The documents of one site that a batch needs, found in a constant number of queries."""

    def __init__(self, site_id: str) -> None:
        self.site_id = site_id
        self._documents: dict[tuple[str, str], Document] = {}

    def fetch(self, names: Iterable[tuple[str, str]]) -> None:
        by_source: dict[str, set[str]] = defaultdict(set)
        for source, external_id in names:
            if (source, external_id) not in self._documents:
                by_source[source].add(external_id)
        for source, ids in by_source.items():
            self._load((ProductionCount.source == source) & ProductionCount.external_id.in_(sorted(ids)))

    def get(self, source: str, external_id: str) -> Document | None:
        return self._documents.get((source, external_id))

    def create(self, row: CountRow) -> Document:
        document = Document(new_id("cnt"), row, 1)
        document.pending.append((1, row))
        self._documents[row.source, row.external_id] = document
        return document

    def settle(self) -> None:
        """Add up again every document whose own content, or whose charges, have changed."""
        touched = {key for key, one in self._documents.items() if one.pending}
        targets = set(touched)
        for key in touched:
            one = self._documents[key]
            targets |= {(key[0], name) for name in (one.charges_before, one.own.charged_to) if name}
        self.fetch(targets)
        self._fetch_charges(targets)
        charges: dict[tuple[str, str], list[CountRow]] = defaultdict(list)
        for (source, _), one in sorted(self._documents.items()):
            if one.own.charged_to:
                charges[source, one.own.charged_to].append(one.own)
        for key in targets & self._documents.keys():
            self._add_up(key, charges[key])

    def _add_up(self, key: tuple[str, str], charges: list[CountRow]) -> None:
        one = self._documents[key]
        sums = rules.add_up(one.own, () if one.own.charged_to else charges)
        one.resummed = sums != one.sums
        one.sums = sums

    def changed(self) -> list[Document]:
        return [one for one in self._documents.values() if one.pending or one.resummed]

    def _fetch_charges(self, targets: Iterable[tuple[str, str]]) -> None:
        by_source: dict[str, set[str]] = defaultdict(set)
        for source, external_id in targets:
            by_source[source].add(external_id)
        for source, ids in by_source.items():
            self._load((ProductionCount.source == source) & ProductionCount.charged_to.in_(sorted(ids)))

    def _load(self, condition: Any) -> None:
        query = (
            ProductionCount.select(ProductionCount, CountRevision)
            .join(
                CountRevision,
                on=(CountRevision.count_id == ProductionCount.id)
                & (CountRevision.revision == ProductionCount.revision),
                attr="own",
            )
            .where((ProductionCount.site_id == self.site_id) & condition)
        )
        for stored in query:
            key = (stored.source, stored.external_id)
            if key not in self._documents:
                self._documents[key] = _document(stored)


def _document(stored: Any) -> Document:
    row = stored.own
    values = {name: getattr(row, name) for name in _OWN}
    defects = None if row.defects is None else tuple(tuple(entry) for entry in row.defects)
    values["open"] = bool(values["open"])
    own = CountRow(**values, line=row.line_id, defects=defects)
    return Document(
        stored.id, own, stored.revision, stored_line=stored.line_id,
        stored_period=(stored.period_start, stored.period_end), created_at=stored.created_at,
        sums={name: getattr(stored, name) for name in (*rules.QUANTITIES, "defects", "open")},
        charges_before=row.charged_to,
    )  # fmt: skip
