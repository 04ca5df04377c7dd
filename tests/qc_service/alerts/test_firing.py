from datetime import timedelta

import peewee
import pytest

from qc_service import audit
from qc_service.alerts import rules, service
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.audit import Event
from qc_service.db import db, new_id, write
from qc_service.flags.models import Watch
from qc_service.queue import Outbox
from qc_service.verify import verify

FIRED = [("Name of P-1", "first", "due")]


def test_a_flag_that_opens_fires_an_alert_and_has_people_told(plant):
    plant.supervisor()

    flag, alert = plant.fired()

    assert (alert.state, alert.severity, alert.episode, alert.occurrences) == ("firing", "critical", 1, 1)
    assert (alert.sentence, alert.evidence_id, alert.owner) == (flag.sentence, flag.evidence_id, "P-7")
    assert (alert.verdict, alert.pattern) == ("not_holding", "relapsed")
    assert alert.fingerprint == rules.fingerprint("fix_not_holding", site="S1", line="L1", fix=flag.fix_id)
    assert plant.log(alert) == ["fired"]
    assert plant.notices(alert) == FIRED
    assert plant.notices(alert, "console") == [("the service's log", "first", "due")]
    assert Outbox.select().where(Outbox.reaction == "deliver").count() == 2


def test_a_verdict_without_a_flag_touches_nothing(plant):
    service.on_flag_moved({"line_id": "lin_x", "flag": None, "flag_id": None, "verdict": "holding"}, plant.now)
    assert Alert.select().count() == 0


def test_the_explanation_is_the_one_of_the_watch(plant):
    line = plant.line()
    flag = plant.flag(line, plant.fix(line))
    with write():
        Watch.create(
            id=new_id("wch"), site_id=line.site_id, line_id=line.id, fix_id=flag.fix_id, method="fixwatch-1",
            config={}, state={}, finding={}, seen_seq=1, last_key=None, lots=9, verdict="not_holding",
            pattern="short_of_promise", leaning=False, reasons=[], sentence="", explanation="Why, at length.",
            as_of=plant.now,
        )  # fmt: skip

    plant.say(flag, "opened", "relapsed")

    alert = plant.alert(flag)
    assert (alert.explanation, alert.pattern, alert.severity) == (
        "Why, at length.",
        "short_of_promise",
        "error",
    )


def test_the_same_flag_a_thousand_times_is_one_alert_and_one_notice(plant, engine):
    plant.supervisor()
    flag, alert = plant.fired()
    times = 1000 if engine == "sqlite" else 100

    with write():  # one transaction, to be quick; each message is handled on its own all the same
        for _ in range(times - 1):
            plant.say(flag, "opened")

    assert Alert.select().count() == 1
    alert = plant.alert(flag)
    assert (alert.occurrences, alert.episode) == (times, 1)
    assert plant.notices(alert) == FIRED
    assert plant.log(alert) == ["fired"]


def test_numbers_that_moved_are_written_down_and_told_to_nobody(plant):
    plant.supervisor()
    flag, alert = plant.fired()

    plant.update(flag, "97 of 3,170 by now.")

    alert = plant.alert(flag)
    assert (alert.sentence, alert.occurrences) == ("97 of 3,170 by now.", 2)
    assert alert.last_seen_at > alert.opened_at
    assert plant.log(alert) == ["fired", "updated"]
    assert plant.notices(alert) == FIRED


def test_what_gets_worse_is_told_and_ends_who_took_it_and_the_snooze(plant):
    plant.supervisor()
    line = plant.line()
    flag = plant.flag(line, plant.fix(line))
    plant.say(flag, "opened", "short_of_promise")
    alert = plant.alert(flag)
    assert alert.severity == "error"
    Alert.update(
        state="acknowledged", acknowledged_by="person:x", acknowledged_name="X", acknowledged_at=plant.now,
        snoozed_until=plant.now + timedelta(hours=3),
    ).execute()  # fmt: skip

    plant.update(flag, "Worse.", "never_worked")

    alert = plant.alert(flag)
    assert (alert.state, alert.severity, alert.acknowledged_by, alert.snoozed_until) == (
        "firing",
        "critical",
        None,
        None,
    )
    assert [reason for _, reason, _ in plant.notices(alert)] == ["first", "updated"]


def test_severity_never_falls_within_an_episode(plant):
    flag, _ = plant.fired()
    plant.update(flag, "Better.", "short_of_promise")
    assert plant.alert(flag).severity == "critical"


