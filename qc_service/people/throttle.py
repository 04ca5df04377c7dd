"""Wrong tries, counted in the database so that neither a restart nor a second process forgets them.

A try is counted in a transaction of its own before it is checked, and given back when it was right: a
hundred tries at once, or a process that is killed in between, gain nobody a guess.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qc_service.db import db, write
from qc_service.errors import QCError
from qc_service.people.models import Tries
from qc_service.people.rules import FOREVER, LIMITS, Count, household, kept, one_less, one_more
from qc_service.texts import later

ADVICE = {
    "pin": later("Wait, or sign in on another tablet."),
    "pin_person": later("Use your usual tablet, sign in at a desk, or have a supervisor set a new PIN."),
    "pin_device": later("A supervisor must unlock this tablet."),
    "card": later("Wait, or sign in with your PIN."),
    "password": later("Wait a while."),
    "password_client": later("Wait a while."),
}


@dataclass(frozen=True, slots=True, order=True)
class Counter:
    kind: str
    subject: str = ""  # a badge's keyed hash
    place: str = ""  # a tablet's id or a client's address


def for_pin(subject: str, device_id: str) -> tuple[Counter, ...]:
    person, device = Counter("pin_person", subject), Counter("pin_device", place=device_id)
    return (Counter("pin", subject, device_id), person, device)


def for_card(subject: str, device_id: str) -> tuple[Counter, ...]:
    """Apart from the PIN's own: whoever scans an old card again and again may still sign in with the PIN."""
    return (Counter("card", subject, device_id), Counter("pin_device", place=device_id))


def for_password(subject: str, client: str) -> tuple[Counter, ...]:
    place = household(client)
    return (Counter("password", subject, place), Counter("password_client", place=place))


def reserve(counters: Iterable[Counter], now: datetime, *, excused: str = "") -> tuple[Counter, ...]:
    """Count one miss in advance; returns the counters that this one filled.

    A full counter refuses the try, but for the `excused` kind.
    """
    if db.in_transaction():
        raise RuntimeError("a try is counted in a transaction of its own")
    filled = []
    with write():
        rows = [_row(counter) for counter in sorted(counters)]  # in order: no two tries wait in a ring
        for counter, row in rows:
            count = _count(row, now)
            if count.blocked_until is not None and counter.kind != excused:
                raise _too_many(counter.kind, count.blocked_until, now)
        for counter, row in rows:
            count = one_more(_count(row, now), LIMITS[counter.kind], now)
            _store(row, count)
            if count.misses == LIMITS[counter.kind].misses:
                filled.append(counter)
    return tuple(filled)


def give_back(counters: Iterable[Counter], now: datetime) -> None:
    """The try was right. Who proves to be the person starts afresh in that place.

    A budget gets back this one try only, so that nobody buys guesses at others with sign-ins of their own.
    """
    with write():
        for counter, row in [_row(counter) for counter in sorted(counters)]:
            if counter.subject and counter.place:
                row.delete_instance()
            else:
                _store(row, one_less(_count(row, now), LIMITS[counter.kind]))


def still_full(counter: Counter, now: datetime) -> bool:
    row = Tries.get_or_none(*_same(counter))
    return row is not None and _count(row, now).blocked_until is not None


def forgive(subject: str, kind: str) -> None:
    """The person got a new PIN or password: what was missed on the old one is of no interest."""
    Tries.delete().where((Tries.subject == subject) & Tries.kind.in_([kind, f"{kind}_person"])).execute()


def unlock(device_id: str) -> None:
    Tries.delete().where((Tries.place == device_id) & (Tries.kind == "pin_device")).execute()


def locked_devices(device_ids: Iterable[str], now: datetime) -> set[str]:
    query = Tries.select(Tries.place).where(
        Tries.place.in_(list(device_ids)) & (Tries.kind == "pin_device") & (Tries.blocked_until > now)
    )
    return {row.place for row in query}


def forget(before: datetime, now: datetime) -> int:
    """Delete counts that ended before; what still blocks stays."""
    over = Tries.blocked_until.is_null() | (Tries.blocked_until <= now)
    with write():
        old = Tries.since.is_null() | (Tries.since < before)
        return int(Tries.delete().where(old & over).execute())


def _same(counter: Counter) -> tuple[object, ...]:
    return (Tries.kind == counter.kind, Tries.subject == counter.subject, Tries.place == counter.place)


def _row(counter: Counter) -> tuple[Counter, Tries]:
    """The counter's row, made where there is none and locked until commit, in one statement."""
    key = {"kind": counter.kind, "subject": counter.subject, "place": counter.place}
    Tries.insert(**key, misses=0).on_conflict(
        conflict_target=[Tries.kind, Tries.subject, Tries.place], update={Tries.misses: Tries.misses}
    ).execute()
    return counter, Tries.get(*_same(counter))


def _count(row: Tries, now: datetime) -> Count:
    return kept(Count(row.misses, row.since, row.blocked_until), LIMITS[row.kind], now)


def _store(row: Tries, count: Count) -> None:
    row.misses, row.since, row.blocked_until = count.misses, count.since, count.blocked_until
    row.save(only=[Tries.misses, Tries.since, Tries.blocked_until])


def _too_many(kind: str, until: datetime, now: datetime) -> QCError:
    wait = None if until == FOREVER else max(1, math.ceil((until - now).total_seconds()))
    return QCError("too_many_attempts", ADVICE[kind], retry_after=wait)
