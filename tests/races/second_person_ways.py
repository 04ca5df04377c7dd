"""The ways to become a maker of a lot, and the ways to become its inspector.

What stands before a way's `yield` prepares it; what stands after is run in the race. `Race.who` is the human being who
tries to be both.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from peewee import PeeweeException

from qc_service import clock
from qc_service.db import db, new_id, write
from tests.races.second_person import BAD, WHY, Race, Way

FORGED = "forged"  # how the ids begin of rows that were written by hand

# --- to become a maker ---


def put_with_the_lot(race: Race) -> Iterator[None]:
    yield
    race.put_lot(race.chance.choice([None, race.who, race.shop.others[0]]), race.who)


def named_for_the_lot(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    race.name_makers(race.who, race.who)


def named_for_a_unit(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    race.name_makers(race.shop.others[0], race.who, race.shop.others[0], unit="U-7")


def named_for_a_step(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    race.name_makers(None, race.who, step="seal")


def named_in_an_import(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    race.inspect(None, race.shop.others[1], makers=[race.who.badge])


def maker_is_the_same_human(race: Race) -> Iterator[None]:
    other = race.shop.somebody()
    race.lot_there(other)
    yield
    race.merge(*race.chance.sample([race.who, other], 2))


def maker_by_sql(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    with race.by_sql():
        if _forge(race, MAKER_FORGERIES):
            race.makers.add((race.who.badge, None, None))


# --- to become an inspector ---


def inspects(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    race.inspect(race.who)


def inspects_before_the_lot_is_known(race: Race) -> Iterator[None]:
    race.inspect(race.who)
    race.shop.drain()
    yield
    race.lot_there()


def is_imported(race: Race) -> Iterator[None]:
    race.lot_there()
    yield
    race.inspect(None, race.who)


def inspects_after_rework(race: Race) -> Iterator[None]:
    race.lot_there()
    found = {"check": "tight", "defect_code": "LEAK", "units": 2, "disposition": "rework"}
    first = race.inspect(race.shop.others[2], answers=BAD, nonconformities=[found])
    race.shop.drain()
    yield
    race.inspect(race.who, reinspects=first)


def is_confirmed(race: Race) -> Iterator[None]:
    race.lot_there()
    name = race.doubtful()
    yield
    race.signed(race.shop.boss, f"/inspections/{name}/confirm")


def is_matched(race: Race) -> Iterator[None]:
    race.lot_there()
    name = race.inspect(race.who, lot=f"{race.lot} mistyped")
    race.shop.drain()
    yield
    race.signed(race.shop.boss, f"/inspections/{name}/match", lot=race.lot)


def correction_is_confirmed(race: Race) -> Iterator[None]:
    race.lot_there()
    first = race.inspect(race.shop.others[2], answers=BAD)
    name = race.inspect(race.who, amends=first, reason=WHY)
    race.shop.drain()
    yield
    race.signed(race.shop.boss, f"/inspections/{name}/confirm")


def the_one_before_is_void(race: Race) -> Iterator[None]:
    race.lot_there()
    first = race.inspect(race.shop.others[2])
    race.inspect(race.who)
    race.shop.drain()
    yield
    race.signed(race.shop.others[2], f"/inspections/{first}/void", reason=WHY)
    race.signed(race.shop.boss, f"/inspections/{first}/void/agree")


def is_another_human_after_all(race: Race) -> Iterator[None]:
    maker = race.shop.somebody()
    race.lot_there(maker)
    race.merge(*race.chance.sample([race.who, maker], 2))
    race.inspect(race.who)
    race.shop.drain()
    yield
    race.merge(race.who, race.who)


def units_are_disposed_of(race: Race) -> Iterator[None]:
    race.lot_there()
    unit = race.held_unit()
    yield
    path = f"/nonconformities/{unit}/dispositions"
    race.signed(race.shop.boss, path, disposition="rework", units=2, reason="The seam can be closed again.")


def inspector_by_sql(race: Race) -> Iterator[None]:
    race.lot_there()
    name = race.doubtful()
    yield
    with race.by_sql():
        _forge(race, INSPECTOR_FORGERIES, name)


# --- forgeries: what somebody with the application's rights in the database could try ---


def _sql(text: str, *values: Any) -> None:
    db.execute_sql(text.replace("?", db.obj.param), values)


def _forge(race: Race, forgeries: tuple[Callable[..., None], ...], *more: str) -> bool:
    """Each of them in turn, until one goes through."""
    for forge in race.chance.sample(forgeries, len(forgeries)):
        with contextlib.suppress(PeeweeException), write():
            forge(race, *more)
            race.shop.said["sql went through"] += 1
            return True
    race.shop.said["sql refused"] += 1
    return False


def _ids(race: Race) -> tuple[str, str, str]:
    lot, site = db.execute_sql(f"SELECT id, site_id FROM lot WHERE code = '{race.lot}'").fetchone()  # noqa: S608
    mine = f"SELECT id FROM person WHERE code = '{race.who.badge}'"  # noqa: S608
    return lot, site, db.execute_sql(mine).fetchone()[0]


def part(lot: str, human: str, role: str) -> None:
    _sql("INSERT INTO participation (lot_id, human_id, role) VALUES (?, ?, ?)", lot, human, role)


def claim(lot: str, site: str, account: str, human: str) -> None:
    _sql(
        "INSERT INTO lot_maker (id, lot_id, site_id, person_id, human_id, role, source, named_by, named_at) "
        "VALUES (?, ?, ?, ?, ?, 'maker', 'floor', 'nobody', ?)",
        new_id(FORGED), lot, site, account, human, clock.fixed(clock.now()),
    )  # fmt: skip


def count(lot: str, name: str, human: str) -> None:
    _sql(
        "INSERT INTO counted_inspection (uuid, lot_id, human_id, role) VALUES (?, ?, ?, 'inspector')", name, lot, human
    )


def _human(account: str) -> str:
    query = "SELECT coalesce(human_id, id) FROM person WHERE id = ?"
    return str(db.execute_sql(query.replace("?", db.obj.param), (account,)).fetchone()[0])


def maker_part_then_claim(race: Race) -> None:
    lot, site, me = _ids(race)
    human = _human(me)
    part(lot, human, "maker")
    claim(lot, site, me, human)


def maker_claim_then_part(race: Race) -> None:
    lot, site, me = _ids(race)
    human = _human(me)
    claim(lot, site, me, human)
    part(lot, human, "maker")


def maker_by_turning_the_inspector(race: Race) -> None:
    lot, site, me = _ids(race)
    _sql("UPDATE participation SET role = 'maker' WHERE lot_id = ? AND human_id = ?", lot, _human(me))
    claim(lot, site, me, _human(me))


def maker_after_the_inspector_left(race: Race) -> None:
    lot, site, me = _ids(race)
    _sql("DELETE FROM participation WHERE lot_id = ? AND human_id = ? AND role = 'inspector'", lot, _human(me))
    part(lot, _human(me), "maker")
    claim(lot, site, me, _human(me))


def inspector_part_then_count(race: Race, name: str) -> None:
    lot, _, me = _ids(race)
    human = _human(me)
    part(lot, human, "inspector")
    count(lot, name, human)


def inspector_count_then_part(race: Race, name: str) -> None:
    lot, _, me = _ids(race)
    human = _human(me)
    count(lot, name, human)
    part(lot, human, "inspector")


def inspector_by_turning_the_self_check(race: Race, name: str) -> None:
    lot, _, me = _ids(race)
    _sql("UPDATE participation SET role = 'inspector' WHERE lot_id = ? AND human_id = ?", lot, _human(me))
    count(lot, name, _human(me))


def inspector_under_another_name(race: Race, name: str) -> None:
    """Counted for somebody honest."""
    lot, _, _ = _ids(race)
    query = f"SELECT id FROM person WHERE code = '{race.shop.others[0].badge}'"  # noqa: S608
    other = db.execute_sql(query).fetchone()[0]
    part(lot, other, "inspector")
    count(lot, name, other)


def inspector_counted_as_a_maker(race: Race, name: str) -> None:
    lot, _, me = _ids(race)
    values = (name, lot, _human(me))
    _sql("INSERT INTO counted_inspection (uuid, lot_id, human_id, role) VALUES (?, ?, ?, 'maker')", *values)


def inspector_after_the_maker_left(race: Race, name: str) -> None:
    lot, _, me = _ids(race)
    _sql("DELETE FROM lot_maker WHERE lot_id = ?", lot)
    _sql("DELETE FROM participation WHERE lot_id = ? AND human_id = ?", lot, _human(me))
    inspector_part_then_count(race, name)


MAKER_FORGERIES = (
    maker_part_then_claim, maker_claim_then_part, maker_by_turning_the_inspector, maker_after_the_inspector_left,
)  # fmt: skip
INSPECTOR_FORGERIES = (
    inspector_part_then_count, inspector_count_then_part, inspector_by_turning_the_self_check,
    inspector_under_another_name, inspector_counted_as_a_maker, inspector_after_the_maker_left,
)  # fmt: skip

MAKERS: tuple[Way, ...] = (
    put_with_the_lot, named_for_the_lot, named_for_a_unit, named_for_a_step, named_in_an_import,
    maker_is_the_same_human, maker_by_sql,
)  # fmt: skip
INSPECTORS: tuple[Way, ...] = (
    inspects, inspects_before_the_lot_is_known, is_imported, inspects_after_rework, is_confirmed, is_matched,
    correction_is_confirmed, the_one_before_is_void, is_another_human_after_all, units_are_disposed_of,
    inspector_by_sql,
)  # fmt: skip
