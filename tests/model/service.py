"""The service on one engine, spoken to in the words of the model. Every example has a site and people of its own."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from qc_service import clock
from qc_service.config import Settings
from qc_service.db import connected, db
from tests.floor_life import OK
from tests.model.plain import CODE, UNITS, Rec, Seen
from tests.plant import Plant
from tests.procedure_life import SIGNED, Life, Somebody, document

EARLY = 1000  # so many moments there are after the version began, of which each may be that of a record
A_MOMENT = timedelta(microseconds=100)
FLOOR = ("operator", "inspector")
FAR = "2099-12-31"
WHY = "I looked at the wrong seam."
_NAMED = {"gauge": "gauge", "inspection": "uuid", "version_withdrawn": ""}  # what tells one cause from another
FIGURES = ("inspected", "defective", "accepted", "rework", "scrap", "hold")


class Service:
    """One engine. `at` makes it the one that the application speaks to."""

    def __init__(self, app: Any, settings: Settings, engine: Any) -> None:
        self.app, self.settings, self.engine = app, settings, engine
        self.at()
        self.life = Life(app)
        with connected():
            self.plant = Plant(app)
        self.admin = self.life.somebody("ADMIN", "admin")
        self.author, self.chief = self.life.somebody("AUTHOR"), self.life.somebody("CHIEF")

    def at(self) -> None:
        db.initialize(self.engine)
        self.app.config.update(QC=self.settings)


class Scene:
    """One example on one engine: a site with a line, a procedure in force, gauges, and accounts with their roles."""

    def __init__(self, service: Service, number: int, roles: Mapping[str, tuple[str, ...]]) -> None:
        self.service, self.number = service, number
        self.code, self.site, self.line = f"CAN-{number}", f"S-{number}", f"L-{number}"
        service.at()
        service.plant.line(self.line, self.site)
        service.life.published(service.author, service.chief, self.code, document())
        self.began = clock.now()
        self.people: dict[str, Somebody] = {}
        for account, more in roles.items():
            who = service.life.somebody(f"{account}-{number}", *FLOOR, *more, site=self.site)
            who.done("POST", f"/procedures/{self.code}/versions/1/acknowledgements", SIGNED)
            self.people[account] = who
        for gauge, due in (("SCALE", FAR), ("OLD", clock.iso(self.moment(-2))[:10])):
            told = {"code": gauge, "name": gauge, "site": self.site, "unit": "g", "due_on": due}
            self.anybody().done("POST", "/gauges", {**told, "calibrated_at": clock.iso(self.moment(-30))})
        over = self.began + EARLY * A_MOMENT
        time.sleep(max((over - clock.now()).total_seconds(), 0))  # no record is of a moment that is still to come

    # --- what is said ---

    def said(self, who: Somebody, method: str, path: str, body: Any) -> str | None:
        self.service.at()
        answer = who(method, path, data=json.dumps(body), content_type="application/json")
        return None if answer.status_code < 300 else answer.json["code"]

    def badges(self, accounts: tuple[str, ...]) -> list[str]:
        return [self.people[one].badge for one in accounts]

    def anybody(self) -> Somebody:
        return next(iter(self.people.values()))

    def put_lot(self, lot: str, makers: tuple[str, ...]) -> str | None:
        told = {"line": self.line, "site": self.site, "quantity": UNITS, "makers": self.badges(makers)}
        return self.said(self.anybody(), "PUT", f"/lots/{lot}", {**told, "procedure": self.code})

    def name_makers(self, lot: str, makers: tuple[str, ...], step: str = "") -> str | None:
        told = {"makers": self.badges(makers), **({"step": step} if step else {})}
        return self.said(self.anybody(), "POST", f"/lots/{lot}/makers", told)

    def inspect(self, name: str, rec: Rec) -> str | None:
        answers = {**OK, "tight": {"value": "defect" if rec.found else "ok"}}
        if rec.unknown_check:
            answers["shine"] = {"value": "ok"}
        if rec.gauge:
            answers["weight"] = {**OK["weight"], "gauge": rec.gauge}
        who = self.people[rec.who]
        found = [
            {"check": "tight", "defect_code": CODE, "units": one.units, "disposition": one.disposition}
            for one in rec.found
        ]
        told = {
            "lot": rec.lot, "unit": rec.unit, "procedure": self.code, "version": 1, "inspector": who.badge,
            "answers": answers, "nonconformities": found, "units_inspected": rec.units,
            "observed_at": clock.iso(self.moment(rec.at)), "amends": rec.amends, "reinspects": rec.reinspects,
            "reason": WHY if rec.amends else None,
        }  # fmt: skip
        return self.said(who, "PUT", f"/inspections/{name}", told)

    def moment(self, at: int) -> datetime:
        """Of a number of the model: days before, one of the moments of records, or now."""
        if at < 0:
            return self.began + timedelta(days=at)
        return self.began + at * A_MOMENT if at < EARLY else datetime.now(UTC)

    def judge(self) -> None:
        self.service.at()
        self.service.plant.work()

    def confirm(self, name: str, by: str) -> str | None:
        return self.said(self.people[by], "POST", f"/inspections/{name}/confirm", SIGNED)

    def ask_to_void(self, name: str, by: str) -> str | None:
        return self.said(self.people[by], "POST", f"/inspections/{name}/void", {**SIGNED, "reason": WHY})

    def agree(self, name: str, by: str) -> str | None:
        return self.said(self.people[by], "POST", f"/inspections/{name}/void/agree", SIGNED)

    def dispose(self, name: str, place: int, was: str | None, becomes: str, units: int | None, by: str) -> str | None:
        parts = self.one(f"/v1/inspections/{name}")["nonconformities"]
        told = {"was": was, "disposition": becomes, "units": units, "reason": WHY}
        one = parts[place]["id"] if place < len(parts) else "none"
        return self.said(self.people[by], "POST", f"/nonconformities/{one}/dispositions", {**SIGNED, **told})

    def hold(self, lot: str, reason: str, by: str) -> str | None:
        return self.said(self.people[by], "POST", f"/lots/{lot}/hold", {"reason": reason, "site": self.site})

    def ask_to_let_go(self, kind: str, lot: str, by: str) -> str | None:
        told = {**SIGNED, "reason": WHY, "site": self.site}
        return self.said(self.people[by], "POST", f"/lots/{lot}/{kind}", told)

    def agree_to_let_go(self, kind: str, lot: str, by: str) -> str | None:
        told = {**SIGNED, "site": self.site}
        return self.said(self.people[by], "POST", f"/lots/{lot}/{kind}/agree", told)

    def calibrate(self, gauge: str, how: str, at: int, now: int) -> str | None:
        told = {"result": "out_of_tolerance"} if how == "bad" else {"result": "in_tolerance", "due_on": FAR}
        moment = None if at == now else clock.iso(self.moment(at))
        told |= {"calibrated_at": moment, "site": self.site}
        return self.said(self.anybody(), "POST", f"/gauges/{gauge}/calibrations", told)

    def block(self, gauge: str, now: int) -> str | None:
        return self.said(self.anybody(), "POST", f"/gauges/{gauge}/block", {"reason": WHY, "site": self.site})

    def unblock(self, gauge: str, by: str, now: int) -> str | None:
        return self.said(self.people[by], "POST", f"/gauges/{gauge}/unblock", {"reason": WHY, "site": self.site})

    def merge(self, one: str, other: str) -> str | None:
        first, second = self.badges((one, other))
        return self.said(self.service.admin, "POST", f"/people/{first}/same-as", {"badge": second})

    def part(self, account: str) -> str | None:
        return self.merge(account, account)

    def withdraw(self) -> str | None:
        path = f"/procedures/{self.code}/versions/1/withdraw"
        return self.said(self.service.chief, "POST", path, {**SIGNED, "reason": "The limits are wrong."})

    # --- what everybody may see ---

    def records(self) -> dict[str, Seen]:
        """Those that were judged, without their answers."""
        return {row["uuid"]: _seen(row) for row in self._all(f"/v1/inspections?site={self.site}")}

    def received(self, name: str) -> Seen:
        return _seen(self.one(f"/v1/inspections/{name}"))

    def counts(self) -> dict[str, tuple[int, ...]]:
        rows = self._all(f"/v1/production-counts?line={self.line}")
        told = {row["lot"]: row for row in rows if row["inspected"] is not None}
        for row in told.values():
            assert sum(one["units"] for one in row["defects"] or ()) == row["defective"], row
        return {lot: (row["inspected"], row["defective"], row["reworked"]) for lot, row in told.items()}

    def release(self, lot: str) -> tuple[str, frozenset[str]]:
        told = self.one(f"/v1/lots/{lot}/release-check?site={self.site}")
        return told["decision"], frozenset(told["reasons"])

    def holds(self, lot: str) -> list[tuple[str, str]]:
        """The kinds and causes for which it is on hold."""
        rows = self._all(f"/v1/lots/{lot}/holds?site={self.site}")
        return sorted((row["kind"], _cause(row)) for row in rows if row["state"] == "open")

    def states(self) -> dict[str, str]:
        return {row["code"]: row["state"] for row in self._all(f"/v1/gauges?site={self.site}")}

    def one(self, path: str) -> Any:
        self.service.at()
        answer = self.service.plant.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def _all(self, path: str) -> list[Any]:
        told = self.one(f"{path}&limit=200")
        assert not told["has_more"], "more than a page: ask for the next one too"
        return told["data"]


def _seen(row: dict[str, Any]) -> Seen:
    units = row["units"]
    return Seen(
        row["state"], frozenset(row["reasons"]), row["counted"], row["second_person"], row["result"],
        units and tuple(units[name] for name in FIGURES),
    )  # fmt: skip


def _cause(row: dict[str, Any]) -> str:
    return row["reason"] if row["kind"] == "said" else row["details"].get(_NAMED[row["kind"]], "")
