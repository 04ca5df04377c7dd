"""What follows from what: the whole flow of the system on one screen.

An event's name leads to the names of its reactions; a reaction is one function. Most run inside one transaction with
the removal of their outbox row, so that their effect happens exactly once. One that reaches outside (`atomic=False`)
keeps its own record of how far it came.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service.alerts import service as alerts
from workers.judging import judge_line
from workers.tasks import alerts as delivery
from workers.tasks import housekeeping


@dataclass(frozen=True, slots=True)
class Reaction:
    """`act(data, now)`: the data of the event, and the time."""

    act: Callable[[Mapping[str, Any], datetime], None]
    atomic: bool = True


REACTIONS: dict[str, Reaction] = {
    "judge_line": Reaction(judge_line),
    "tell_of_verdict": Reaction(alerts.on_verdict_changed),
    "wake_alert": Reaction(alerts.wake),
    "deliver": Reaction(delivery.deliver, atomic=False),
    "clean_up": Reaction(housekeeping.clean_up),
    "report_alive": Reaction(housekeeping.report_alive, atomic=False),
}

FOLLOWS: dict[str, tuple[str, ...]] = {
    "counts.recorded": ("judge_line",),
    "counts.moved": ("judge_line",),
    "fix.declared": ("judge_line",),
    "line.verdict.changed": ("tell_of_verdict",),
    "tick.hourly": ("clean_up",),
    "tick.minutely": ("report_alive",),
}
