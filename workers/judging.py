"""Is the fix holding? Folds a line's new lots into the watches of its fixes, or folds all of them anew.

A lot that comes after the last one costs one update. A late or corrected lot costs a rebuild, because the order of
lots is part of what the evidence means. Either way the result is the same as if the lots had come in their order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from peewee import SQL, fn

from qc_service import audit
from qc_service.clock import parse
from qc_service.counts import history
from qc_service.counts.history import LotOfMeasure
from qc_service.counts.measures import MEASURES, Measure
from qc_service.counts.models import ProductionCount
from qc_service.db import locked
from qc_service.fixes import service as fixes
from qc_service.fixes.models import Fix, FixState
from qc_service.fixes.rules import ALPHA
from qc_service.flags import guards
from qc_service.flags import service as flags
from qc_service.flags.models import Watch, WatchPoint
from workers import listing
from workers.detectors import confidence
from workers.detectors.confidence import Band
from workers.detectors.far_out import Marks
from workers.detectors.values import Config, Finding, Mode
from workers.guarded import method_of

MOST_UNREAD = 500  # counts that carry nothing for a watch are passed over, but not read again for ever
MARKS = "far_out"  # where they stand in a watch's state; one from before there were any is folded anew


def judge_line(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001 - every reaction is given the time
    """After counts changed or a fix was declared: bring every fix of the line that this can concern up to date."""
    line_id = data["line_id"]
    query = Fix.select(Fix, FixState).join(FixState, on=(FixState.fix_id == Fix.id), attr="standing")
    found: Iterable[Any] = query.where(Fix.line_id == line_id).order_by(Fix.in_effect_at, Fix.id)
    for fix in found:
        if _concerns_baseline(fix, data):
            fixes.note_baseline(audit.SYSTEM, fix)
        if _concerns_watch(fix, fix.standing, data):
            _judge(fix, fix.standing, anew=bool(data.get("moved_away")))


def _concerns_baseline(fix: Fix, data: Mapping[str, Any]) -> bool:
    return "from" in data and parse(data["from"]) < fix.in_effect_at


def _concerns_watch(fix: Fix, state: FixState, data: Mapping[str, Any]) -> bool:
    if "from" not in data:
        return True
    ended = state.ends_at is not None and parse(data["from"]) >= state.ends_at
    return parse(data["to"]) >= fix.in_effect_at and not ended


def _judge(fix: Fix, state: FixState, *, anew: bool) -> None:
    with audit.change(
        audit.SYSTEM,
        "watch.judged",
        site_id=fix.site_id,
        line_id=fix.line_id,
        data={"line_id": fix.line_id},
        follow=False,
    ) as change:
        head = change.seq - 1  # locks the line: nothing is recorded on it until this judgement is stored
        watch = locked(Watch.select().where(Watch.fix_id == fix.id)).first()
        new = watch is None
        if watch is None:
            watch, anew = flags.start_watch(change, fix, config_of(fix).to_json()), True
        anew = anew or watch.ends_at != state.ends_at or MARKS not in watch.state
        judged = _anew(fix, state, watch, head) if anew else _advance(fix, state, watch, head)
        if judged is None:
            change.discard()
            return
        watch.ends_at = state.ends_at
        was_high, lots = listing.is_high(watch), watch.lots
        flags.save(change, watch, fix, judged)
        listing.tell(change, watch, judged, new=new, was_high=was_high, lots=lots)


def config_of(fix: Fix) -> Config:
    """What the detector is handed: the numbers frozen at the declaration, and nothing else."""
    frozen = fix.frozen
    return Config(
        alarm=frozen["alarm_rate"], verification=frozen["verification_rate"], promised=frozen["promised_rate"],
        working_baseline=frozen["working_baseline"], baseline_rate=frozen["baseline_rate"], rho=frozen["rho"],
        pairs=frozen["pairs"], sum_u=frozen["sum_u"], sum_p=frozen["sum_p"], sum_n=frozen["sum_n"],
        sum_m=frozen["sum_m"], kind=frozen["kind"], mode=cast("Mode", fix.mode),
        alpha=frozen.get("alpha", ALPHA),
    )  # fmt: skip


def _window(fix: Fix, state: FixState) -> Any:
    """Lots that began when the fix was in effect and ended before the next fix of its kind."""
    condition = ProductionCount.period_start >= fix.in_effect_at
    return condition if state.ends_at is None else condition & (ProductionCount.period_end <= state.ends_at)


def _in_window(lot: LotOfMeasure, fix: Fix, state: FixState) -> bool:
    return lot.period_start >= fix.in_effect_at and (state.ends_at is None or lot.period_end <= state.ends_at)


def _anew(fix: Fix, state: FixState, watch: Watch, head: int, corrected: list[str] | None = None) -> flags.Judged:
    """Fold every lot of the fix from the first; keep the stored points that came out the same."""
    measure = MEASURES[fix.measure]
    found = history.lots(fix.line_id, measure, fix.defect_code, condition=_window(fix, state))
    lots = [lot for lot in found if not lot.open]
    method, config = method_of(fix), Config.from_json(watch.config)
    numbers = [(lot.n, lot.d) for lot in lots]
    final, points = method.fold(config, numbers)
    band, intervals = _banded(fix, config, numbers)
    rows = [
        (lot, point.log_e_fail, point.log_e_ok, interval)
        for lot, point, interval in zip(lots, points, intervals, strict=True)
    ]
    same = _same_points(watch, rows)
    marks = Marks.start(config).after(config, [(lot.n, lot.d) for lot in lots])
    return flags.Judged(
        _state(method.dump(final), marks), _finding(method.finding(config, final), marks), band.to_json(),
        intervals[-1] if lots else None, same + 1, rows[same:], head, lots[-1].key if lots else None, corrected or (),
    )  # fmt: skip


def _same_points(watch: Watch, rows: list[flags.JudgedLot]) -> int:
    """How many stored points, from the first, are as they would be written now."""
    stored = WatchPoint.select().where(WatchPoint.watch_id == watch.id).order_by(WatchPoint.number)
    same = 0
    for point, (lot, fail, ok, interval) in zip(stored, rows, strict=False):
        if (point.count_id, point.revision, point.n, point.d, point.period_end) != (
            lot.count_id, lot.revision, lot.n, lot.d, lot.period_end,
        ) or (point.log_e_fail, point.log_e_ok, _interval(point)) != (fail, ok, interval):  # fmt: skip
            break
        same += 1
    return same


def _interval(point: WatchPoint) -> flags.Interval | None:
    low, high = point.rate_low, point.rate_high
    return None if low is None or high is None else (low, high)


def _advance(fix: Fix, state: FixState, watch: Watch, head: int) -> flags.Judged | None:
    """Fold what is new, where all of it comes after the last lot; None where nothing concerns this fix."""
    measure = MEASURES[fix.measure]
    this = (WatchPoint.watch_id == watch.id) & (WatchPoint.count_id == ProductionCount.id)
    mine = fn.EXISTS(WatchPoint.select(SQL("1")).where(this))  # asked of what changed, not listed: the list grows
    relevant = _window(fix, state) | mine
    rows = history.changed_after(fix.line_id, watch.seen_seq, relevant)
    known = _known(watch, [row["id"] for row in rows])
    read = [(row, _lot(row, measure, fix, state)) for row in rows]
    corrected = [row["external_id"] for row, lot in read if row["id"] in known and not _same_lot(known[row["id"]], lot)]
    fresh = [lot for row, lot in read if lot is not None and row["id"] not in known]
    late = [lot.external_id for lot in fresh if watch.last_key and lot.key <= _last_key(watch)]
    revised = any(point.revision != lot.revision for point, lot in _pairs(known, read))
    if corrected or late or revised:
        return _anew(fix, state, watch, head, [*corrected, *late])
    if not fresh and len(rows) <= MOST_UNREAD and not guards.moved(watch, fix, state.ends_at):
        return None
    band = _band(watch)
    if band is None:
        return _anew(fix, state, watch, head)
    return _fold(fix, watch, band, fresh, head)


def _band(watch: Watch) -> Band | None:
    """None of a watch that was last judged before there were bands, or when they were others."""
    kept = flags.band_of(watch)
    band = Band.from_json(kept.state) if kept else None
    return band if band is not None and band.lots == watch.lots else None


def _banded(
    fix: Fix, config: Config, numbers: list[tuple[int, int]], band: Band | None = None
) -> tuple[Band, Sequence[confidence.Interval | None]]:
    """The band after more lots, and the interval after each; none where lots resemble their neighbours."""
    band, intervals = confidence.fold(config, numbers, band)
    return band, [None] * len(numbers) if fix.frozen.get("blocks", 1) > 1 else intervals


def _lot(row: dict[str, Any], measure: Measure, fix: Fix, state: FixState) -> LotOfMeasure | None:
    lot = history.as_lot(row, measure, fix.defect_code)
    return lot if lot is not None and not lot.open and _in_window(lot, fix, state) else None


def _known(watch: Watch, ids: list[str]) -> dict[str, WatchPoint]:
    query = WatchPoint.select().where((WatchPoint.watch_id == watch.id) & WatchPoint.count_id.in_(ids))
    return {point.count_id: point for point in query}


def _same_lot(point: WatchPoint, lot: LotOfMeasure | None) -> bool:
    """A revision that changed nothing of this measure needs no rebuild."""
    return lot is not None and (point.n, point.d, point.period_end) == (lot.n, lot.d, lot.period_end)


def _pairs(
    known: dict[str, WatchPoint], read: list[tuple[dict[str, Any], LotOfMeasure | None]]
) -> Iterator[tuple[WatchPoint, LotOfMeasure]]:
    return ((known[row["id"]], lot) for row, lot in read if row["id"] in known and lot is not None)


def _last_key(watch: Watch) -> history.LotKey:
    end, source, external_id = watch.last_key
    return parse(end), source, external_id


def _fold(fix: Fix, watch: Watch, band: Band, fresh: list[LotOfMeasure], head: int) -> flags.Judged:
    method, config = method_of(fix), Config.from_json(watch.config)
    stored, numbers = dict(watch.state), [(lot.n, lot.d) for lot in fresh]
    marks = Marks.from_json(stored.pop(MARKS)).after(config, numbers)
    state = method.load(stored)
    band, intervals = _banded(fix, config, numbers, band)
    points = []
    for lot, interval in zip(fresh, intervals, strict=True):
        state = method.update(config, state, lot.n, lot.d)
        finding = method.finding(config, state)
        points.append((lot, finding.log_e_fail, finding.log_e_ok, interval))
    return flags.Judged(
        _state(method.dump(state), marks), _finding(method.finding(config, state), marks), band.to_json(),
        intervals[-1] if fresh else watch.finding.get("interval"), watch.lots + 1, points, head,
        fresh[-1].key if fresh else watch.last_key and _last_key(watch),
    )  # fmt: skip


def _state(state: dict[str, Any], marks: Marks) -> dict[str, Any]:
    """The detector's state with, beside it, what the marks of lots far out go on from."""
    return {**state, MARKS: marks.to_json()}


def _finding(finding: Finding, marks: Marks) -> dict[str, Any]:
    return {**asdict(finding), "far_out": [asdict(mark) for mark in marks.latest]}
