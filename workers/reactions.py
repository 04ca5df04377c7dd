"""What follows from what: the whole flow of the system on one screen.

An event's name leads to the names of its reactions; a reaction is one function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service.alerts import service as alerts
from qc_service.config import Settings
from qc_service.flags import recurring
from workers.judging import judge_line
from workers.line_watching import watch_line
from workers.listing import list_site
from workers.tasks import alerts as delivery
from workers.tasks import calls, holds, housekeeping, inspections, news


@dataclass(frozen=True, slots=True)
class Inside:
    """`act(data, now)` runs inside one transaction with the removal of its outbox row: its effect happens once."""

    act: Callable[[Mapping[str, Any], datetime], None]


@dataclass(frozen=True, slots=True)
class Outside:
    """`act(data, settings, now)` reaches out of the database, so it keeps its own record of how far it came."""

    act: Callable[[Mapping[str, Any], Settings, datetime], None]


def _in_turn(*acts: Callable[[Mapping[str, Any], datetime], None]) -> Inside:
    """Several acts as one: what a later one reads, an earlier one has written."""

    def act(data: Mapping[str, Any], now: datetime) -> None:
        for one in acts:
            one(data, now)

    return Inside(act)


REACTIONS: dict[str, Inside | Outside] = {
    "judge_line": _in_turn(judge_line, watch_line, recurring.weigh_line),
    "watch_line": Inside(watch_line),
    "list_site": Inside(list_site),
    "forget_recurring": Inside(recurring.forget),
    "judge_inspection": Inside(inspections.judge),
    "judge_waiting": Inside(inspections.judge_waiting),
    "judge_awaiting": Inside(inspections.judge_awaiting),
    "pictures_arrived": Inside(inspections.pictures_arrived),
    "hold_inspected": Inside(holds.inspected),
    "weigh_holds": Inside(holds.weigh),
    "hold_measured": Inside(holds.gauge_calibrated),
    "hold_superseded": Inside(holds.version_superseded),
    "hold_withdrawn": Inside(holds.version_withdrawn),
    "settle_holds": Inside(holds.lot_changed),
    "settle_signed": Inside(holds.people_changed),
    "weigh_calls": Inside(calls.weigh),
    "tell_of_flag": Inside(alerts.on_flag_moved),
    "wake_alert": Inside(alerts.wake),
    "deliver": Outside(delivery.deliver),
    "tell_of_version": Inside(news.tell_of_version),
    "tell_of_report": Inside(news.tell_of_report),
    "tell_of_answer": Inside(news.tell_of_answer),
    "tell_of_request": Inside(news.tell_of_request),
    "tell_of_decision": Inside(news.tell_of_decision),
    "mail_news": Outside(news.mail_news),
    "clean_up": Inside(housekeeping.clean_up),
    "report_alive": Outside(housekeeping.report_alive),
}

FOLLOWS: dict[str, tuple[str, ...]] = {
    "counts.recorded": ("judge_line",),
    "counts.moved": ("judge_line",),
    "fix.declared": ("judge_line",),
    "inspection.received": ("judge_inspection",),
    "inspection.judged": ("hold_inspected", "judge_awaiting"),
    "inspection.voided": ("settle_holds",),
    "lot.created": ("judge_waiting",),
    "media.added": ("pictures_arrived",),
    "media.placed": ("pictures_arrived",),
    "lot.held": ("weigh_holds",),
    "lot.released": ("weigh_holds",),
    "lot.holds.settled": ("weigh_holds",),
    "lot.changed": ("settle_holds",),
    "lot.makers.named": ("settle_holds",),
    "lot.settled": ("settle_holds",),
    "gauge.calibrated": ("hold_measured",),
    "person.merged": ("settle_signed",),
    "person.parted": ("settle_signed",),
    "call.made": ("weigh_calls",),
    "call.ended": ("weigh_calls",),
    "line.verdict.changed": ("tell_of_flag",),
    "watch.climbed": ("list_site",),
    "flag.moved": ("tell_of_flag",),
    "procedure.version.published": ("tell_of_version", "hold_superseded"),
    "procedure.version.withdrawn": ("hold_withdrawn",),
    "procedure.step.reported": ("tell_of_report",),
    "procedure.step.answered": ("tell_of_answer",),
    "deviation.requested": ("tell_of_request",),
    "deviation.decided": ("tell_of_decision",),
    "line.normal.accepted": ("watch_line",),
    "tick.hourly": ("clean_up", "forget_recurring"),
    "tick.minutely": ("report_alive",),
}
