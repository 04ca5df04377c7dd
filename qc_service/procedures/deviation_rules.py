"""What a deviation may permit, and whether it still does: plain values, and the time as an argument."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from qc_service.texts import Text, later

LONGEST = timedelta(days=90)  # what is needed for longer is no deviation: change the procedure


@dataclass(frozen=True, slots=True)
class Terms:
    """So many units, until then. From the moment of `expires_at` on nothing is permitted any more."""

    quantity: int
    expires_at: datetime


def asked_faults(terms: Terms, now: datetime) -> list[tuple[str, Text]]:
    """What is wrong with the terms that somebody asks for, each with the field that it is about."""
    return list(_moment_faults(terms.expires_at, now))


def granted_faults(asked: Terms, granted: Terms, now: datetime, *, more: bool) -> list[tuple[str, Text]]:
    """What is wrong with the terms of a grant. `more`: the one who decides has said that it is more than was asked."""
    found = list(_moment_faults(granted.expires_at, now))
    if more:
        return found
    if granted.quantity > asked.quantity:
        text = later("More than the %(asked)s that were asked for: send more_than_asked if it is meant.",
                     asked=asked.quantity)  # fmt: skip
        found.append(("quantity", text))
    if granted.expires_at > asked.expires_at:
        text = later("Longer than was asked for: send more_than_asked if it is meant.")
        found.append(("expires_at", text))
    return found


def _moment_faults(moment: datetime, now: datetime) -> Iterator[tuple[str, Text]]:
    if moment <= now:
        yield "expires_at", later("That time is past: give one in the future.")
    elif moment > now + LONGEST:
        yield "expires_at", later("At most %(days)s days: for longer, change the procedure.", days=LONGEST.days)


def standing(state: str, terms: Terms, used: int, at: datetime) -> str:
    """A deviation's state as it is at a moment: one that was granted may be `expired` or `used_up`."""
    if state != "granted":
        return state
    if at >= terms.expires_at:
        return "expired"
    return "used_up" if used >= terms.quantity else "granted"


_OVER: dict[str, Text] = {
    "asked": later("Nobody has decided on it yet: ask a quality manager."),
    "refused": later("It was refused: work by the check as it stands."),
    "ended": later("It was ended early: work by the check as it stands, or ask for another."),
    "expired": later("It has expired: work by the check as it stands, or ask for another."),
    "used_up": later("It is used up: work by the check as it stands, or ask for another."),
}


def use_refused(state: str, terms: Terms, used: int, quantity: int, at: datetime) -> Text | None:
    """Why so many units cannot go out under it at that moment; None where they can."""
    now = standing(state, terms, used, at)
    if now != "granted":
        return _OVER[now]
    left = terms.quantity - used
    if quantity > left:
        return later("It permits %(left)s more: use no more than that, or ask for another.", left=left)
    return None
