"""What tablets and an ERP send of lots and inspections during the kills, and what has come of it in the end."""

import json
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from qc_service import clock
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from qc_service.lots.models import Lot, LotMaker, Participation
from qc_service.people.models import Person
from tests.floor_life import OK, record
from tests.kill.stream import LANES, Connection, Step
from tests.procedure_life import Somebody

BAD = {**OK, "tight": {"value": "defect"}}
COUNTED = ("inspected", "defective", "reworked", "defects")
REWORK = [{"defect_code": "LEAK", "check": "tight", "units": 2, "disposition": "rework"}]

Lanes = list[list[Step]]


def lanes(lots: int, people: Sequence[Somebody], seed: int, begun: datetime) -> Lanes:
    """All that is said of a lot is said in one lane, in its order; no two records are of the same moment."""
    chance, found = random.Random(seed), [[] for _ in range(LANES)]
    moments = (begun + timedelta(milliseconds=number) for number in range(10**6))
    for number in range(lots):
        found[number % LANES] += _Story(f"K-{number}", people, chance, moments).steps
    return found


class _Story:
    """One lot: made by one or two, inspected by some of all, corrected, inspected again; told in an odd order."""

    def __init__(self, lot: str, people: Sequence[Somebody], chance: random.Random, moments: Any) -> None:
        self.lot, self.chance, self.moments = lot, chance, moments
        self.names = (str(uuid.uuid5(uuid.NAMESPACE_URL, f"{lot}-{number}")) for number in range(100))
        makers = chance.sample(people, chance.choice((1, 1, 2)))
        known, late = self._told(makers[:1]), [self._late(one) for one in makers[1:]]
        seen = [step for who in chance.sample(people, 3) for step in self._inspected(who)]
        self.steps = chance.choice(([known, *seen, *late], [*seen, known, *late], [seen[0], known, *late, *seen[1:]]))

    def _told(self, makers: Sequence[Somebody]) -> Step:
        body = {
            "line": "L1", "product": "P", "quantity": 10, "procedure": "CAN", "makers": [one.badge for one in makers],
        }  # fmt: skip
        return Step(f"/v1/lots/{self.lot}", json.dumps(body).encode(), None, method="PUT")

    def _late(self, maker: Somebody) -> Step:
        body = {"makers": [maker.badge]}
        return Step(f"/v1/lots/{self.lot}/makers", json.dumps(body).encode(), f"late-{self.lot}")

    def _inspected(self, who: Somebody) -> list[Step]:
        fate = self.chance.choice(("fine", "fine", "reworked", "corrected", "strange"))
        bad = {"answers": BAD, "nonconformities": REWORK}
        more = {"reworked": bad, "corrected": bad, "strange": {"answers": {**OK, "nothing": {"value": "ok"}}}}
        first = self._record(who, **more.get(fate, {}))
        name = first.path.rpartition("/")[2]
        if fate == "reworked":
            return [first, self._record(who, reinspects=name, units_inspected=2)]
        if fate == "corrected":
            return [first, self._record(who, amends=name, reason="I looked at the wrong can.")]
        return [first]

    def _record(self, who: Somebody, **more: Any) -> Step:
        body = record(who.badge, self.lot, observed_at=clock.iso(next(self.moments)), **more)
        name = next(self.names)
        return Step(f"/v1/inspections/{name}", json.dumps(body).encode(), name, method="PUT", token=who.token)


def told(lanes: Lanes) -> list[Step]:
    return [step for lane in lanes for step in lane]


# --- what has come of it ---


def outcome(api: Connection | Any, lanes: Lanes) -> dict[str, Any]:
    """Where each record and each lot stands, and what the line counts."""
    found: dict[str, Any] = {"made": _makers()}
    for step in told(lanes):
        where, _, name = step.path.removesuffix("/makers").rpartition("/")
        if where == "/v1/inspections":
            one = api.get(step.path)
            found[name] = [one[what] for what in ("state", "reasons", "counted", "second_person", "round", "units")]
        else:
            check = api.get(f"/v1/lots/{name}/release-check")
            found[name] = [check["decision"], check["reasons"]]
    # of a lot that was counted for a moment, there is a count that says nothing any more
    rows = [row for row in _counts(api) if row["inspected"] is not None]
    found["counted"] = {row["lot"]: [row.get(name) for name in COUNTED] for row in rows}
    return found


def _counts(api: Connection | Any) -> Iterator[dict[str, Any]]:
    page: dict[str, Any] = {"next_cursor": ""}
    while page["next_cursor"] is not None:
        after = f"&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        page = api.get(f"/v1/production-counts?line=L1&limit=200{after}")
        yield from page["data"]


def _makers() -> set[tuple[str, str, str]]:
    """Each maker as they were named, and their part in the lot. Who counts as inspector is told of each record."""
    lots = {one.id: one.code for one in Lot.select()}
    people = {one.id: one.code for one in Person.select()}
    named = {(lots[one.lot_id], "named", people[one.person_id]) for one in LotMaker.select()}
    parts = Participation.select().where(Participation.role == "maker")
    return named | {(lots[one.lot_id], "maker", people[one.human_id]) for one in parts}


def lost_or_changed(lanes: Lanes) -> dict[str, list[str]]:
    """Records that are not there once, as they were sent to the last byte."""
    sent = {step.path.rpartition("/")[2]: step.body for step in told(lanes) if step.path.startswith("/v1/inspections/")}
    kept = {one.uuid: bytes(one.body) for one in InspectionRecord.select()}
    return {
        "lost": sorted(sent.keys() - kept.keys()), "of nobody": sorted(kept.keys() - sent.keys()),
        "changed": [name for name, body in kept.items() if sent.get(name) != body],
        "variants": [str(one.uuid) for one in InspectionVariant.select()],
    }  # fmt: skip
