"""The kinds of deed: what each says, and which use case of the service does it.

A kind does nothing of its own. It hands on what `POST` would have been sent, as the person who did it, and says what
came of it and in which stream, so that the deed's own event can stand beside.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qc_service.auth import Actor
from qc_service.errors import NotFound
from qc_service.floor import deed_schemas as schemas
from qc_service.inspections import making
from qc_service.lines.models import Line
from qc_service.lots.models import Lot
from qc_service.procedures import acknowledging, deviations, finding, reports
from qc_service.procedures.qualification import ledger
from qc_service.procedures.qualification_replies import REASONS
from qc_service.signing import Proof
from qc_service.texts import Text, later

Note = tuple[str, Text]


class Refused(Exception):
    """The deed does not count. The reason is told to whoever did it, so it says what to do."""

    def __init__(self, code: str, detail: Text) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did it, proved, and where and when."""

    actor: Actor
    proof: Proof
    line: Line
    site: str  # its code
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, and the place whose stream holds its event."""

    record_id: str
    site_id: str | None
    line_id: str | None
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kind:
    schema: schemas.DeedIn
    do: Callable[[Doer, Mapping[str, Any]], Done]


def _made(doer: Doer, told: Mapping[str, Any]) -> Done:
    """Whoever made it is its maker, qualified or not: else they could check their own work."""
    what = {"makers": [doer.actor.badge], "site": doer.site, "unit": told["unit"], "step": None, "made_at": doer.at}
    doer.actor.need(making.ACTION, doer.line.site_id, "lot")
    try:
        lot = making.name_makers(doer.actor, told["lot"], what).lot
    except NotFound as error:
        text = later("Nobody knows the lot %(code)s here. Check its code, or ask a supervisor to enter it. Then do it "
                     "again.", code=repr(told["lot"]))  # fmt: skip
        raise Refused("unknown_ref", text) from error
    return Done(lot.id, lot.site_id, lot.line_id, _doubts(doer, lot, told))


def _doubts(doer: Doer, lot: Lot, told: Mapping[str, Any]) -> list[Note]:
    """Why they should not have made it, or not by that version; those who lead are told, and it counts all the same."""
    code, number = told["procedure"], told["version"]
    if code is None:
        return []
    try:
        procedure = finding.procedure_at(doer.actor, "procedure.read", code)
    except NotFound:
        return [("unknown_ref", later("There is no procedure %(code)s here.", code=repr(code)))]
    book = ledger(procedure.id, [doer.actor.id])
    verdict = book.judge(doer.actor.id, lot.site_id, lot.line_id, doer.at)
    now = verdict.issue.number if verdict.issue else None
    named = {"name": doer.actor.name, "procedure": procedure.code, "version": now}
    notes = [(reason, later(REASONS[reason], **named)) for reason in verdict.reasons]
    if now is not None and number not in (None, now):
        text = later("Made by version %(version)s, while version %(now)s was in force.", version=number, now=now)
        notes.append(("old_version", text))
    return notes


def _read(doer: Doer, told: Mapping[str, Any]) -> Done:
    """It is read since they read it, not since it could be sent: else what they checked meanwhile would be in doubt."""
    with _version_named(told):
        made = acknowledging.acknowledge(
            doer.actor, told["procedure"], told["version"], doer.proof, told["language"], read_at=doer.at
        )
    return Done(made.row.id, made.found.version.site_id, made.found.version.line_id)


def _deviation(doer: Doer, told: Mapping[str, Any]) -> Done:
    row = deviations.ask(doer.actor, {**told, "site": doer.site})
    return Done(row.id, row.site_id, row.line_id)


def _step_report(doer: Doer, told: Mapping[str, Any]) -> Done:
    with _version_named(told):
        row = reports.report(doer.actor, told["procedure"], told["version"], {**told, "site": doer.site})
    return Done(row.id, row.site_id, row.line_id)


@contextlib.contextmanager
def _version_named(told: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        text = later("There is no version %(version)s of the procedure %(code)s here. Connect the tablet, and open the "
                     "procedure again.", version=told["version"], code=repr(told["procedure"]))  # fmt: skip
        raise Refused("unknown_ref", text) from error


KINDS: dict[str, Kind] = {
    "made": Kind(schemas.MadeIn(), _made),
    "read": Kind(schemas.ReadIn(), _read),
    "deviation": Kind(schemas.DeviationDeedIn(), _deviation),
    "step_report": Kind(schemas.StepReportIn(), _step_report),
}
