"""What was measured with which gauge, and whether it was good then; which lots a bad finding throws doubt on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import marshmallow as ma
import peewee

from qc_service.lines.models import Site
from qc_service.lots import gauge_rules as rules
from qc_service.lots import gauges
from qc_service.lots.gauge_models import Gauge, GaugeCalibration, GaugeUse
from qc_service.lots.gauge_rules import Doubt
from qc_service.lots.holds import Cause
from qc_service.lots.models import Lot
from qc_service.schemas import Code


@dataclass(frozen=True, slots=True)
class Use:
    """A check was measured with a gauge, which was good for use then or had a fault."""

    check_id: str
    gauge: str
    gauge_id: str | None
    fault: str | None


def uses(site_id: str | None, named: Mapping[str, Any], at: datetime, at_latest: datetime) -> list[Use]:
    """How the gauges stood with which checks of a site were measured. `named` is what the answers say, by check.

    Clocks differ: a gauge that came to be good by `at_latest` was good.
    """
    if not named or site_id is None:
        return [Use(check_id, _name(said), None, "unknown") for check_id, said in named.items()]
    codes = {_name(said) for said in named.values()}
    known = {row.code: row.id for row in Gauge.select().where((Gauge.site_id == site_id) & Gauge.code.in_(codes))}
    book, site = gauges.records(list(known.values())), Site.get_by_id(site_id)
    faults = {code: _fault(book[gauge_id], site, at, at_latest) for code, gauge_id in known.items()}
    return [
        Use(check_id, _name(said), known.get(_name(said)), faults.get(_name(said), "unknown"))
        for check_id, said in named.items()
    ]


def _fault(record: gauges.Record, site: Site, at: datetime, at_latest: datetime) -> str | None:
    found = [
        rules.fault(record.calibrations, record.blocks, one, gauges.today(site, one)) for one in (at, at_latest)
    ]  # fmt: skip
    return found[0] and found[1] and found[0]


def _name(said: Any) -> str:
    """A gauge's code; nothing where what was sent cannot be one, which no gauge is called."""
    try:
        code: str = Code().deserialize(said)
    except ma.ValidationError:
        return ""
    return code


def rows_of(found: Collection[Use], uuid: str, lot: Lot, at: datetime) -> list[dict[str, Any]]:
    """Rows for what an inspection of the lot was measured with."""
    return [
        {"uuid": uuid, "check_id": one.check_id, "site_id": lot.site_id, "lot_id": lot.id, "gauge": one.gauge,
         "gauge_id": one.gauge_id, "fault": one.fault, "at": at}
        for one in found
    ]  # fmt: skip


# --- what a finding throws doubt on ---


def doubted(gauge: Gauge, doubts: Collection[Doubt]) -> Any:
    """The condition of what was measured with the gauge while it may have been wrong."""
    mine = (GaugeUse.site_id == gauge.site_id) & (GaugeUse.gauge == gauge.code)
    times = peewee.Value(0) == 1
    for one in doubts:
        since = (GaugeUse.at >= one.since) if one.since else (GaugeUse.at == GaugeUse.at)
        times |= since & ((GaugeUse.at < one.until) if one.until else (GaugeUse.at == GaugeUse.at))
    return mine & times


def doubts_of(gauge_id: str) -> list[Doubt]:
    return rules.doubts(gauges.records([gauge_id])[gauge_id].calibrations)


def cause_of(gauge: Gauge, doubt: Doubt) -> Cause:
    return Cause("gauge", doubt.calibration, {"gauge": gauge.code})


def found_out(calibration_id: str, most: int) -> tuple[list[Lot], Cause] | None:
    """Lots that were measured with a gauge that a calibration found out of tolerance, and were not held for it yet."""
    row: GaugeCalibration = GaugeCalibration.get_by_id(calibration_id)
    gauge: Gauge = Gauge.get_by_id(row.gauge_id)
    doubt = next((one for one in doubts_of(gauge.id) if one.calibration == row.id), None)
    if doubt is None:
        return None
    cause = cause_of(gauge, doubt)
    measured = GaugeUse.select(GaugeUse.lot_id).where(doubted(gauge, [doubt]))
    wanted = Lot.id.in_(measured) & Lot.shipped_at.is_null() & cause.unheld
    return list(Lot.select().where(wanted).order_by(Lot.id).limit(most)), cause


def causes_for(uuid: str) -> list[Cause]:
    """Findings that were made before an inspection reached us, and throw doubt on what it measured."""
    found = []
    for use in GaugeUse.select().where(GaugeUse.uuid == uuid):
        gauge: Gauge | None = Gauge.get_or_none((Gauge.site_id == use.site_id) & (Gauge.code == use.gauge))
        if gauge is not None:
            found += [cause_of(gauge, one) for one in doubts_of(gauge.id) if one.has(use.at)]
    return found
