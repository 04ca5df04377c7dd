"""Notices that wait: for their time, for an earlier one, for a worker; with a channel that does what the test says."""

import threading
import time

from qc_service.alerts import delivery, rules
from qc_service.alerts.models import AlertLog, Notification
from qc_service.db import connected
from qc_service.queue import Outbox
from workers.channels import registry
from workers.channels.message import Outcome, Retryable, Unknown
from workers.tasks import alerts as tasks


class Channel:
    """A channel that does what the test says, in the place of mail."""

    def __init__(self, monkeypatch, *outcomes):
        self.outcomes, self.sent = list(outcomes), []
        sender = registry.sender
        monkeypatch.setattr(registry, "sender", lambda kind: self.send if kind == "smtp" else sender(kind))

    def send(self, message, address, settings):
        outcome = self.outcomes.pop(0) if self.outcomes else None
        self.sent.append(message)
        if outcome is not None:
            raise outcome
        return Outcome("250 OK", f"<{message.id}@x>")


def test_what_may_have_arrived_waits_ten_minutes_for_its_copy(plant, monkeypatch):
    channel = Channel(monkeypatch, Unknown("silence"))
    plant.supervisor()
    _, alert = plant.fired()

    plant.work()
    plant.wait(minutes=9)
    plant.work()
    assert plant.attempts(alert) == ["unknown"]
    plant.wait(minutes=1.1)
    plant.work()

    assert plant.attempts(alert) == ["unknown", "sent"]
    assert channel.sent[0] == channel.sent[1]


def test_what_may_have_arrived_holds_up_its_own_alert_only(plant, monkeypatch):
    channel = Channel(monkeypatch, Unknown("silence"))
    plant.supervisor()
    flag, _ = plant.fired("L1", sentence="One.")
    plant.work()
    plant.close(flag, "superseded")
    plant.fired("L2", sentence="Two.")
    plant.work()
    assert [one.sentence for one in channel.sent] == ["One.", "Two."]

    plant.wait(minutes=10.1)
    plant.work()

    assert [(one.sentence, one.reason) for one in channel.sent][2:] == [("One.", "first"), ("One.", "resolved")]


def test_what_is_never_confirmed_is_not_sent_for_ever(plant, monkeypatch):
    Channel(monkeypatch, *[Unknown("silence")] * 9)
    plant.supervisor()
    _, alert = plant.fired()
    for _ in range(9):
        plant.work()
        plant.wait(minutes=11)

    assert plant.attempts(alert) == ["unknown"] * rules.UNCONFIRMED_MOST
    assert "may have arrived" in AlertLog.get(AlertLog.what == "notification_failed").text


def test_a_channel_with_a_fault_of_its_own_is_tried_again(plant, monkeypatch):
    Channel(monkeypatch, ZeroDivisionError())
    plant.supervisor()
    _, alert = plant.fired()
    plant.work()
    assert Notification.get(Notification.channel == "smtp").last_error == "the channel broke: ZeroDivisionError"
    plant.wait(seconds=2)
    plant.work()
    assert plant.attempts(alert) == ["retryable", "sent"]


def test_news_that_settles_holds_up_nobody(plant, monkeypatch):
    channel = Channel(monkeypatch)
    plant.supervisor()
    flag, _ = plant.fired("L1", sentence="One.")
    plant.work()
    plant.close(flag)
    plant.fired("L2", sentence="Two.")
    plant.work()
    assert [one.sentence for one in channel.sent] == ["One.", "Two."]


def test_a_notice_behind_one_that_waits_is_not_tried(plant, monkeypatch):
    failures = 7  # the next try is a minute away: longer than the slowest machine needs for what follows
    channel = Channel(monkeypatch, *[Retryable("down")] * failures)
    plant.supervisor()
    plant.fired("L1", sentence="One.")
    for tries in range(failures):
        plant.work()
        assert len(channel.sent) == tries + 1
        if tries < failures - 1:
            plant.wait(seconds=2.0**tries)
    plant.fired("L2", sentence="Two.")
    plant.work()
    assert [one.sentence for one in channel.sent] == ["One."] * failures  # the second waits for the first one's time
    plant.wait(seconds=64)
    plant.work()
    assert [one.sentence for one in channel.sent][failures:] == ["One.", "Two."]


def test_two_rows_for_one_notice_send_it_once(plant, monkeypatch):
    channel = Channel(monkeypatch)
    plant.supervisor()
    plant.fired()
    row = Notification.get(Notification.channel == "smtp")
    for _ in range(3):
        tasks.deliver({"notification_id": row.id}, plant.settings, plant.now)
    tasks.deliver({"notification_id": "ntf_none"}, plant.settings, plant.now)
    assert len(channel.sent) == 1


def test_a_worker_whose_claim_ran_out_and_who_sent_all_the_same_is_believed(plant, monkeypatch):
    Channel(monkeypatch)
    plant.supervisor()
    _, alert = plant.fired()
    row = Notification.get(Notification.channel == "smtp")
    late = delivery.claim(row.id, plant.now).job
    plant.wait(seconds=61)
    second = delivery.claim(row.id, plant.now).job
    assert second.attempt == 2

    delivery.settle(late, delivery.Result("sent", "250 OK", "E-mail", "<x@y>"), plant.now)
    delivery.settle(second, delivery.Result("retryable", "down", "E-mail"), plant.now)

    assert plant.notices(alert) == [("Name of P-1", "first", "sent")]
    assert plant.attempts(alert) == ["sent", "retryable"]


def test_many_workers_at_once_send_each_notice_once_and_in_order(plant, monkeypatch):
    channel = Channel(monkeypatch)
    slow = channel.send

    def send(message, address, settings):
        time.sleep(0.01)
        return slow(message, address, settings)

    channel.send = send
    plant.supervisor()
    for number in range(6):
        plant.fired(f"L{number}", sentence=f"{number}")
    rows = list(Notification.select().where(Notification.channel == "smtp").order_by(Notification.created_at))
    faults = []

    def worker(row):
        try:
            with connected():
                tasks.deliver({"notification_id": row.id}, plant.settings, plant.now)
        except Exception as error:  # noqa: BLE001 - the test tells it
            faults.append(error)

    threads = [threading.Thread(target=worker, args=[row]) for row in [*reversed(rows), *rows]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert [one.sentence for one in channel.sent] == [f"{number}" for number in range(6)]


def test_a_worker_whose_time_is_up_leaves_the_rest_to_the_next(plant, monkeypatch):
    channel = Channel(monkeypatch)
    plant.supervisor()
    plant.fired()
    row = Notification.get(Notification.channel == "smtp")
    monkeypatch.setattr(tasks, "BUDGET", -1.0)
    tasks.deliver({"notification_id": row.id}, plant.settings, plant.now)
    assert channel.sent == []
    monkeypatch.setattr(tasks, "BUDGET", 20.0)

    plant.wait(seconds=2.1)
    plant.work()

    assert len(channel.sent) == 1
    delivery.put_off(row.id, plant.now, plant.now)  # it is sent: nothing to put off
    assert not Outbox.select().where(Outbox.reaction == "deliver").exists()
