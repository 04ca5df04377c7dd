"""Writing down what a watch found: its state, a change of verdict with its evidence, and the flag it opens or closes.

Called by the worker that judges, inside one change on the line's stream. A verdict is never rewritten: one that a
correction took away is withdrawn by the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qc_service.audit import Change
from qc_service.auth import Actor
from qc_service.clock import iso
from qc_service.counts.history import LotKey, LotOfMeasure
from qc_service.db import new_id
from qc_service.errors import NotFound
from qc_service.fixes.models import Fix
from qc_service.flags import evidence, guards
from qc_service.flags.models import Evidence, Flag, Verdict, Watch, WatchBand, WatchPoint
from qc_service.flags.sentences import explanation, sentence
from qc_service.lines.models import Site
from qc_service.words import Words

KIND = "fix_not_holding"


Interval = tuple[float, float]
JudgedLot = tuple[LotOfMeasure, float, float, Interval | None]  # the evidence after it (fail, ok), and the interval


@dataclass(frozen=True, slots=True)
class Judged:
    """A detector's answer for one watch. `points` replace the stored ones from `first_new` on.

    `interval` is the rate since the fix with 95 % confidence, None until there is one; `band` is what is kept for it.
    """

    state: dict[str, Any]
    finding: dict[str, Any]
    band: dict[str, Any]
    interval: Interval | None
    first_new: int
    points: Sequence[JudgedLot]
    seen_seq: int
    last_key: LotKey | None
    corrected: Sequence[str] = ()


def start_watch(change: Change, fix: Fix, config: dict[str, Any]) -> Watch:
    """A watch that has seen nothing yet; the caller saves its first judgement in the same change."""
    watch: Watch = Watch(
        id=new_id("wch"), site_id=fix.site_id, line_id=fix.line_id, fix_id=fix.id, method=fix.method, config=config,
        state={}, finding={}, seen_seq=0, last_key=None, lots=0, verdict="", pattern=None, leaning=False, reasons=[],
        sentence="", explanation="", evidence_id=None, ends_at=None, as_of=change.now,
    )  # fmt: skip
    watch.save(force_insert=True)
    return watch


def save(change: Change, watch: Watch, fix: Fix, judged: Judged) -> None:
    """Store a judgement; where the verdict is another than before, freeze the evidence; open or close the flag."""
    news = _is_news(watch, judged.finding)
    _points(change, watch, judged, watch.lots)
    _band(change, watch, judged.band)
    finding = {**judged.finding, "interval": judged.interval and list(judged.interval)}
    watch.state, watch.seen_seq = judged.state, judged.seen_seq
    watch.finding = finding  # where the verdict fell says what came in its period
    watch.finding = {**finding, "facts": guards.facts(watch, fix, watch.ends_at)}
    watch.last_key = judged.last_key and [iso(judged.last_key[0]), *judged.last_key[1:]]
    watch.lots, watch.verdict, watch.pattern = finding["lots"], finding["verdict"], finding["pattern"]
    watch.leaning, watch.as_of = finding["leaning"], change.now
    watch.reasons = _reasons(watch, fix)
    told = evidence.summary(watch, fix)
    words = Words(zone=told["line"]["time_zone"])
    watch.sentence, watch.explanation = sentence(told, words), explanation(told, words)
    verdict = _change_verdict(change, watch, fix, judged) if news else None
    flag, moved = _move_flag(change, watch, fix, "superseded" if watch.ends_at else "corrected")
    change.update(watch, **{name: getattr(watch, name) for name in Watch._meta.fields if name not in _NEVER_CHANGES})  # noqa: SLF001
    if verdict is not None or moved is not None:
        change.type, change.follow = "line.verdict.changed", True
        change.data |= {
            "fix_id": fix.id, "watch_id": watch.id, "verdict_id": verdict and verdict.id, "verdict": watch.verdict,
            "pattern": watch.pattern, "flag_id": flag and flag.id, "flag": moved,
            "reason": verdict.reason if verdict else "superseded", "withdraws": verdict and verdict.withdraws,
        }  # fmt: skip


# A watch is the parent of its points: to write its keys again, unchanged, would have the engine look at every point.
_NEVER_CHANGES = {"id", "site_id", "line_id", "fix_id", "method", "config"}


def _is_news(watch: Watch, finding: dict[str, Any]) -> bool:
    """Another verdict or pattern, or the same one given on another lot."""
    names: tuple[str, ...] = ("verdict", "pattern", "flagged_at_lot", "verified_at_lot")
    if watch.verdict == finding["verdict"] == "not_holding":
        names = ("pattern", "flagged_at_lot")
    return any(watch.finding.get(name) != finding[name] for name in names)


def _points(change: Change, watch: Watch, judged: Judged, stored: int) -> None:
    """The points from `first_new` on are replaced; those beyond the new end go."""
    first = judged.first_new
    if stored >= first:
        WatchPoint.delete().where((WatchPoint.watch_id == watch.id) & (WatchPoint.number >= first)).execute()
    end = first + len(judged.points)
    change.delete(WatchPoint, [{"watch_id": watch.id, "number": number} for number in range(end, stored + 1)])
    rows = [
        {
            "watch_id": watch.id, "number": first + place, "site_id": watch.site_id, "count_id": lot.count_id,
            "revision": lot.revision, "source": lot.source, "external_id": lot.external_id,
            "period_start": lot.period_start, "period_end": lot.period_end, "n": lot.n, "d": lot.d,
            "log_e_fail": fail, "log_e_ok": ok,
            "rate_low": interval and interval[0], "rate_high": interval and interval[1],
        }
        for place, (lot, fail, ok, interval) in enumerate(judged.points)
    ]  # fmt: skip
    change.insert_many(WatchPoint, rows)


def _band(change: Change, watch: Watch, state: dict[str, Any]) -> None:
    kept = band_of(watch)
    if kept is None:
        change.insert(WatchBand, watch_id=watch.id, site_id=watch.site_id, state=state)
    elif kept.state != state:
        change.update(kept, state=state)


def band_of(watch: Watch) -> WatchBand | None:
    found: WatchBand | None = WatchBand.get_or_none(WatchBand.watch_id == watch.id)
    return found


def _reasons(watch: Watch, fix: Fix) -> list[str]:
    """Why it is not known yet, or known less well than it could be."""
    found = []
    if watch.verdict == "too_early":
        found.append("insufficient_data" if watch.lots == 0 else "more_lots_needed")
    found += [note for note in fix.frozen["notes"] if note in ("no_baseline", "thin_baseline", "assumed")]
    found += guards.reasons(guards.told(watch, fix))
    if watch.ends_at is not None:
        found.append("superseded")
    return found


def _change_verdict(change: Change, watch: Watch, fix: Fix, judged: Judged) -> Verdict:
    last = Verdict.select().where(Verdict.watch_id == watch.id).order_by(Verdict.number.desc()).first()
    doc = evidence.document(watch, fix)
    frozen: Evidence = change.insert(
        Evidence, id=new_id("evd"), site_id=fix.site_id, line_id=fix.line_id, fix_id=fix.id, document=doc,
        sha256=evidence.sha256(doc), created_at=change.now,
    )  # fmt: skip
    watch.evidence_id = frozen.id
    verdict: Verdict = change.insert(
        Verdict, id=new_id("vrd"), site_id=fix.site_id, line_id=fix.line_id, watch_id=watch.id, fix_id=fix.id,
        number=last.number + 1 if last else 1, verdict=watch.verdict, pattern=watch.pattern,
        at_lot=watch.finding["flagged_at_lot"] or watch.finding["verified_at_lot"], lots=watch.lots,
        reason=_reason(last, watch, judged), withdraws=last.id if last and _takes_back(last, watch) else None,
        detail=list(judged.corrected)[:20] or None, sentence=watch.sentence, evidence_id=frozen.id,
        recorded_at=change.now,
    )  # fmt: skip
    return verdict


def _reason(last: Verdict | None, watch: Watch, judged: Judged) -> str:
    if last is None:
        return "first_judged"
    if judged.corrected:
        return "corrected"
    return "superseded" if watch.ends_at else "new_lots"


def _takes_back(last: Verdict, watch: Watch) -> bool:
    """New lots only ever move a verdict forward; anything else means that a correction took its ground away."""
    order = {"too_early": 0, "holding": 1, "not_holding": 2}
    return order[watch.verdict] < order[last.verdict] or watch.verdict == last.verdict != "too_early"


def _move_flag(change: Change, watch: Watch, fix: Fix, close_reason: str) -> tuple[Flag | None, str | None]:
    """Open while the verdict is *not holding* and no later fix has taken over."""
    standing: Flag | None = Flag.get_or_none((Flag.fix_id == fix.id) & (Flag.state == "open"))
    if watch.verdict != "not_holding" or watch.ends_at is not None:
        if standing is None:
            return None, None
        change.update(standing, state="closed", closed_at=change.now, close_reason=close_reason)
        return standing, "closed"
    if standing is None:
        episode = Flag.select().where(Flag.fix_id == fix.id).count() + 1
        opened: Flag = change.insert(
            Flag, id=new_id("flg"), site_id=fix.site_id, line_id=fix.line_id, kind=KIND, measure=fix.measure,
            defect_code=fix.defect_code, fix_id=fix.id, episode=episode, state="open", sentence=watch.sentence,
            evidence_id=watch.evidence_id, opened_at=change.now,
        )  # fmt: skip
        return opened, "opened"
    if standing.evidence_id == watch.evidence_id:
        return standing, None  # the numbers moved, the verdict did not: nothing to tell anybody
    change.update(standing, sentence=watch.sentence, evidence_id=watch.evidence_id)
    return standing, "updated"


def watch_of(fix: Fix) -> Watch | None:
    found: Watch | None = Watch.get_or_none(Watch.fix_id == fix.id)
    return found


def find_evidence(actor: Actor, evidence_id: str) -> Evidence:
    found: Evidence | None = Evidence.get_or_none(Evidence.id == evidence_id)
    if found is None:
        raise NotFound("evidence")
    actor.need("evidence.read", found.site_id, "evidence")
    return found


def zone_of(site_id: str) -> str:
    return str(Site.get_by_id(site_id).time_zone)
