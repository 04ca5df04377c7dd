"""What the races find where the rule is asked first and written afterwards, as code would that trusts itself."""

import contextlib
import time
import uuid
from collections import Counter
from typing import Any

from peewee import IntegrityError

from qc_service.db import connected, db, is_postgres, new_id, write
from qc_service.inspections.models import Inspection, InspectionRecord
from qc_service.lots.models import Lot
from tests.races.second_person import Race, Shop
from tests.races.second_person_outcome import ask
from tests.races.second_person_ways import claim, count, part

GUARDS = {
    "participation": ("participation_root", "participation_fixed", "participation_kept"),
    "lot_maker": ("lot_maker_human",),
    "counted_inspection": ("counted_inspection_whose", "counted_inspection_fixed"),
}
BETWEEN = 0.005  # seconds from the question to what is done about it


def drop_constraints() -> None:
    db.execute_sql("DROP INDEX participation_one_side")
    for table, names in GUARDS.items():
        for name in names:
            db.execute_sql(f"DROP TRIGGER {name}" + (f" ON {table}" if is_postgres() else ""))


def naive_races(shop: Shop, times: int) -> Counter[str]:
    """So many lots of which somebody is named maker while their inspection is judged, both without a lock."""
    came = Counter[str]()
    race = Race(shop, new_id("lot"), shop.somebody())
    race.lot_there()
    name = race.doubtful()
    with connected():
        lot, record, judged = (
            model.select().where(of).dicts().get()
            for model, of in (
                (Lot, Lot.code == race.lot), (InspectionRecord, InspectionRecord.uuid == name),
                (Inspection, Inspection.uuid == name),
            )
        )  # fmt: skip
    me = judged["human_id"]
    for _ in range(times):
        copied = str(uuid.UUID(int=race.chance.getrandbits(128), version=4))
        here = {**lot, "id": new_id("lot"), "code": new_id("lot")}
        with write():
            Lot.insert(here).execute()
            InspectionRecord.insert({**record, "uuid": copied}).execute()
            Inspection.insert({**judged, "uuid": copied, "lot_id": here["id"]}).execute()
        done: list[str] = []
        acts = [
            lambda here=here, done=done: done.append(_make(here, me)),
            lambda here=here, done=done, copied=copied: done.append(_judge(here, me, copied)),
        ]
        shop.at_once(*race.chance.sample(acts, 2))
        came["both" if done == ["done", "done"] else "refused" if "refused" in done else "asked in time"] += 1
    return came


def _make(lot: dict[str, Any], me: str) -> str:
    with connected():
        if ask("SELECT 1 FROM participation WHERE lot_id = ? AND human_id = ?", lot["id"], me):
            return "asked"
        time.sleep(BETWEEN)
        with contextlib.suppress(IntegrityError), write():
            part(lot["id"], me, "maker")
            claim(lot["id"], lot["site_id"], me, me)
            return "done"
    return "refused"


def _judge(lot: dict[str, Any], me: str, name: str) -> str:
    with connected():
        if ask("SELECT 1 FROM lot_maker WHERE lot_id = ? AND person_id = ?", lot["id"], me):
            return "asked"
        time.sleep(BETWEEN)
        with contextlib.suppress(IntegrityError), write():
            part(lot["id"], me, "inspector")
            count(lot["id"], name, me)
            return "done"
    return "refused"
