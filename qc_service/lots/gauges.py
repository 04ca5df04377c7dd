"""Gauges: taking them into use, calibrating, blocking, and what is known of them at any time."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, new_id, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.lines import service as lines
from qc_service.lines.models import Site
from qc_service.lots import gauge_rules as rules
from qc_service.lots.gauge_models import Gauge, GaugeBlock, GaugeCalibration
from qc_service.lots.gauge_rules import Block, Calibration
from qc_service.texts import later
from sops.versions import LATE

CALIBRATE, BLOCK, UNBLOCK, READ = "gauge.calibrate", "gauge.block", "gauge.unblock", "gauge.read"
FOUND_OUT = later("A calibration found it out of tolerance.")


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a gauge, whichever time one asks about."""

    calibrations: tuple[Calibration, ...]
    blocks: tuple[Block, ...]


# --- what people do ---


def find(actor: Actor, action: str, code: str, site: str | None = None) -> Any:
    """The one gauge that an address names, with its site."""
    query = Gauge.select(Gauge, Site).join(Site, on=(Site.id == Gauge.site_id), attr="site").where(Gauge.code == code)
    sites = actor.sites_for(action)
    if sites is not None:
        query = query.where(Gauge.site_id.in_(list(sites)))
    if site is not None:
        query = query.where(Site.code == site)
    found = list(query)
    if not found:
        raise NotFound("gauge", code)
    if len(found) > 1:
        raise QCError("ambiguous_ref", later("Gauge %(code)s is in several sites: say which with site.", code=code))
    return found[0]


def take_into_use(actor: Actor, told: Mapping[str, Any]) -> Gauge:
    """A new gauge with the calibration that it comes with. `told` has passed `GaugeIn`."""
    site = lines.site_for_recording(actor, CALIBRATE, told["site"])
    with write():
        audit.lock_streams([audit.stream_of(site.id)])
        if Gauge.get_or_none((Gauge.site_id == site.id) & (Gauge.code == told["code"])) is not None:
            raise QCError("already_exists", later("There is a gauge %(code)s.", code=repr(told["code"])))
        _need_sense(told, db.obj.now())
        with audit.change(actor.author, "gauge.created", site_id=site.id, data={"code": told["code"]}) as change:
            row: Gauge = change.insert(
                Gauge, id=new_id("gau"), site_id=site.id, code=told["code"], name=told["name"], unit=told["unit"],
                created_at=change.now,
            )  # fmt: skip
            change.data["gauge_id"] = row.id
            _write(change, actor, row, {**told, "result": "in_tolerance", "note": None})
    return row


def rename(actor: Actor, code: str, name: str, site: str | None = None) -> Gauge:
    """It is called otherwise from now on; its code stays, because answers name it."""
    with write():
        held, _ = _held(actor, CALIBRATE, code, site)
        row: Gauge = Gauge.get_by_id(held.id)
        with _event(actor, row, "changed") as change:
            change.data |= {"before": {"name": row.name}, "after": {"name": name}}
            if row.name == name:
                change.discard()
            else:
                change.update(row, name=name)
    return row


def calibrate(actor: Actor, code: str, told: Mapping[str, Any]) -> Gauge:
    """Somebody held it against a standard. Found out of tolerance it is blocked, unless it was put right since.

    `told` has passed `CalibrationIn`.
    """
    with write():
        row, record = _held(actor, CALIBRATE, code, told["site"])
        told = {**told, "calibrated_at": told["calibrated_at"] or db.obj.now()}
        _need_sense(told, db.obj.now())
        if any(one.at == told["calibrated_at"] for one in record.calibrations):
            raise QCError("already_exists", later("A calibration of that very moment is recorded already."))
        last = rules.latest(record.calibrations)
        with _event(actor, row, "calibrated") as change:
            made = _write(change, actor, row, told)
            bad = told["result"] == "out_of_tolerance"
            if bad and (last is None or last.at < made.calibrated_at) and not _blocked(record):
                _mark(change, actor, row, len(_marks([row.id])[row.id]) + 1, str(FOUND_OUT))
            change.data |= {"calibration_id": made.id, "result": made.result}
    return row


def block(actor: Actor, code: str, told: Mapping[str, Any]) -> Gauge:
    """From now on it cannot be used."""
    return _turn(actor, BLOCK, code, told, blocked=True)


