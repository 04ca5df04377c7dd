"""The timetable. A tick becomes an outbox row, keyed by job and time, so that a second beat does no harm."""

from datetime import UTC, datetime, timedelta
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule

from qc_service import clock, queue
from qc_service.db import connected, write
from qc_service.queue import JobSlot

TIMETABLE: dict[str, timedelta] = {
    "minutely": timedelta(minutes=1),
    "hourly": timedelta(hours=1),
}


class DatabaseTicks(Scheduler):
    """Beat without a broker: it keeps nothing itself and writes each tick into the outbox."""

    def setup_schedule(self) -> None:
        entries: Any = {name: {"task": name, "schedule": schedule(every)} for name, every in TIMETABLE.items()}
        self.merge_inplace(entries)

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> None:  # noqa: ARG002, FBT001, FBT002
        if advance:
            self.reserve(entry)
        tick(str(entry.name), clock.now())

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer)
        except Exception:
            self.logger.exception("the tick %s could not be written; the next one will be", entry.name)


def tick(job: str, now: datetime) -> bool:
    """Take the job's slot of this moment; False if another beat has it."""
    every = TIMETABLE[job].total_seconds()
    slot = datetime.fromtimestamp(now.timestamp() // every * every, UTC)
    with connected(), write():
        queue.beat("beat", now)
        taken = JobSlot.insert(job=job, slot=slot).on_conflict_ignore().as_rowcount().execute()
        if taken:
            queue.add(
                event_id=f"tick:{job}:{slot:%Y%m%dT%H%M%S}", event_type=f"tick.{job}", site_id=None, data={}, now=now
            )
    return bool(taken)
