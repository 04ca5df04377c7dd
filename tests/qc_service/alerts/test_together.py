"""Everything at once: the numbers, people and workers on one alert, in threads of their own."""

import itertools
import threading
from datetime import timedelta

from qc_service import audit
from qc_service.alerts import acts
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.audit import Event
from qc_service.auth import Actor
from qc_service.db import connected
from qc_service.errors import QCError
from qc_service.queue import Outbox
from qc_service.verify import verify
from workers.tasks import alerts as tasks


def _together(*jobs):
    """Each job in a thread of its own, all from the same moment; gives what went wrong."""
    ready, faults = threading.Barrier(len(jobs)), []

    def run(job):
        try:
            with connected():
                ready.wait()
                job()
        except QCError as refused:
            if refused.code != "illegal_transition":
                faults.append(refused)
        except Exception as error:  # noqa: BLE001 - the test tells it
            faults.append(error)

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_a_flag_that_ten_workers_read_at_once_is_one_alert_and_one_notice(plant):
    plant.supervisor()
    line = plant.line()
    flag = plant.flag(line, plant.fix(line))

    faults = _together(*[lambda: plant.say(flag, "opened")] * 10)

    assert faults == []
    assert Alert.get().occurrences == 10
    assert len(plant.notices(Alert.get())) == 1


def test_numbers_people_and_workers_do_not_get_into_each_others_way(plant):
    people = [
        Actor("person", plant.supervisor(f"P-{n}").id, f"N{n}", {"*": frozenset({"supervisor"})}) for n in range(3)
    ]
    flag, alert = plant.fired()
    ids = [row.id for row in Notification.select()]

    def flips():
        for number in range(4):
            plant.update(flag, f"{number} more.")

    def takes(actor):
        for number in range(4):
            (acts.acknowledge, acts.unacknowledge)[number % 2](actor, alert.id)
            acts.comment(actor, alert.id, "Seen.")

    def delivers(row_id):
        tasks.deliver({"notification_id": row_id}, plant.settings, plant.now)

    def snoozes():
        for number in range(4):
            acts.snooze(people[0], alert.id, for_minutes=number + 1)

    jobs = [flips, snoozes, *(lambda actor=actor: takes(actor) for actor in people)]
    jobs += [lambda row_id=row_id: delivers(row_id) for row_id in ids]
    faults = _together(*jobs)

    assert faults == []
    numbers = [row.number for row in AlertLog.select().where(AlertLog.alert_id == alert.id).order_by(AlertLog.number)]
    assert numbers == list(range(1, len(numbers) + 1))
    stream = audit.stream_of(alert.site_id, alert.line_id)
    events = list(Event.select().where(Event.stream == stream).order_by(Event.seq))
    assert all(bytes(after.prev) == bytes(before.hash) for before, after in itertools.pairwise(events))
    assert Notification.select().where(Notification.state.in_(["sent", "failed"])).count() == len(ids)
    assert Alert.get().occurrences == 5
    plant.wait(minutes=10)
    Outbox.delete().where(Outbox.due_at > plant.now + timedelta(hours=1)).execute()
    plant.work()
    assert Alert.get().snoozed_until is None
    assert list(verify()) == []
