"""A line that somebody stopped, or from which somebody calls for help: one flag of the line for each of the two.

The calls as they stand decide, not the message about them: messages may be read late, twice or in another order.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.calls import service as calls
from qc_service.calls.models import LineCall
from qc_service.calls.replies import tablet_names
from qc_service.calls.rules import ALARMS, CALLS
from qc_service.clock import iso
from qc_service.db import new_id, write
from qc_service.flags.called_sentences import explanation, sentence
from qc_service.flags.evidence import sha256
from qc_service.flags.models import Evidence, Flag
from qc_service.lines.models import Line, Site
from qc_service.procedures import naming
from qc_service.words import Words

KINDS = tuple(CALLS)
MOST_CALLS = 50  # that are named; the count knows all
CLOSED = {"stop": "runs_again", "help": "helped"}


def weigh(line_id: str, kind: str, now: datetime) -> None:
    """Bring the flag to where the calls of a kind on a line stand."""
    line: Line = Line.get_by_id(line_id)
    with write():
        audit.lock_streams([audit.stream_of(line.site_id, line.id)])
        found = calls.standing(line.id, kind)
        flag: Flag | None = Flag.get_or_none(
            (Flag.line_id == line.id) & (Flag.kind == ALARMS[kind]) & (Flag.state == "open")
        )
        if flag is None and found:
            _open(line, kind, found, now)
        elif flag is not None and not found:
            _close(flag, kind)
        elif flag is not None and (flag.details or {}).get("calls") != _names(found):
            _renew(flag, line, found, now)


def _open(line: Line, kind: str, found: list[LineCall], now: datetime) -> None:
    before = (Flag.line_id == line.id) & (Flag.kind == ALARMS[kind])
    with _moving(line, "opened") as change:
        flag: Flag = change.insert(
            Flag, id=new_id("flg"), site_id=line.site_id, line_id=line.id, kind=ALARMS[kind],
            raised_by=found[0].person_id, state="open", opened_at=change.now,
            episode=Flag.select().where(before).count() + 1, **_told(change, ALARMS[kind], line, found, now),
        )  # fmt: skip
        change.data["flag_id"] = flag.id


def _renew(flag: Flag, line: Line, found: list[LineCall], now: datetime) -> None:
    with _moving(line, "updated") as change:
        change.update(flag, **_told(change, flag.kind, line, found, now))
        change.data["flag_id"] = flag.id


def _close(flag: Flag, kind: str) -> None:
    with _moving(Line.get_by_id(flag.line_id), "closed") as change:
        change.update(flag, state="closed", closed_at=change.now, close_reason=CLOSED[kind])
        change.data["flag_id"] = flag.id


def _moving(line: Line, how: str) -> Any:
    return audit.change(audit.SYSTEM, "flag.moved", site_id=line.site_id, line_id=line.id, data={"flag": how})


def _names(found: list[LineCall]) -> list[str]:
    return [call.uuid for call in found]


def _told(change: audit.Change, kind: str, line: Line, found: list[LineCall], now: datetime) -> dict[str, Any]:
    """The columns of a flag that follow from the calls, which are frozen."""
    doc = document(kind, line, found, now)
    frozen: Evidence = change.insert(
        Evidence, id=new_id("evd"), site_id=line.site_id, line_id=line.id, document=doc, sha256=sha256(doc),
        created_at=change.now,
    )  # fmt: skip
    return {"sentence": doc["sentence"], "evidence_id": frozen.id, "details": {"calls": _names(found)}}


def document(kind: str, line: Line, found: list[LineCall], now: datetime) -> dict[str, Any]:
    """The evidence is the calls."""
    site: Site = Site.get_by_id(line.site_id)
    people, tablets = naming.people(call.person_id for call in found), tablet_names(found)
    rows = [_row(call, people[call.person_id], tablets.get(call.device_id)) for call in found[:MOST_CALLS]]
    doc = {
        "kind": kind, "site": {"code": site.code, "name": site.name, "time_zone": site.time_zone},
        "line": {"code": line.code, "name": line.name}, "calls": rows, "count": len(found),
        "newest_at": iso(found[-1].received_at), "as_of": iso(now),
    }  # fmt: skip
    words = Words(zone=site.time_zone)
    return {**doc, "sentence": sentence(doc, words), "explanation": explanation(doc, words)}


def _row(call: LineCall, person: Mapping[str, str] | None, tablet: str | None) -> dict[str, Any]:
    return {
        "uuid": call.uuid, "badge": call.badge, "name": person and person["name"], "lot": call.lot,
        "procedure": call.procedure, "check": call.check_id, "tablet": tablet, "pressed_at": iso(call.pressed_at),
        "received_at": iso(call.received_at), "url": f"/v1/calls/{call.uuid}",
    }  # fmt: skip


def flag_of(call: LineCall) -> Flag | None:
    """The flag that this call opened or joined; none where it is history, or nobody has looked yet."""
    here = (Flag.line_id == call.line_id) & (Flag.kind == ALARMS[call.kind])
    since = Flag.select().where(here & (Flag.closed_at.is_null() | (Flag.closed_at >= call.received_at)))
    rows = since.order_by(Flag.opened_at).limit(MOST_CALLS)
    return next((flag for flag in rows if call.uuid in (flag.details or {}).get("calls", ())), None)
