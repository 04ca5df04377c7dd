"""Fix after fix of the same thing, and none was ever proved: one flag for each line, measure and defect code.

The fixes and their watches as they stand decide, and how long ago the last one was; not the message about them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qc_service import audit
from qc_service.clock import iso
from qc_service.counts.measures import MEASURES
from qc_service.db import new_id, write
from qc_service.fixes.models import Fix, FixState
from qc_service.fixes.service import of_kind
from qc_service.flags.evidence import sha256
from qc_service.flags.models import Evidence, Flag, Watch
from qc_service.flags.recurring_sentences import explanation, sentence
from qc_service.lines.models import Line, Site
from qc_service.words import Words

KIND = "fixes_recurring"
WITHIN = timedelta(days=90)  # between the first and the last fix of a run, and after the last before it is forgotten
SEVERAL = 3  # a second try is ordinary work; the third without a proof is a pattern


@dataclass(frozen=True, slots=True)
class Tried:
    """One fix, and what became of it. `watch` is none where nobody has judged it yet."""

    fix: Fix
    watch: Watch | None
    ends_at: datetime | None

    @property
    def proved(self) -> bool:
        return self.watch is not None and self.watch.finding.get("verified_at_lot") is not None

    @property
    def had_a_chance(self) -> bool:
        """One that gave way before a single lot was counted was never tried: a slip of the pen, or of a day."""
        return self.ends_at is None or (self.watch is not None and self.watch.lots > 0)


def run_of(line_id: str, measure: str, defect_code: str | None, now: datetime) -> list[Tried]:
    """The latest fixes of one kind of which none was ever proved, oldest first; empty once they are forgotten.

    Several that came within the time begin a run, and each later one goes on with it until as much time has passed
    without any. Before there are several it is those of that time. One that is yet to come is not among them.
    """
    found: list[Tried] = []
    for one in map(_tried, of_kind(line_id, measure, defect_code)):
        if one.fix.in_effect_at > now:
            break
        if one.proved or (found and _apart(found[-1], one) > WITHIN):
            found = []
        if one.had_a_chance and not one.proved:
            found.append(one)
    if not found or now - found[-1].fix.in_effect_at >= WITHIN:
        return []
    starts = range(len(found) - SEVERAL + 1)
    begun = next((at for at in starts if _apart(found[at], found[at + SEVERAL - 1]) <= WITHIN), None)
    return found[begun:] if begun is not None else [one for one in found if _apart(one, found[-1]) <= WITHIN]


def _apart(first: Tried, second: Tried) -> timedelta:
    time: timedelta = second.fix.in_effect_at - first.fix.in_effect_at
    return time


def _tried(fix: Fix) -> Tried:
    return Tried(fix, Watch.get_or_none(Watch.fix_id == fix.id), FixState.get_by_id(fix.id).ends_at)


def weigh_line(data: Mapping[str, Any], now: datetime) -> None:
    """After something changed on a line: bring the flags of all its kinds of fixes to where the fixes stand."""
    rows: Any = Fix.select(Fix.measure, Fix.defect_code).where(Fix.line_id == data["line_id"]).distinct().tuples()
    for measure, code in sorted(rows, key=lambda pair: (pair[0], pair[1] or "")):
        weigh(data["line_id"], measure, code, now)


def forget(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001 - every reaction is given the message
    """Close what nobody has touched for 90 days."""
    rows: list[Any] = list(Flag.select().where((Flag.kind == KIND) & (Flag.state == "open")).order_by(Flag.id))
    for flag in rows:
        weigh(flag.line_id, flag.measure, flag.defect_code, now)


def weigh(line_id: str, measure: str, defect_code: str | None, now: datetime) -> None:
    """Bring the flag of one kind of fixes to where they stand."""
    flag = standing(line_id, measure, defect_code)
    if flag is None and len(of_kind(line_id, measure, defect_code)) < SEVERAL:
        return
    line: Line = Line.get_by_id(line_id)
    with write():
        audit.lock_streams([audit.stream_of(line.site_id, line.id)])
        flag, run = standing(line_id, measure, defect_code), run_of(line_id, measure, defect_code, now)
        several = len(run) >= SEVERAL
        if flag is None and several:
            _open(line, measure, defect_code, run, now)
        elif flag is not None and not several:
            _close(flag, line, run)
        elif flag is not None and (flag.details or {}).get("fixes") != _marks(run):
            with _moving(line, "updated") as change:
                change.update(flag, **_told(change, line, run, now))
                change.data["flag_id"] = flag.id


def standing(line_id: str, measure: str, defect_code: str | None) -> Flag | None:
    found: Flag | None = Flag.get_or_none(_kind(line_id, measure, defect_code) & (Flag.state == "open"))
    return found


def _kind(line_id: str, measure: str, defect_code: str | None) -> Any:
    code = Flag.defect_code.is_null() if defect_code is None else Flag.defect_code == defect_code
    return (Flag.line_id == line_id) & (Flag.kind == KIND) & (Flag.measure == measure) & code


def _open(line: Line, measure: str, defect_code: str | None, run: Sequence[Tried], now: datetime) -> None:
    with _moving(line, "opened") as change:
        flag: Flag = change.insert(
            Flag, id=new_id("flg"), site_id=line.site_id, line_id=line.id, kind=KIND, measure=measure,
            defect_code=defect_code, state="open", opened_at=change.now,
            episode=Flag.select().where(_kind(line.id, measure, defect_code)).count() + 1,
            **_told(change, line, run, now),
        )  # fmt: skip
        change.data["flag_id"] = flag.id


def _close(flag: Flag, line: Line, run: Sequence[Tried]) -> None:
    fixes = of_kind(line.id, flag.measure or "", flag.defect_code)
    proved = any(_tried(fix).proved for fix in fixes if fix.id in _ids(flag))
    reason = "fix_proved" if proved else "corrected" if run else "window_passed"
    with _moving(line, "closed") as change:
        change.update(flag, state="closed", closed_at=change.now, close_reason=reason)
        change.data["flag_id"] = flag.id


def _ids(flag: Flag) -> list[str]:
    return [fix_id for fix_id, _, _ in (flag.details or {}).get("fixes", ())]


def _marks(run: Sequence[Tried]) -> list[list[str | None]]:
    """What is told of the run: another fix or another verdict is news."""
    return [[one.fix.id, *_verdict(one)] for one in run]


def _verdict(one: Tried) -> tuple[str, str | None]:
    return (one.watch.verdict, one.watch.pattern) if one.watch else ("too_early", None)


def _moving(line: Line, how: str) -> Any:
    return audit.change(audit.SYSTEM, "flag.moved", site_id=line.site_id, line_id=line.id, data={"flag": how})


def _told(change: audit.Change, line: Line, run: Sequence[Tried], now: datetime) -> dict[str, Any]:
    """The columns of a flag that follow from the fixes, which are frozen."""
    doc = document(line, run, now)
    frozen: Evidence = change.insert(
        Evidence, id=new_id("evd"), site_id=line.site_id, line_id=line.id, document=doc, sha256=sha256(doc),
        created_at=change.now,
    )  # fmt: skip
    return {"sentence": doc["sentence"], "evidence_id": frozen.id, "details": {"fixes": _marks(run)}}


def document(line: Line, run: Sequence[Tried], now: datetime) -> dict[str, Any]:
    """The evidence is the fixes with their verdicts."""
    site: Site = Site.get_by_id(line.site_id)
    measure, last = MEASURES[run[-1].fix.measure], run[-1].fix
    doc = {
        "kind": KIND, "site": {"code": site.code, "name": site.name, "time_zone": site.time_zone},
        "line": {"code": line.code, "name": line.name, "site": site.code, "time_zone": site.time_zone},
        "measure": {"code": measure.code, "name": measure.name, "events": measure.events},
        "defect_code": last.defect_code, "fixes": [_row(one) for one in run], "count": len(run),
        "days": round((last.in_effect_at - run[0].fix.in_effect_at) / timedelta(days=1)), "within_days": WITHIN.days,
        "newest_at": iso(max(one.fix.declared_at for one in run)), "as_of": iso(now),
    }  # fmt: skip
    words = Words(zone=site.time_zone)
    return {**doc, "sentence": sentence(doc, words), "explanation": explanation(doc, words)}


def _row(one: Tried) -> dict[str, Any]:
    fix, (verdict, pattern) = one.fix, _verdict(one)
    finding = one.watch.finding if one.watch else {}
    return {
        "id": fix.id, "title": fix.title, "owner": fix.owner, "in_effect_at": iso(fix.in_effect_at),
        "ended_at": one.ends_at and iso(one.ends_at), "verdict": verdict, "pattern": pattern,
        "lots": finding.get("lots", 0), "rate": finding.get("rate"), "promised_rate": fix.frozen["promised_rate"],
        "baseline_rate": fix.frozen["baseline_rate"], "url": f"/v1/fixes/{fix.id}/effect",
    }  # fmt: skip
