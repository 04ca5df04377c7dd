"""From which lots the past of a line is taken: since its beginning, or since what changed it on purpose.

It follows from what is recorded and from nothing else, least of all from when it is asked.
"""

from dataclasses import dataclass
from datetime import datetime

from qc_service.fixes.models import Fix
from qc_service.flags.models import LineNormal, Watch, WatchPoint


@dataclass(frozen=True, slots=True)
class Stage:
    """`at`: lots that began then or later; none: all. `began_with`, `ref`: as in `LineWatch`."""

    at: datetime | None = None
    began_with: str = "first_lot"
    ref: str | None = None

    @property
    def silent(self) -> bool:
        """A fix of the whole measure is not proved, or is known not to hold: its own watch speaks."""
        return self.began_with == "fix_judged"

    def covers(self, period_start: datetime) -> bool:
        return not self.silent and (self.at is None or period_start >= self.at)


def stage_of(line_id: str, measure: str) -> Stage:
    """The present stage of a line and measure."""
    fixes = list(
        Fix.select()
        .where((Fix.line_id == line_id) & (Fix.measure == measure))
        .order_by(Fix.in_effect_at, Fix.declared_at, Fix.id)
    )
    whole = [fix for fix in fixes if fix.defect_code is None]
    found = _since_proof(whole[-1]) if whole else Stage()
    if found.silent:
        return found
    began = [found]
    began += [Stage(fix.in_effect_at, "fix_declared", fix.id) for fix in fixes if fix.defect_code is not None]
    mine = (LineNormal.line_id == line_id) & (LineNormal.measure == measure)
    accepted = LineNormal.select().where(mine).order_by(LineNormal.from_at, LineNormal.accepted_at)
    began += [Stage(one.from_at, "new_normal", one.id) for one in accepted]
    return max(began, key=lambda stage: (stage.at is not None, stage.at))


def _since_proof(fix: Fix) -> Stage:
    """After the lot that proved it; silent where it is not proved, or does not hold any more."""
    judged = Stage(fix.in_effect_at, "fix_judged", fix.id)
    watch: Watch | None = Watch.get_or_none(Watch.fix_id == fix.id)
    if watch is None or watch.verdict != "holding":
        return judged
    number = watch.finding["verified_at_lot"]
    proof = WatchPoint.get_or_none((WatchPoint.watch_id == watch.id) & (WatchPoint.number == number))
    return Stage(proof.period_end, "fix_proved", fix.id) if proof is not None else judged
