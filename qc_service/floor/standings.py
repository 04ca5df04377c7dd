"""What became of the records that a tablet sent, in a sentence for whoever made them."""

from collections.abc import Sequence
from typing import Any

from qc_service.auth import Actor
from qc_service.inspections import lists, rules
from qc_service.inspections.models import Inspection, InspectionRecord
from qc_service.inspections.telling import Standing
from qc_service.lines.models import Line
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import ledger
from qc_service.words import Words

MOST = 50


def standings(actor: Actor, uuids: Sequence[str], language: str) -> list[dict[str, Any]]:
    """Of these records the ones that this tablet delivered, in the order asked for; of others nothing is said."""
    if actor.device_id is None:  # nobody's record was delivered by no tablet
        return []
    query = InspectionRecord.select(InspectionRecord.uuid).where(
        InspectionRecord.uuid.in_(list(uuids)) & (InspectionRecord.device_id == actor.device_id)
    )
    ours = {row.uuid for row in query}
    rows = {row.uuid: row for row in Inspection.select().where(Inspection.uuid.in_(list(ours)))}
    counted = lists.counting(list(rows))
    say = Words(language).say
    return [
        _standing(uuid, rows.get(uuid), say, counted=uuid in counted) for uuid in dict.fromkeys(uuids) if uuid in ours
    ]


def _standing(uuid: str, row: Inspection | None, say: Any, *, counted: bool) -> dict[str, Any]:
    if row is None:
        return {
            "uuid": uuid, "state": "received", "reasons": [], "counted": None, "second_person": None,
            "sentence": say(Standing("received").sentence), "notes": [], "missing": [], "version": None,
        }  # fmt: skip
    told = Standing(row.state, tuple(row.reasons), row.lot_id is not None, counted)
    return {
        "uuid": uuid, "state": row.state, "reasons": row.reasons, "counted": counted,
        "second_person": rules.second_person(row.state, row.reasons), "sentence": say(told.sentence),
        "notes": [say(one) for one in told.notes], "missing": row.missing or [], "version": _now_in_force(row),
    }  # fmt: skip


def _now_in_force(row: Inspection) -> int | None:
    """The version by which what is missing is to be checked again; None where nothing is."""
    if not row.missing or row.procedure_id is None or row.line_id is None:
        return None
    line, procedure = Line.get_by_id(row.line_id), Procedure.get_by_id(row.procedure_id)
    issue = ledger(procedure.id, []).in_force(line.site_id, line.id, row.judged_at)
    return issue.number if issue else None
