"""Where the inspections of a lot stand: worked out anew from history, in the transaction that changed something.

Whatever happens to a lot (it is inspected, a maker is named, two accounts turn out to be one person's, somebody
confirms or voids) ends here. The database holds the rule itself: a human being is maker or inspector of a lot.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import peewee

from qc_service.audit import Change
from qc_service.inspections import rules
from qc_service.inspections.models import CountedInspection, Inspection, InspectionAct, InspectionRecord
from qc_service.inspections.rules import Circumstances, Looked, Standing
from qc_service.lots.models import Lot, LotMaker, LotUnit, Participation
from qc_service.people.models import Person

Claim = Mapping[str, Any]
_HUMAN = peewee.fn.COALESCE(Person.human_id, Person.id)
STANDS = ("accepted", "superseded")  # of a correction: it, or one of it, is what holds now
_WORDS = {"confirmed": "confirmed", "voided": "void", "owned": "owned", "disowned": "disowned"}


@dataclass
class Outcome:
    """What became of it: the inspections whose state or counting changed, and those that are a maker's own now."""

    changed: list[str] = field(default_factory=list)
    demoted: list[str] = field(default_factory=list)


def settle(change: Change, lot: Lot, claims: Sequence[Claim] = ()) -> Outcome:
    """Bring every inspection of the lot to where it stands, and write the claims to have made it.

    To be called with the stream of the lot's line locked, and every human being concerned held.
    """
    outcome = Outcome()
    rows = list(Inspection.select().where(Inspection.lot_id == lot.id))
    humans = _humans({row.person_id for row in rows if row.person_id})
    makers = _makers(lot) | {claim["human_id"] for claim in claims}
    standings = _standings(rows, humans, makers, lot)
    counted = {row.uuid: row.human_id for row in CountedInspection.select().where(CountedInspection.lot_id == lot.id)}
    counts = {row.uuid: humans[row.person_id] for row in rows if row.person_id and standings[row.uuid].counts}
    gone = [uuid for uuid, human in counted.items() if counts.get(uuid) != human]
    change.delete(CountedInspection, [{"uuid": uuid} for uuid in gone])
    parts = _parts(lot)
    _enter_makers(change, lot, makers, parts)
    _write_claims(change, claims)
    own = [row for row in rows if "self_check" in standings[row.uuid].reasons]
    checked_own = {humans[row.person_id] for row in own if row.person_id}
    _enter(change, lot, checked_own, "self_check", parts)
    _enter(change, lot, counts.values(), "inspector", parts)
    for uuid, human in counts.items():
        if counted.get(uuid) != human:
            change.insert(CountedInspection, uuid=uuid, lot_id=lot.id, human_id=human, role="inspector")
    for row in rows:
        _restate(change, row, standings[row.uuid], humans.get(row.person_id or ""), outcome)
    return outcome


def restate_waiting(change: Change, row: Inspection) -> None:
    """A record whose lot is not known counts for nothing; what people decide about it holds all the same."""
    decided = frozenset(_decided([row])[row.uuid])
    around = Circumstances(None, complete=row.result in ("pass", "fail"), decided=decided)
    _restate(change, row, rules.stand(row.findings, around), row.human_id, Outcome())


def _restate(change: Change, row: Inspection, now: Standing, human: str | None, outcome: Outcome) -> None:
    before = (row.state, tuple(row.reasons), row.human_id)
    if before == (now.state, now.reasons, human):
        return
    if "self_check" in now.reasons and "self_check" not in row.reasons:
        outcome.demoted.append(row.uuid)
    outcome.changed.append(row.uuid)
    change.update(row, state=now.state, reasons=list(now.reasons), human_id=human)


# --- which inspections count ---


