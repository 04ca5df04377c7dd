"""Writing down what the watch of a line found: its state, and the flag it opens or closes with its evidence.

Called by the worker that judges, inside one change on the line's stream.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qc_service.audit import Change
from qc_service.auth import Actor
from qc_service.clock import iso
from qc_service.counts.history import LotKey, LotOfMeasure
from qc_service.db import new_id
from qc_service.flags.evidence import sha256
from qc_service.flags.line_evidence import KIND, document, summary
from qc_service.flags.line_sentences import explanation, sentence
from qc_service.flags.line_stages import Stage
from qc_service.flags.models import Evidence, Flag, LineNormal, LineWatch, LineWatchPoint
from qc_service.lines.models import Line
from qc_service.words import Words

METHODS = ("linewatch-1",)  # the workers' registry holds the code, and a test that both agree
DEFAULT_METHOD = METHODS[-1]
_NEVER_CHANGES = {"id", "site_id", "line_id", "measure", "method"}


@dataclass(frozen=True, slots=True)
class LineJudged:
    """A detector's answer for one line and measure. `points` replace the stored ones from `first_new` on.

    `state` and `finding` are none where the line is not watched because a fix is.
    """

    state: dict[str, Any] | None
    finding: dict[str, Any] | None
    first_new: int
    points: Sequence[tuple[LotOfMeasure, float | None]]
    seen_seq: int
    last_key: LotKey | None


def start(change: Change, line: Line, measure: str, stage: Stage) -> LineWatch:
    """A watch that has seen nothing yet; the caller saves its first judgement in the same change."""
    watch: LineWatch = LineWatch(
        id=new_id("lwt"), site_id=line.site_id, line_id=line.id, measure=measure, method=DEFAULT_METHOD,
        began_at=stage.at, began_with=stage.began_with, began_ref=stage.ref, state=None, finding=None, seen_seq=0,
        last_key=None, lots=0, verdict="learning", changed_at=None, sentence="", explanation="", evidence_id=None,
        as_of=change.now,
    )  # fmt: skip
    watch.save(force_insert=True)
    return watch


def save(change: Change, watch: LineWatch, stage: Stage, judged: LineJudged) -> None:
    """Store a judgement, and open, renew or close the flag."""
    closes = _why_closed(watch, stage)
    before = watch.finding and (watch.began_at, watch.finding["flagged_at_lot"], watch.changed_at)
    _points(change, watch, judged)
    watch.began_at, watch.began_with, watch.began_ref = stage.at, stage.began_with, stage.ref
    watch.state, watch.finding, watch.seen_seq = judged.state, judged.finding, judged.seen_seq
    watch.last_key = judged.last_key and [iso(judged.last_key[0]), *judged.last_key[1:]]
    watch.lots = judged.first_new - 1 + len(judged.points)
    watch.verdict = judged.finding["verdict"] if judged.finding else "silent"
    watch.as_of = change.now
    told = summary(watch)
    words = Words(zone=told["site"]["time_zone"])
    watch.changed_at = _changed_at(watch)
    watch.sentence, watch.explanation = sentence(told, words), explanation(told, words)
    now = watch.finding and (watch.began_at, watch.finding["flagged_at_lot"], watch.changed_at)
    flag, moved = _move_flag(change, watch, closes, is_news=before != now)
    names = [name for name in LineWatch._meta.fields if name not in _NEVER_CHANGES]  # noqa: SLF001
    change.update(watch, **{name: getattr(watch, name) for name in names})
    if flag is not None and moved is not None:
        change.type, change.follow = "flag.moved", True
        change.data |= {"flag": moved, "flag_id": flag.id}


def _changed_at(watch: LineWatch) -> Any:
    """Settled at the alarm: the lot at which the rise begins does not move any more."""
    finding = watch.finding
    if finding is None or finding["flagged_at_lot"] is None:
        return None
    number = finding["past_lots"] + (finding["change_located"] or 1)
    point = LineWatchPoint.get_or_none((LineWatchPoint.watch_id == watch.id) & (LineWatchPoint.number == number))
    return point and point.period_start


def _why_closed(watch: LineWatch, stage: Stage) -> str:
    """The reason, if the flag closes with this judgement: another stage began, or else the numbers were corrected."""
    if (watch.began_at, watch.began_with, watch.began_ref) == (stage.at, stage.began_with, stage.ref):
        return "corrected"
    if stage.began_with == "new_normal":
        return "new_normal"
    return "fix_not_holding" if stage.silent and stage.ref == watch.began_ref else "fix_declared"


def _points(change: Change, watch: LineWatch, judged: LineJudged) -> None:
    """The points from `first_new` on are replaced; those beyond the new end go."""
    first, stored = judged.first_new, watch.lots
    if stored >= first:
        mine = (LineWatchPoint.watch_id == watch.id) & (LineWatchPoint.number >= first)
        LineWatchPoint.delete().where(mine).execute()
    end = first + len(judged.points)
    change.delete(LineWatchPoint, [{"watch_id": watch.id, "number": number} for number in range(end, stored + 1)])
    rows = [
        {
            "watch_id": watch.id, "number": first + place, "site_id": watch.site_id, "count_id": lot.count_id,
            "revision": lot.revision, "source": lot.source, "external_id": lot.external_id,
            "period_start": lot.period_start, "period_end": lot.period_end, "n": lot.n, "d": lot.d, "log_e": log_e,
        }
        for place, (lot, log_e) in enumerate(judged.points)
    ]  # fmt: skip
    change.insert_many(LineWatchPoint, rows)


def _move_flag(change: Change, watch: LineWatch, close_reason: str, *, is_news: bool) -> tuple[Flag | None, str | None]:
    """Open while the line is out of control and no fix of the measure was declared since."""
    mine = (Flag.line_id == watch.line_id) & (Flag.kind == KIND) & (Flag.measure == watch.measure)
    flag: Flag | None = Flag.get_or_none(mine & (Flag.state == "open"))
    if watch.verdict != "out_of_control":
        watch.evidence_id = None
        if flag is None:
            return None, None
        change.update(flag, state="closed", closed_at=change.now, close_reason=close_reason)
        return flag, "closed"
    if flag is None:
        watch.evidence_id = _freeze(change, watch)
        flag = change.insert(
            Flag, id=new_id("flg"), site_id=watch.site_id, line_id=watch.line_id, kind=KIND, measure=watch.measure,
            episode=Flag.select().where(mine).count() + 1, state="open", sentence=watch.sentence,
            evidence_id=watch.evidence_id, opened_at=change.now,
        )  # fmt: skip
        return flag, "opened"
    if not is_news:
        return flag, None
    watch.evidence_id = _freeze(change, watch)
    change.update(flag, sentence=watch.sentence, evidence_id=watch.evidence_id)
    return flag, "updated"


def _freeze(change: Change, watch: LineWatch) -> str:
    doc = document(watch)
    frozen: Evidence = change.insert(
        Evidence, id=new_id("evd"), site_id=watch.site_id, line_id=watch.line_id, document=doc, sha256=sha256(doc),
        created_at=change.now,
    )  # fmt: skip
    return str(frozen.id)


def accept(change: Change, actor: Actor, flag: Flag, reason: str) -> None:
    """What the line does since the change is its new normal; the worker takes its past from there."""
    watch: LineWatch = LineWatch.get((LineWatch.line_id == flag.line_id) & (LineWatch.measure == flag.measure))
    change.insert(
        LineNormal, id=new_id("lnm"), site_id=flag.site_id, line_id=flag.line_id, measure=flag.measure,
        flag_id=flag.id, from_at=watch.changed_at or change.now, reason=reason, accepted_by=actor.author.name,
        accepted_at=change.now,
    )  # fmt: skip


def of_line(line_id: str) -> list[LineWatch]:
    return list(LineWatch.select().where(LineWatch.line_id == line_id).order_by(LineWatch.measure))
