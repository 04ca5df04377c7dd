"""The watches of a line against its own past, over HTTP."""

from typing import Any

from qc_service.auth import actor, allow
from qc_service.flags import line_watches, schemas
from qc_service.flags.models import LineWatch
from qc_service.lines import service as lines
from qc_service.lines.schemas import SiteArg
from qc_service.schemas import page_of
from qc_service.web import Blueprint

blp = Blueprint("line_watches", __name__, url_prefix="/v1", description="Lines watched against their own past")


@blp.route("/lines/<code>/watches", methods=["GET"])
@allow("flag.read")
@blp.arguments(SiteArg, location="query")
@blp.response(200, page_of(schemas.LineWatchOut))
def list_line_watches(args: dict[str, Any], code: str) -> dict[str, Any]:
    """Has this line got worse, although nobody declared a fix?"""
    line = lines.line_at(actor(), "flag.read", code, args["site"])
    data = [_told(watch) for watch in line_watches.of_line(line.id)]
    return {"data": data, "has_more": False, "next_cursor": None}


def _told(watch: LineWatch) -> dict[str, Any]:
    nothing = dict.fromkeys(schemas.LineWatchOut().fields)
    evidence = watch.evidence_id and f"/v1/evidence/{watch.evidence_id}"
    return {
        **nothing,
        "leaning": False,
        **(watch.finding or {}),
        **watch.__data__,
        "lots": watch.finding and watch.finding["lots"],
        "evidence": evidence,
    }
