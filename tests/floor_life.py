"""A line where things are made and inspected: a procedure in force, people who may work by it, lots, and records."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from qc_service import clock
from qc_service.db import connected
from tests.plant import Plant
from tests.procedure_life import SIGNED, Life, Somebody, document

OK = {"tight": {"value": "ok"}, "weight": {"value": ["340", "341", "339"]}}


@dataclass
class Floor:
    """Speaks to the service as a tablet and an ERP do. `work()` does what a worker would."""

    life: Life
    plant: Plant
    people: dict[str, Somebody] = field(default_factory=dict)

    def person(self, badge: str, *roles: str, reads: bool = True, site: str | None = "S1") -> Somebody:
        """Somebody of the site who has read the procedure."""
        made = self.life.somebody(badge, *(roles or ("operator", "inspector")), site=site)
        if reads:
            made.done("POST", "/procedures/CAN/versions/1/acknowledgements", SIGNED)
        self.people[badge] = made
        return made

    def lot(self, code: str = "A", *makers: str, **more: Any) -> dict[str, Any]:
        body = {"line": "L1", "product": "P", "quantity": 10, "makers": list(makers), "procedure": "CAN", **more}
        answer = self.plant.call("PUT", f"/v1/lots/{code}", body)
        assert answer.status_code < 300, answer.text
        return answer.json

    def inspect(self, who: Somebody, lot: str = "A", *, at: str | None = None, **more: Any) -> str:
        """Send an inspection and have it judged; gives its address."""
        name, _ = self.send(who, record(who.badge, lot, **more), at=at)
        self.plant.work()
        return name

    def send(self, who: Somebody, body: Any, *, at: str | None = None) -> tuple[str, Any]:
        name = at or str(uuid.uuid4())
        answer = who("PUT", f"/inspections/{name}", data=body if isinstance(body, bytes) else json.dumps(body),
                     content_type="application/json")  # fmt: skip
        assert answer.status_code < 300, answer.text
        return name, answer

    def get(self, name: str) -> dict[str, Any]:
        answer = self.plant.call("GET", f"/v1/inspections/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def standing(self, name: str) -> tuple[Any, ...]:
        found = self.get(name)
        return found["state"], found["reasons"], found["counted"], found["second_person"]

    def measured_badly(self, inspector: Somebody, boss: Somebody, *lots: str) -> None:
        """MIA made these lots, and the gauge G-1, with which they were measured, is found out of tolerance."""
        told = {"code": "G-1", "name": "Scale", "unit": "g", "site": "S1", "calibrated_at": "2026-01-05T06:00:00Z"}
        boss.done("POST", "/gauges", {**told, "due_on": "2099-01-05"})
        for lot in lots:
            self.lot(lot, "MIA")
            self.inspect(inspector, lot, answers={**OK, "weight": {**OK["weight"], "gauge": "G-1"}})
        boss.done("POST", "/gauges/G-1/calibrations", {"result": "out_of_tolerance", "due_on": None})
        self.plant.work()

    def release(self, lot: str = "A") -> tuple[str, list[str]]:
        answer = self.plant.call("GET", f"/v1/lots/{lot}/release-check")
        assert answer.status_code == 200, answer.text
        return answer.json["decision"], answer.json["reasons"]

    def count(self, lot: str = "A") -> dict[str, Any] | None:
        """The line's count of the lot."""
        answer = self.plant.call("GET", "/v1/production-counts?line=L1")
        assert answer.status_code == 200, answer.text
        found = [row for row in answer.json["data"] if row["lot"] == lot]
        return found[0] if found else None


def record(inspector: str, lot: str = "A", **more: Any) -> dict[str, Any]:
    """An inspection of ten cans in which everything is as it should be."""
    return {
        "lot": lot, "procedure": "CAN", "version": 1, "inspector": inspector, "answers": OK, "nonconformities": [],
        "units_inspected": 10, "observed_at": clock.iso(clock.now()), **more,
    }  # fmt: skip


def floor_of(app: Any, doc: Any = None) -> Floor:
    """The plant with CAN in force on line L1 of site S1."""
    life = Life(app)
    with connected():
        plant = Plant(app)
    plant.line("L1", "S1")
    life.published(life.somebody("AUTHOR"), life.somebody("CHIEF"), doc=doc or document())
    plant.work()
    return Floor(life, plant)
