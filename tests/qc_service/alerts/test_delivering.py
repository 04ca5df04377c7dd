"""Notices on their way, with a real receiver of mail: outages, refusals, silence and crashes."""

import email
import email.policy
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from qc_service.alerts import delivery, rules
from qc_service.alerts.models import AlertLog, Notification, NotificationAttempt
from qc_service.alerts.reading import describe
from qc_service.db import connected
from qc_service.queue import Outbox
from workers.channels import registry, smtp
from workers.channels.message import Outcome, Retryable, Unknown
from workers.tasks import alerts as tasks


def read(envelope):
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def subjects(box):
    return [read(one)["Subject"] for one in box.mails]


def test_everybody_is_mailed_once_and_the_log_says_so(plant, postbox):
    for code in ("P-1", "P-2"):
        plant.supervisor(code)
    plant.mailed(postbox)
    _, alert = plant.fired()

    plant.work()
    plant.work()

    assert sorted(one.rcpt_tos[0] for one in postbox.mails) == ["p-1@example.com", "p-2@example.com"]
    assert {state for _, _, state in plant.notices(alert)} == {"sent"}
    assert sorted(plant.log(alert)) == ["fired", "notified", "notified", "notified"]
    assert Outbox.select().where(Outbox.reaction == "deliver").count() == 0
    told = describe([alert])[0]["notifications"]["told"]
    assert {one["name"] for one in told} == {"Name of P-1", "Name of P-2", "the service's log"}
    text = [row.text for row in AlertLog.select().where(AlertLog.what == "notified")]
    assert "E-mail to Name of P-1, that it fires: sent." in text


def test_the_mail_of_the_end_stands_in_the_thread_of_the_first(plant, postbox):
    plant.supervisor()
    plant.mailed(postbox)
    flag, alert = plant.fired()
    plant.work()
    plant.close(flag)
    plant.work()
    assert len(postbox.mails) == 1  # the news settles first
    plant.wait(minutes=5)
    plant.work()

    first, last = map(read, postbox.mails)
    assert last["Subject"] == f"Resolved: {alert.sentence}"
    assert last["In-Reply-To"] == last["References"] == first["Message-ID"]
    assert first["In-Reply-To"] is None
    assert "corrected" in last.get_body().get_content()


def test_after_an_outage_everything_is_sent_once_and_in_order(plant, postbox):
    plant.supervisor()
    plant.mailed(replace(postbox, url="smtp://127.0.0.1:9?from=qc@example.com"))
    fired = []
    for number in range(5):
        flag, _ = plant.fired(f"L{number}", sentence=f"Line {number} is wrong.")
        fired.append(flag)
        plant.work()
        plant.wait(minutes=6)
    plant.close(fired[0], "superseded")
    plant.work()
    assert postbox.mails == []

    plant.mailed(postbox)
    plant.wait(minutes=31)
    plant.work()

    assert subjects(postbox) == [*(f"Line {n} is wrong." for n in range(5)), "Resolved: Line 0 is wrong."]
    plant.wait(days=2)
    plant.work()
    assert len(postbox.mails) == 6
    assert not Outbox.select().where(Outbox.reaction == "deliver").exists()
    assert not Notification.select().where(Notification.state != "sent").exists()


def test_a_server_that_asks_to_come_later_is_asked_later(plant, postbox):
    plant.supervisor()
    plant.mailed(postbox)
    postbox.answers = ["451 4.3.0 try later"]
    _, alert = plant.fired()

    plant.work()
    assert plant.notices(alert) == [("Name of P-1", "first", "due")]
    waiting = describe([alert])[0]["notifications"]["not_told"]
    assert [(one["state"], one["why"]) for one in waiting] == [("waiting", "the mail server said 451 4.3.0 try later")]
    plant.wait(seconds=1.1)
    plant.work()

    assert plant.attempts(alert) == ["retryable", "sent"]
    assert len(postbox.mails) == 1


def test_a_mailbox_that_does_not_exist_fails_at_once_and_the_others_are_told(plant, postbox):
    for code in ("P-1", "P-2"):
        plant.supervisor(code)
    plant.mailed(postbox)
    postbox.unknown = {"p-1@example.com"}
    _, alert = plant.fired()

    plant.work()

    assert plant.notices(alert) == [("Name of P-1", "first", "failed"), ("Name of P-2", "first", "sent")]
    row = AlertLog.get(AlertLog.what == "notification_failed")
    said = "the mail server said 550 5.1.1 no such mailbox"
    assert row.text == f"E-mail to Name of P-1, that it fires: could not be sent ({said})."
    assert plant.attempts(alert).count("permanent") == 1


