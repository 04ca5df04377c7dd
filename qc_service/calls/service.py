"""Taking calls from the floor, answering them and ending them.

A call is never refused because of who pressed: what is not known is kept as it was said. What one person ends is every
call of that kind on the line, because the line runs again for all of them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.auth import Actor
from qc_service.calls import rules
from qc_service.calls.models import CallAnswer, CallEnd, LineCall
from qc_service.canonical import canonical
from qc_service.clock import iso
from qc_service.db import write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.lines import service as lines
from qc_service.people import staff
from qc_service.policy import POLICY
from qc_service.texts import later

MAKE, READ, ANSWER = "call.make", "call.read", "call.answer"

Line = tuple[str, str]  # ids of a site and of a line


def make(actor: Actor, uuid: str, told: Mapping[str, Any]) -> tuple[LineCall, bool]:
    """Take a call, and whether it is new: the same again is the call that is there. `told` has passed `CallIn`."""
    line = lines.line_for(actor, MAKE, told["line"], told["site"])
    badge, person_id = _who(actor, told["who"], line.site_id)
    said = {
        "line_id": line.id, "kind": told["kind"], "lot": told["lot"], "procedure": told["procedure"],
        "check_id": told["check"], "badge": badge,
    }  # fmt: skip
    digest = hashlib.sha256(canonical({**said, "pressed_at": iso(told["pressed_at"])})).hexdigest()
    with write():
        audit.lock_streams([audit.stream_of(line.site_id, line.id)])
        kept: LineCall | None = LineCall.get_or_none(LineCall.uuid == uuid)
        if kept is not None:
            return _same(actor, kept, digest), False
        data = {"uuid": uuid, "line_id": line.id, "kind": told["kind"]}
        with audit.change(actor.author, "call.made", site_id=line.site_id, line_id=line.id, data=data) as change:
            late = rules.is_late(told["pressed_at"], told["sent_at"], change.now)
            change.data["late"], change.follow = late, not late
            row: LineCall = change.insert(
                LineCall, uuid=uuid, site_id=line.site_id, **said, person_id=person_id, device_id=actor.device_id,
                sender=actor.author.name, sha256=digest, pressed_at=told["pressed_at"], sent_at=told["sent_at"],
                received_at=change.now, late=late,
            )  # fmt: skip
    return row, True


def _who(actor: Actor, badge: str | None, site_id: str) -> tuple[str | None, str | None]:
    """The badge, and whose it is: a tablet's word for it is kept also where nobody there has it any more."""
    if actor.kind == "person":
        if badge not in (None, actor.badge):
            raise invalid("/who", later("You are signed in as %(badge)s: leave this out.", badge=actor.badge))
        return actor.badge, actor.id
    there = staff.people_with_role(POLICY[MAKE].roles, site_id) if badge else []
    return badge, next((one.id for one in there if one.code == badge), None)


def _same(actor: Actor, kept: LineCall, digest: str) -> LineCall:
    if not actor.may(MAKE, kept.site_id):
        raise NotFound("call")
    if kept.sha256 != digest:
        raise QCError("revision_conflict", later("Another call has this address: send yours under one of its own."))
    return kept


def find(actor: Actor, action: str, uuid: str) -> LineCall:
    call: LineCall | None = LineCall.get_or_none(LineCall.uuid == uuid)
    if call is None:
        raise NotFound("call")
    actor.need(action, call.site_id, "call")
    return call


def is_standing() -> Any:
    """The condition of calls that still want somebody: neither history nor ended."""
    return ~LineCall.late & ~fn.EXISTS(CallEnd.select(CallEnd.uuid).where(CallEnd.uuid == LineCall.uuid))


def standing(line_id: str, kind: str) -> list[LineCall]:
    """What stands of one kind on a line, in the order in which it came."""
    here = (LineCall.line_id == line_id) & (LineCall.kind == kind)
    return list(LineCall.select().where(here & is_standing()).order_by(LineCall.received_at, LineCall.uuid))


def ended(uuid: str) -> CallEnd | None:
    found: CallEnd | None = CallEnd.get_or_none(CallEnd.uuid == uuid)
    return found


def answer_standing(actor: Actor, line: Line, kind: str) -> None:
    """This person is coming, for every call of the kind that stands on the line; once for each."""
    actor.need(ANSWER, line[0], "call")
    mine = CallAnswer.select(CallAnswer.uuid).where(CallAnswer.person_id == actor.id)
    with _changing(actor, "answered", line, kind, follow=False) as change:
        known = {row.uuid for row in mine}
        new = [call for call in standing(line[1], kind) if call.uuid not in known]
        for call in new:
            change.insert(CallAnswer, uuid=call.uuid, person_id=actor.id, site_id=call.site_id, at=change.now)
        change.data["uuids"] = [call.uuid for call in new]
        if not new:
            change.discard()


def end_standing(actor: Actor, line: Line, kind: str, reason: str) -> None:
    """The line runs again, or whoever called was helped."""
    actor.need(ANSWER, line[0], "call")
    with _changing(actor, "ended", line, kind) as change:
        found = standing(line[1], kind)
        for call in found:
            change.insert(
                CallEnd, uuid=call.uuid, site_id=call.site_id, person_id=actor.id, reason=reason, at=change.now
            )
        change.data |= {"uuids": [call.uuid for call in found], "reason": reason}
        if not found:
            change.discard()


def _changing(actor: Actor, what: str, line: Line, kind: str, *, follow: bool = True) -> Any:
    """The caller owns the line's stream, so that what stands stays so until commit."""
    data = {"line_id": line[1], "kind": kind}
    return audit.change(actor.author, f"call.{what}", site_id=line[0], line_id=line[1], data=data, follow=follow)
