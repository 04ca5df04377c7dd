"""How well is checked by a procedure: its last records, what comes of each check, and what was seen in a record.

One statement reads the records and one their answers: the newest so many and no more, however many there are.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peewee import JOIN

from qc_service.inspections import checking_rules as rules
from qc_service.inspections.checking_rules import OUTCOMES, Filled, Given, Kind, Observed
from qc_service.inspections.models import Inspection, InspectionAnswer
from qc_service.lines.models import Line, Site
from qc_service.lines.service import in_sites
from qc_service.lots.models import Lot
from qc_service.procedures.qualification import document_of
from qc_service.texts import Text, later

MOST_RECORDS, MOST_ANSWERS, MOST_TOLD = 2_000, 50_000, 200
DONE = (*OUTCOMES, "recorded")  # a check that was set aside was not done, and its time says nothing

SENTENCES: dict[Kind, Text] = {
    "too_fast": later("Answered faster than anybody can read and do it: %(fast)s of %(checks)s checks."),
    "same_values": later(
        "Check %(check)s: the very same values %(times)s times in a row, which chance does less than once in 1,000."
    ),
    "long_pass_streak": later(
        "%(passes)s inspections in a row passed; before that %(fails)s of %(records)s failed. "
        "Chance does that less than once in 1,000."
    ),
}
CUT = later("Only the newest %(count)s inspections before the end of the period were looked at. "
            "Choose an earlier end to see those before.")  # fmt: skip
UNTOLD = later("Only the newest %(count)s observations are shown. Choose an earlier end to see those before.")
ONE_SIDED = (
    later("Nearly everything is in order here, so kappa says little: look at the counts and at PABAK."),
    later("Nearly everything is a defect here, so kappa says little: look at the counts and at PABAK."),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: a procedure in some sites (None: in all), one line or every one, and a period.

    by: `check`, or what each check is split by: `line` or `shift`.
    """

    procedure_id: str
    sites: frozenset[str] | None
    line_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    by: str = "check"

    def holds(self, one: Filled) -> bool:
        """Is the record one of those asked for? What came before them is only what they are measured by."""
        return (self.line_id in (None, one.line)) and (self.since is None or one.at >= self.since)


@dataclass
class Row:
    """What comes of one check of a version; part: the line or the shift, where it is split."""

    version: int
    check: str
    part: str | None
    n: int = 0
    seconds: list[float] = field(default_factory=list)
    table: list[list[int]] = field(default_factory=lambda: [[0, 0], [0, 0]])


@dataclass(frozen=True, slots=True)
class Looked:
    """Records in the order in which they happened. cut: there are older ones."""

    records: Sequence[Filled]
    cut: bool
    checks: Mapping[int, Mapping[str, Mapping[str, Any]]]  # of each version, by their ids
    lines: Mapping[str, str]  # codes by ids


@dataclass(frozen=True, slots=True)
class Study:
    looked: Looked
    records: int
    rows: Sequence[Row]
    observed: Sequence[Observed]
    notes: Sequence[tuple[Text, int]]


def study(asked: Asked) -> Study:
    """The checks of a period, and what was seen in its records: the newest first."""
    looked = _look(asked)
    seen = [one for one in rules.observations(looked.records) if asked.holds(one.record)]
    notes = []
    if looked.cut and (asked.since is None or not looked.records or asked.since < looked.records[0].at):
        notes.append((CUT, len(looked.records)))
    if len(seen) > MOST_TOLD:
        notes.append((UNTOLD, MOST_TOLD))
    records = sum(1 for one in looked.records if asked.holds(one))
    return Study(looked, records, _rows(looked, asked), seen[::-1][:MOST_TOLD], notes)


def of_record(row: Inspection) -> list[Observed]:
    """What was seen in one record, measured by those before it."""
    if row.procedure_id is None or row.site_id is None:
        return []
    until = row.happened_at + timedelta(microseconds=1)
    looked = _look(Asked(row.procedure_id, frozenset({row.site_id}), until=until))
    return [one for one in rules.observations(looked.records) if one.record.uuid == row.uuid]


# --- reading ---


def _look(asked: Asked) -> Looked:
    """The newest records that stand before the end of the period, whether they count or not."""
    rows = list(_newest(asked).limit(MOST_RECORDS + 1).dicts())
    cut, rows = len(rows) > MOST_RECORDS, rows[:MOST_RECORDS]
    checks = {
        row["version"]: {check["id"]: check for check in document_of(row["version_id"]).get("checks", ())}
        for row in {row["version_id"]: row for row in rows}.values()
    }
    answers, left = _answers(rows, checks)
    rows = rows[: len(rows) - left]
    records = [_filled(row, answers.get(row["uuid"], {})) for row in reversed(rows)]
    return Looked(records, cut or left > 0, checks, {row["line_id"]: row["line"] for row in rows})


