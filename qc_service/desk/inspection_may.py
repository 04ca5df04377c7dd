"""What somebody may decide about inspections, and in words why not: nobody presses a button that then refuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qc_service.auth import Actor
from qc_service.inspections import rules
from qc_service.inspections.models import Inspection, InspectionAct
from qc_service.lots.models import Participation
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.policy import POLICY, ROLE_NAMES
from qc_service.texts import Text, later

NOT_OWN = later("You inspected it yourself, so another person gives their word.")
NOT_MAKER = later("You made this lot, so another person confirms the correction.")
NOT_ASKER = later("You asked for it yourself, so another person agrees.")


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be decided about one inspection: None where there is nothing, "" where this person may, else why not."""

    confirm: Text | str | None = None
    agree: Text | str | None = None
    ask: bool = False
    dispose: bool = False


def ways(actor: Actor, rows: Sequence[Inspection], asked: Mapping[str, InspectionAct]) -> dict[str, Ways]:
    """By address. asked: who asked to void it, where somebody did."""
    me = _human(actor)
    made = _made_by(me, rows)
    return {row.uuid: _ways(actor, row, asked.get(row.uuid), me, made) for row in rows}


def asked_to_void(rows: Sequence[Inspection]) -> dict[str, InspectionAct]:
    """The asking, by the address of each of these inspections of which somebody asked to void it."""
    here = InspectionAct.uuid.in_([row.uuid for row in rows]) & (InspectionAct.kind == "void_asked")
    return {act.uuid: act for act in InspectionAct.select().where(here)}


def _ways(actor: Actor, row: Inspection, asked: InspectionAct | None, me: str, made: set[str]) -> Ways:
    leads = _may(actor, "inspection.confirm", row)
    waits = row.state == "unconfirmed" and bool(set(row.reasons) & rules.CONFIRMABLE)
    own = me in (row.human_id, row.person_id)
    return Ways(
        confirm=_confirm(row, leads=leads, own=own, made=made) if waits else None,
        agree=_agree(asked, me, leads=leads) if asked is not None and row.state != "void" else None,
        ask=asked is None and row.state != "void" and _may(actor, "inspection.void", row)
        and (leads or row.person_id == actor.id),
        dispose=_may(actor, "inspection.dispose", row),
    )  # fmt: skip


def _confirm(row: Inspection, *, leads: bool, own: bool, made: set[str]) -> Text | str:
    if not leads:
        return _roles("inspection.confirm")
    if own:
        return NOT_OWN
    return NOT_MAKER if row.amends and row.lot_id in made else ""


def _agree(asked: InspectionAct, me: str, *, leads: bool) -> Text | str:
    if not leads:
        return _roles("inspection.confirm")
    return NOT_ASKER if me in (asked.human_id, asked.person_id) else ""


def _may(actor: Actor, action: str, row: Inspection) -> bool:
    """Of a record that belongs to no site yet, who may it in every one."""
    return actor.may(action, row.site_id) if row.site_id else actor.sites_for(action) is None


def _roles(action: str) -> Text:
    return later("That needs one of the roles %(roles)s.", roles=tuple(ROLE_NAMES[one] for one in POLICY[action].roles))


def _human(actor: Actor) -> str:
    person = Person.get_or_none(Person.id == actor.id)
    return human_of(person) if person is not None else ""


def _made_by(human: str, rows: Sequence[Inspection]) -> set[str]:
    """Those of their lots that this human being made."""
    here = (Participation.human_id == human) & (Participation.role == "maker")
    names = Participation.select(Participation.lot_id).where(
        here & Participation.lot_id.in_([row.lot_id for row in rows])
    )
    return {one.lot_id for one in names}
