"""What a record says, read once: its envelope as it was accepted, and what can be found of what it names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qc_service.inspections import pictures, rules
from qc_service.inspections.models import InspectionMatch, InspectionRecord
from qc_service.inspections.schemas import InspectionIn, NonconformityIn
from qc_service.lines.models import Line
from qc_service.lots import measuring
from qc_service.lots import service as lots
from qc_service.lots.models import Lot
from qc_service.people import staff
from qc_service.people.models import Person, RoleGrant
from qc_service.policy import POLICY
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import Issue, Ledger, document_of, ledger
from sops import checklist
from sops.diff import ChangeClass, changed_checks, classify
from sops.versions import LATE

_ENVELOPE, _PART = InspectionIn(), NonconformityIn()


@dataclass
class Read:
    """A record with what it names, where that is known, and what was found to be wrong or doubtful about it."""

    record: InspectionRecord
    told: Mapping[str, Any]
    happened_at: datetime
    attestation: str
    lot: Lot | None = None
    line: Line | None = None
    person: Person | None = None
    procedure: Procedure | None = None
    issue: Issue | None = None
    result: checklist.Result | None = None
    findings: set[str] = field(default_factory=set)
    missing: tuple[str, ...] = ()  # of a record by an old version: the checks that are new or changed
    gauges: Sequence[measuring.Use] = ()

    @property
    def at_latest(self) -> datetime:
        """Clocks differ, and many write whole seconds: what came to be a moment later was there already."""
        received: datetime = self.record.received_at
        return min(self.happened_at + LATE, max(received, self.happened_at))

    @property
    def document(self) -> Mapping[str, Any]:
        return document_of(self.issue.version_id) if self.issue else {}


def envelope(body: bytes) -> dict[str, Any]:
    """The record as its schema reads it; it was accepted once, so it is accepted now."""
    told: dict[str, Any] = _ENVELOPE.load(known(json.loads(body)))
    return told


def known(said: Any) -> Any:
    """It without the fields of which this release does not know what they mean: a tablet's app may be newer."""
    if not isinstance(said, dict):
        return said
    told = {name: value for name, value in said.items() if name in _ENVELOPE.fields}
    parts = told.get("nonconformities")
    return {**told, "nonconformities": [_known_part(one) for one in parts]} if isinstance(parts, list) else told


def _known_part(one: Any) -> Any:
    return {name: value for name, value in one.items() if name in _PART.fields} if isinstance(one, dict) else one


def read(record: InspectionRecord) -> Read:
    """Everything that can be known of the record now; nothing is written."""
    said = json.loads(bytes(record.body))
    told: dict[str, Any] = _ENVELOPE.load(known(said))
    offset = rules.ahead(told["clock_offset_ms"])
    happened_at, doubtful = rules.happened(told["observed_at"], record.received_at, offset, jumped=told["clock_jumped"])
    found = Read(record, told, happened_at, record.attestation)
    if doubtful:
        found.findings.add("time_estimated")
    if said != known(said):
        found.findings.add("unknown_fields")
    _who(found)
    _what(found)
    _version(found)
    _gauges(found)
    site_id = found.line.site_id if found.line else record.site_id
    if pictures.missing(pictures.named_in(told, found.document.get("checks", ())), site_id):
        found.findings.add(pictures.PENDING)
    return found


def _who(found: Read) -> None:
    """The inspector: who proved to be it and, where nobody did, the one whom the record names."""
    named = staff.person_with(found.told["inspector"])
    proved: Person | None = Person.get_or_none(Person.id == found.record.person_id) if found.record.person_id else None
    found.person = proved or named
    doubted = found.attestation == "unproved" or (proved is not None and (named is None or named.id != proved.id))
    if doubted or found.person is None:
        found.findings.add("identity_unconfirmed")


def _what(found: Read) -> None:
    """The lot: the one that somebody said it was, or else the one that it names."""
    said: InspectionMatch | None = InspectionMatch.get_or_none(InspectionMatch.uuid == found.record.uuid)
    sites = None if found.record.site_id is None else frozenset({found.record.site_id})
    named = lots.lots_named(found.told["lot"], sites, found.told["site"])
    rows = named if said is None else [Lot.get_by_id(said.lot_id)]
    if len(rows) == 1:
        found.lot = rows[0]
        found.line = Line.get_by_id(rows[0].line_id)
    else:
        found.findings.add("unmatched")