def _standings(
    rows: Sequence[Inspection], humans: Mapping[str, str], makers: Collection[str], lot: Lot
) -> dict[str, Standing]:
    decided = _decided(rows)
    found: dict[str, Standing] = {}
    units = {row.code for row in LotUnit.select(LotUnit.code).where(LotUnit.lot_id == lot.id)}

    def circumstances(row: Inspection, *, first: bool = True) -> Circumstances:
        human = humans.get(row.person_id or "")
        made = None if not makers else human in makers
        complete = row.result in ("pass", "fail")
        return Circumstances(made, first, complete, frozenset(decided[row.uuid]), _strays(row, lot, units))

    confirmed = _confirmed(row.uuid for row in rows)
    elsewhere = _corrected_elsewhere(rows)
    taken: set[str] = set()
    for row in _corrections_first(rows, confirmed):
        found[row.uuid] = rules.stand(row.findings, circumstances(row))
        if not row.amends or found[row.uuid].state not in STANDS:
            continue
        if row.amends in taken or elsewhere.get(row.amends, 0.0) > confirmed.get(row.uuid, 0.0):
            decided[row.uuid].add("superseded")  # one takes the place, and another of the same record is behind it
        else:
            taken.add(row.amends)
            decided[row.amends].add("superseded")
    for row in rows:  # what a correction took the place of is known only now
        found[row.uuid] = rules.stand(row.findings, circumstances(row))
    for group, quantity in _groups(rows, lot):
        looked = _looked([row for row in group if found[row.uuid].counts])
        counting = rules.first_of(looked, quantity)
        for row in group:
            if found[row.uuid].counts and row.uuid not in counting:
                found[row.uuid] = rules.stand(row.findings, circumstances(row, first=False))
    return found


def _looked(rows: Sequence[Inspection]) -> list[Looked]:
    """Their tablets' numbers are asked for only where a time is estimated, and several might count."""
    numbers: dict[str, tuple[str | None, int | None]] = {}
    if len(rows) > 1 and any("time_estimated" in row.findings for row in rows):
        record = InspectionRecord
        query = record.select(record.uuid, record.device_id, record.device_seq)
        found = query.where(record.uuid.in_([row.uuid for row in rows]))
        numbers = {row.uuid: (row.device_id, row.device_seq) for row in found}
    return [
        Looked(row.uuid, row.happened_at, row.units_inspected, *numbers.get(row.uuid, (None, None))) for row in rows
    ]


def _strays(row: Inspection, lot: Lot, units: Collection[str]) -> frozenset[str]:
    """Why the lot may be another than the one that was inspected. `units`: those that the lot is known to have."""
    gone = lot.shipped_at is not None and row.happened_at > lot.shipped_at
    unknown = row.unit is not None and bool(units) and row.unit not in units
    return frozenset(name for name, so in (("lot_shipped", gone), ("unit_unknown", unknown)) if so)


def _corrections_first(rows: Sequence[Inspection], confirmed: Mapping[str, float]) -> list[Inspection]:
    """The last correction of each chain first: only what stands takes the place of what it corrects.

    Of several corrections of one record, that which was confirmed last.
    """
    amends = {row.uuid: row.amends for row in rows}

    def depth(uuid: str | None) -> int:
        seen: set[str] = set()
        while uuid in amends and uuid not in seen:
            seen.add(uuid)
            uuid = amends[uuid]
        return len(seen)

    return sorted(rows, key=lambda row: (-depth(row.uuid), -confirmed.get(row.uuid, 0.0), row.uuid))


def _confirmed(uuids: Iterable[str]) -> dict[str, float]:
    """When somebody gave their word for which of these."""
    said = InspectionAct.select(InspectionAct.uuid, InspectionAct.at).where(
        InspectionAct.uuid.in_(sorted(uuids)) & (InspectionAct.kind == "confirmed")
    )
    return {act.uuid: act.at.timestamp() for act in said}


def _corrected_elsewhere(rows: Sequence[Inspection]) -> dict[str, float]:
    """What rows here correct and a correction that stands in another lot does too: when the last was confirmed."""
    amended = [row.amends for row in rows if row.amends]
    others = Inspection.select().where(Inspection.amends.in_(amended) & Inspection.state.in_(STANDS)) if amended else ()
    elsewhere = {other.uuid: str(other.amends) for other in others if other.lot_id != rows[0].lot_id}
    times = _confirmed(elsewhere) if elsewhere else {}
    return {elsewhere[uuid]: at for uuid, at in sorted(times.items(), key=lambda one: one[1])}


