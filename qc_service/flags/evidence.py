"""The evidence document: inputs, numbers and chart points of a watch at one moment, ready to be frozen or shown.

It is put together from stored records; nothing is judged in here. The page that shows a fix now and the evidence
that was frozen for a verdict have the same shape.
"""

import hashlib
from collections.abc import Iterable, Mapping
from math import log, sqrt
from typing import Any

from qc_service.canonical import canonical
from qc_service.clock import iso
from qc_service.counts.history import LotOfMeasure, lots
from qc_service.counts.measures import MEASURES
from qc_service.counts.models import ProductionCount
from qc_service.fixes.models import Fix
from qc_service.flags.models import Watch, WatchPoint
from qc_service.lines.models import Line, Site

MOST_POINTS = 600  # points after the fix that a chart keeps; the table and the numbers know all
THRESHOLD = 20
_SIGMAS = 3.0


def summary(watch: Watch, fix: Fix) -> dict[str, Any]:
    """What the sentence and the explanation are made of: the document without its points."""
    line: Line = Line.get_by_id(fix.line_id)
    site: Site = Site.get_by_id(fix.site_id)
    measure = MEASURES[fix.measure]
    return {
        "line": {"code": line.code, "name": line.name, "site": site.code, "time_zone": site.time_zone},
        "fix": {
            "id": fix.id, "title": fix.title, "cause": fix.cause, "action": fix.action, "owner": fix.owner,
            "in_effect_at": iso(fix.in_effect_at), "declared_at": iso(fix.declared_at),
        },
        "measure": {
            "code": measure.code, "name": measure.name, "events": measure.events,
            "units": measure.opportunities, "kind": measure.kind,
        },
        "defect_code": fix.defect_code, "verdict": watch.verdict, "pattern": watch.pattern,
        "leaning": watch.leaning, "reasons": watch.reasons, "numbers": _numbers(watch.finding, fix.frozen),
        "notes": fix.frozen["notes"], "method": fix.method, "mode": fix.mode,
        "ends_at": iso(watch.ends_at) if watch.ends_at else None, "as_of": iso(watch.as_of),
    }  # fmt: skip


def document(watch: Watch, fix: Fix) -> dict[str, Any]:
    """The evidence of a watch as it stands."""
    kind = MEASURES[fix.measure].kind
    before_rate, after_rate = _rate(fix.baseline["lots"]), watch.finding["rate"]
    left_out = max(watch.lots - MOST_POINTS, 0)
    after = WatchPoint.select().where((WatchPoint.watch_id == watch.id) & (WatchPoint.number > left_out))
    chart = [_before(entry, before_rate, kind) for entry in fix.baseline["lots"]]
    chart += [_straddling(lot) for lot in _straddlers(fix)]
    chart += [_after(point, after_rate, kind) for point in after.order_by(WatchPoint.number)]
    stages = [{"stage": "before", "centre": before_rate}, {"stage": "after", "centre": after_rate}]
    told = {"sentence": watch.sentence, "explanation": watch.explanation}
    return {**summary(watch, fix), **told, "points": chart, "stages": stages, "points_left_out": left_out}


def sha256(doc: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(doc)).hexdigest()


def _numbers(finding: Mapping[str, Any], frozen: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("baseline_rate", "promised_rate", "assumed", "stays_at", "alarm_rate", "verification_rate")
    found = {name: frozen[name] for name in shown}
    found |= {name: finding[name] for name in finding if name not in ("verdict", "leaning")}
    return {**found, "threshold": THRESHOLD, "log_threshold": log(THRESHOLD)}


def _rate(entries: Iterable[Mapping[str, Any]]) -> float | None:
    used = [entry for entry in entries if not entry["excluded"]]
    units = sum(entry["n"] for entry in used)
    return sum(entry["d"] for entry in used) / units if units else None


def limits(centre: float | None, n: int, kind: str) -> tuple[float | None, float | None]:
    """Three-sigma limits of a point by its own size: p chart for proportions, u chart for counts (Shewhart, 1931)."""
    if centre is None:
        return None, None
    variance = centre * (1 - centre) if kind == "proportion" else centre
    width = _SIGMAS * sqrt(max(variance, 0.0) / n)
    top = centre + width
    return max(centre - width, 0.0), min(top, 1.0) if kind == "proportion" else top


def _before(entry: Mapping[str, Any], centre: float | None, kind: str) -> dict[str, Any]:
    low, high = limits(centre, entry["n"], kind)
    return {
        "label": entry["external_id"], "external_id": entry["external_id"], "source": entry["source"],
        "period_start": entry["period_start"], "period_end": entry["period_end"], "n": entry["n"], "d": entry["d"],
        "stage": "before", "excluded": entry["excluded"], "why": entry["why"], "lot": None,
        "low": low, "high": high, "log_e_fail": None, "log_e_ok": None, "rate_low": None, "rate_high": None,
    }  # fmt: skip


def _straddlers(fix: Fix) -> Iterable[LotOfMeasure]:
    """Lots that were running when the fix came into effect: they belong to neither side."""
    running = (ProductionCount.period_start < fix.in_effect_at) & (ProductionCount.period_end > fix.in_effect_at)
    return lots(fix.line_id, MEASURES[fix.measure], fix.defect_code, condition=running)


def _straddling(lot: LotOfMeasure) -> dict[str, Any]:
    return {
        "label": lot.external_id, "external_id": lot.external_id, "source": lot.source,
        "period_start": iso(lot.period_start), "period_end": iso(lot.period_end), "n": lot.n, "d": lot.d,
        "stage": "straddling", "excluded": True, "why": None, "lot": None,
        "low": None, "high": None, "log_e_fail": None, "log_e_ok": None, "rate_low": None, "rate_high": None,
    }  # fmt: skip


def _after(point: WatchPoint, centre: float | None, kind: str) -> dict[str, Any]:
    low, high = limits(centre, point.n, kind)
    return {
        "label": point.external_id, "external_id": point.external_id, "source": point.source,
        "period_start": iso(point.period_start), "period_end": iso(point.period_end), "n": point.n, "d": point.d,
        "stage": "after", "excluded": False, "why": None, "lot": point.number,
        "low": low, "high": high, "log_e_fail": point.log_e_fail, "log_e_ok": point.log_e_ok,
        "rate_low": point.rate_low, "rate_high": point.rate_high,
    }  # fmt: skip
