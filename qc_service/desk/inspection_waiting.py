"""What waits for a decision about inspections, with the decision beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, options
from qc_service.desk.inspection_gaps import waiting as waiting_gaps
from qc_service.desk.inspection_may import asked_to_void, ways
from qc_service.desk.inspections import told
from qc_service.desk.pages import page
from qc_service.inspections import lists, matching
from qc_service.inspections.lists import Listed, Some
from qc_service.inspections.models import Inspection, InspectionRecord
from qc_service.inspections.reading import envelope
from qc_service.lines.models import Line, Site
from qc_service.lots import hold_replies, letting_go
from qc_service.lots.models import Lot
from qc_service.procedures import naming


@blp.get("/inspections/waiting", endpoint="inspections_waiting")
@allow("inspection.read")
def waiting() -> ResponseReturnValue:
    return shown()


def shown(
    errors: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    """errors, values: of a form that was refused, by the form's own name and the field's."""
    who = actor()
    kinds = {
        "confirm": lists.unconfirmed(who), "agree": lists.to_void(who), "unknown": lists.lot_unknown(who),
        "hold": lists.on_hold(who),
    }  # fmt: skip
    lots = {"makers": lists.makers_unknown(who), "second": lists.second_person_needed(who)}
    lost, offered = waiting_gaps(), matching.offered(who, kinds["unknown"].rows)
    sections = {
        **{name: {"rows": rows, "total": kinds[name].total} for name, rows in _inspections(kinds).items()},
        **{name: {"rows": rows, "total": lots[name].total} for name, rows in _lots(lots).items()},
        "let_go": _let_go(),
        "gaps": {"rows": lost, "total": len(lost)},
    }
    return page(
        "inspections_waiting.html", nav="inspections", status=status, sections=sections, most=lists.MOST,
        total=sum(one["total"] for one in sections.values()), errors=dict(errors or {}), values=dict(values or {}),
        lines=options(choices("lot.write")), offered=offered, may_write=who.may("lot.write"),
    )  # fmt: skip


def _let_go() -> dict[str, Any]:
    """The lots that a quality manager asked to let go and another one has not agreed to yet."""
    found = letting_go.unanswered(sites=actor().sites_for("lot.read"))
    signed = hold_replies.agreed(found[: lists.MOST])
    lots = {lot.id: lot for lot in Lot.select().where(Lot.id.in_([one.lot_id for one in found[: lists.MOST]]))}
    places = naming.places((one.line_id for one in lots.values()), (one.site_id for one in lots.values()))
    rows = [
        {
            **signed[one.id], "lot": lots[one.lot_id].code, "line": places[one.line_id], "kind": one.kind,
            "url": url_for("desk.lot", code=lots[one.lot_id].code, site=places[one.site_id]) + "#holds",
        }
        for one in found[: lists.MOST]
    ]  # fmt: skip
    return {"rows": rows, "total": len(found)}


def _inspections(kinds: Mapping[str, Some]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each kind, with what the person may do about each: all kinds in the same few statements."""
    every = {row.uuid: row for some in kinds.values() for row in some.rows}
    rows = list(every.values())
    counted, asked = lists.counting(list(every)), asked_to_void(rows)
    may = ways(actor(), rows, asked)
    askers = naming.people(act.person_id for act in asked.values())
    reasons = _reasons(rows)
    shown = {
        one["uuid"]: {
            **one, "ways": may[one["uuid"]], "amends": every[one["uuid"]].amends,
            "hold": every[one["uuid"]].hold, "reason": reasons.get(one["uuid"], ""),
            "asked": _asked(asked.get(one["uuid"]), askers),
        }
        for one in told([Listed(row.uuid, row.received_at, row, row.uuid in counted, {}) for row in rows])
    }  # fmt: skip
    return {name: [shown[row.uuid] for row in some.rows] for name, some in kinds.items()}


def _asked(act: Any, askers: Mapping[str | None, Any]) -> dict[str, Any] | None:
    return act and {"name": askers[act.person_id]["name"], "reason": act.reason, "at": act.at}


def _reasons(rows: Sequence[Inspection]) -> dict[str, str]:
    """Why a correction was made, in the words of who made it."""
    names = [row.uuid for row in rows if row.amends]
    if not names:
        return {}
    bodies = InspectionRecord.select(InspectionRecord.uuid, InspectionRecord.body)
    found = bodies.where(InspectionRecord.uuid.in_(names))
    return {row.uuid: envelope(bytes(row.body))["reason"] or "" for row in found}


def _lots(kinds: Mapping[str, Some]) -> dict[str, list[dict[str, Any]]]:
    rows = [lot for some in kinds.values() for lot in some.rows]
    lines = {one.id: one.name for one in Line.select().where(Line.id.in_([lot.line_id for lot in rows]))}
    sites = {one.id: one.code for one in Site.select().where(Site.id.in_([lot.site_id for lot in rows]))}
    return {
        name: [_lot(lot, lines[lot.line_id], sites[lot.site_id]) for lot in some.rows] for name, some in kinds.items()
    }


def _lot(lot: Any, line: str, site: str) -> dict[str, Any]:
    return {
        "id": lot.id, "code": lot.code, "site": site, "line": line, "product": lot.product or "",
        "inspections": lot.inspections, "url": url_for("desk.lot", code=lot.code, site=site),
        "may_write": actor().may("lot.write", lot.site_id),
    }  # fmt: skip
