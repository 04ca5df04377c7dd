"""What somebody may decide about inspections, and in words why not: nobody presses a button that then refuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qc_service.auth import Actor
from qc_service.desk.may import allowed, human, needs_role
from qc_service.inspections import rules
from qc_service.inspections.models import Inspection, InspectionAct
from qc_service.lots.models import Participation
from qc_service.texts import Text, later

NOT_OWN = later("You inspected it yourself, so another person gives their word.")
NOT_MAKER = later("You made this lot, so another person confirms the correction.")
NOT_MATCHED = later("You inspected it yourself, so another person says which lot it was.")
NOT_ASKER = later("You asked for it yourself, so another person agrees.")


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be decided about one inspection: None where there is nothing, "" where this person may, else why not."""

    confirm: Text | str | None = None
    agree: Text | str | None = None
    match: Text | str | None = None
    ask: bool = False
    dispose: bool = False


def ways(actor: Actor, rows: Sequence[Inspection], asked: Mapping[str, InspectionAct]) -> dict[str, Ways]:
    """By address. asked: who asked to void it, where somebody did."""
    me = human(actor)
    made = _made_by(me, rows)
    return {row.uuid: _ways(actor, row, asked.get(row.uuid), me, made) for row in rows}


def asked_to_void(rows: Sequence[Inspection]) -> dict[str, InspectionAct]:
    """The asking, by the address of each of these inspections of which somebody asked to void it."""
    here = InspectionAct.uuid.in_([row.uuid for row in rows]) & (InspectionAct.kind == "void_asked")
    return {act.uuid: act for act in InspectionAct.select().where(here)}


def _ways(actor: Actor, row: Inspection, asked: InspectionAct | None, me: str, made: set[str]) -> Ways:
    leads = allowed(actor, "inspection.confirm", row.site_id)
    waits = row.state == "unconfirmed" and bool(set(row.reasons) & rules.CONFIRMABLE)
    own = me in (row.human_id, row.person_id)
    return Ways(
        confirm=_confirm(row, leads=leads, own=own, made=made) if waits else None,
        agree=_agree(asked, me, leads=leads) if asked is not None and row.state != "void" else None,
        match=_match(leads=leads, own=own) if row.lot_id is None and row.state == "unconfirmed" else None,
        ask=asked is None and row.state != "void" and allowed(actor, "inspection.void", row.site_id)
        and (leads or row.person_id == actor.id),
        dispose=allowed(actor, "inspection.dispose", row.site_id),
    )  # fmt: skip


def _confirm(row: Inspection, *, leads: bool, own: bool, made: set[str]) -> Text | str:
    if not leads:
        return needs_role("inspection.confirm")
    if own:
        return NOT_OWN
    return NOT_MAKER if row.amends and row.lot_id in made else ""


def _match(*, leads: bool, own: bool) -> Text | str:
    if not leads:
        return needs_role("inspection.confirm")
    return NOT_MATCHED if own else ""


def _agree(asked: InspectionAct, me: str, *, leads: bool) -> Text | str:
    if not leads:
        return needs_role("inspection.confirm")
    return NOT_ASKER if me in (asked.human_id, asked.person_id) else ""


def _made_by(me: str, rows: Sequence[Inspection]) -> set[str]:
    """Those of their lots that this human being made."""
    here = (Participation.human_id == me) & (Participation.role == "maker")
    names = Participation.select(Participation.lot_id).where(
        here & Participation.lot_id.in_([row.lot_id for row in rows])
    )
    return {one.lot_id for one in names}
