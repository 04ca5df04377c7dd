"""The life of an alert: its legal moves, how bad it is, who is told and why, and what follows from a try.

Everything here decides on plain values and returns a named reason; nothing is done.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

REOPEN_WITHIN = timedelta(hours=24)  # fires again that soon: the same alert, another episode
SETTLE_FOR = timedelta(minutes=5)  # corrections come in several documents: good news waits for the last of them
SNOOZE_LONGEST = timedelta(days=30)
REASON_SHORTEST = 10  # characters
GIVE_UP_AFTER = timedelta(hours=24)
RETRY_LONGEST = timedelta(minutes=5)  # after an outage nobody waits longer than this for bad news
UNCONFIRMED_FOR = timedelta(minutes=10)  # no blind second copy of what may have arrived
UNCONFIRMED_MOST = 3  # copies that may have arrived

OPEN = ("firing", "acknowledged")
TOLD_ROLES = ("supervisor", "quality_manager")

SEVERITIES = ("info", "warning", "error", "critical")
_OF_KIND = {
    "fix_not_holding": "critical", "line_out_of_control": "error", "fixes_recurring": "warning", "lots_held": "error",
    "line_stopped": "critical", "help_called": "warning",
}  # fmt: skip
_OF_CAUSE = {"said": "warning"}  # somebody has seen to it already
_OF_PATTERN = {"short_of_promise": "error"}  # better than before the fix, if not enough

EVENTS = (
    "fired", "updated", "acknowledged", "unacknowledged", "snoozed", "woken", "commented", "resolved",
    "reopened", "notified", "notification_failed",
)  # fmt: skip


def severity_of(kind: str, pattern: str | None = None, *, cause: str | None = None) -> str:
    """How bad a flag of this kind is; for a fix that does not hold, the pattern says it more exactly.

    For lots on hold the kind of cause does.
    """
    return _OF_PATTERN.get(pattern or "") or _OF_CAUSE.get(cause or "") or _OF_KIND.get(kind, "error")


def worse(before: str, after: str) -> bool:
    return SEVERITIES.index(after) > SEVERITIES.index(before)


def fingerprint(
    kind: str,
    *,
    site: str,
    line: str = "",
    product: str | None = None,
    defect_code: str | None = None,
    fix: str | None = None,
    cause: tuple[str, str] | None = None,
) -> str:
    """What makes two flags the same alert: codes and ids, never a measured value.

    `cause`, its kind and name, is that of lots on hold.
    """
    parts = [kind, site, line, product or "", defect_code or "", fix or "", *(cause or ())]
    text = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Move:
    """The state after an action, and why; where it is not allowed, the state as it was and what is wrong."""

    state: str
    reason: str
    allowed: bool = True


# (state, action): (state after, reason). People's actions are named as in the API; the rest are the system's.
_MOVES: dict[tuple[str, str], tuple[str, str]] = {
    ("firing", "ack"): ("acknowledged", "taken"),
    ("acknowledged", "ack"): ("acknowledged", "taken_over"),
    ("acknowledged", "unack"): ("firing", "handed_back"),
    ("firing", "snooze"): ("firing", "put_off"),
    ("acknowledged", "snooze"): ("acknowledged", "put_off"),
    ("firing", "resolve"): ("resolved", "closed"),
    ("acknowledged", "resolve"): ("resolved", "closed"),
    ("firing", "comment"): ("firing", "said"),
    ("acknowledged", "comment"): ("acknowledged", "said"),
    ("resolved", "comment"): ("resolved", "said"),
    ("firing", "see"): ("firing", "still_open"),
    ("acknowledged", "see"): ("acknowledged", "still_open"),
    ("resolved", "see"): ("resolved", "closed_by_a_person"),
    ("firing", "worsen"): ("firing", "got_worse"),
    ("acknowledged", "worsen"): ("firing", "got_worse"),  # who took it took something smaller
    ("resolved", "worsen"): ("firing", "got_worse"),
    ("firing", "fire"): ("firing", "next_episode"),
    ("acknowledged", "fire"): ("firing", "next_episode"),  # taking an alert lasts one episode
    ("resolved", "fire"): ("firing", "fires_again"),
    ("firing", "clear"): ("resolved", "cleared"),
    ("acknowledged", "clear"): ("resolved", "cleared"),
    ("firing", "wake"): ("firing", "snooze_over"),
    ("acknowledged", "wake"): ("acknowledged", "snooze_over"),
}
ACTIONS = ("ack", "unack", "snooze", "resolve", "comment")
_REFUSED = {("firing", "unack"): "nobody_has_it"}


def next_state(state: str, action: str) -> Move:
    """Where an action leads from a state."""
    found = _MOVES.get((state, action))
    if found is None:
        return Move(state, _REFUSED.get((state, action), "is_resolved"), allowed=False)
    return Move(*found)


def possible(state: str) -> list[str]:
    """What a person can do to an alert in this state."""
    return [action for action in ACTIONS if (state, action) in _MOVES]


@dataclass(frozen=True, slots=True)
class Decision:
    """Shall this recipient be told? `reason` is the notice's own where they are, else why not."""

    notify: bool
    reason: str


def should_notify(happened: str, *, told: str | None, snoozed: bool = False, worse: bool = False) -> Decision:
    """`told` is what the recipient was last told in earnest: `firing`, `resolved` or nothing.

    Whoever was told that it fires is told that it is resolved, whatever was put off meanwhile; whoever still
    believes that it fires need not hear it twice.
    """
    if happened == "resolved":
        reasons = {"firing": "resolved", None: "never_told"}
        return Decision(told == "firing", reasons.get(told, "told_already"))
    if worse:
        return Decision(notify=True, reason="updated" if told == "firing" else "first")
    if snoozed:
        return Decision(notify=False, reason="snoozed")
    if happened == "woken":
        return Decision(notify=True, reason="woken")
    if happened == "updated" or told == "firing":
        return Decision(notify=False, reason="not_worse" if happened == "updated" else "told_already")
    return Decision(notify=True, reason="first")


def settles_for(close_reason: str | None) -> timedelta:
    """How long the news of a resolved alert waits: nobody goes back on a new fix or a word in minutes."""
    at_once = ("superseded", "released", "runs_again", "helped", "fix_declared", "new_normal", "window_passed")
    return timedelta(0) if close_reason in at_once else SETTLE_FOR


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a notification after a try; `due_at` where it is tried again."""

    state: str
    reason: str
    due_at: datetime | None = None


def after_try(outcome: str, *, unconfirmed: int, asked_at: datetime, now: datetime, pause: timedelta) -> Fate:
    """`unconfirmed` counts the tries, this one too, of which nobody knows whether they arrived."""
    deadline = asked_at + GIVE_UP_AFTER
    if outcome == "sent":
        return Fate("sent", "accepted")
    if outcome == "permanent":
        return Fate("failed", "refused")
    if now >= deadline:
        return Fate("failed", "gave_up")
    if outcome == "unknown" and unconfirmed >= UNCONFIRMED_MOST:
        return Fate("failed", "never_confirmed")
    wait = UNCONFIRMED_FOR if outcome == "unknown" else min(pause, RETRY_LONGEST)
    return Fate("due", "try_again", min(now + wait, deadline))