def _newest(asked: Asked) -> Any:
    query: Any = (
        Inspection.select(
            Inspection.uuid, Inspection.happened_at, Inspection.site_id, Inspection.line_id, Inspection.version_id,
            Inspection.version, Inspection.human_id, Inspection.lot_id, Inspection.unit, Inspection.units_inspected,
            Inspection.result, Inspection.reasons, Lot.quantity, Line.code.alias("line"), Site.time_zone,
        )
        .join(Lot, JOIN.LEFT_OUTER, on=(Lot.id == Inspection.lot_id))
        .join(Line, on=(Line.id == Inspection.line_id))
        .join(Site, on=(Site.id == Inspection.site_id))
        .where(
            (Inspection.procedure_id == asked.procedure_id) & in_sites(Inspection, asked.sites)
            & (Inspection.state == "accepted") & (Inspection.round == 1) & ~Inspection.version_id.is_null()
        )
    )  # fmt: skip
    if asked.until is not None:
        query = query.where(Inspection.happened_at < asked.until)
    return query.order_by(Inspection.happened_at.desc(), Inspection.uuid.desc())


def _answers(
    rows: Sequence[Mapping[str, Any]], checks: Mapping[int, Mapping[str, Mapping[str, Any]]]
) -> tuple[dict[str, dict[str, Given]], int]:
    """Each record's answers by check, and how many of the oldest records have too many to be read as well."""
    known = {row["uuid"]: row for row in rows}
    query: Any = (
        InspectionAnswer.select(
            InspectionAnswer.uuid, InspectionAnswer.check_id, InspectionAnswer.outcome, InspectionAnswer.value,
            InspectionAnswer.shown_at, InspectionAnswer.answered_at,
        )
        .join(Inspection, on=(Inspection.uuid == InspectionAnswer.uuid))
        .where(InspectionAnswer.uuid.in_(list(known)))
        .order_by(Inspection.happened_at.desc(), Inspection.uuid.desc(), InspectionAnswer.number)
        .limit(MOST_ANSWERS + 1)
    )  # fmt: skip
    found: dict[str, dict[str, Given]] = {uuid: {} for uuid in known}
    taken, last = 0, ""
    for uuid, check, outcome, value, shown_at, at in query.tuples():
        taken, last = taken + 1, uuid
        if outcome in DONE:
            kind = checks[known[uuid]["version"]].get(check, {}).get("type")
            timed = None if "time_estimated" in known[uuid]["reasons"] else _seconds(shown_at, at)
            found[uuid][check] = Given(outcome, timed, _measured(value) if kind == "measure" else None)
    return found, len(rows) - list(known).index(last) if taken > MOST_ANSWERS else 0


def _seconds(shown_at: datetime | None, at: datetime | None) -> float | None:
    """How long it took; a clock that went back, or that stood still meanwhile, says nothing."""
    if shown_at is None or at is None or at <= shown_at:
        return None
    return (at - shown_at).total_seconds()


def _measured(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in (value if isinstance(value, list) else [value]))


def _filled(row: Mapping[str, Any], answers: Mapping[str, Given]) -> Filled:
    local = row["happened_at"].astimezone(ZoneInfo(row["time_zone"]))
    return Filled(
        uuid=row["uuid"], at=row["happened_at"], site=row["site_id"], line=row["line_id"], version=row["version"],
        who=row["human_id"], thing=_thing(row), result=row["result"], answers=answers,
        shift=rules.shift_of(local.hour),
    )  # fmt: skip


def _thing(row: Mapping[str, Any]) -> Hashable | None:
    """A unit, or a lot of which every unit was inspected: of less, two people may have seen different units."""
    if row["unit"] is not None:
        return row["lot_id"], row["unit"]
    whole = row["quantity"] is not None and row["units_inspected"] >= row["quantity"]
    return (row["lot_id"], None) if whole else None


# --- what comes of each check ---


def _rows(looked: Looked, asked: Asked) -> list[Row]:
    """In the order of the versions, the newest first, of their checks, and of the parts."""
    rows: dict[tuple[int, str, str | None], Row] = {}
    for one in looked.records:
        if asked.holds(one):
            _count(rows, one, _part(one, looked, asked.by))
    for first, second in rules.pairs(looked.records):
        if asked.holds(second):
            _compare(rows, first, second, _part(second, looked, asked.by))
    place = {(number, check): at for number, ids in looked.checks.items() for at, check in enumerate(ids)}
    return sorted(rows.values(), key=lambda row: (-row.version, place[row.version, row.check], row.part or ""))


def _part(one: Filled, looked: Looked, by: str) -> str | None:
    return {"line": looked.lines[one.line], "shift": one.shift}.get(by)


def _count(rows: dict[tuple[int, str, str | None], Row], one: Filled, part: str | None) -> None:
    for check, given in one.answers.items():
        row = rows.setdefault((one.version, check, part), Row(one.version, check, part))
        row.n += 1
        if given.seconds is not None:
            row.seconds.append(given.seconds)


def _compare(rows: dict[tuple[int, str, str | None], Row], first: Filled, second: Filled, part: str | None) -> None:
    """The second person's record was counted, and so each of its checks has its row."""
    for check in first.answers.keys() & second.answers.keys():
        said = first.answers[check].outcome, second.answers[check].outcome
        if set(said) <= set(OUTCOMES):
            rows[second.version, check, part].table[OUTCOMES.index(said[0])][OUTCOMES.index(said[1])] += 1
