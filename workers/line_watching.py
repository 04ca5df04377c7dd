"""Has a line got worse without a fix? Folds a line's new lots into the watches of its measures, or all of them anew.

As with fixes (`judging.py`), a lot that comes after the last one costs one update and a late or corrected one costs a
rebuild, and either way the end is the same. It is judged after the line's fixes, whose verdicts say where its past
begins.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from qc_service import audit
from qc_service.clock import parse
from qc_service.counts import history
from qc_service.counts.history import LotKey, LotOfMeasure
from qc_service.counts.measures import MEASURES, Measure
from qc_service.counts.models import ProductionCount
from qc_service.db import locked
from qc_service.flags import line_watches
from qc_service.flags.line_stages import Stage, stage_of
from qc_service.flags.line_watches import LineJudged
from qc_service.flags.models import LineWatch, LineWatchPoint
from qc_service.lines.models import Line
from workers.detectors.registry import LINE_METHODS
from workers.judging import MOST_UNREAD

Rows = list[tuple[LotOfMeasure, float | None]]


def watch_line(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001 - every reaction is given the time
    """After counts changed, a fix was declared or a new normal accepted: bring every measure of the line up to date."""
    line: Line = Line.get_by_id(data["line_id"])
    for measure in MEASURES.values():
        with audit.change(
            audit.SYSTEM,
            "line.watched",
            site_id=line.site_id,
            line_id=line.id,
            data={"line_id": line.id, "measure": measure.code},
            follow=False,
        ) as change:
            head = change.seq - 1  # locks the line: nothing is recorded on it until this judgement is stored
            if not _judge(change, line, measure, head, data):
                change.discard()


def _judge(change: audit.Change, line: Line, measure: Measure, head: int, data: Mapping[str, Any]) -> bool:
    """False where nothing is new."""
    stage, anew = stage_of(line.id, measure.code), bool(data.get("moved_away"))
    mine = (LineWatch.line_id == line.id) & (LineWatch.measure == measure.code)
    watch: LineWatch | None = locked(LineWatch.select().where(mine)).first()
    if watch is None:
        if not _carries(line, measure, data):
            return False
        watch, anew = line_watches.start(change, line, measure.code, stage), True
    moved = (watch.began_at, watch.began_with, watch.began_ref) != (stage.at, stage.began_with, stage.ref)
    if stage.silent:
        judged = None if watch.verdict == "silent" and not moved else LineJudged(None, None, 1, [], head, None)
    else:
        judged = _anew(watch, measure, stage, head) if anew or moved else _advance(watch, measure, stage, head)
    if judged is None:
        return False
    line_watches.save(change, watch, stage, judged)
    return True


def _carries(line: Line, measure: Measure, data: Mapping[str, Any]) -> bool:
    """Whether a lot of the line carries the measure, as far as this message can tell: it is asked at every count of
    every measure that the line never has, so only the time is looked at in which counts changed."""
    when = None
    if "from" in data:
        begin, end = parse(data["from"]), parse(data["to"])
        when = (ProductionCount.period_end >= begin) & (ProductionCount.period_end <= end)
    return next(history.lots(line.id, measure, condition=when), None) is not None


def _anew(watch: LineWatch, measure: Measure, stage: Stage, head: int) -> LineJudged:
    """Fold every lot of the stage from the first; keep the stored points that came out the same."""
    state = LINE_METHODS[watch.method].start(measure.kind)
    lots = list(history.lots(watch.line_id, measure, condition=_window(stage)))
    judged = _fold(watch, state, lots, 1, head)
    same = _same_points(watch, judged.points)
    return LineJudged(judged.state, judged.finding, same + 1, judged.points[same:], head, judged.last_key)


def _window(stage: Stage) -> Any:
    return None if stage.at is None else ProductionCount.period_start >= stage.at


def _fold(watch: LineWatch, state: Any, lots: list[LotOfMeasure], first: int, head: int) -> LineJudged:
    method, points = LINE_METHODS[watch.method], []
    finding = method.finding(state)
    for lot in lots:
        learning = finding.verdict == "learning"
        state = method.update(state, lot.n, lot.d)
        finding = method.finding(state)
        points.append((lot, None if learning else finding.log_e))
    last = lots[-1].key if lots else watch.last_key and first > 1 and _last_key(watch)
    return LineJudged(method.dump(state), asdict(finding), first, points, head, last or None)


def _same_points(watch: LineWatch, rows: Any) -> int:
    """How many stored points, from the first, are as they would be written now."""
    stored = LineWatchPoint.select().where(LineWatchPoint.watch_id == watch.id).order_by(LineWatchPoint.number)
    same = 0
    for point, (lot, log_e) in zip(stored, rows, strict=False):
        now = (lot.count_id, lot.revision, lot.n, lot.d, lot.period_end, log_e)
        if (point.count_id, point.revision, point.n, point.d, point.period_end, point.log_e) != now:
            break
        same += 1
    return same


def _advance(watch: LineWatch, measure: Measure, stage: Stage, head: int) -> LineJudged | None:
    """Fold what is new, where all of it comes after the last lot; None where nothing concerns this measure."""
    this = (LineWatchPoint.watch_id == watch.id) & (LineWatchPoint.count_id == ProductionCount.id)
    relevant = fn.EXISTS(LineWatchPoint.select(SQL("1")).where(this))
    window = _window(stage)
    rows = history.changed_after(watch.line_id, watch.seen_seq, relevant | window if window is not None else SQL("1=1"))
    query = LineWatchPoint.select().where(
        (LineWatchPoint.watch_id == watch.id) & LineWatchPoint.count_id.in_([row["id"] for row in rows])
    )
    known = {point.count_id: point for point in query} if rows else {}
    read = [(known.get(row["id"]), _lot(row, measure, stage)) for row in rows]
    fresh = [lot for point, lot in read if point is None and lot is not None]
    revised = any(point is not None and not _same(point, lot) for point, lot in read)
    late = watch.last_key and fresh and fresh[0].key <= _last_key(watch)
    if revised or late:
        return _anew(watch, measure, stage, head)
    if fresh or len(rows) > MOST_UNREAD:
        return _fold(watch, LINE_METHODS[watch.method].load(watch.state), fresh, watch.lots + 1, head)
    return None


def _lot(row: dict[str, Any], measure: Measure, stage: Stage) -> LotOfMeasure | None:
    lot = history.as_lot(row, measure, None)
    return lot if lot is not None and stage.covers(lot.period_start) else None


def _same(point: LineWatchPoint, lot: LotOfMeasure | None) -> bool:
    return lot is not None and (point.revision, point.n, point.d, point.period_end) == (
        lot.revision, lot.n, lot.d, lot.period_end,
    )  # fmt: skip


def _last_key(watch: LineWatch) -> LotKey:
    end, source, external_id = watch.last_key
    return parse(end), source, external_id