def _groups(rows: Iterable[Inspection], lot: Lot) -> Iterable[tuple[list[Inspection], int | None]]:
    """Records of the same units by the same procedure, round by round, and how many units there are."""
    groups: dict[tuple[str | None, str | None, int], list[Inspection]] = defaultdict(list)
    for row in rows:
        groups[row.unit, row.procedure_id, row.round].append(row)
    for (unit, _, _), group in groups.items():
        yield group, (lot.quantity if unit is None else 1)


def _decided(rows: Sequence[Inspection]) -> dict[str, set[str]]:
    """What people decided, and which records a correction that stands in another lot took the place of."""
    found: dict[str, set[str]] = defaultdict(set)
    uuids = [row.uuid for row in rows]
    for other in Inspection.select().where(Inspection.amends.in_(uuids) & Inspection.state.in_(STANDS)):
        if other.lot_id != rows[0].lot_id:
            found[str(other.amends)].add("superseded")
    for act in InspectionAct.select(InspectionAct.uuid, InspectionAct.kind).where(InspectionAct.uuid.in_(uuids)):
        if act.kind in _WORDS:
            found[act.uuid].add(_WORDS[act.kind])
    return found


# --- who takes which part ---


def _humans(person_ids: Collection[str]) -> dict[str, str]:
    query: Any = Person.select(Person.id, _HUMAN).where(Person.id.in_(sorted(person_ids)))
    return dict(query.tuples())


def _makers(lot: Lot) -> set[str]:
    """Every human being who made it: whose account was named, and who that was taken for when it was."""
    query: Any = (
        LotMaker.select(LotMaker.human_id, _HUMAN)
        .join(Person, on=(Person.id == LotMaker.person_id))
        .where(LotMaker.lot_id == lot.id)
    )
    return {human for both in query.tuples() for human in both}


def _parts(lot: Lot) -> set[tuple[str, str]]:
    return {(row.human_id, row.role) for row in Participation.select().where(Participation.lot_id == lot.id)}


def _enter_makers(change: Change, lot: Lot, makers: Collection[str], parts: set[tuple[str, str]]) -> None:
    """The makers and nobody else; who inspected before steps down, and stays on record as having checked their own."""
    for human, role in sorted(parts):
        if role == "maker" and human not in makers:  # two accounts turned out to be two people's after all
            _leave(change, lot, human, role, parts)
    for human in sorted(makers):
        if (human, "inspector") in parts:
            _step_down(change, lot, human, parts)
    _enter(change, lot, makers, "maker", parts)


def _step_down(change: Change, lot: Lot, human: str, parts: set[tuple[str, str]]) -> None:
    if (human, "self_check") in parts:
        _leave(change, lot, human, "inspector", parts)
        return
    here = (Participation.lot_id == lot.id) & (Participation.human_id == human) & (Participation.role == "inspector")
    Participation.update(role="self_check").where(here).execute()
    change.release(Participation, {"lot_id": lot.id, "human_id": human, "role": "inspector"})
    change.noted(Participation, {"lot_id": lot.id, "human_id": human, "role": "self_check"})
    parts -= {(human, "inspector")}
    parts |= {(human, "self_check")}


def _leave(change: Change, lot: Lot, human: str, role: str, parts: set[tuple[str, str]]) -> None:
    change.delete(Participation, [{"lot_id": lot.id, "human_id": human, "role": role}])
    parts -= {(human, role)}


def _enter(change: Change, lot: Lot, humans: Iterable[str], role: str, parts: set[tuple[str, str]]) -> None:
    new = sorted(set(humans) - {human for human, held in parts if held == role})
    change.insert_many(Participation, [{"lot_id": lot.id, "human_id": human, "role": role} for human in new])
    parts |= {(human, role) for human in new}


def _write_claims(change: Change, claims: Sequence[Claim]) -> None:
    for claim in claims:
        change.insert(LotMaker, **claim)
