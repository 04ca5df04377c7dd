"""Lots on hold, who lets them go, and gauges, as the design has them: the naive model's other half."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

NEVER = 10**9


@dataclass(eq=False)
class Hold:
    kind: str
    cause: str


@dataclass(eq=False)
class Asked:
    """Somebody asks to let a lot go: from these holds, or without a second person."""

    kind: str
    by: str
    taken_for: str
    holds: list[Hold]
    agreed: str | None = None


@dataclass
class Lot:
    claims: dict[tuple[str, str], str] = field(default_factory=dict)  # account and step, and who that was taken for
    holds: list[Hold] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@dataclass
class Gauge:
    """How it was found at which moment, and when it was blocked, unblocked, blocked …

    `over`: good, until before anybody inspected anything.
    """

    found: dict[int, str]
    marks: list[int] = field(default_factory=list)

    def is_blocked(self, at: int) -> bool:
        return len([one for one in self.marks if one <= at]) % 2 == 1

    def last(self, at: int = NEVER) -> str | None:
        before = [one for one in self.found if one <= at]
        return self.found[max(before)] if before else None

    def may_be_wrong(self, finding: int, at: int) -> bool:
        """Between the good calibrations before and after a bad one."""
        good = [one for one, how in self.found.items() if how != "bad"]
        since = max((one for one in good if one < finding), default=-NEVER)
        return since <= at < min((one for one in good if one > finding), default=NEVER)


class Holding(ABC):
    """What `Plain` knows of holds and gauges. A moment is a number: of the days before, of a record, or of now."""

    human: dict[str, str]
    managers: tuple[str, ...]
    lots: dict[str, Lot]
    records: dict[str, Any]
    gauges: dict[str, Gauge]
    findings: list[tuple[str, int]]  # gauges found out of tolerance, of which nothing followed yet
    withdrawn: bool

    # --- what people say ---

    def hold(self, lot: str, reason: str, by: str) -> str | None:
        if lot not in self.lots:
            return "not_found"
        if reason not in {one.cause for one in self.holding(lot)}:
            self.lots[lot].holds.append(Hold("said", reason))
        return None

    def ask_to_let_go(self, kind: str, lot: str, by: str) -> str | None:
        if by not in self.managers:
            return "scope_missing"
        if lot not in self.lots:
            return "not_found"
        if self.human[by] in self.makers(lot):
            return "same_person"
        if kind == "release" and not self.holding(lot):
            return "illegal_transition"
        if kind == "override" and (not self.makers(lot) or self.is_overridden(lot)):
            return "illegal_transition"
        holds = self.holding(lot) if kind == "release" else []
        self.lots[lot].asked.append(Asked(kind, by, self.human[by], holds))
        return None

    def agree_to_let_go(self, kind: str, lot: str, by: str) -> str | None:
        if by not in self.managers:
            return "scope_missing"
        if lot not in self.lots:
            return "not_found"
        said = [one for one in self.lots[lot].asked if one.kind == kind]
        if not said or said[-1].agreed:
            return "illegal_transition"
        asker = self.human[said[-1].by]
        if self.human[by] in (asker, said[-1].taken_for) or {asker, self.human[by]} & self.makers(lot):
            return "same_person"
        said[-1].agreed = by
        return None

    def calibrate(self, gauge: str, how: str, at: int, now: int) -> str | None:
        known = self.gauges[gauge]
        if at in known.found:
            return "already_exists"
        if how == "bad":
            if at > max(known.found) and not known.is_blocked(now):
                known.marks.append(now)
            self.findings.append((gauge, at))
        known.found[at] = how
        return None

    def block(self, gauge: str, now: int) -> str | None:
        return self._mark(self.gauges[gauge], now, blocked=True)

    def unblock(self, gauge: str, by: str, now: int) -> str | None:
        if by not in self.managers:
            return "scope_missing"
        if self.gauges[gauge].is_blocked(now) and self.gauges[gauge].last() == "bad":
            return "illegal_transition"
        return self._mark(self.gauges[gauge], now, blocked=False)

    def _mark(self, gauge: Gauge, now: int, *, blocked: bool) -> str | None:
        if gauge.is_blocked(now) == blocked:
            return "illegal_transition"
        gauge.marks.append(now)
        return None

    # --- what follows ---

    def is_doubtful(self, gauge: str | None, at: int) -> bool:
        """Something was measured with a gauge that nobody knows, or that was not fit for use then."""
        known = self.gauges.get(gauge or "")
        return gauge is not None and (known is None or known.is_blocked(at) or known.last(at) != "good")

    def states(self) -> dict[str, str]:
        """What the list of gauges says."""
        stopped = {name for name, one in self.gauges.items() if one.is_blocked(NEVER) or one.last() == "bad"}
        late = {name for name, one in self.gauges.items() if one.last() == "over"}
        return {one: "blocked" if one in stopped else "overdue" if one in late else "fit" for one in self.gauges}

    def hold_what_was_learnt(self) -> None:
        """Each lot is held once for a withdrawn version and for each bad gauge. What is over gives no cause."""
        for gauge, at in self.findings:
            for rec in self.records.values():
                if rec.matched and rec.gauge == gauge and self.gauges[gauge].may_be_wrong(at, rec.at):
                    self._hold_once(rec.lot, "gauge", f"{gauge} {at}")
        self.findings = []
        for name, rec in self.records.items():
            if rec.matched and self.state(name) not in ("void", "superseded"):
                self._hold_for(name, rec)

    def _hold_for(self, name: str, rec: Any) -> None:
        if rec.withdrawn:
            self._hold_once(rec.lot, "inspection", name)
        elif self.withdrawn:
            self._hold_once(rec.lot, "version_withdrawn", "")
        gauge = self.gauges.get(rec.gauge or "")
        for at, how in gauge.found.items() if gauge else ():
            if how == "bad" and gauge.may_be_wrong(at, rec.at):
                self._hold_once(rec.lot, "gauge", f"{rec.gauge} {at}")

    def _hold_once(self, lot: str, kind: str, cause: str) -> None:
        if not any((one.kind, one.cause) == (kind, cause) for one in self.lots[lot].holds):
            self.lots[lot].holds.append(Hold(kind, cause))

    def lets_go(self, lot: str, asked: Asked) -> bool:
        """Two human beings agreed, and neither made the lot, as far as is known now."""
        two = {self.human[one] for one in (asked.by, asked.agreed) if one}
        return len(two) == 2 and not two & self.makers(lot)

    def holding(self, lot: str) -> list[Hold]:
        done = [hold for one in self.lots[lot].asked if self.lets_go(lot, one) for hold in one.holds]
        return [hold for hold in self.lots[lot].holds if hold not in done]

    def holds(self, lot: str) -> list[tuple[str, str]]:
        """As everybody may see them: of a gauge not which finding it was."""
        open_ones = {(one.kind, one.cause) for one in self.holding(lot)}
        return sorted((kind, cause.split()[0] if kind == "gauge" else cause) for kind, cause in open_ones)

    def is_overridden(self, lot: str) -> bool:
        return any(one.kind == "override" and self.lets_go(lot, one) for one in self.lots[lot].asked)

    def release(self, lot: str) -> tuple[str, frozenset[str]]:
        """May the lot go on, and why not."""
        counting = [self.records[name] for name in self.counting(lot)]
        again = sum(rec.units for rec in counting if rec.reinspects)
        seen = sum(rec.units for rec in counting) - again
        here = [name for name, rec in self.records.items() if rec.lot == lot and rec.matched]
        waits = {self.state(name) for name in here}
        withdrawn = {self.state(name) for name in here if self.records[name].withdrawn}
        found = {
            "held": self.holding(lot),
            "maker_unknown": not self.makers(lot),
            "no_second_person": not counting and not self.is_overridden(lot),
            "units_on_hold": sum(rec.going("hold") for rec in counting),
            "units_in_rework": sum(rec.going("rework") for rec in counting) > again,
            "scrapped": seen and sum(rec.going("scrap", "return") for rec in counting) >= seen,
            "version_withdrawn": not counting and "quarantined" in withdrawn,
            "inspection_unconfirmed": not counting and "unconfirmed" in waits,
        }
        reasons = frozenset(name for name, true in found.items() if true)
        return "reject" if "scrapped" in reasons else "hold" if reasons else "allow", reasons

    @abstractmethod
    def makers(self, lot: str) -> set[str]:
        """Every human being who made it."""

    @abstractmethod
    def state(self, name: str) -> str:
        """Where a record stands."""

    @abstractmethod
    def counting(self, lot: str) -> set[str]:
        """The records that count for it."""
