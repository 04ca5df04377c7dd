"""May a person work by a procedure at a place and a moment? Worked out anew each time; nothing of it is stored.

`may_perform` and `may_inspect` are what other slices ask. Each costs three statements, a fourth where the version
asks for a demonstrated skill, and one more for the first time that a process meets a version. Both answer with the
reasons why not, empty where the person may:

- `nothing_in_force`: no version of the procedure is in force there and then;
- `not_acknowledged`: the version in force, or an earlier one of which only wording was changed since, was not read
  and signed by then, and no grace is left;
- `skill_missing`, `skill_expired`: the version asks for a demonstrated skill, and another human being never saw it
  shown, or too long ago.

What somebody's role allows, and whether they still work here, is not asked here: `policy.py` and their session say it.
A human being with several accounts has read and shown what any of the accounts did.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

import peewee

from qc_service.config import Settings, SettingsError
from qc_service.lines.models import Line
from qc_service.people.models import Person
from qc_service.procedures.models import (
    Acknowledgement,
    ProcedureDraft,
    ProcedurePublication,
    ProcedureVersion,
    SkillRecord,
)
from sops import qualification as rule
from sops import versions
from sops.diff import ChangeClass, classify
from sops.qualification import Demonstration, Link, Standing
from sops.versions import Publication

NOTHING_IN_FORCE = "nothing_in_force"
NOT_ACKNOWLEDGED = "not_acknowledged"

GRACE_LONGEST = 24 * 366  # hours; whoever may go on for longer need not read at all

_grace = [timedelta(0)]


def init_qualification(settings: Settings) -> None:
    """Keep the period of grace for this process."""
    hours = settings.acknowledgement_grace_hours
    if hours > GRACE_LONGEST:
        raise SettingsError(f"QC_ACKNOWLEDGEMENT_GRACE_HOURS is {hours}; write {GRACE_LONGEST} at most")
    _grace[:] = [timedelta(hours=hours)]


@dataclass(frozen=True, slots=True)
class Issue:
    """A version as it was published."""

    version_id: str
    publication: Publication
    change: ChangeClass

    @property
    def number(self) -> int:
        return self.publication.version


@dataclass(frozen=True, slots=True)
class Verdict:
    """May somebody work there and then? `until` is the end of the period of grace, where that alone lets them."""

    reasons: tuple[str, ...]
    issue: Issue | None = None
    until: datetime | None = None

    @property
    def may(self) -> bool:
        return not self.reasons


def may_perform(person_id: str, procedure_id: str, line: Line | None, at: datetime) -> tuple[str, ...]:
    """Why this person may not make anything by the procedure on the line at that moment; empty: they may.

    Without a line: by the version for everybody.
    """
    return ledger(procedure_id, [person_id]).judge(person_id, *place_of(line), at).reasons


def may_inspect(person_id: str, procedure_id: str, line: Line | None, at: datetime) -> tuple[str, ...]:
    """Why this person may not check by the procedure's checklist; the same is asked of them as of who makes."""
    return may_perform(person_id, procedure_id, line, at)


def place_of(line: Line | None) -> tuple[str | None, str | None]:
    """A line's site and the line, as ids; without a line neither."""
    return (None, None) if line is None else (line.site_id, line.id)


class Ledger:
    """What was published of one procedure, and what some people did for it: to judge several places at once."""

    def __init__(self, procedure_id: str, person_ids: Collection[str]) -> None:
        self.issues = issued(procedure_id)
        self.links = chain(self.issues)
        self._procedure_id = procedure_id
        self._humans = humans(person_ids)
        self._read = _acknowledgements(procedure_id, self._humans)
        self._shown: dict[str, list[Demonstration]] | None = None

    def in_force(self, site_id: str | None, line_id: str | None, at: datetime) -> Issue | None:
        """The version in force at a place and a moment."""
        one = versions.in_force((issue.publication for issue in self.issues), site=site_id, line=line_id, at=at)
        return next((issue for issue in self.issues if one is not None and issue.number == one.version), None)

    def judge(self, person_id: str, site_id: str | None, line_id: str | None, at: datetime) -> Verdict:
        issue = self.in_force(site_id, line_id, at)
        return Verdict((NOTHING_IN_FORCE,)) if issue is None else self.judge_version(person_id, issue, at)

    def judge_version(self, person_id: str, issue: Issue, at: datetime) -> Verdict:
        skill = skill_of(issue.version_id)
        standing = Standing(self.acknowledgements(person_id), self._demonstrations(person_id) if skill else ())
        found = rule.qualification(issue.publication, skill, standing, self.links, at=at, grace=_grace[0])
        until = issue.publication.effective_at + _grace[0] if "grace" in found.notes else None
        return Verdict(found.reasons, issue, until)

    def known(self, person_id: str, but: int) -> int | None:
        """The version that a person acknowledged last, this one left out: what they know; None for none."""
        mine = [one for one in self.acknowledgements(person_id) if one.version != but]
        return max(mine, key=lambda one: (one.at, one.version)).version if mine else None

    def acknowledgements(self, person_id: str) -> tuple[rule.Acknowledgement, ...]:
        return tuple(self._read.get(self._humans[person_id], ()))

    def _demonstrations(self, person_id: str) -> tuple[Demonstration, ...]:
        if self._shown is None:
            self._shown = _demonstrations(self._procedure_id, self._humans)
        return tuple(self._shown.get(self._humans[person_id], ()))


