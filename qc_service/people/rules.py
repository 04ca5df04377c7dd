"""What a PIN and a password must be, how many wrong tries are borne, how long a session lives."""

import string
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import pairwise

from qc_service.people.obvious import PASSWORD_WORDS, PINS
from qc_service.texts import later

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)

PIN_DIGITS, PIN_VARIETY = 6, 3  # so many digits, and so many different ones
PASSWORD_SHORTEST, PASSWORD_LONGEST = 10, 256
PASSWORD_VARIETY = 5  # different characters
PASSWORD_OWN = 4  # letters that must be left when the obvious words are taken out
NAME_SHORTEST = 4  # shorter badges and names stand in any text
KEY_DAYS_MAX = 365

IDLE = {"tablet": 5 * MINUTE, "desk": 60 * MINUTE}
SESSION_LONGEST = timedelta(hours=12)
SEEN_EVERY = MINUTE  # being seen is written down this often at most
USUAL_FOR = 30 * DAY  # a tablet is a person's usual one this long after signing in on it

FLOOR_ROLES = frozenset({"operator", "inspector"})

_RUNS = (
    "0123456789" * 2,
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
)
_LEET = str.maketrans("013457@$!", "oieastasi")
_TAIL = string.digits + string.punctuation + " "


def pin_refused(pin: str, code: str = "") -> str | None:
    """Why this cannot be the PIN of the person with this badge; None where it can."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        return later("A PIN is exactly 6 digits.")
    if pin == "".join(char for char in code if char.isdigit()):
        return later("The PIN stands on the badge: choose other digits.")
    if pin in PINS or _patterned(pin):
        return later("That PIN is among the first that anybody would try: choose other digits.")
    return None


def _patterned(pin: str) -> bool:
    digits = [int(char) for char in pin]
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    halves = pin[:3], pin[3:]
    return (
        len(steps) == 1  # 111111, 123456, 987654, 024680, with or without passing 9
        or len(set(pin)) < PIN_VARIETY  # 100000, 122122
        or pin[:2] * 3 == pin  # 121212
        or halves[0] in (halves[1], halves[1][::-1])  # 123123, 123321
        or pin[0::2] == pin[1::2]  # 112233
    )


def password_refused(password: str, code: str = "", name: str = "") -> str | None:
    """Why this cannot be the password of that person; None where it can."""
    if len(password) < PASSWORD_SHORTEST:
        return later(
            "A password has at least %(count)s characters; a few words of your own will do.", count=PASSWORD_SHORTEST
        )
    if len(password) > PASSWORD_LONGEST or len(set(password)) < PASSWORD_VARIETY:
        return later(
            "At most %(most)s characters, and at least %(different)s different ones.",
            most=PASSWORD_LONGEST,
            different=PASSWORD_VARIETY,
        )
    lowered = password.casefold()
    if any(len(own) >= NAME_SHORTEST and own in lowered for own in (code.casefold(), *name.casefold().split())):
        return later("The password contains the badge or the name.")
    if _obvious(lowered):
        return later("That password is among the first that anybody would try.")
    return None


def _obvious(lowered: str) -> bool:
    if any(lowered in row or lowered[::-1] in row for row in _RUNS):
        return True
    core = lowered.rstrip(_TAIL)  # what follows a word, as in P@ssw0rd2026!, is no part of it
    spellings = lowered, lowered.translate(_LEET), core.translate(_LEET)
    return any(_only_obvious("".join(filter(str.isalpha, text))) for text in spellings)


def _only_obvious(letters: str) -> bool:
    rest = letters
    for word in PASSWORD_WORDS:
        rest = rest.replace(word, "")
    return rest != letters and len(rest) < PASSWORD_OWN


@dataclass(frozen=True, slots=True)
class Limit:
    """So many misses within a window block for so long; without `block`, until a supervisor unlocks."""

    misses: int
    window: timedelta
    block: timedelta | None


LIMITS = {
    "pin": Limit(5, DAY, 15 * MINUTE),  # a person on a tablet
    "pin_person": Limit(20, DAY, DAY),  # a person over all tablets, but for their usual ones
    "pin_device": Limit(50, DAY, None),  # a tablet, whoever is tried on it
    "card": Limit(5, DAY, 15 * MINUTE),  # a person's card on a tablet
    "password": Limit(5, DAY, 15 * MINUTE),  # a person from an address
    "password_client": Limit(50, 15 * MINUTE, 15 * MINUTE),  # an address, whoever is tried from it
}


@dataclass(frozen=True, slots=True)
class Count:
    misses: int = 0
    since: datetime | None = None
    blocked_until: datetime | None = None


def kept(count: Count, limit: Limit, now: datetime) -> Count:
    """What of a count is still of interest: nothing, once its block or its window is over."""
    if count.blocked_until is not None:
        over = count.blocked_until <= now
    else:
        over = count.since is None or now - count.since >= limit.window
    return Count() if over else count


def one_more(count: Count, limit: Limit, now: datetime) -> Count:
    misses = count.misses + 1
    until = None
    if misses >= limit.misses:
        until = FOREVER if limit.block is None else now + limit.block
    return Count(misses, count.since or now, until)


def one_less(count: Count, limit: Limit) -> Count:
    """A try that was counted before it was checked, and was right."""
    misses = max(count.misses - 1, 0)
    return Count(misses, count.since if misses else None, count.blocked_until if misses >= limit.misses else None)


def household(client: str) -> str:
    """What of an address is counted: of an IPv6 one the first half, since its holder has all of the other."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False).network_address)
    return client


def alive(kind: str, last_seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    return now < expires_at and now - last_seen_at < IDLE[kind]


def visible(sites: frozenset[str] | None, owners: Collection[str | None]) -> bool:
    """May who acts in `sites` (None: all) see what belongs to `owners` (None: every site)?"""
    return sites is None or any(owner is None or owner in sites for owner in owners)


def commanded(sites: frozenset[str] | None, owners: Collection[str | None]) -> bool:
    """May they change it? Only who commands every site that it belongs to."""
    return sites is None or (bool(owners) and all(owner in sites for owner in owners))


def may_reset_pin(roles: Collection[str], *, by_admin: bool) -> bool:
    """A lead resets the PINs of the floor; those of anyone above it, which sign more, only an admin."""
    return by_admin or FLOOR_ROLES.issuperset(roles)
