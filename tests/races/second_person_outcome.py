"""What came of the races, read out of the tables by plain questions and put together here."""

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from qc_service.db import db

if TYPE_CHECKING:
    from tests.races.second_person import Race, Shop

Rows = list[tuple[Any, ...]]


def ask(query: str, *values: Any) -> Rows:
    return [tuple(row) for row in db.execute_sql(query.replace("?", db.obj.param), values).fetchall()]


def humans() -> dict[str, str]:
    """The human being of each account, as is known today."""
    return {account: human or account for account, human in ask("SELECT id, human_id FROM person")}


def violations(code: str = "%") -> list[str]:
    """Lots of which one human being is a maker and has a counted inspection; of all lots, or of one."""
    made, inspected = sides((_CLAIMED, _TAKEN), code), sides((_COUNTED, _COUNTED_FOR), code)
    return sorted(lot for lot in made if made[lot] & inspected[lot])


def sides(queries: tuple[str, ...], code: str = "%") -> dict[str, set[str]]:
    """The human beings that these queries name, by lot."""
    human, found = humans(), defaultdict(set)
    for query in queries:
        for lot, account in ask(query + " WHERE lot.code LIKE ?", code):
            found[lot].add(human[account])
    return found


_CLAIMED = "SELECT lot.code, person_id FROM lot_maker JOIN lot ON lot.id = lot_id"
_TAKEN = "SELECT lot.code, human_id FROM participation JOIN lot ON lot.id = lot_id AND role = 'maker'"
_COUNTED = (
    "SELECT lot.code, person_id FROM counted_inspection JOIN inspection USING (uuid) "
    "JOIN lot ON lot.id = inspection.lot_id"
)
_COUNTED_FOR = "SELECT lot.code, human_id FROM counted_inspection JOIN lot ON lot.id = lot_id"


def lost(shop: "Shop") -> list[str]:
    """What was acknowledged and is not there: records, judged, and makers in their part."""
    kept = dict(ask("SELECT uuid, sha256 FROM inspection_record"))
    judged = {uuid for (uuid,) in ask("SELECT uuid FROM inspection WHERE lot_id IS NOT NULL")}
    badges, human = dict(ask("SELECT id, code FROM person")), humans()
    codes = dict(ask("SELECT id, code FROM lot"))
    named = {
        (codes[lot], badges[account], unit, step)
        for lot, account, unit, step in ask("SELECT lot_id, person_id, unit, step FROM lot_maker")
    }
    parts = {(codes[lot], one) for lot, one in ask("SELECT lot_id, human_id FROM participation WHERE role = 'maker'")}
    accounts = {badge: account for account, badge in badges.items()}
    return [fault for race in shop.races for fault in _lost(race, kept, judged, named)] + [
        f"{race.lot}: {badge} takes no maker's part"
        for race in shop.races for badge, _, _ in race.makers if (race.lot, human[accounts[badge]]) not in parts
    ]  # fmt: skip


def _lost(race: "Race", kept: dict[str, str], judged: set[str], named: set[tuple[Any, ...]]) -> list[str]:
    faults = [f"{race.lot}: record {name}" for name, digest in race.records.items() if kept.get(name) != digest]
    faults += [f"{race.lot}: {name} is not judged" for name in race.records if name not in judged]
    return faults + [f"{race.lot}: maker {one}" for one in race.makers if (race.lot, *one) not in named]


def own_work_that_stands() -> list[str]:
    """Inspections by a maker of the lot that are not what the design says: kept out, with the reason."""
    made, human = sides((_CLAIMED, _TAKEN)), humans()
    query = "SELECT lot, uuid, person_id, state, reasons FROM inspection WHERE lot_id IS NOT NULL"
    return [
        f"{lot}: {uuid} is {state} {reasons}"
        for lot, uuid, account, state, reasons in ask(query)
        if human[account] in made[lot]
        and (state not in ("quarantined", "superseded", "void") or "self_check" not in json.loads(reasons))
    ]


def miscounted() -> list[str]:
    """Lots whose count of the line is not what their counted inspections of the first round add up to."""
    sums: dict[str, list[int]] = {}
    query = (
        "SELECT inspection.lot_id, units_inspected, units_defective, rework FROM counted_inspection "
        "JOIN inspection USING (uuid) WHERE round = 1"
    )
    for lot, *units in ask(query):
        sums[lot] = [int(a) + int(b) for a, b in zip(sums.get(lot, [0, 0, 0]), units, strict=True)]
    told = {
        lot: list(units)
        for lot, *units in ask(
            "SELECT external_id, inspected, defective, reworked FROM production_count WHERE source = 'inspections'"
        )
    }
    return [
        f"{code}: {told.get(lot)} instead of {sums.get(lot)}"
        for lot, code in ask("SELECT id, code FROM lot")
        if told.get(lot, [None] * 3) != sums.get(lot, [None] * 3)
    ]


def faults(shop: "Shop") -> dict[str, list[str]]:
    """All that must not be, by its name."""
    found = {
        "both maker and counted": violations(),
        "acknowledged and lost": lost(shop),
        "stands though it is their own": own_work_that_stands(),
        "miscounted": miscounted(),
    }
    return {name: places for name, places in found.items() if places}
