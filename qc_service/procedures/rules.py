"""Who has which part in a version, in plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ROLES = ("author", "reviewer", "approver")


@dataclass(frozen=True, slots=True)
class Hand:
    """A part in a version: who it was, and the human being whose account that is today."""

    id: str
    role: str
    person: str
    human: str


def parts(hands: Iterable[Hand]) -> dict[str, set[str]]:
    """The human beings by the part that they have."""
    found: dict[str, set[str]] = {role: set() for role in ROLES}
    for hand in hands:
        found[hand.role].add(hand.human)
    return found


def conflicts(hands: Iterable[Hand]) -> list[Hand]:
    """The hands whose human being has an earlier part too: what was reviewed or approved by one who may not."""
    taken: set[str] = set()
    found = []
    for hand in sorted(hands, key=lambda one: (ROLES.index(one.role), one.id)):
        if hand.human in taken and hand.role != "author":
            found.append(hand)
        taken.add(hand.human)
    return found


def doubled(hands: Iterable[Hand]) -> list[Hand]:
    """Hands that say of one human being, and one part, what another hand says already."""
    seen: set[tuple[str, str]] = set()
    found = []
    for hand in sorted(hands, key=lambda one: one.id):
        if (hand.role, hand.human) in seen:
            found.append(hand)
        seen.add((hand.role, hand.human))
    return found


def joined(humans: Mapping[str, str], first: str, second: str) -> dict[str, str]:
    """Each account whose human being changes when `first` is said to be the same as `second`, and the new one.

    humans: every account that belongs to either, with its human being now. Said of an account and itself, it means
    that the account is a human being of its own after all.
    """
    if first == second:
        return _parted(humans, first)
    return {account: humans[second] for account, human in humans.items() if human == humans[first] != humans[second]}


def _parted(humans: Mapping[str, str], account: str) -> dict[str, str]:
    others = sorted(other for other, human in humans.items() if human == humans[account] and other != account)
    if not others:
        return {}
    if humans[account] != account:
        return {account: account}
    return dict.fromkeys(others, others[0])  # one of them stands for those that are left


def raised(confirmed: str, found: str, ranks: Sequence[str]) -> bool:
    """Does the version change more than was confirmed when it was submitted? ranks: the classes from nothing up."""
    return ranks.index(found) > ranks.index(confirmed)