def unblock(actor: Actor, code: str, told: Mapping[str, Any]) -> Gauge:
    """It can be used again, if it was found good when it was calibrated last."""
    return _turn(actor, UNBLOCK, code, told, blocked=False)


def _turn(actor: Actor, action: str, code: str, told: Mapping[str, Any], *, blocked: bool) -> Gauge:
    with write():
        row, record = _held(actor, action, code, told["site"])
        if _blocked(record) == blocked:
            text = later("The gauge is blocked already.") if blocked else later("The gauge is not blocked.")
            raise QCError("illegal_transition", text)
        last = rules.latest(record.calibrations)
        if not blocked and (last is None or not last.good):
            raise QCError("illegal_transition", later("It was last found out of tolerance: have it calibrated first."))
        with _event(actor, row, "blocked" if blocked else "unblocked") as change:
            _mark(change, actor, row, len(_marks([row.id])[row.id]) + 1, told["reason"])
    return row


def _held(actor: Actor, action: str, code: str, site: str | None) -> tuple[Gauge, Record]:
    """The gauge as it stands once nobody else can change it: all its events are the site's."""
    row = find(actor, action, code, site)
    audit.lock_streams([audit.stream_of(row.site_id)])
    return row, records([row.id])[row.id]


def _blocked(record: Record) -> bool:
    return any(one.until is None for one in record.blocks)


def _need_sense(told: Mapping[str, Any], now: datetime) -> None:
    if told["calibrated_at"] > now + LATE:
        raise invalid("/calibrated_at", later("That is in the future."))
    due = told["due_on"]
    if told.get("result") == "out_of_tolerance":
        if due is not None:
            raise invalid("/due_on", later("A gauge that is out of tolerance is not due again: leave it out."))
    elif due is None:
        raise invalid("/due_on", later("Say until which day it may be used."))
    elif due < told["calibrated_at"].date():
        raise invalid("/due_on", later("It would be due before it was calibrated."))


def _write(change: audit.Change, actor: Actor, row: Gauge, told: Mapping[str, Any]) -> GaugeCalibration:
    due = told["due_on"]
    made: GaugeCalibration = change.insert(
        GaugeCalibration, id=new_id("cal"), site_id=row.site_id, gauge_id=row.id, result=told["result"],
        calibrated_at=told["calibrated_at"], due_on=due and due.isoformat(), note=told["note"],
        recorded_by=actor.author.name, person_id=_person(actor), at=change.now,
    )  # fmt: skip
    return made


def _mark(change: audit.Change, actor: Actor, row: Gauge, number: int, reason: str) -> None:
    change.insert(
        GaugeBlock, gauge_id=row.id, number=number, site_id=row.site_id, kind=("unblocked", "blocked")[number % 2],
        reason=reason, said_by=actor.author.name, person_id=_person(actor), at=change.now,
    )  # fmt: skip


def _person(actor: Actor) -> str | None:
    return actor.id if actor.kind == "person" else None


def _event(actor: Actor, row: Gauge, what: str) -> Any:
    data = {"gauge_id": row.id, "code": row.code}
    return audit.change(actor.author, f"gauge.{what}", site_id=row.site_id, data=data)


# --- what is known of gauges ---


def records(gauge_ids: Collection[str]) -> dict[str, Record]:
    """Calibrations and blocks of each gauge."""
    found: dict[str, list[Calibration]] = defaultdict(list)
    query = GaugeCalibration.select().where(GaugeCalibration.gauge_id.in_(list(gauge_ids)))
    for row in query.order_by(GaugeCalibration.calibrated_at):
        due = date.fromisoformat(row.due_on) if row.due_on else None
        found[row.gauge_id].append(Calibration(row.id, row.calibrated_at, due))
    marks = _marks(gauge_ids)
    return {one: Record(tuple(found[one]), tuple(rules.blocks_of(marks[one]))) for one in gauge_ids}


def _marks(gauge_ids: Collection[str]) -> dict[str, list[tuple[str, datetime]]]:
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    query = GaugeBlock.select().where(GaugeBlock.gauge_id.in_(list(gauge_ids)))
    for row in query.order_by(GaugeBlock.gauge_id, GaugeBlock.number):
        found[row.gauge_id].append((row.kind, row.at))
    return found


def today(site: Site, at: datetime) -> date:
    """The day at a site; where no calendar reaches, that of UTC."""
    try:
        return at.astimezone(ZoneInfo(site.time_zone)).date()
    except OverflowError:
        return at.date()
