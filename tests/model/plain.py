"""Lots and inspections as the design has them, in dicts and sets: what the service must agree with, on every engine.

Nothing here is remembered that could be worked out: after each step every record's standing is asked for anew.
"""

from dataclasses import dataclass, field

from tests.model.plain_holds import Gauge, Holding, Lot

UNITS = 10
CODE = "LEAK"

CONFIRMED_AWAY = {"correction_unconfirmed", "unknown_checks", "gauge_expired"}
QUARANTINES = {"self_check", "version_withdrawn"}
DOUBTS = CONFIRMED_AWAY | {"unmatched", "too_many_units"}
IN_SCRAP = {"scrap", "return"}


@dataclass(frozen=True)
class Found:
    """Units that do not conform, and what becomes of them."""

    units: int
    disposition: str


@dataclass
class Rec:
    lot: str
    unit: str | None
    who: str
    units: int
    found: tuple[Found, ...]
    at: int  # the order in which they were done, by the corrected time
    unknown_check: bool = False
    gauge: str | None = None
    amends: str | None = None
    reinspects: str | None = None
    withdrawn: bool = False  # its version was, before it was done
    judged: bool = False
    matched: bool = False
    doubtful_gauge: bool = False
    decided: set[str] = field(default_factory=set)  # confirmed, void
    confirmed: int = 0  # when, among all decisions
    asked_by: tuple[str, ...] = ()  # the account, and who that was taken for
    parts: list[dict[str, int]] = field(init=False)  # of each that was found: units by what becomes of them now

    def __post_init__(self) -> None:
        self.parts = [{one.disposition: one.units} for one in self.found]

    def of_one_unit(self) -> bool:
        """Several defects of the one unit that was looked at: the strictest word on it holds."""
        return self.units == 1 and all(one.units == 1 for one in self.found)

    def going(self, *dispositions: str) -> int:
        if self.of_one_unit():
            now = {what for part in self.parts for what, units in part.items() if units}
            order = (IN_SCRAP, {"hold"}, {"rework"})
            strictest: set[str] = next((some for some in order if now & some), set())
            return int(bool(strictest & set(dispositions)))
        return sum(units for part in self.parts for what, units in part.items() if what in dispositions)


@dataclass(frozen=True)
class Seen:
    """One record as everybody may see it."""

    state: str
    reasons: frozenset[str]
    counted: bool | None
    second_person: bool | None
    result: str | None = None
    units: tuple[int, ...] | None = None  # inspected, defective, accepted, rework, scrap, hold


