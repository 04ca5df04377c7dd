"""What else must be known with a verdict: lots that are still open, other fixes in the same period, the frozen guards.

Facts about the line that may change without any lot of the fix are kept with the watch's finding, so that a page
reads them where it reads the numbers; whoever judges asks `moved` whether they are still the facts.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from qc_service.clock import iso, parse
from qc_service.counts.history import LotOfMeasure, open_lots
from qc_service.counts.measures import MEASURES
from qc_service.counts.models import ProductionCount
from qc_service.fixes.models import Fix
from qc_service.flags.models import Watch, WatchPoint

OPEN_FOR = timedelta(days=30)  # a lot that is open longer is told of on the board: it would never be judged
MOST_FIXES = 5  # that are named


def facts(watch: Watch, fix: Fix, ends_at: datetime | None) -> dict[str, Any]:
    """Lots that wait to be closed, and fixes of another kind that came in the same period; only what there is."""
    found: dict[str, Any] = {}
    waiting = waiting_lots(fix, ends_at)
    if waiting:
        found["open"] = {"lots": len(waiting), "since": iso(waiting[0].period_end)}
    others = overlapping(fix, _until(watch, ends_at))
    if others:
        found["overlapping"] = others
    return found


def moved(watch: Watch, fix: Fix, ends_at: datetime | None) -> bool:
    """Are the facts other ones than those that were kept?"""
    return bool(facts(watch, fix, ends_at) != watch.finding.get("facts", {}))


def waiting_lots(fix: Fix, ends_at: datetime | None) -> list[LotOfMeasure]:
    """The lots of a fix that are shown and not judged, because their rework may still come."""
    since = ProductionCount.period_start >= fix.in_effect_at
    window = since if ends_at is None else since & (ProductionCount.period_end <= ends_at)
    return open_lots(fix.line_id, MEASURES[fix.measure], fix.defect_code, window)


def overlapping(fix: Fix, until: datetime | None) -> list[dict[str, Any]]:
    """Fixes of the line that came into effect between the first lot of the baseline and `until`.

    A later fix of the same kind ends this one, and the baseline begins with the one before, unless that was only
    declared afterwards: then it stands in a baseline that is frozen. Those that were declared together with it are
    the same action, and never among them.
    """
    starts = [entry["period_start"] for entry in fix.baseline["lots"]]
    since = parse(min(starts)) if starts else fix.in_effect_at
    query = Fix.select().where((Fix.line_id == fix.line_id) & (Fix.id != fix.id) & (Fix.in_effect_at > since))
    if until is not None:
        query = query.where(Fix.in_effect_at < until)
    same, together = (fix.measure, fix.defect_code), fix.together_with or ()
    others = [
        one
        for one in query.order_by(Fix.in_effect_at, Fix.id)
        if one.id not in together and ((one.measure, one.defect_code) != same or one.in_effect_at < fix.in_effect_at)
    ]
    names = ("id", "title", "measure", "defect_code")
    return [
        {**{name: getattr(one, name) for name in names}, "in_effect_at": iso(one.in_effect_at)}
        for one in others[:MOST_FIXES]
    ]


def _until(watch: Watch, ends_at: datetime | None) -> datetime | None:
    """What came after the lot of a verdict has no part in it."""
    at = watch.finding.get("flagged_at_lot") or watch.finding.get("verified_at_lot")
    if at is None:
        return ends_at
    point = WatchPoint.get_or_none((WatchPoint.watch_id == watch.id) & (WatchPoint.number == at))
    return point.period_end if point is not None else ends_at


def told(watch: Watch, fix: Fix) -> dict[str, Any]:
    """The guards of a fix for its evidence document."""
    frozen, finding = fix.frozen, watch.finding
    return {
        "blocks": frozen.get("blocks", 1), "waiting": finding.get("waiting_lots", 0),
        "trend": frozen.get("trend"), "season": frozen.get("season"), "baseline_lots": frozen["baseline_lots"],
        "withheld_at_lot": finding.get("withheld_at_lot"), "together_with": fix.together_with or [],
        **finding.get("facts", {}),
    }  # fmt: skip


def reasons(guarded: Mapping[str, Any]) -> list[str]:
    """Names of what a reader should know, in their order."""
    named = {
        "baseline_trend": guarded["trend"], "baseline_season": guarded["season"],
        "waiting_block": guarded["waiting"], "open_lots": guarded.get("open"),
        "overlapping_fix": guarded.get("overlapping"),
    }  # fmt: skip
    return [name for name, there in named.items() if there]


def overdue(now: datetime) -> Any:
    """The condition on counts that have been open for too long."""
    return (
        ProductionCount.is_lot
        & ProductionCount.open.is_null(is_null=False)
        & (ProductionCount.period_end < now - OPEN_FOR)
    )