def _version(found: Read) -> None:
    procedure: Procedure | None = Procedure.get_or_none(Procedure.code == found.told["procedure"])
    site_id = found.line.site_id if found.line else found.record.site_id
    if procedure is None or procedure.site_id not in (None, site_id):
        found.findings.add("unmatched")
        return
    found.procedure = procedure
    book = ledger(procedure.id, [found.person.id] if found.person else [])
    found.issue = next((one for one in book.issues if one.number == found.told["version"]), None)
    if found.issue is None:
        found.findings.add("unmatched")
        return
    found.result = checklist.judge(found.document, found.told["answers"])
    if found.result.unknown:
        found.findings.add("unknown_checks")
    if found.line is not None:
        _in_force(found, book, found.line)
    _qualified(found, book)


def _in_force(found: Read, book: Ledger, line: Line) -> None:
    """Was it done by the version that was in force then? What matters is how much was changed since."""
    issue, at = found.issue, found.happened_at
    assert issue is not None  # noqa: S101 - asked before
    current = book.in_force(line.site_id, line.id, at)
    soon = book.in_force(line.site_id, line.id, found.at_latest)
    if issue.number in {one.number for one in (current, soon) if one is not None}:
        return
    if issue.publication.withdrawn(at) or current is None:
        began = issue.publication.effective_at <= at
        found.findings.add("version_withdrawn" if began else "unmatched")
        return
    if issue.publication.effective_at > at:
        found.findings.add("unmatched")
        return
    change = _changed(book, issue, current)
    if change.rank >= ChangeClass.SAFETY.rank:
        found.findings.add("version_withdrawn")
    elif change is ChangeClass.CHECK_CHANGED:
        found.findings.add("checks_changed")
        found.missing = tuple(sorted(changed_checks(document_of(issue.version_id), document_of(current.version_id))))
    else:
        found.findings.add("old_version")


def _changed(book: Ledger, issue: Issue, current: Issue) -> ChangeClass:
    """The heaviest of what was confirmed of each version since, and of what differs between the two."""
    since = [
        one.change
        for one in book.issues
        if one.publication.variant == current.publication.variant and one.publication.began
        and issue.publication.effective_at < one.publication.effective_at <= current.publication.effective_at
    ]  # fmt: skip
    computed = classify(document_of(issue.version_id), document_of(current.version_id))
    return max([computed, *since], key=lambda one: one.rank)


def _qualified(found: Read, book: Ledger) -> None:
    """Could the inspector inspect then? Somebody outside, whom a system names, is judged by their own plant."""
    person, issue = found.person, found.issue
    if person is None or issue is None or found.attestation == "external":
        return
    left = not person.active and person.updated_at <= found.happened_at
    site_id = found.line.site_id if found.line else found.record.site_id
    roles = set(POLICY["inspection.sign"].roles)
    held = RoleGrant.select().where(
        (RoleGrant.person_id == person.id) & RoleGrant.role.in_(sorted(roles))
        & (RoleGrant.site_id.is_null() | (RoleGrant.site_id == site_id))
    )  # fmt: skip
    if left or not held.exists() or book.judge_version(person.id, issue, found.at_latest).reasons:
        found.findings.add("not_qualified")


def _gauges(found: Read) -> None:
    """Was everything that was measured with a gauge measured with a good one?"""
    measured = {check["id"] for check in found.document.get("checks", ()) if check["type"] == "measure"}
    judged = found.result.judgements if found.result else {}
    named = {
        name: found.told["answers"][name]["gauge"]
        for name, judgement in judged.items()
        if name in measured and judgement.outcome in ("ok", "defect") and "gauge" in found.told["answers"][name]
    }
    site_id = found.line.site_id if found.line else found.record.site_id
    found.gauges = measuring.uses(site_id, named, found.happened_at, found.at_latest)
    if any(use.fault for use in found.gauges):
        found.findings.add("gauge_expired")