def ledger(procedure_id: str, person_ids: Collection[str]) -> Ledger:
    return Ledger(procedure_id, person_ids)


# --- what was published ---


def issued(procedure_id: str) -> list[Issue]:
    """Every published version of a procedure, in the order of their numbers."""
    published, version = ProcedurePublication, ProcedureVersion
    query: Any = (
        published.select(
            version.id, version.number, version.site_id, version.line_id, published.effective_at,
            published.withdrawn_at, published.gives_way, published.change_class,
        )
        .join(version, on=(version.id == published.version_id))
        .where(published.procedure_id == procedure_id)
        .order_by(version.number)
    )  # fmt: skip
    return [
        Issue(
            version_id,
            Publication(
                version=number, site=site, line=line, effective_at=effective_at, withdrawn_at=withdrawn_at,
                gives_way=bool(gives_way),
            ),
            ChangeClass(change),
        )
        for version_id, number, site, line, effective_at, withdrawn_at, gives_way, change in query.tuples()
    ]  # fmt: skip


def chain(issues: Iterable[Issue]) -> tuple[Link, ...]:
    """From which version each one took over: within a variant, in the order in which they came into force."""
    found: list[Link] = []
    began = [issue for issue in issues if issue.publication.began]
    began.sort(key=lambda issue: (issue.publication.variant, issue.publication.effective_at, issue.number))
    for variant, of_variant in groupby(began, key=lambda issue: issue.publication.variant):
        previous: Issue | None = None
        for issue in of_variant:
            before = None if previous is None else previous.number
            found.append(Link(issue.number, variant, before, _change(previous, issue)))
            previous = issue
    return tuple(found)


def _change(previous: Issue | None, issue: Issue) -> ChangeClass:
    """What was confirmed when it was published; more, where a version that was published later came in between."""
    if previous is None or issue.change not in rule.CARRIES:
        return issue.change
    return max(issue.change, _computed(previous.version_id, issue.version_id), key=lambda one: one.rank)


@lru_cache(maxsize=4096)
def _computed(first: str, second: str) -> ChangeClass:
    return classify(document_of(first), document_of(second))


@lru_cache(maxsize=32)
def document_of(version_id: str) -> dict[str, Any]:
    """The document of a published version, which never changes; not to be changed by whoever asks either."""
    query = ProcedureDraft.select(ProcedureDraft.document).where(ProcedureDraft.version_id == version_id)
    document: dict[str, Any] = json.loads(query.order_by(ProcedureDraft.revision.desc()).limit(1).scalar())
    return document


@lru_cache(maxsize=1024)
def skill_of(version_id: str) -> dict[str, Any] | None:
    """The demonstrated skill that a published version asks for, if any."""
    skill: dict[str, Any] | None = document_of(version_id).get("skill")
    return skill


# --- what people did ---


def humans(person_ids: Collection[str]) -> dict[str, str]:
    """Every account of the human beings whose accounts these are, each with the human being."""
    if not person_ids:
        return {}
    of_them = Person.select(peewee.fn.COALESCE(Person.human_id, Person.id)).where(Person.id.in_(list(person_ids)))
    query: Any = Person.select(Person.id, Person.human_id).where(Person.id.in_(of_them) | Person.human_id.in_(of_them))
    return {account: human or account for account, human in query.tuples()}


def _acknowledgements(procedure_id: str, accounts: dict[str, str]) -> dict[str, list[rule.Acknowledgement]]:
    """By human being. It counts for whom it was signed as, and for whoever the account is found to be."""
    if not accounts:
        return {}
    table, version, ids = Acknowledgement, ProcedureVersion, list(accounts)
    query: Any = (
        table.select(table.person_id, table.human_id, table.at, version.number)
        .join(version, on=(version.id == table.version_id))
        .where((version.procedure_id == procedure_id) & (table.person_id.in_(ids) | table.human_id.in_(ids)))
        .order_by(table.at, table.id)
    )
    found: dict[str, list[rule.Acknowledgement]] = {}
    for person_id, human_id, at, number in query.tuples():
        for human in {accounts[one] for one in (person_id, human_id) if one in accounts}:
            found.setdefault(human, []).append(rule.Acknowledgement(number, at))
    return found


def _demonstrations(procedure_id: str, accounts: dict[str, str]) -> dict[str, list[Demonstration]]:
    """By human being. What one's own other account turns out to have confirmed counts for nothing."""
    table = SkillRecord
    query: Any = table.select(table.person_id, table.confirmed_by, table.shown_at).where(
        (table.procedure_id == procedure_id) & table.person_id.in_(list(accounts))
    )
    found: dict[str, list[Demonstration]] = {}
    for person_id, confirmed_by, shown_at in query.order_by(table.shown_at, table.id).tuples():
        if accounts.get(confirmed_by) != accounts[person_id]:
            found.setdefault(accounts[person_id], []).append(Demonstration(shown_at))
    return found
