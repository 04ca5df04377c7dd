"""The evidence of lots on hold: which they are, where they were made and why they stay, ready to be frozen."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from peewee import fn

from qc_service.clock import iso
from qc_service.flags.held_sentences import explanation, sentence
from qc_service.lines.models import Line, Site
from qc_service.lots.hold_models import LotHold, OpenHold
from qc_service.lots.models import Lot
from qc_service.words import Words

MOST_LOTS = 200  # that are named; the count knows all


def document(holds: Any, now: datetime) -> dict[str, Any] | None:
    """What is known of the lots that these holds keep; None where none of them is on hold any more."""
    still = holds & fn.EXISTS(OpenHold.select(OpenHold.hold_id).where(OpenHold.hold_id == LotHold.id))
    count = _lots(still)
    if not count:
        return None
    newest = LotHold.select().where(still).order_by(LotHold.at.desc(), LotHold.id.desc()).first()
    site: Site = Site.get_by_id(newest.site_id)
    rows = _rows(still, site)
    doc = {
        "kind": "lots_held", "site": {"code": site.code, "name": site.name, "time_zone": site.time_zone},
        "cause": {"kind": newest.kind, "details": _details(newest)},
        "count": count, "ever": _lots(holds), "lines": _lines(still), "lots": rows, "lots_left_out": count - len(rows),
        "newest_at": iso(newest.at), "as_of": iso(now),
    }  # fmt: skip
    words = Words(zone=site.time_zone)
    return {**doc, "sentence": sentence(doc, words), "explanation": explanation(doc, words)}


def _lots(holds: Any) -> int:
    return int(LotHold.select(fn.COUNT(LotHold.lot_id.distinct())).where(holds).scalar())


def _details(hold: LotHold) -> dict[str, Any]:
    """What the sentence names: of a person's hold their words, of a late record its version and no record."""
    if hold.kind == "said":
        return {"reason": hold.reason}
    return {name: hold.details[name] for name in ("gauge", "procedure", "version") if name in hold.details}


def _lines(holds: Any) -> list[str]:
    here = Line.id.in_(LotHold.select(LotHold.line_id).where(holds))
    return [line.name for line in Line.select().where(here).order_by(Line.name, Line.id)]


def _rows(holds: Any, site: Site) -> list[dict[str, Any]]:
    """Each lot once, those that were held first before the others."""
    query: Any = (
        Lot.select(Lot, Line.code.alias("line_code"), fn.MIN(LotHold.at).alias("held_at"))
        .join(LotHold, on=(LotHold.lot_id == Lot.id))
        .switch(Lot)
        .join(Line, on=(Line.id == Lot.line_id))
        .where(holds)
        .group_by(Lot.id, Line.code)
        .order_by(fn.MIN(LotHold.at), Lot.id)
        .limit(MOST_LOTS)
    )
    return [
        {
            "lot": row.code, "line": row.line_code, "product": row.product,
            "held_at": _moment(row.held_at),
            "url": f"/v1/lots/{quote(row.code)}?site={quote(site.code)}",
        }
        for row in query.objects()
    ]  # fmt: skip


def _moment(value: Any) -> str:
    found: Any = LotHold.at.python_value(value)  # what an engine gives of a sum of rows is not a time yet
    return iso(found)
