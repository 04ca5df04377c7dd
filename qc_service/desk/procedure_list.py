"""The list of procedures, put together from a fixed number of statements however many there are."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from qc_service.auth import Actor
from qc_service.desk.procedure_titles import titles
from qc_service.lines.models import Line
from qc_service.procedures import finding
from qc_service.procedures.models import (
    Procedure,
    ProcedureDecision,
    ProcedureDraft,
    ProcedureLine,
    ProcedurePublication,
    ProcedureVersion,
    StepReport,
)
from sops import versions
from sops.diff import ChangeClass
from sops.translations import texts
from sops.versions import Facts, Publication, State

PAGE = 40
WAITING = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SCHEDULED)
FILTERS = ("in_force", "draft", "in_review", "approved", "scheduled", "none")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for: a text, a state or "none" (nothing in force), a line's id; and their language."""

    text: str = ""
    state: str = ""
    line_id: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Brief:
    """A version without its text."""

    row: ProcedureVersion
    state: State
    publication: Publication | None
    change: ChangeClass  # as it was published; NONE before

    @property
    def number(self) -> int:
        return int(self.row.number)

    @property
    def since(self) -> datetime | None:
        return self.publication.effective_at if self.publication else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A procedure in the list, with the versions that the reader may see in the order of their numbers, and all."""

    procedure: Procedure
    versions: list[Brief]
    every: list[Brief]

    @property
    def in_force(self) -> list[Brief]:
        """Those in force, that of the widest variant first."""
        found = [one for one in self.versions if one.state is State.IN_FORCE]
        return sorted(found, key=lambda one: (bool(one.row.line_id), bool(one.row.site_id), one.number))

    @property
    def waiting(self) -> list[Brief]:
        return [one for one in self.versions if one.state in WAITING]

    @property
    def main(self) -> Brief | None:
        """The version that the list speaks of: the widest in force, else the last one that is under way."""
        return next(iter([*self.in_force, *reversed(self.waiting)]), None)


def entries(actor: Actor, asked: Asked, now: datetime) -> list[Entry]:
    """The procedures that the actor may read and that fit, by their codes."""
    query = Procedure.select().order_by(Procedure.code)
    sites = actor.sites_for("procedure.read")
    if sites is not None:
        query = query.where(Procedure.site_id.is_null() | Procedure.site_id.in_(list(sites)))
    if asked.line_id:
        query = query.where(
            Procedure.id.in_(
                ProcedureLine.select(ProcedureLine.procedure_id).where(ProcedureLine.line_id == asked.line_id)
            )
        )
    procedures = list(query)
    known = _versions(now, [one.id for one in procedures] if asked.line_id else None)
    found = [
        Entry(one, [brief for brief in known.get(one.id, ()) if _seen(actor, brief)], known.get(one.id, []))
        for one in procedures
    ]
    if asked.state:
        found = [one for one in found if _has(one, asked.state)]
    return _with_text(found, asked) if asked.text else found


def _has(entry: Entry, state: str) -> bool:
    return not entry.in_force if state == "none" else any(one.state.value == state for one in entry.versions)


def _versions(now: datetime, ids: Collection[str] | None) -> dict[str, list[Brief]]:
    """All versions by procedure, whoever asks."""
    table, published, decided = ProcedureVersion, ProcedurePublication, ProcedureDecision
    query = table.select().order_by(table.procedure_id, table.number)
    rows = list(query if ids is None else query.where(table.procedure_id.in_(list(ids))))
    shown = {row.version_id: row for row in published.select()}
    decisions: dict[str, list[ProcedureDecision]] = defaultdict(list)
    for one in decided.select(decided.version_id, decided.kind).order_by(decided.version_id, decided.number):
        decisions[one.version_id].append(one)
    told: dict[str, list[Publication]] = defaultdict(list)
    for row in rows:
        if row.id in shown:
            told[row.procedure_id].append(finding.as_publication(row, shown[row.id]))
    found: dict[str, list[Brief]] = defaultdict(list)
    for row in rows:
        state = versions.state(Facts(row.number, finding.stage_of(decisions[row.id])), told[row.procedure_id], now)
        mine = next((one for one in told[row.procedure_id] if one.version == row.number), None)
        change = ChangeClass(shown[row.id].change_class) if mine else ChangeClass.NONE
        found[row.procedure_id].append(Brief(row, state, mine, change))
    return found


def _seen(actor: Actor, one: Brief) -> bool:
    site_id = one.row.site_id
    if site_id is not None and not actor.sees(site_id):
        return False
    return one.state in finding.OPEN_TO_ALL or actor.may("procedure.read_drafts", site_id)


# --- looking for a text ---


def _with_text(found: Iterable[Entry], asked: Asked) -> list[Entry]:
    """Those whose code, title, also the reader's own, or any text that the reader may see holds what is looked for."""
    every = list(found)
    wanted, low = asked.text, asked.text.casefold()
    own = titles([one.procedure for one in every], asked.language)
    ids = [one.main.row.id for one in every if one.main is not None]
    inside = _containing(ids, wanted)
    return [
        one
        for one in every
        if low in one.procedure.code.casefold() or low in one.procedure.title.casefold()
        or low in own[one.procedure.id].casefold()
        or (one.main is not None and one.main.row.id in inside)
    ]  # fmt: skip


def _containing(version_ids: Collection[str], wanted: str) -> set[str]:
    """The versions in whose texts it stands; the database only narrows down what has to be read."""
    draft, written = ProcedureDraft, json.dumps(wanted, ensure_ascii=False)[1:-1]
    query = draft.select(draft.version_id, draft.document).where(
        draft.version_id.in_(list(version_ids)) & _is_last() & draft.document.contains(written)
    )
    low = wanted.casefold()
    return {
        row.version_id
        for row in query
        if any(low in text.casefold() for text in texts(json.loads(row.document)).values())
    }


def _is_last() -> Any:
    """A revision that none follows."""
    other = ProcedureDraft.alias()
    behind = other.select(peewee.SQL("1")).where(
        (other.version_id == ProcedureDraft.version_id) & (other.revision > ProcedureDraft.revision)
    )
    return ~peewee.fn.EXISTS(behind)


# --- what the page shows besides ---


def documents(version_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The document of each version."""
    draft = ProcedureDraft
    query = draft.select(draft.version_id, draft.document).where(draft.version_id.in_(list(version_ids)) & _is_last())
    return {row.version_id: json.loads(row.document) for row in query}


def open_reports(actor: Actor, procedure_ids: Collection[str]) -> Mapping[str, int]:
    """How many reports about steps wait for an answer, by procedure."""
    if not actor.may("report.read"):
        return {}
    report, sites = StepReport, actor.sites_for("report.read")
    here = report.procedure_id.in_(list(procedure_ids)) & (report.state == "open")
    if sites is not None:
        here &= report.site_id.in_(list(sites))
    query: Any = report.select(report.procedure_id, peewee.fn.COUNT(report.id)).where(here)
    return dict(query.group_by(report.procedure_id).tuples())


def lines_of(procedure_ids: Collection[str]) -> Mapping[str, list[Line]]:
    """The lines that work by each procedure."""
    found: dict[str, list[Line]] = defaultdict(list)
    rows = list(ProcedureLine.select().where(ProcedureLine.procedure_id.in_(list(procedure_ids))))
    lines = {row.id: row for row in Line.select().where(Line.id.in_([one.line_id for one in rows]))}
    for row in rows:
        found[row.procedure_id].append(lines[row.line_id])
    return found