def test_a_correction_resolves_it_and_everybody_who_was_told_is_told_once_it_has_settled(plant):
    gone = plant.supervisor()
    flag, alert = plant.fired()
    from qc_service.people import staff

    staff.deactivate_person(audit.COMMAND, gone.id)  # was told of the fire all the same
    plant.supervisor("P-2")  # was not

    plant.close(flag)

    alert = plant.alert(flag)
    assert (alert.state, alert.resolved_by) == ("resolved", "system:worker")
    assert "corrected" in alert.resolve_reason
    assert plant.log(alert) == ["fired", "resolved"]
    assert plant.notices(alert) == [*FIRED, ("Name of P-1", "resolved", "due")]
    later = Notification.get(Notification.reason == "resolved")
    assert later.due_at - alert.resolved_at == rules.SETTLE_FOR


def test_a_new_fix_resolves_it_and_is_told_at_once(plant):
    plant.supervisor()
    flag, _ = plant.fired()

    plant.close(flag, "superseded")

    later = Notification.get((Notification.reason == "resolved") & (Notification.channel == "smtp"))
    assert later.due_at == plant.alert(flag).resolved_at
    assert "new fix" in plant.alert(flag).resolve_reason


def test_a_close_reason_of_later_days_is_said_as_it_is(plant):
    flag, _ = plant.fired()
    plant.close(flag, "line_retired")
    assert plant.alert(flag).resolve_reason == "The flag was closed: line_retired."


def test_what_fires_again_within_a_day_is_the_same_alert_in_another_episode(plant):
    plant.supervisor()
    flag, alert = plant.fired()
    Alert.update(acknowledged_by="person:x", acknowledged_name="X", state="acknowledged").execute()
    plant.close(flag)
    Notification.update(state="sent").execute()
    plant.wait(hours=23)

    again, reopened = plant.fired()

    assert reopened.id == alert.id
    assert (reopened.state, reopened.episode, reopened.flag_id) == ("firing", 2, again.id)
    assert (reopened.acknowledged_by, reopened.resolved_at, reopened.resolve_reason) == (None, None, None)
    assert plant.log(reopened) == ["fired", "resolved", "reopened"]
    assert [(reason, state) for _, reason, state in plant.notices(reopened)] == [
        ("first", "sent"), ("resolved", "sent"), ("first", "due"),
    ]  # fmt: skip


def test_what_fires_again_later_is_another_alert(plant):
    flag, alert = plant.fired()
    plant.close(flag)
    plant.wait(hours=25)

    _, other = plant.fired()

    assert other.id != alert.id
    assert (other.fingerprint, other.episode) == (alert.fingerprint, 2)


def test_twenty_flips_in_an_hour_are_one_alert_and_two_notices(plant):
    plant.supervisor()
    for _ in range(10):
        flag, alert = plant.fired()
        plant.work()
        plant.wait(minutes=3)
        plant.close(flag)
        plant.work()
        plant.wait(minutes=3)
    plant.wait(hours=1)
    plant.work()

    assert Alert.select().count() == 1
    alert = Alert.get()
    assert (alert.state, alert.episode) == ("resolved", 10)
    printed = [(reason, state) for _, reason, state in plant.notices(alert, "console") if state != "dropped"]
    assert printed == [("first", "sent"), ("resolved", "sent")]


def test_a_snooze_outlives_a_short_recovery(plant):
    plant.supervisor()
    flag, _ = plant.fired()
    until = plant.now + timedelta(hours=8)
    Alert.update(snoozed_until=until, snoozes=1).execute()
    plant.close(flag)
    Notification.update(state="sent").execute()

    _, again = plant.fired()

    assert (again.state, again.snoozed_until) == ("firing", until)
    assert [reason for _, reason, _ in plant.notices(again)] == ["first", "resolved"]  # told when it wakes


def test_an_episode_that_was_over_before_anybody_looked_is_written_down_and_disturbs_nobody(plant):
    plant.supervisor()
    line = plant.line()
    flag = plant.flag(line, plant.fix(line))
    plant.shut(flag)

    plant.say(flag, "closed", None)  # the messages in the wrong order
    plant.say(flag, "opened")

    alert = plant.alert(flag)
    assert (alert.state, plant.log(alert)) == ("resolved", ["fired", "resolved"])
    assert plant.notices(alert) == []

    second = plant.flag(line, plant.fixes.setdefault(line.id, flag_fix(flag)))
    plant.shut(second)
    plant.say(second, "opened")
    assert plant.log(plant.alert(second)) == ["fired", "resolved", "reopened", "resolved"]


def flag_fix(flag):
    from qc_service.fixes.models import Fix

    return Fix.get_by_id(flag.fix_id)