class Plain(Holding):
    def __init__(self, accounts: tuple[str, ...], leads: tuple[str, ...], managers: tuple[str, ...]) -> None:
        self.human = {account: account for account in accounts}  # the account that stands for the human being
        self.leads, self.managers = leads, managers
        self.lots: dict[str, Lot] = {}
        self.records: dict[str, Rec] = {}
        self.gauges = {"SCALE": Gauge({-30: "good"}), "OLD": Gauge({-30: "over"})}
        self.findings: list[tuple[str, int]] = []
        self.withdrawn = False
        self.decisions = 0

    # --- what people and systems say; each answers with a problem's code or nothing ---

    def put_lot(self, lot: str, makers: tuple[str, ...]) -> str | None:
        self.lots.setdefault(lot, Lot())
        return self.name_makers(lot, makers)

    def name_makers(self, lot: str, makers: tuple[str, ...], step: str = "") -> str | None:
        if lot not in self.lots:
            return "not_found"
        for account in makers:
            self.lots[lot].claims.setdefault((account, step), self.human[account])
        return None

    def inspect(self, name: str, rec: Rec) -> str | None:
        self.records[name] = rec
        return None

    def judge(self) -> None:
        """Whatever is known is judged; lots are put on hold for what was learnt of them."""
        new = [
            name for name, rec in self.records.items() if not rec.judged or (not rec.matched and rec.lot in self.lots)
        ]
        for rec in map(self.records.get, new):
            rec.judged, rec.matched = True, rec.lot in self.lots
            rec.doubtful_gauge = self.is_doubtful(rec.gauge, rec.at)
        self.hold_what_was_learnt()

    def confirm(self, name: str, by: str) -> str | None:
        refused = "scope_missing" if by not in self.leads else self._why_not_confirmed(name, by)
        if refused is None:
            self.decisions += 1
            self.records[name].confirmed = self.decisions
            self.records[name].decided.add("confirmed")
        return refused

    def _why_not_confirmed(self, name: str, by: str) -> str | None:
        rec = self.records[name]
        if not rec.judged:
            return "illegal_transition"
        if self.human[by] == self.human[rec.who]:
            return "same_person"
        seen = self.seen(name)
        if seen.state in ("superseded", "void") or not seen.reasons & CONFIRMED_AWAY:
            return "illegal_transition"
        if rec.amends and rec.matched and self.human[by] in self.makers(rec.lot):
            return "same_person"
        if rec.amends and any(self.stands(other) for other in self.corrections_of(rec.amends) if other != name):
            return "illegal_transition"  # it was corrected already: its correction may be
        return None

    def ask_to_void(self, name: str, by: str) -> str | None:
        rec = self.records[name]
        if not rec.judged:
            return "illegal_transition"
        if by not in self.leads and by != rec.who:
            return "scope_missing"
        if rec.asked_by:
            return "illegal_transition"
        rec.asked_by = (by, self.human[by])
        return None

    def agree(self, name: str, by: str) -> str | None:
        rec = self.records[name]
        if by not in self.leads:
            return "scope_missing"
        if not rec.judged or not rec.asked_by:
            return "illegal_transition"
        account, then = rec.asked_by
        if self.human[by] in (self.human[account], then):
            return "same_person"
        if "void" in rec.decided:
            return "illegal_transition"
        rec.decided.add("void")
        return None

    def dispose(self, name: str, place: int, was: str | None, becomes: str, units: int | None, by: str) -> str | None:
        """Some of what was found, or all of it, becomes something else."""
        rec = self.records[name]
        if by not in self.leads:
            return "scope_missing"
        if not rec.matched or place >= len(rec.parts):
            return "not_found"
        part = rec.parts[place]
        others = [what for what, count in part.items() if count and what != becomes]
        was = was or (others[0] if len(others) == 1 else None)
        if was not in others or (units or 0) > part[was] or becomes == "use_as_is":  # which takes a deviation
            return "validation_failed"
        moved = units or part[was]
        part[was] -= moved
        part[becomes] = part.get(becomes, 0) + moved
        return None

    def merge(self, one: str, other: str) -> str | None:
        """All accounts of the first human being are accounts of the second one."""
        first, second = self.human[one], self.human[other]
        self.human = {account: second if human == first else human for account, human in self.human.items()}
        return None

    def part(self, account: str) -> str | None:
        """The account is a human being of its own after all; the first of the others stands for them."""
        others = [one for one, human in self.human.items() if human == self.human[account] and one != account]
        if self.human[account] != account:
            self.human[account] = account
        else:
            self.human |= dict.fromkeys(others, others[0]) if others else {}
        return None

    def withdraw(self) -> str | None:
        self.withdrawn = True
        return None

    # --- what follows ---

    def makers(self, lot: str) -> set[str]:
        """Whoever was named, and whoever they were taken for then: a maker is never taken back."""
        claims = self.lots[lot].claims if lot in self.lots else {}
        return {self.human[one] for (account, _), then in claims.items() for one in (account, then)}

    def reasons(self, rec: Rec) -> set[str]:
        makers = self.makers(rec.lot) if rec.matched else set()
        found = {
            "self_check": self.human[rec.who] in makers,
            "maker_unknown": not makers,
            "version_withdrawn": rec.matched and rec.withdrawn,
            "unmatched": not rec.matched,
            "too_many_units": sum(one.units for one in rec.found) > rec.units and not rec.of_one_unit(),
            "correction_unconfirmed": rec.amends is not None and "confirmed" not in rec.decided,
            "unknown_checks": rec.unknown_check and "confirmed" not in rec.decided,
            "gauge_expired": rec.doubtful_gauge and "confirmed" not in rec.decided,
        }
        return {name for name, true in found.items() if true}

    def state(self, name: str) -> str:
        rec = self.records[name]
        reasons = self.reasons(rec)
        if not rec.judged:
            return "received"
        if "void" in rec.decided:
            return "void"
        if any(self.stands(other) for other in self.corrections_of(name)):
            return "superseded"
        if rec.confirmed and not reasons & (QUARANTINES | DOUBTS) and self.is_behind(rec):
            return "superseded"
        if reasons & QUARANTINES:
            return "quarantined"
        return "unconfirmed" if reasons & DOUBTS else "accepted"

    def corrections_of(self, name: str) -> list[str]:
        return [other for other, rec in self.records.items() if rec.amends == name]

    def stands(self, name: str) -> bool:
        """Of a correction: it, or a correction of it, is what holds now."""
        return self.state(name) in ("accepted", "superseded")

    def is_behind(self, rec: Rec) -> bool:
        """Another correction of the same record was confirmed later, and stands."""
        others = self.corrections_of(rec.amends) if rec.amends else []
        return any(self.records[one].confirmed > rec.confirmed and self.stands(one) for one in others)

    def round(self, name: str) -> int:
        before = self.records[name].reinspects
        return 1 if before is None else self.round(before) + 1

    def counting(self, lot: str) -> set[str]:
        """Of what was accepted of the same units, the earliest, until as many were seen as there are."""
        here = [name for name, rec in self.records.items() if rec.lot == lot and self.state(name) == "accepted"]
        seen: dict[tuple[str | None, int], int] = {}
        counting = set()
        for name in sorted(here, key=lambda one: self.records[one].at):
            rec = self.records[name]
            same = (rec.unit, self.round(name))
            if seen.get(same, 0) + rec.units <= (1 if rec.unit else UNITS):
                seen[same] = seen.get(same, 0) + rec.units
                counting.add(name)
        return counting

    def dealt(self, rec: Rec) -> tuple[int, ...]:
        defective = sum(one.units for one in rec.found)
        if rec.of_one_unit():
            defective = min(defective, 1)
        if defective > rec.units:  # nobody knows: all of them wait
            return (rec.units, rec.units, 0, 0, 0, rec.units)
        gone = (rec.going("rework"), rec.going(*IN_SCRAP), rec.going("hold"))
        return (rec.units, defective, rec.units - defective, *gone)

    def seen(self, name: str) -> Seen:
        rec, state = self.records[name], self.state(name)
        if state == "received":
            return Seen(state, frozenset(), None, None)
        reasons = self.reasons(rec)
        counted = name in self.counting(rec.lot)
        if state == "accepted" and not counted:
            reasons.add("also_inspected")
        second = (None if "maker_unknown" in reasons else True) if state == "accepted" else False
        result = "fail" if rec.found else "pass"
        return Seen(state, frozenset(reasons), counted, second, result, self.dealt(rec))

    def line(self) -> dict[str, tuple[int, ...]]:
        """What the line counts of each lot of which anything counts: inspected, defective, reworked."""
        found = {}
        for lot in self.lots:
            rows = [self.dealt(self.records[name]) for name in self.counting(lot) if self.round(name) == 1]
            if rows:
                found[lot] = tuple(sum(row[place] for row in rows) for place in (0, 1, 3))
        return found
