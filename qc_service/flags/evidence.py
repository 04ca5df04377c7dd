"""The evidence document: inputs, numbers and chart points of a watch at one moment, ready to be frozen or shown.

It is put together from stored records; nothing is judged in here. The page that shows a fix now and the evidence
that was frozen for a verdict have the same shape, and the same chart: limits and hints are arithmetic on at most 600
lots and the baseline, done when evidence is frozen or shown, and never for each lot that arrives. Which lot is far out
was said once, when it arrived.
"""

import hashlib
from collections.abc import Iterable, Mapping
from math import log
from typing import Any

from qc_service.canonical import canonical
from qc_service.clock import iso, parse
from qc_service.counts.history import LotOfMeasure, lots
from qc_service.counts.measures import MEASURES
from qc_service.counts.models import ProductionCount
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import ALPHA
from qc_service.flags import guards
from qc_service.flags.drawing import charted
from qc_service.flags.models import Watch, WatchPoint
from qc_service.lines.models import Line, Site

FAR_OUT_FOR = 10  # lots: until then a catastrophe has become a verdict, or the line is itself again
MOST_POINTS = 600  # points after the fix that a chart keeps; the table and the numbers know all


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
        "notes": fix.frozen["notes"], "guards": guards.told(watch, fix), "method": fix.method, "mode": fix.mode,
        "ends_at": iso(watch.ends_at) if watch.ends_at else None, "as_of": iso(watch.as_of),
    }  # fmt: skip


def document(watch: Watch, fix: Fix) -> dict[str, Any]:
    """The evidence of a watch as it stands."""
    marked = {mark["lot"] for mark in watch.finding.get("far_out", ())}
    kind = MEASURES[fix.measure].kind
    chart, stages = charted(kind, entries(watch, fix), watch.finding["rate"], marked)
    told = {"sentence": watch.sentence, "explanation": watch.explanation}
    drawn = {"points": chart, "stages": stages, "points_left_out": _left_out(watch)}
    return {**summary(watch, fix), **told, **drawn}


def entries(watch: Watch, fix: Fix) -> list[dict[str, Any]]:
    """The lots of the evidence in their order, before anything is drawn: those of the baseline, those that were
    running when the fix came, and the last ones since."""
    after = WatchPoint.select().where((WatchPoint.watch_id == watch.id) & (WatchPoint.number > _left_out(watch)))
    found = [_before(entry) for entry in fix.baseline["lots"]]
    found += [_straddling(lot) for lot in _straddlers(fix)]
    since = [_after(point) for point in after.order_by(WatchPoint.number)]
    return found + _with_open(since, guards.waiting_lots(fix, watch.ends_at))


def _left_out(watch: Watch) -> int:
    return max(watch.lots - MOST_POINTS, 0)


def sha256(doc: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(doc)).hexdigest()


def far_out_now(finding: Mapping[str, Any]) -> dict[str, int] | None:
    """The latest lot far out, while it is recent: its number after the fix, and the most events to be expected."""
    marks: list[dict[str, int]] = finding.get("far_out") or []
    recent = marks and finding["lots"] - marks[-1]["lot"] < FAR_OUT_FOR
    return marks[-1] if recent else None


def _numbers(finding: Mapping[str, Any], frozen: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("baseline_rate", "promised_rate", "assumed", "stays_at", "alarm_rate", "verification_rate")
    found = {name: frozen[name] for name in shown}
    found |= {name: finding[name] for name in finding if name not in ("verdict", "leaning", "facts")}
    alpha = frozen.get("alpha", ALPHA)
    return {**found, "threshold": round(1 / alpha, 6), "log_threshold": log(1 / alpha)}


def _before(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": entry["external_id"], "external_id": entry["external_id"], "source": entry["source"],
        "period_start": entry["period_start"], "period_end": entry["period_end"], "n": entry["n"], "d": entry["d"],
        "stage": "before", "excluded": entry["excluded"], "why": entry["why"], "lot": None, "log_e_fail": None,
        "log_e_ok": None, "rate_low": None, "rate_high": None,
    }  # fmt: skip


def _straddlers(fix: Fix) -> Iterable[LotOfMeasure]:
    """Lots that were running when the fix came into effect: they belong to neither side."""
    running = (ProductionCount.period_start < fix.in_effect_at) & (ProductionCount.period_end > fix.in_effect_at)
    return lots(fix.line_id, MEASURES[fix.measure], fix.defect_code, condition=running)


def _straddling(lot: LotOfMeasure) -> dict[str, Any]:
    return {
        "label": lot.external_id, "external_id": lot.external_id, "source": lot.source,
        "period_start": iso(lot.period_start), "period_end": iso(lot.period_end), "n": lot.n, "d": lot.d,
        "stage": "straddling", "excluded": True, "why": None, "lot": None, "log_e_fail": None, "log_e_ok": None,
        "rate_low": None, "rate_high": None,
    }  # fmt: skip


def _with_open(since: list[dict[str, Any]], waiting: Iterable[LotOfMeasure]) -> list[dict[str, Any]]:
    """The lots since the fix, those that are shown and not judged among them where they were made."""
    shown = [{**_straddling(lot), "stage": "open"} for lot in waiting]
    return sorted([*since, *shown], key=lambda one: (parse(one["period_end"]), one["source"], one["external_id"]))


def _after(point: WatchPoint) -> dict[str, Any]:
    return {
        "label": point.external_id, "external_id": point.external_id, "source": point.source,
        "period_start": iso(point.period_start), "period_end": iso(point.period_end), "n": point.n, "d": point.d,
        "stage": "after", "excluded": False, "why": None, "lot": point.number, "log_e_fail": point.log_e_fail,
        "log_e_ok": point.log_e_ok, "rate_low": point.rate_low, "rate_high": point.rate_high,
    }  # fmt: skip
