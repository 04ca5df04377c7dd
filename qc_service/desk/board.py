"""The board: every line with its measures and its fixes, what needs a person first."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from peewee import JOIN

from qc_service.alerts.models import Alert
from qc_service.auth import actor, allow
from qc_service.counts.measures import MEASURES, numbers
from qc_service.counts.models import ProductionCount
from qc_service.desk import line_calls, line_worse, lots_open, sites
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import age, page, resaid, words
from qc_service.fixes.models import Fix, FixState
from qc_service.flags import evidence
from qc_service.flags.models import Watch
from qc_service.lines.models import Line
from qc_service.lines.service import in_sites
from qc_service.people.models import Person

SPARK_LOTS = 40
MOST_LINES = 200
RECENT_COUNTS = 40


@blp.get("/")
@allow("desk.board")
def board() -> ResponseReturnValue:
    mine = actor().sites_for("desk.board")
    lines = list(Line.select().where(in_sites(Line, mine)).order_by(Line.name).limit(MOST_LINES))
    fixes = _watched(mine)
    owners = _names([fix.owner for fix in fixes])
    rows = [_fix_row(fix, owners) for fix in fixes]
    with_fix = {fix.line_id for fix in fixes}
    rows += [_line_row(line) for line in lines if line.id not in with_fix]
    rows.sort(key=lambda row: row["order"])
    late = lots_open.overdue(mine, MOST_LINES)
    stopped = line_calls.stopped(mine, MOST_LINES)
    worse = line_worse.standing(mine, may_act=actor().may("fix.declare"))
    return page(
        "board.html", nav="lines", headline=_headline(rows, [*stopped, *worse]), stopped=stopped, worse=worse,
        late=late, rows=rows, open_days=lots_open.DAYS, spark_lots=SPARK_LOTS, sites=sites.links(),
        can_record=actor().may("fix.declare"), can_add=actor().may("line.write"),
    )  # fmt: skip


def _watched(sites: frozenset[str] | None) -> list[Any]:
    """The fixes that are in charge of their measure now, with their watch, their line and their open alert."""
    query = (
        Fix.select(Fix, Watch, Line.name.alias("line_name"), Line.code.alias("line_code"), Alert)
        .join(FixState, on=(FixState.fix_id == Fix.id), attr="standing")
        .switch(Fix)
        .join(Line, on=(Line.id == Fix.line_id), attr="line")
        .switch(Fix)
        .join(Watch, JOIN.LEFT_OUTER, on=(Watch.fix_id == Fix.id), attr="watch")
        .switch(Fix)
        .join(Alert, JOIN.LEFT_OUTER, on=(Alert.fix_id == Fix.id) & (Alert.state != "resolved"), attr="alert")
        .where(in_sites(Fix, sites) & FixState.ends_at.is_null())
    )
    return list(query.order_by(Fix.in_effect_at.desc()).limit(MOST_LINES))


def _names(codes: Iterable[str | None]) -> dict[str, str]:
    """The names of people by their badges; an owner may also be written as any other text."""
    people = Person.select(Person.code, Person.name).where(Person.code.in_([code for code in codes if code]))
    return {person.code: person.name for person in people}


def _fix_row(fix: Any, owners: dict[str, str]) -> dict[str, Any]:
    watch: Watch | None = getattr(fix, "watch", None)
    verdict = watch.verdict if watch is not None and watch.id else "too_early"
    leaning = bool(watch is not None and watch.id and watch.leaning)
    measure = MEASURES[fix.measure]
    subject = words().say(measure.name) + (f" · {fix.defect_code}" if fix.defect_code else "")
    far_out = _far_out(watch, verdict)
    urgency = 1 if far_out else {"not_holding": 0, "too_early": 1 if leaning else 2, "holding": 3}[verdict]
    return {
        "line": {"code": fix.line.line_code, "name": fix.line.line_name}, "subject": subject, "verdict": verdict,
        "pattern": watch.pattern if watch is not None and watch.id else None, "leaning": leaning,
        "far_out": far_out, "sentence": _short(watch, fix), "fix_id": fix.id, "spark_url": _spark(fix, watch),
        "who": _who(fix, verdict, owners), "measures": [], "order": (urgency, fix.line.line_name, fix.id),
    }  # fmt: skip


def _far_out(watch: Watch | None, verdict: str) -> int | None:
    """The number of the lot to be looked at now; where the fix is not holding there is more to look at than a lot."""
    if watch is None or not watch.id or verdict == "not_holding":
        return None
    mark = evidence.far_out_now(watch.finding)
    return mark["lot"] if mark else None


def _spark(fix: Fix, watch: Watch | None) -> str | None:
    """Nothing is drawn before the first judgement."""
    return url_for("desk.fix_spark", fix_id=fix.id) if watch is not None and watch.id else None


def _short(watch: Watch | None, fix: Fix) -> str:
    """The sentence without the line's name, which stands beside it."""
    if watch is None or not watch.id:
        return words().say("Declared a moment ago.")
    return resaid(evidence.summary(watch, fix), watch.sentence).split(": ", 1)[-1]


def _who(fix: Any, verdict: str, owners: dict[str, str]) -> str:
    alert: Alert | None = getattr(fix, "alert", None)
    say = words().say
    if alert is not None and alert.id:
        who = alert.acknowledged_name if alert.state == "acknowledged" else say("nobody yet")
        return say("%(age)s, %(who)s", age=age(alert.opened_at), who=who)
    if verdict == "too_early":
        return say("fix since %(day)s", day=words().day(fix.in_effect_at))
    return owners.get(fix.owner, fix.owner) if fix.owner else ""


def _line_row(line: Line) -> dict[str, Any]:
    recent = list(
        ProductionCount.select()
        .where((ProductionCount.line_id == line.id) & ProductionCount.is_lot)
        .order_by(ProductionCount.period_end.desc(), ProductionCount.source.desc(), ProductionCount.external_id.desc())
        .limit(RECENT_COUNTS)
        .dicts()
    )
    return {
        "line": {"code": line.code, "name": line.name}, "subject": "", "verdict": None, "pattern": None,
        "leaning": False, "far_out": None, "sentence": "", "fix_id": None, "spark_url": None, "who": "",
        "measures": list(_measures(recent)), "order": (4, line.name, line.id),
    }  # fmt: skip


def _measures(recent: Iterable[Any]) -> Iterable[dict[str, Any]]:
    for measure in MEASURES.values():
        found = [pair for row in recent if (pair := numbers(measure, None, row)) is not None]
        if found:
            units, events = sum(n for n, _ in found), sum(d for _, d in found)
            yield {
                "name": words().say(measure.name), "rate": events / units, "events": events, "units": units,
                "lots": len(found),
            }  # fmt: skip


def _headline(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> str:
    say = words().say
    if not rows:
        return say("Nothing is made here yet.")
    urgent = {row["line"]["code"] for row in rows if row["verdict"] == "not_holding"}
    urgent |= {row["line"]["code"] for row in others}
    watched = sum(1 for row in rows if row["verdict"] in ("too_early", "holding"))
    many = words().say_many
    first = (
        many("%(count)s line needs you.", "%(count)s lines need you.", len(urgent))
        if urgent
        else say("No line needs you.")
    )
    if any(row["far_out"] for row in rows):
        first = f"{first} {say('One lot far out: look at it now.')}"
    return f"{first} {many('%(count)s fix is being watched.', '%(count)s fixes are being watched.', watched)}"