def test_whoever_could_not_be_told_that_it_fires_is_not_told_that_it_is_over(plant, postbox):
    for code in ("P-1", "P-2"):
        plant.supervisor(code)
    plant.mailed(postbox)
    postbox.unknown = {"p-1@example.com"}
    flag, alert = plant.fired()
    plant.work()

    plant.close(flag, "superseded")

    assert [(name, reason) for name, reason, _ in plant.notices(alert)][2:] == [("Name of P-2", "resolved")]


def test_after_a_day_of_outage_it_is_given_up_and_said(plant):
    plant.supervisor()
    plant.settings = replace(plant.settings, smtp_url="smtp://127.0.0.1:9?from=qc@example.com")
    plant.fired()
    for _ in range(100):
        plant.work()
        if not Outbox.select().where(Outbox.reaction == "deliver").exists():
            break
        plant.moved += max(plant.next_due(), timedelta(0)) + timedelta(milliseconds=1)

    row = Notification.get(Notification.channel == "smtp")
    assert (row.state, row.sent_at) == ("failed", None)
    assert rules.GIVE_UP_AFTER <= plant.now - row.created_at < rules.GIVE_UP_AFTER + timedelta(minutes=1)
    assert 40 < row.attempts < 80
    assert "given up after a day" in AlertLog.get(AlertLog.what == "notification_failed").text


def test_a_crash_after_sending_costs_one_copy_of_the_same_name(plant, postbox, monkeypatch):
    plant.supervisor()
    plant.mailed(postbox)
    _, alert = plant.fired()
    Outbox.delete().where(Outbox.event_id == Notification.get(Notification.channel == "console").id).execute()
    settle = delivery.settle

    def killed(*_args):
        raise SystemExit("kill -9")

    monkeypatch.setattr(delivery, "settle", killed)
    with pytest.raises(SystemExit):
        plant.work()
    monkeypatch.setattr(delivery, "settle", settle)
    assert len(postbox.mails) == 1
    plant.work()
    assert len(postbox.mails) == 1  # the lease of the dead worker still runs
    plant.wait(seconds=61)
    plant.work()
    plant.wait(hours=1)
    plant.work()

    assert [read(one)["Message-ID"] for one in postbox.mails] == [read(postbox.mails[0])["Message-ID"]] * 2
    assert postbox.mails[0].content == postbox.mails[1].content
    assert plant.notices(alert) == [("Name of P-1", "first", "sent")]
    assert plant.attempts(alert) == [None, "sent"]


def test_a_crash_before_sending_costs_nothing(plant, postbox, monkeypatch):
    plant.supervisor()
    plant.mailed(postbox)
    plant.fired()
    claim = delivery.claim

    def killed(*args):
        claim(*args)
        raise SystemExit("kill -9")

    monkeypatch.setattr(delivery, "claim", killed)
    for _ in range(2):
        with pytest.raises(SystemExit):
            plant.work()
    monkeypatch.setattr(delivery, "claim", claim)
    plant.wait(seconds=61)
    plant.work()

    assert len(postbox.mails) == 1


def test_a_database_that_fails_at_the_mark_delays_and_does_not_lose(plant, postbox, monkeypatch):
    plant.supervisor()
    plant.mailed(postbox)
    _, alert = plant.fired()
    settle = delivery.settle

    def away(*_args):
        raise ConnectionError("the database is away")

    monkeypatch.setattr(delivery, "settle", away)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            plant.work()
    monkeypatch.setattr(delivery, "settle", settle)
    monkeypatch.setattr(tasks, "PATIENCE", 0.1)
    plant.wait(seconds=1.5)
    plant.work()  # retried while the claim still runs: nothing is sent, nothing is lost
    assert len(postbox.mails) == 1
    plant.wait(seconds=61)
    plant.work()

    assert plant.notices(alert) == [("Name of P-1", "first", "sent")]
    assert len(postbox.mails) == 2


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
    channel = Channel(monkeypatch, *[Retryable("down")] * 3)
    plant.supervisor()
    plant.fired("L1", sentence="One.")
    plant.work()
    plant.wait(seconds=0.5)
    plant.fired("L2", sentence="Two.")
    plant.work()
    assert [one.sentence for one in channel.sent] == ["One."]  # the second waits for the first one's time
    plant.wait(seconds=60)
    for _ in range(3):
        plant.work()
        plant.wait(seconds=30)
    assert [one.sentence for one in channel.sent][-2:] == ["One.", "Two."]


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


def test_a_server_that_hangs_is_left_in_time(plant, monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    plant.supervisor()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        plant.settings = replace(plant.settings, smtp_url=f"smtp://127.0.0.1:{port}?from=qc@example.com")
        _, alert = plant.fired()
        began = time.monotonic()
        plant.work()
    assert time.monotonic() - began < 2
    assert plant.attempts(alert) == ["retryable"]
    assert "no answer in time" in NotificationAttempt.get(NotificationAttempt.outcome == "retryable").detail
