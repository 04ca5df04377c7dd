"""The evidence of a line that got worse without a fix: its past, its numbers and its lots, ready to be frozen.

It has the shape of the evidence of a fix as far as the two have the same things, so that charts and tables read both.
"""

from math import log
from typing import Any

from qc_service.clock import iso
from qc_service.counts.measures import MEASURES
from qc_service.fixes.rules import ALPHA
from qc_service.flags.drawing import charted
from qc_service.flags.evidence import MOST_POINTS
from qc_service.flags.models import LineWatch, LineWatchPoint
from qc_service.lines.models import Line, Site

KIND = "line_out_of_control"
_LEFT_OUT = ("verdict", "leaning")


def summary(watch: LineWatch) -> dict[str, Any]:
    """What the sentence and the explanation are made of: the document without its points."""
    line: Line = Line.get_by_id(watch.line_id)
    site: Site = Site.get_by_id(watch.site_id)
    measure = MEASURES[watch.measure]
    finding: dict[str, Any] = watch.finding or {}
    return {
        "kind": KIND,
        "site": {"code": site.code, "name": site.name, "time_zone": site.time_zone},
        "line": {"code": line.code, "name": line.name, "site": site.code, "time_zone": site.time_zone},
        "measure": {
            "code": measure.code, "name": measure.name, "events": measure.events,
            "units": measure.opportunities, "kind": measure.kind,
        },
        "defect_code": None, "verdict": watch.verdict, "leaning": bool(finding.get("leaning")),
        "began": {"at": watch.began_at and iso(watch.began_at), "with": watch.began_with, "ref": watch.began_ref},
        "change": _change(watch),
        "numbers": {
            **{name: value for name, value in finding.items() if name not in _LEFT_OUT},
            "threshold": 1 / ALPHA, "log_threshold": log(1 / ALPHA),
        },
        "method": watch.method, "as_of": iso(watch.as_of),
    }  # fmt: skip


def _change(watch: LineWatch) -> dict[str, Any] | None:
    """The lot from which the rate most likely rose; where none is seen, the first that was watched."""
    finding = watch.finding
    if finding is None or not finding["lots"]:
        return None
    number = finding["past_lots"] + (finding["change_located"] or 1)
    point: LineWatchPoint | None = LineWatchPoint.get_or_none(
        (LineWatchPoint.watch_id == watch.id) & (LineWatchPoint.number == number)
    )
    if point is None:  # the rise was taken back by the latest lot
        return None
    return {
        "lot": number - finding["past_lots"], "source": point.source, "external_id": point.external_id,
        "period_start": iso(point.period_start),
    }  # fmt: skip


def document(watch: LineWatch) -> dict[str, Any]:
    """The evidence of a watch as it stands; its past has the stage `before`, what was judged `after`."""
    finding, kind = watch.finding, MEASURES[watch.measure].kind
    past_lots = finding["past_lots"]
    left_out = max(watch.lots - past_lots - MOST_POINTS, 0)
    shown = (LineWatchPoint.number <= past_lots) | (LineWatchPoint.number > past_lots + left_out)
    rows = LineWatchPoint.select().where((LineWatchPoint.watch_id == watch.id) & shown)
    found = [_point(row, past_lots) for row in rows.order_by(LineWatchPoint.number)]
    points, stages = charted(kind, found, finding["rate"])
    told = {"sentence": watch.sentence, "explanation": watch.explanation}
    return {**summary(watch), **told, "points": points, "stages": stages, "points_left_out": left_out}


def _point(row: LineWatchPoint, past_lots: int) -> dict[str, Any]:
    past = row.number <= past_lots
    return {
        "label": row.external_id, "external_id": row.external_id, "source": row.source,
        "period_start": iso(row.period_start), "period_end": iso(row.period_end), "n": row.n, "d": row.d,
        "stage": "before" if past else "after", "excluded": False, "why": None,
        "lot": None if past else row.number - past_lots, "log_e_fail": row.log_e, "log_e_ok": None,
    }  # fmt: skip
