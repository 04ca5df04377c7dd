import itertools
from datetime import UTC, datetime, timedelta

import pytest

from qc_service.alerts import rules

NOW = datetime(2026, 11, 18, 6, tzinfo=UTC)
STATES = ("firing", "acknowledged", "resolved")


def test_a_fingerprint_is_the_one_that_others_compute():
    found = rules.fingerprint(
        "fix_not_holding", site="brno", line="L2", product="FG-PUMP-40", defect_code="LEAK",
        fix="fix_01M3S2Z5G03HQ6RK02WN8QHT2R",
    )  # fmt: skip
    assert found == "79c8884adb0ace70"


def test_a_name_with_a_bar_cannot_pass_for_two():
    assert rules.fingerprint("k", site="a|b", line="c") != rules.fingerprint("k", site="a", line="b|c")


@pytest.mark.parametrize(
    ("kind", "pattern", "severity"),
    [
        ("fix_not_holding", "relapsed", "critical"),
        ("fix_not_holding", "never_worked", "critical"),
        ("fix_not_holding", "short_of_promise", "error"),
        ("fix_not_holding", None, "critical"),
        ("fixes_recurring", None, "warning"),
        ("something_new", None, "error"),
    ],
)
def test_how_bad_a_kind_is(kind, pattern, severity):
    assert rules.severity_of(kind, pattern) == severity
    assert severity in rules.SEVERITIES


def test_every_move_ends_in_a_state_and_every_refusal_keeps_it():
    actions = (*rules.ACTIONS, "see", "worsen", "fire", "clear", "wake")
    for state, action in itertools.product(STATES, actions):
        move = rules.next_state(state, action)
        assert move.state in STATES
        assert move.allowed or move.state == state


@pytest.mark.parametrize(
    ("state", "action", "reason"),
    [
        ("resolved", "ack", "is_resolved"),
        ("resolved", "snooze", "is_resolved"),
        ("resolved", "resolve", "is_resolved"),
        ("resolved", "unack", "is_resolved"),
        ("firing", "unack", "nobody_has_it"),
    ],
)
def test_a_move_that_is_not_legal_says_why(state, action, reason):
    assert rules.next_state(state, action) == rules.Move(state, reason, allowed=False)
    assert action not in rules.possible(state)


def test_what_is_possible_is_what_is_legal():
    assert rules.possible("firing") == ["ack", "snooze", "resolve", "comment"]
    assert rules.possible("acknowledged") == ["ack", "unack", "snooze", "resolve", "comment"]
    assert rules.possible("resolved") == ["comment"]


@pytest.mark.parametrize(
    ("happened", "told", "more", "notify", "reason"),
    [
        ("fired", None, {}, True, "first"),
        ("reopened", "resolved", {}, True, "first"),
        ("reopened", "firing", {}, False, "told_already"),
        ("reopened", "resolved", {"snoozed": True}, False, "snoozed"),
        ("reopened", "resolved", {"snoozed": True, "worse": True}, True, "first"),
        ("updated", "firing", {}, False, "not_worse"),
        ("updated", None, {}, False, "not_worse"),
        ("updated", "firing", {"worse": True}, True, "updated"),
        ("updated", "firing", {"worse": True, "snoozed": True}, True, "updated"),
        ("updated", None, {"worse": True}, True, "first"),
        ("woken", "firing", {}, True, "woken"),
        ("resolved", "firing", {}, True, "resolved"),
        ("resolved", "firing", {"snoozed": True}, True, "resolved"),
        ("resolved", None, {}, False, "never_told"),
        ("resolved", "resolved", {}, False, "told_already"),
    ],
)
def test_who_is_told(happened, told, more, notify, reason):
    assert rules.should_notify(happened, told=told, **more) == rules.Decision(notify, reason)


def _after(outcome, *, unconfirmed=0, age=timedelta(0), pause=timedelta(seconds=4)):
    return rules.after_try(outcome, unconfirmed=unconfirmed, asked_at=NOW - age, now=NOW, pause=pause)


def test_what_follows_from_a_try():
    assert _after("sent") == rules.Fate("sent", "accepted")
    assert _after("permanent") == rules.Fate("failed", "refused")
    assert _after("retryable") == rules.Fate("due", "try_again", NOW + timedelta(seconds=4))


def test_what_may_have_arrived_is_not_repeated_at_once_and_not_for_ever():
    assert _after("unknown", unconfirmed=1).due_at == NOW + rules.UNCONFIRMED_FOR
    assert _after("unknown", unconfirmed=rules.UNCONFIRMED_MOST) == rules.Fate("failed", "never_confirmed")


def test_after_a_day_it_is_given_up_with_a_last_try_at_the_end_of_it():
    assert _after("retryable", pause=timedelta(hours=9)).due_at == NOW + rules.RETRY_LONGEST
    nearly = rules.GIVE_UP_AFTER - timedelta(minutes=1)
    assert _after("retryable", age=nearly, pause=timedelta(minutes=30)).due_at == NOW + timedelta(minutes=1)
    assert _after("retryable", age=rules.GIVE_UP_AFTER) == rules.Fate("failed", "gave_up")
    assert _after("sent", age=rules.GIVE_UP_AFTER).state == "sent"


def test_a_correction_settles_and_a_new_fix_does_not():
    assert rules.settles_for("superseded") == timedelta(0)
    assert rules.settles_for("corrected") == rules.settles_for(None) == rules.SETTLE_FOR
