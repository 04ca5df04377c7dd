"""What people did at tablets and did not count, or counted with something to be known of: who, what, when and why."""

import json
from collections.abc import Sequence
from typing import Any

from flask import url_for

from qc_service.auth import actor
from qc_service.desk.leafing import Leaf, leaf
from qc_service.desk.pages import words
from qc_service.floor import deeds
from qc_service.floor.models import Deed
from qc_service.lots.models import Lot
from qc_service.people import staff
from qc_service.people.models import Device, Person
from qc_service.procedures import naming
from qc_service.texts import Text, later, unpacked

READ = "inspection.read"
SIZE = 20  # on one page
MOST_WORDS = 500  # characters of what somebody wrote
NOTED = 10  # of those that counted, the newest

WHAT: dict[str, Text] = {
    "made": later("Made lot %(lot)s"),
    "made_unit": later("Made unit %(unit)s of lot %(lot)s"),
    "read": later("Read version %(version)s of %(procedure)s"),
    "deviation": later("Asked to depart from check %(check)s of %(procedure)s"),
    "step_report": later("Reported that %(item)s of %(procedure)s does not work"),
}
_UNKNOWN = "?"  # the tablet left it out


def refused() -> dict[str, Any]:
    """One page of those that did not count."""
    found = deeds.listed(actor(), READ, refused=True)
    one: Leaf[Deed] = leaf(found, SIZE, "desk.tablets", ())
    return {"rows": _rows(one.rows), "total": len(found), "newer": one.back, "older": one.more}


def noted() -> dict[str, Any]:
    """The newest of those that counted all the same."""
    found = deeds.listed(actor(), READ, refused=False)
    return {"rows": _rows(found[:NOTED]), "total": len(found)}


def _rows(found: Sequence[Deed]) -> list[dict[str, Any]]:
    here = staff.people_in(actor().sites_for(READ))  # of somebody elsewhere nothing is said but what the tablet sent
    people = {one.code: one.name for one in here.where(Person.code.in_([row.badge for row in found]))}
    tablets = {one.id: one.name for one in Device.select().where(Device.id.in_([row.device_id for row in found]))}
    places = naming.places((), (row.site_id for row in found))
    said = {row.uuid: json.loads(bytes(row.body)) for row in found}
    lots = _lots(found, said)
    say = words().say
    return [
        {
            "what": _what(row, said[row.uuid]), "name": people.get(row.badge, ""), "badge": row.badge,
            "proved": row.attestation != "unproved", "at": row.happened_at, "received_at": row.received_at,
            "tablet": tablets.get(row.device_id or "", ""), "line": row.line,
            "why": [say(unpacked(row.reason))] if row.reason else [say(unpacked(one["text"])) for one in row.notes],
            "words": _words(said[row.uuid]), "url": _url(row, said[row.uuid], lots, places),
        }
        for row in found
    ]  # fmt: skip


def _what(row: Deed, said: dict[str, Any]) -> str:
    values = {name: _text(said.get(name)) for name in ("lot", "unit", "version", "procedure", "check")}
    values["item"] = _text(said.get("step") or said.get("check"))
    name = "made_unit" if row.kind == "made" and said.get("unit") else row.kind
    return words().say(WHAT[name], **values)


def _words(said: dict[str, Any]) -> str:
    """What they wrote, so that it is not lost with a deed that did not count."""
    found = " ".join(one for name in ("reason", "text") if isinstance(one := said.get(name), str))
    return _text(" ".join(found.split()), MOST_WORDS) if found.strip() else ""


def _text(value: Any, longest: int = 64) -> str:
    """A tablet's own words, which nobody has looked at yet."""
    text = str(value)[:longest] if isinstance(value, str | int) else ""
    return text if text and text.isprintable() else _UNKNOWN


def _lots(found: Sequence[Deed], said: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    """Those of the lots that are named which are there, each with its site."""
    codes = [_text(said[row.uuid].get("lot")) for row in found if row.kind == "made"]
    rows = Lot.select(Lot.site_id, Lot.code).where(Lot.code.in_(codes)) if codes else ()
    return {(row.site_id, row.code) for row in rows}


def _url(row: Deed, said: dict[str, Any], lots: set[tuple[str, str]], places: dict[str | None, str | None]) -> str:
    """The lot, where its maker can be named by hand."""
    code = _text(said.get("lot"))
    if row.kind != "made" or (row.site_id, code) not in lots or not actor().may("lot.read", row.site_id):
        return ""
    return url_for("desk.lot", code=code, site=places[row.site_id])
