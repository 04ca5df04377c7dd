from dataclasses import replace

from structlog.testing import capture_logs

from qc_service import audit
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.alerts.notifications import init_alerts
from qc_service.alerts.reading import describe
from qc_service.people import staff


def test_the_supervisors_and_quality_managers_of_the_site_are_told_and_nobody_else(plant):
    plant.line(site="S2")
    plant.supervisor("P-1")
    plant.person("P-2", "quality_manager", email="p-2@example.com")
    plant.person("P-3", "supervisor", site=None, email="p-3@example.com")  # of every site
    plant.supervisor("P-4", site="S2")
    plant.person("P-5", "operator", "inspector", "auditor", "admin", email="p-5@example.com")
    gone = plant.supervisor("P-6")
    staff.deactivate_person(audit.COMMAND, gone.id)

    _, alert = plant.fired()

    assert sorted(name for name, _, _ in plant.notices(alert)) == [
        "Name of P-1",
        "Name of P-2",
        "Name of P-3",
    ]


def test_one_mailbox_that_two_share_is_told_once(plant):
    plant.supervisor("P-1", email="shift@example.com")
    plant.supervisor("P-2", email="Shift@example.com")
    _, alert = plant.fired()
    assert len(plant.notices(alert)) == 1


def test_who_has_no_address_is_named_as_not_told(plant):
    plant.supervisor("P-1", email=None)
    flag, alert = plant.fired()
    plant.work()

    assert plant.notices(alert) == [("Name of P-1", "first", "failed")]
    told = describe([Alert.get_by_id(alert.id)])[0]["notifications"]
    assert (told["sent"], told["failed"]) == (1, 1)
    assert told["not_told"][0]["why"] == "has no e-mail address on file"
    text = AlertLog.get(AlertLog.what == "fired").text
    assert "Without an e-mail address: Name of P-1." in text

    plant.close(flag)  # never told that it fires, so not told that it is over
    assert [reason for _, reason, _ in plant.notices(alert)] == ["first"]


def test_what_is_told_is_frozen_when_it_was_decided(plant):
    plant.supervisor()
    flag, _ = plant.fired(sentence="As it was.")
    plant.update(flag, "As it is.")
    assert {row.message["sentence"] for row in Notification.select()} == {"As it was."}


def test_a_site_without_anybody_still_has_its_log_line(plant, capsys):
    _, alert = plant.fired()
    plant.work()

    out = capsys.readouterr().out
    assert out.startswith("ALERT critical: Line 1, scrap: 96 of 3,120")
    assert out.endswith(f"http://127.0.0.1:8000/alerts/{alert.id}\n")
    assert plant.log(alert) == ["fired", "notified"]


def test_a_worker_says_when_it_starts_that_nobody_will_be_mailed(settings):
    for url, said in ((None, ["mail.off"]), ("smtp://127.0.0.1?from=qc@example.com", [])):
        with capture_logs() as logs:
            init_alerts(replace(settings, smtp_url=url))
        assert [one["event"] for one in logs] == said


def test_without_a_mail_server_it_is_said_who_was_not_told_and_why(plant):
    plant.supervisor()
    _, alert = plant.fired()
    plant.work()

    assert plant.notices(alert) == [("Name of P-1", "first", "failed")]
    assert sorted(plant.log(alert)) == ["fired", "notification_failed", "notified"]
    not_told = describe([alert])[0]["notifications"]["not_told"]
    assert [(one["name"], one["why"]) for one in not_told] == [
        ("Name of P-1", "no mail server is configured: set QC_SMTP_URL")
    ]
