"""The life of a version: which moves are legal, who may make them, and which version is in force where and when.

A version is drafted, reviewed, approved, published for a moment, and later superseded or withdrawn. It belongs to a
variant of its procedure: for everybody, for one site, or for one line. Everything here is a function of what was
published and of a moment, so a question about last March gets the same answer today and in five years.

Moments are datetimes with a time zone; one without is refused with `TimeWithoutZone`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sops.errors import EffectiveInPast, IllegalMove, ReasonNeeded, SamePerson, TimeWithoutZone

LATE = timedelta(seconds=60)
"""How far a wanted moment may lie back and still mean now: clocks differ, and forms take a while to fill in."""


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What people do with a version. Coming into force and being superseded is done by time."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    DISCARD = "discard"


MOVES: Mapping[tuple[State, Move], State] = {
    (State.DRAFT, Move.SUBMIT): State.IN_REVIEW,
    (State.IN_REVIEW, Move.RETURN): State.DRAFT,
    (State.IN_REVIEW, Move.APPROVE): State.APPROVED,
    (State.APPROVED, Move.PUBLISH): State.SCHEDULED,
    (State.SCHEDULED, Move.WITHDRAW): State.WITHDRAWN,
    (State.IN_FORCE, Move.WITHDRAW): State.WITHDRAWN,
    (State.DRAFT, Move.DISCARD): State.WITHDRAWN,
    (State.IN_REVIEW, Move.DISCARD): State.WITHDRAWN,
    (State.APPROVED, Move.DISCARD): State.WITHDRAWN,
}
"""Every legal move and where it leads. What is published is in force as soon as its moment has come: see `state`."""


Variant = tuple[str, str]


def variant_of(site: str | None, line: str | None) -> Variant:
    """The variant that is for this place and nothing wider: `("line", id)`, `("site", id)` or `("plant", "")`."""
    if line is not None:
        return "line", line
    return ("plant", "") if site is None else ("site", site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One version as it was published; a version is published once.

    version: its number, which runs through all variants of the procedure.
    site, line: whom it is for. Both None: everybody; a site alone: that site; a line: that line, whichever site is
    named with it, so a line's id must be the only one of its kind among all sites.
    effective_at: when it comes into force. withdrawn_at: when it was withdrawn, None if it was not.
    gives_way: what follows a withdrawal. True: the wider variant applies; False: nothing is in force.
    """

    version: int
    site: str | None = None
    line: str | None = None
    effective_at: datetime
    withdrawn_at: datetime | None = None
    gives_way: bool = False

    def __post_init__(self) -> None:
        _zoned(self.effective_at)
        if self.withdrawn_at is not None:
            _zoned(self.withdrawn_at)

    @property
    def variant(self) -> Variant:
        """Whom it is for: `("line", id)`, `("site", id)` or `("plant", "")`."""
        return variant_of(self.site, self.line)

    @property
    def began(self) -> bool:
        """Whether it was or will be in force: not if it was withdrawn before its moment came."""
        return self.withdrawn_at is None or self.withdrawn_at >= self.effective_at

    def withdrawn(self, at: datetime) -> bool:
        """Whether it is withdrawn at a moment; from the very moment of its withdrawal on it is."""
        return self.withdrawn_at is not None and self.withdrawn_at <= at


@dataclass(frozen=True, slots=True)
class Facts:
    """What people decided about a version. `stage` is draft, in_review, approved or withdrawn (discarded).

    Once the version is published its publication says the rest, and `stage` is not looked at any more.
    """

    version: int
    stage: State


def moved(state: State, move: Move, *, reason: str = "") -> State:
    """The state after a move. Publishing leads to `scheduled`; `state` says from when on it is `in_force`.

    reason: why, needed to discard; for the record.
    Raises `IllegalMove`, which names what can be done instead, and `ReasonNeeded`.
    """
    if (state, move) not in MOVES:
        raise IllegalMove(_cannot(state, move))
    if move is Move.DISCARD and not reason.strip():
        raise ReasonNeeded
    return MOVES[state, move]


def _cannot(state: State, move: Move) -> str:
    legal = [there.value for here, there in MOVES if here is state]
    instead = f"It can: {', '.join(legal)}." if legal else "Nothing can be done with it any more; draft a new version."
    return f"A version that is {state.value.replace('_', ' ')} cannot {move.value}. {instead}"


def effective_from(asked: datetime | None, now: datetime) -> datetime:
    """The moment from which a version published now is in force.

    asked: the moment wanted, None for now. Up to 60 seconds ago it still means now, so that no moment that has
    passed gets another answer. Raises `EffectiveInPast` for an earlier one, `TimeWithoutZone`.
    """
    _zoned(now)
    if asked is None:
        return now
    if _zoned(asked) < now - LATE:
        raise EffectiveInPast
    return max(asked, now)


def in_force(
    publications: Iterable[Publication], *, site: str | None, line: str | None, at: datetime
) -> Publication | None:
    """The version of one procedure that is in force at a place and a moment; None if there is none.

    publications: those of the procedure, in any order. site, line: the place; None where the question is about the
    whole site or about everybody. at: the moment.

    The line's own variant goes before the site's and that before everybody's. Within a variant the version with the
    latest `effective_at` that has come applies, of two for the same moment the one with the higher number. If it is
    withdrawn, none before it comes back: the wider variant applies if it gave way, else nothing is in force. A
    variant of which nothing came into force yet leaves the place to the wider one.
    """
    _zoned(at)
    every = tuple(publications)
    for variant in dict.fromkeys((variant_of(site, line), variant_of(site, None), variant_of(None, None))):
        latest = _latest(every, variant, at)
        if latest is None:
            continue
        if not latest.withdrawn(at):
            return latest
        if not latest.gives_way:
            return None
    return None


def state(facts: Facts, publications: Iterable[Publication], at: datetime) -> State:
    """The state of a version at a moment.

    publications: those of its procedure that were made by then. A published version is scheduled, in force,
    superseded or withdrawn by the clock, within its own variant: a plant-wide version is in force although some
    line has its own.
    """
    _zoned(at)
    every = tuple(publications)
    own = next((one for one in every if one.version == facts.version), None)
    if own is None:
        return facts.stage
    if own.withdrawn(at):
        return State.WITHDRAWN
    if own.effective_at > at:
        return State.SCHEDULED
    return State.IN_FORCE if _latest(every, own.variant, at) == own else State.SUPERSEDED


def may_take_part(role: str, person: str | int, hands: Mapping[str, Collection[str | int]]) -> None:
    """Make sure that a version passes through different hands. Raises `SamePerson`, else returns nothing.

    role: what the person is about to be, `author`, `reviewer` or `approver`; in any other role, such as publishing,
    nobody is refused here. hands: who was what of this version so far, by role.

    One human being holds one of the three of a version. To write on as an author or review again is no new hand.
    """
    if role not in DIFFERENT_HANDS:
        return
    for other in DIFFERENT_HANDS:
        if other != role and person in hands.get(other, ()):
            raise SamePerson(
                f"This person is the version's {other} and cannot be its {role} too. Ask somebody else to do it."
            )


DIFFERENT_HANDS = ("author", "reviewer", "approver")
"""The parts in a version's life that three different people play."""


def _latest(publications: Iterable[Publication], variant: Variant, at: datetime) -> Publication | None:
    come = (one for one in publications if one.variant == variant and one.effective_at <= at and one.began)
    return max(come, key=lambda one: (one.effective_at, one.version), default=None)


def _zoned(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise TimeWithoutZone
    return moment
