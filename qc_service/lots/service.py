"""Finding lots, and writing down what is known of them. What an actor may not see is not there for them."""

from collections.abc import Sequence
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id
from qc_service.errors import NotFound, QCError
from qc_service.lines.models import Line, Site
from qc_service.lots.models import Lot, LotMaker, LotUnit, Participation, WorkOrder
from qc_service.people.models import Person
from qc_service.procedures.models import Procedure
from qc_service.texts import later


def lots_named(code: str, sites: frozenset[str] | None, site: str | None = None) -> list[Any]:
    """The lots with this code in these sites; None: in all. Each comes with its site's code, `lot.site.code`."""
    query = Lot.select(Lot, Site.code).join(Site, on=(Site.id == Lot.site_id), attr="site")
    condition = Lot.code == code
    if sites is not None:
        condition &= Lot.site_id.in_(list(sites))
    if site is not None:
        condition &= Site.code == site
    return list(query.where(condition))


def find(actor: Actor, action: str, code: str, site: str | None = None) -> Any:
    """The one lot that an address names."""
    found = lots_named(code, actor.sites_for(action), site)
    if not found:
        raise NotFound("lot", code)
    if len(found) > 1:
        raise QCError("ambiguous_ref", later("Lot %(code)s is in several sites: say which with ?site=.", code=code))
    return found[0]


def enter(change: audit.Change, line: Line, code: str, told: dict[str, Any]) -> Lot:
    """The lot as it now stands. `told` is what somebody says of it; what they leave out stays as it is.

    To be called with the line's stream locked.
    """
    values = {name: told[name] for name in ("product", "quantity", "procedure_id", "shipped_at") if told.get(name)}
    if told["work_order"] is not None:
        values["work_order_id"] = _work_order(change, line.site_id, told["work_order"])
    lot: Lot | None = Lot.get_or_none((Lot.site_id == line.site_id) & (Lot.code == code))
    if lot is None:
        lot = change.insert(
            Lot, id=new_id("lot"), site_id=line.site_id, line_id=line.id, code=code, created_at=change.now,
            updated_at=change.now, **values,
        )  # fmt: skip
        change.type = "lot.created"
    elif lot.line_id != line.id:
        raise QCError("revision_conflict", later("Lot %(code)s was made on another line: check its code.", code=code))
    elif any(getattr(lot, name) != value for name, value in values.items()):
        change.update(lot, **values, updated_at=change.now)
    _add_units(change, lot, told["units"])
    made: Lot = lot
    return made


def _work_order(change: audit.Change, site_id: str, code: str) -> str:
    found: WorkOrder | None = WorkOrder.get_or_none((WorkOrder.site_id == site_id) & (WorkOrder.code == code))
    if found is None:
        found = change.insert(WorkOrder, id=new_id("wor"), site_id=site_id, code=code, created_at=change.now)
    return str(found.id)


def _add_units(change: audit.Change, lot: Lot, codes: list[str]) -> None:
    if not codes:
        return
    known = LotUnit.select(LotUnit.code).where((LotUnit.lot_id == lot.id) & LotUnit.code.in_(codes))
    new = sorted(set(codes) - {unit.code for unit in known})
    change.insert_many(LotUnit, [{"lot_id": lot.id, "code": code, "added_at": change.now} for code in new])


def claims_of(
    change: audit.Change, lot: Lot, makers: Sequence[tuple[str, str]], *, source: str, **what: Any
) -> list[dict[str, Any]]:
    """Rows for the makers who were not named so before. `makers` are accounts, each with its human being."""
    unit, step = what.get("unit"), what.get("step")
    known = LotMaker.select(LotMaker.person_id).where(
        (LotMaker.lot_id == lot.id) & LotMaker.person_id.in_([one for one, _ in makers])
        & (LotMaker.unit.is_null() if unit is None else LotMaker.unit == unit)
        & (LotMaker.step.is_null() if step is None else LotMaker.step == step)
    )  # fmt: skip
    left = dict(makers).keys() - {row.person_id for row in known}
    return [
        {"id": new_id("mkr"), "lot_id": lot.id, "site_id": lot.site_id, "unit": unit, "step": step,
         "person_id": person_id, "human_id": human, "role": "maker", "source": source,
         "named_by": change.author.name, "named_at": change.now, "made_at": what.get("made_at")}
        for person_id, human in sorted(dict(makers).items()) if person_id in left
    ]  # fmt: skip


def makers_known(lot_id: str) -> bool:
    made = (Participation.lot_id == lot_id) & (Participation.role == "maker")
    return bool(Participation.select().where(made).exists())


def described(lot: Any) -> dict[str, Any]:
    """A lot with everybody who was named as a maker of it."""
    query: Any = (
        LotMaker.select(LotMaker, Person.code, Person.name)
        .join(Person, on=(Person.id == LotMaker.person_id), attr="person")
        .where(LotMaker.lot_id == lot.id)
        .order_by(LotMaker.named_at, LotMaker.id)
    )
    makers = [
        {"badge": row.person.code, "name": row.person.name, "unit": row.unit, "step": row.step, "source": row.source,
         "named_at": row.named_at, "made_at": row.made_at}
        for row in query
    ]  # fmt: skip
    procedure = Procedure.get_by_id(lot.procedure_id).code if lot.procedure_id else None
    order = WorkOrder.get_by_id(lot.work_order_id).code if lot.work_order_id else None
    return {
        "id": lot.id, "code": lot.code, "site": Site.get_by_id(lot.site_id).code,
        "line": Line.get_by_id(lot.line_id).code, "product": lot.product, "quantity": lot.quantity,
        "procedure": procedure, "work_order": order, "makers": makers, "makers_known": bool(makers),
        "created_at": lot.created_at, "updated_at": lot.updated_at, "shipped_at": lot.shipped_at,
    }  # fmt: skip
