"""Gauges over HTTP: whether they are good for use, and what was measured with those that were not."""

from collections.abc import Sequence
from typing import Any

from peewee import fn

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.lines import service as lines
from qc_service.lines.models import Site
from qc_service.lots import gauge_rules, gauges, measuring
from qc_service.lots import gauge_schemas as schemas
from qc_service.lots.gauge_models import Gauge, GaugeBlock, GaugeCalibration, GaugeUse
from qc_service.lots.gauges import READ
from qc_service.lots.hold_models import LotHold, OpenHold
from qc_service.lots.models import Lot
from qc_service.procedures import naming
from qc_service.web import Blueprint

blp = Blueprint("gauges", __name__, url_prefix="/v1", description="Gauges and their calibration")

Reply = dict[str, Any]


@blp.route("/gauges", methods=["POST"])
@allow("gauge.calibrate")
@blp.arguments(schemas.GaugeIn)
@blp.response(201, schemas.GaugeOut)
def take_gauge_into_use(body: Reply) -> Reply:
    """Take a gauge into use with the calibration that it comes with."""
    return _whole(gauges.take_into_use(actor(), body))


@blp.route("/gauges", methods=["GET"])
@allow("gauge.read")
@blp.arguments(schemas.GaugeListArgs, location="query")
@blp.response(200, schemas.GaugePage)
def list_gauges(args: Reply) -> Reply:
    """The gauges that you may see, and whether each is good for use."""
    query = Gauge.select().where(lines.in_sites(Gauge, actor().sites_for(READ)))
    if args["site"]:
        query = query.where(Gauge.site_id == Site.select(Site.id).where(Site.code == args["site"]))
    found = paging.page(query, Gauge, args, lambda row: row)
    return {**found, "data": _listed(found["data"])}


@blp.route("/gauges/<code>", methods=["GET"])
@allow("gauge.read")
@blp.arguments(schemas.GaugeArgs, location="query")
@blp.response(200, schemas.GaugeOut)
def get_gauge(args: Reply, code: str) -> Reply:
    """One gauge with its calibrations and blocks."""
    return _whole(gauges.find(actor(), READ, code, args["site"]))


@blp.route("/gauges/<code>/calibrations", methods=["POST"])
@allow("gauge.calibrate")
@blp.arguments(schemas.CalibrationIn)
@blp.response(201, schemas.GaugeOut)
def record_calibration(body: Reply, code: str) -> Reply:
    """Record how a gauge was found. Out of tolerance: it is blocked, and what it measured is put on hold."""
    return _whole(gauges.calibrate(actor(), code, body))


@blp.route("/gauges/<code>/block", methods=["POST"])
@allow("gauge.block")
@blp.arguments(schemas.BlockIn)
@blp.response(200, schemas.GaugeOut)
def block_gauge(body: Reply, code: str) -> Reply:
    """Block a gauge: from now on nothing is measured with it."""
    return _whole(gauges.block(actor(), code, body))


@blp.route("/gauges/<code>/unblock", methods=["POST"])
@allow("gauge.unblock")
@blp.arguments(schemas.BlockIn)
@blp.response(200, schemas.GaugeOut)
def unblock_gauge(body: Reply, code: str) -> Reply:
    """Let a gauge be used again."""
    return _whole(gauges.unblock(actor(), code, body))


@blp.route("/gauges/<code>/affected", methods=["GET"])
@allow("gauge.read")
@blp.arguments(schemas.GaugeListArgs, location="query")
@blp.response(200, schemas.AffectedPage)
def list_affected(args: Reply, code: str) -> Reply:
    """The lots that were measured with it since it was last good, where it was found out of tolerance."""
    gauge = gauges.find(actor(), READ, code, args["site"])
    doubts = measuring.doubts_of(gauge.id)
    measured = GaugeUse.select(GaugeUse.lot_id).where(measuring.doubted(gauge, doubts))
    found = paging.page(Lot.select().where(Lot.id.in_(measured)), Lot, args, lambda row: row)
    return {**found, "data": _affected(gauge, doubts, found["data"])}


def _affected(gauge: Gauge, doubts: Sequence[gauge_rules.Doubt], rows: Sequence[Lot]) -> list[Reply]:
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


def _listed(rows: Sequence[Gauge]) -> list[Reply]:
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


def _whole(row: Gauge) -> Reply:
    calibrations: list[GaugeCalibration] = list(
        GaugeCalibration.select()
        .where(GaugeCalibration.gauge_id == row.id)
        .order_by(GaugeCalibration.calibrated_at.desc())
    )
    blocks: list[GaugeBlock] = list(
        GaugeBlock.select().where(GaugeBlock.gauge_id == row.id).order_by(GaugeBlock.number.desc())
    )
    people = naming.people([*(one.person_id for one in calibrations), *(one.person_id for one in blocks)])
    [listed] = _listed([row])
    return {
        **listed,
        "calibrations": [naming.columns(one) | {"person": people[one.person_id]} for one in calibrations],
        "blocks": [naming.columns(one) | {"person": people[one.person_id]} for one in blocks],
    }
