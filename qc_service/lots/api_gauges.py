"""Gauges over HTTP: whether they are good for use, and what was measured with those that were not."""

from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.lines import service as lines
from qc_service.lines.models import Site
from qc_service.lots import gauge_replies, gauges, measuring
from qc_service.lots import gauge_schemas as schemas
from qc_service.lots.gauge_models import Gauge
from qc_service.lots.gauges import READ
from qc_service.lots.models import Lot
from qc_service.web import Blueprint

blp = Blueprint("gauges", __name__, url_prefix="/v1", description="Gauges and their calibration")

Reply = dict[str, Any]


@blp.route("/gauges", methods=["POST"])
@allow("gauge.calibrate")
@blp.arguments(schemas.GaugeIn)
@blp.response(201, schemas.GaugeOut)
def take_gauge_into_use(body: Reply) -> Reply:
    """Take a gauge into use with the calibration that it comes with."""
    return gauge_replies.whole(gauges.take_into_use(actor(), body))


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
    return {**found, "data": gauge_replies.listed(found["data"])}


@blp.route("/gauges/<code>", methods=["GET"])
@allow("gauge.read")
@blp.arguments(schemas.GaugeArgs, location="query")
@blp.response(200, schemas.GaugeOut)
def get_gauge(args: Reply, code: str) -> Reply:
    """One gauge with its calibrations and blocks."""
    return gauge_replies.whole(gauges.find(actor(), READ, code, args["site"]))


@blp.route("/gauges/<code>", methods=["PATCH"])
@allow("gauge.calibrate")
@blp.arguments(schemas.GaugeArgs, location="query")
@blp.arguments(schemas.GaugePatch)
@blp.response(200, schemas.GaugeOut)
def rename_gauge(args: Reply, body: Reply, code: str) -> Reply:
    """Rename a gauge; its code stays."""
    return gauge_replies.whole(gauges.rename(actor(), code, body["name"], args["site"]))


@blp.route("/gauges/<code>/calibrations", methods=["POST"])
@allow("gauge.calibrate")
@blp.arguments(schemas.CalibrationIn)
@blp.response(201, schemas.GaugeOut)
def record_calibration(body: Reply, code: str) -> Reply:
    """Record how a gauge was found. Out of tolerance: it is blocked, and what it measured is put on hold."""
    return gauge_replies.whole(gauges.calibrate(actor(), code, body))


@blp.route("/gauges/<code>/block", methods=["POST"])
@allow("gauge.block")
@blp.arguments(schemas.BlockIn)
@blp.response(200, schemas.GaugeOut)
def block_gauge(body: Reply, code: str) -> Reply:
    """Block a gauge: from now on nothing is measured with it."""
    return gauge_replies.whole(gauges.block(actor(), code, body))


@blp.route("/gauges/<code>/unblock", methods=["POST"])
@allow("gauge.unblock")
@blp.arguments(schemas.BlockIn)
@blp.response(200, schemas.GaugeOut)
def unblock_gauge(body: Reply, code: str) -> Reply:
    """Let a gauge be used again."""
    return gauge_replies.whole(gauges.unblock(actor(), code, body))


@blp.route("/gauges/<code>/affected", methods=["GET"])
@allow("gauge.read")
@blp.arguments(schemas.GaugeListArgs, location="query")
@blp.response(200, schemas.AffectedPage)
def list_affected(args: Reply, code: str) -> Reply:
    """The lots that were measured with it since it was last good, where it was found out of tolerance."""
    gauge = gauges.find(actor(), READ, code, args["site"])
    doubts = measuring.doubts_of(gauge.id)
    found = paging.page(gauge_replies.lots_in_doubt(gauge, doubts), Lot, args, lambda row: row)
    return {**found, "data": gauge_replies.affected(gauge, doubts, found["data"])}