def test_a_message_that_comes_late_does_not_fire_what_is_over(plant):
    flag, _ = plant.fired()
    plant.close(flag)

    plant.say(flag, "updated")
    plant.say(flag, "opened")

    assert plant.alert(flag).state == "resolved"


def test_an_update_that_is_read_before_the_opening_fires(plant):
    line = plant.line()
    flag = plant.flag(line, plant.fix(line))
    plant.say(flag, "updated")
    plant.say(flag, "opened")
    assert plant.log(plant.alert(flag)) == ["fired"]


def test_a_next_episode_that_is_read_before_the_last_one_closed_is_another_episode_all_the_same(plant):
    plant.supervisor()
    flag, alert = plant.fired()
    plant.shut(flag)
    again, alert = plant.fired()

    plant.say(flag, "closed", None)

    assert (alert.episode, alert.flag_id, alert.state) == (2, again.id, "firing")
    assert plant.alert(again).state == "firing"
    assert plant.notices(alert) == FIRED  # they believe that it fires, and it does


def test_two_flags_of_one_fingerprint_are_one_alert_until_both_are_closed(plant):
    line = plant.line()
    fix = plant.fix(line)
    first, second = (plant.flag(line, fix, sentence=text) for text in ("One.", "Two."))
    plant.say(first, "opened")
    plant.say(second, "opened")

    plant.close(first)
    alert = Alert.get()
    assert (alert.state, alert.flag_id, alert.sentence) == ("firing", second.id, "Two.")

    plant.close(second)
    assert Alert.get().state == "resolved"


def test_what_a_person_resolved_stays_so_while_its_flag_says_the_same(plant):
    plant.supervisor()
    flag, alert = plant.fired()
    Alert.update(state="resolved", resolved_at=plant.now, resolved_by="person:x", resolve_reason="known").execute()

    plant.update(flag, "Still so.")

    alert = plant.alert(flag)
    assert (alert.state, alert.occurrences, alert.resolve_reason) == ("resolved", 2, "known")
    plant.close(flag)
    assert plant.log(alert) == ["fired"]


def test_what_a_person_resolved_comes_back_when_it_gets_worse(plant):
    plant.supervisor()
    line = plant.line()
    flag = plant.flag(line, plant.fix(line))
    plant.say(flag, "opened", "short_of_promise")
    Alert.update(state="resolved", resolved_at=plant.now, resolved_by="person:x", resolve_reason="known").execute()

    plant.update(flag, "Worse.", "relapsed")

    assert plant.alert(flag).state == "firing"


def test_the_database_keeps_one_open_alert_a_fingerprint(plant):
    _, alert = plant.fired()
    copy = {**alert.__data__, "id": new_id("alr"), "episode": 99}
    with pytest.raises(peewee.IntegrityError), write():
        Alert.insert(copy).execute()


def test_the_database_refuses_an_alert_of_another_site(plant):
    _, alert = plant.fired()
    other = plant.line("L9", "S2")
    with pytest.raises(peewee.IntegrityError), write():
        Alert.update(site_id=other.site_id).where(Alert.id == alert.id).execute()


def test_the_log_is_history(plant):
    plant.fired()
    for query in (AlertLog.update(text="never said"), AlertLog.delete()):
        with pytest.raises(peewee.DatabaseError, match="history is never changed"), write():
            query.execute()


def test_a_whole_life_is_as_the_trail_says(plant):
    plant.supervisor()
    flag, _ = plant.fired()
    plant.update(flag, "More.")
    plant.work()
    plant.close(flag)
    plant.fired()
    plant.work()
    assert list(verify()) == []


def test_every_turn_is_an_event_of_the_line_that_carries_its_rows(plant):
    flag, alert = plant.fired()
    plant.update(flag, "More.")
    plant.close(flag)

    stream = audit.stream_of(alert.site_id, alert.line_id)
    mine = Event.select().where((Event.stream == stream) & (Event.type.startswith("alert.")))
    events = {event.type: bytes(event.body) for event in mine}
    assert set(events) == {"alert.fired", "alert.updated", "alert.resolved"}
    assert all(alert.id.encode() in body and b'"alert_log"' in body for body in events.values())
    assert b"@example.com" not in b"".join(events.values())  # who was told is named, not addressed


def test_what_has_no_consequence_needs_no_outbox_row(plant):
    flag, _ = plant.fired()
    before = Outbox.select().count()
    plant.say(flag, "opened")
    assert Outbox.select().count() == before
    assert db.in_transaction() is False
