"""What a tablet fetches, with its own token or a person's: what is there at its line, and the procedures."""

from typing import Any

from flask import request

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.errors import QCError
from qc_service.floor import packages, schemas, standings, station
from qc_service.floor.lighter import lighter
from qc_service.idempotency import unrepeated
from qc_service.lines import service as lines
from qc_service.lines.models import Site
from qc_service.media import code_reader
from qc_service.people.models import Device
from qc_service.texts import later
from qc_service.web import Blueprint

blp = Blueprint("tablets", __name__, url_prefix="/v1", description="What a tablet keeps to work without a network")
blp.after_request(lighter)

Reply = dict[str, Any]


@blp.route("/floor", methods=["GET"])
@allow("floor.read")
@blp.response(200, schemas.TabletOut)
def show_tablet() -> Reply:
    """The tablet whose token or session this is, and the lines at which it may stand."""
    who = actor()
    tablet: Device | None = Device.get_or_none(Device.id == who.device_id) if who.device_id else None
    codes = {site.id: site.code for site in Site.select()}
    return {
        "id": who.device_id, "name": tablet and tablet.name, "now": clock.now(),
        "lines": [station.shown(one, codes[one.site_id]) for one in station.lines_of(who)],
    }  # fmt: skip


@blp.route("/floor/station", methods=["GET"])
@allow("floor.read")
@blp.arguments(schemas.LineArgs, location="query")
@blp.response(200, schemas.StationOut)
def show_station(args: Reply) -> Reply:
    """What is there at a line: people, lots, and the versions of procedures to keep."""
    line = lines.line_for(actor(), station.READ, args["line"], args["site"])
    now = clock.now()
    return {"now": now, **station.station(line, now)}


@blp.route("/floor/procedures/<code>/versions/<int:number>", methods=["GET"])
@allow("floor.read")
@blp.response(200, schemas.PackageOut)
def show_package(code: str, number: int) -> Reply:
    """A version as a tablet keeps it, with its texts in every language."""
    return packages.package(actor(), code, number)


@blp.route("/floor/standings", methods=["GET"])
@allow("floor.read")
@blp.arguments(schemas.StandingsArgs, location="query")
@blp.response(200, schemas.StandingsOut)
def show_standings(args: Reply) -> Reply:
    """What became of records that this tablet sent; of those that it did not, nothing is said."""
    return {"data": standings.standings(actor(), args["uuids"], args["lang"])}


@blp.route("/floor/decode", methods=["POST"])
@allow("floor.read")
@unrepeated  # it changes nothing, and no photo is kept
@blp.response(200, schemas.CodesOut)
@blp.doc(
    requestBody={
        "required": True,
        "description": "A photo of at most 4 MB; nothing of it is kept",
        "content": {code_reader.TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
)
def decode_photo() -> Reply:
    """Read the codes in a photo, where the tablet cannot do it itself."""
    if request.mimetype != code_reader.TYPE:
        raise QCError("unsupported_media_type", later("Send the photo as image/jpeg."))
    most = code_reader.MOST_BYTES
    request.max_content_length = most + 1  # what does not say its length is cut off there, and so is seen to have more
    said = request.content_length or 0
    data = b"" if said > most else request.get_data(cache=False)
    if max(said, len(data)) > most:
        raise QCError("payload_too_large", later("A photo of a code has at most 4 MB: make it smaller."))
    return {"codes": code_reader.read(data)}
