"""Gauges as every view shows them, and the lots that a bad finding throws doubt on."""

from collections.abc import Sequence
from typing import Any

from peewee import fn

from qc_service.db import db
from qc_service.lines.models import Site
from qc_service.lots import gauge_rules, gauges, measuring
from qc_service.lots.gauge_models import Gauge, GaugeBlock, GaugeCalibration, GaugeUse
from qc_service.lots.gauge_rules import Doubt
from qc_service.lots.hold_models import LotHold, OpenHold
from qc_service.lots.models import Lot
from qc_service.procedures import naming

Reply = dict[str, Any]


def lots_in_doubt(gauge: Gauge, doubts: Sequence[Doubt]) -> Any:
    """The lots that were measured with it while it may have been wrong."""
    measured = GaugeUse.select(GaugeUse.lot_id).where(measuring.doubted(gauge, doubts))
    return Lot.select().where(Lot.id.in_(measured))


def affected(gauge: Gauge, doubts: Sequence[Doubt], rows: Sequence[Lot]) -> list[Reply]:
    names = [row.id for row in rows]
    sums: Any = (
        GaugeUse.select(GaugeUse.lot_id, fn.MIN(GaugeUse.at), fn.MAX(GaugeUse.at), fn.COUNT(GaugeUse.check_id))
        .where(GaugeUse.lot_id.in_(names) & measuring.doubted(gauge, doubts))
        .group_by(GaugeUse.lot_id)
    )
    times = {lot_id: (_moment(first), _moment(last), count) for lot_id, first, last, count in sums.tuples()}
    causes = [one.calibration for one in doubts]
    holding = LotHold.select(LotHold.lot_id).join(OpenHold, on=(OpenHold.hold_id == LotHold.id))
    held = {row.lot_id for row in holding.where(
        LotHold.lot_id.in_(names) & (LotHold.kind == "gauge") & LotHold.cause.in_(causes)
    )}  # fmt: skip
    places = naming.places((row.line_id for row in rows), (row.site_id for row in rows))
    return [
        {
            "lot": row.code, "line": places[row.line_id], "site": places[row.site_id], "first_at": times[row.id][0],
            "last_at": times[row.id][1], "answers": times[row.id][2], "shipped_at": row.shipped_at,
            "on_hold": row.id in held,
        }
        for row in rows
    ]  # fmt: skip


def _moment(value: Any) -> Any:
    return GaugeUse.at.python_value(value)


def listed(rows: Sequence[Gauge]) -> list[Reply]:
    book, now = gauges.records([row.id for row in rows]), db.obj.now()
    sites = {site.id: site for site in Site.select().where(Site.id.in_([row.site_id for row in rows]))}
    found = []
    for row in rows:
        record, site = book[row.id], sites[row.site_id]
        last = gauge_rules.latest(record.calibrations)
        found.append({
            "id": row.id, "code": row.code, "name": row.name, "site": site.code, "unit": row.unit,
            "state": gauge_rules.state(record.calibrations, record.blocks, gauges.today(site, now)),
            "calibrated_at": last and last.at, "due_on": last and last.due_on, "created_at": row.created_at,
        })  # fmt: skip
    return found


def whole(row: Gauge) -> Reply:
    calibrations: list[GaugeCalibration] = list(
        GaugeCalibration.select()
        .where(GaugeCalibration.gauge_id == row.id)
        .order_by(GaugeCalibration.calibrated_at.desc())
    )
    blocks: list[GaugeBlock] = list(
        GaugeBlock.select().where(GaugeBlock.gauge_id == row.id).order_by(GaugeBlock.number.desc())
    )
    people = naming.people([*(one.person_id for one in calibrations), *(one.person_id for one in blocks)])
    [told] = listed([row])
    return {
        **told,
        "calibrations": [naming.columns(one) | {"person": people[one.person_id]} for one in calibrations],
        "blocks": [naming.columns(one) | {"person": people[one.person_id]} for one in blocks],
    }
