"""Notices on their way, with a real receiver of mail: outages, refusals, silence and crashes."""

import email
import email.policy
import socket
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from qc_service.alerts import delivery
from qc_service.alerts.models import AlertLog, Notification, NotificationAttempt
from qc_service.alerts.reading import describe
from qc_service.queue import Outbox
from workers.channels import smtp
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
    plant.wait(minutes=5)
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
    while plant.now - Notification.get(Notification.channel == "smtp").created_at < timedelta(minutes=30):
        plant.work()
        plant.moved += max(plant.next_due(), timedelta(0)) + timedelta(milliseconds=1)
    assert 10 < Notification.get(Notification.channel == "smtp").attempts < 20

    plant.wait(days=1)
    plant.work()

    row = Notification.get(Notification.channel == "smtp")
    assert (row.state, row.sent_at) == ("failed", None)
    assert "given up after a day" in AlertLog.get(AlertLog.what == "notification_failed").text
    assert not Outbox.select().where(Outbox.reaction == "deliver").exists()


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


def test_a_server_that_hangs_is_left_in_time(plant, monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    plant.supervisor()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        plant.settings = replace(plant.settings, smtp_url=f"smtp://127.0.0.1:{port}?from=qc@example.com")
        _, alert = plant.fired()
        began = time.monotonic()
        plant.work()
    assert time.monotonic() - began < 8  # less than it waits otherwise
    assert plant.attempts(alert) == ["retryable"]
    assert "no answer in time" in NotificationAttempt.get(NotificationAttempt.outcome == "retryable").detail
