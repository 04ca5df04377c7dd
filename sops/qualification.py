"""Whether a person may work by the version in force: has acknowledged it, and has shown the skill it asks for.

Nothing is stored about what follows from what: an acknowledgement names the version that was read, a demonstration
the moment at which the skill was shown, and everything else is worked out for the moment in question.

Moments are datetimes with a time zone; one without is refused with `TimeWithoutZone`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sops.diff_class import ChangeClass
from sops.errors import TimeWithoutZone
from sops.versions import Publication, Variant

Reason = Literal["not_acknowledged", "skill_missing", "skill_expired"]
Note = Literal["grace"]

CARRIES = (ChangeClass.NONE, ChangeClass.WORDING)
"""Changes over which an acknowledgement carries: the reader is asked for nothing else than before."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a version comes from.

    version: its number. variant: whom it is for, see `sops.versions.variant_of`.
    previous: the version of the same variant that it takes over from; None for a variant's first.
    change: what it changes against `previous`.
    """

    version: int
    variant: Variant
    previous: int | None
    change: ChangeClass


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person has read and understood a version, at a moment; it may not have been in force yet."""

    version: int
    at: datetime

    def __post_init__(self) -> None:
        _zoned(self.at)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A person has shown the skill that the procedure asks for, at a moment."""

    at: datetime

    def __post_init__(self) -> None:
        _zoned(self.at)


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person has done for one procedure, in any order."""

    acknowledgements: tuple[Acknowledgement, ...] = ()
    demonstrations: tuple[Demonstration, ...] = ()


@dataclass(frozen=True, slots=True)
class Qualification:
    """Whether a person may work by a version.

    reasons: why not, in a fixed order; empty means may. notes: `grace` where only the period of grace allows it.
    """

    reasons: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()


def acknowledged(version: int, acknowledgements: Iterable[int], chain: Iterable[Link]) -> int | None:
    """The version by whose acknowledgement a version counts as acknowledged; None if it does not.

    version: the one in question. acknowledgements: the versions that were acknowledged. chain: the links of the
    procedure, of all variants, in any order.

    It is the version itself, or an earlier one of the same variant from which only wording was changed since. A
    change of checks or of safety is a new thing to read, and so is another variant, however alike.
    """
    read = frozenset(acknowledgements)
    links = {link.version: link for link in chain}
    seen: set[int] = set()
    here: int | None = version
    while here is not None and here not in seen:
        if here in read:
            return here
        seen.add(here)
        here = _before(links.get(here), links, CARRIES)
    return None


def qualification(
    publication: Publication,
    skill: Mapping[str, Any] | None,
    standing: Standing,
    chain: Iterable[Link],
    *,
    at: datetime,
    grace: timedelta = timedelta(0),
) -> Qualification:
    """Whether a person may work by a version at a moment.

    publication: the version in force where the person works. skill: its document's `skill`, None without one.
    standing: what the person has done; what lies after `at` does not count yet. chain: see `acknowledged`.

    grace: for so long after the version came into force, somebody who acknowledged the one before it may go on
    without having read it. A change of safety has no grace, nor has a variant's first version, and a skill that is
    missing has none either.

    Raises `TimeWithoutZone`.
    """
    _zoned(at)
    links = tuple(chain)
    read = frozenset(one.version for one in standing.acknowledgements if one.at <= at)
    lacking = _skill_lacking(skill, standing.demonstrations, at)
    if acknowledged(publication.version, read, links) is not None:
        return Qualification(lacking)
    if at < publication.effective_at + grace and _read_the_one_before(publication.version, read, links):
        return Qualification(lacking, ("grace",))
    return Qualification(("not_acknowledged", *lacking))


def qualified(
    publication: Publication,
    skill: Mapping[str, Any] | None,
    standing: Standing,
    chain: Iterable[Link],
    *,
    at: datetime,
    grace: timedelta = timedelta(0),
) -> tuple[Reason, ...]:
    """The reasons of `qualification` alone: `not_acknowledged`, `skill_missing`, `skill_expired`; empty means may."""
    return qualification(publication, skill, standing, chain, at=at, grace=grace).reasons


def skill_until(skill: Mapping[str, Any], demonstrated: datetime) -> datetime | None:
    """The moment from which a demonstrated skill no longer counts; None if it never ends.

    `valid_for_days` are days of 24 hours, so that the moment is the same wherever it is read.
    """
    days = skill.get("valid_for_days")
    return None if days is None else _zoned(demonstrated) + timedelta(days=days)


def _skill_lacking(
    skill: Mapping[str, Any] | None, demonstrations: Iterable[Demonstration], at: datetime
) -> tuple[Reason, ...]:
    if skill is None:
        return ()
    ends = [skill_until(skill, one.at) for one in demonstrations if one.at <= at]
    if not ends:
        return ("skill_missing",)
    return () if any(end is None or at < end for end in ends) else ("skill_expired",)


def _read_the_one_before(version: int, read: Iterable[int], links: tuple[Link, ...]) -> bool:
    """Whether the version before this one, or one that counts for it, was acknowledged, and safety is untouched."""
    by_version = {link.version: link for link in links}
    before = _before(by_version.get(version), by_version, (*CARRIES, ChangeClass.CHECK_CHANGED))
    return before is not None and acknowledged(before, read, links) is not None


def _before(link: Link | None, links: Mapping[int, Link], changes: tuple[ChangeClass, ...]) -> int | None:
    """The previous version, if it is of the same variant and only such changes were made since."""
    if link is None or link.previous is None or link.change not in changes:
        return None
    previous = links.get(link.previous)
    return link.previous if previous is not None and previous.variant == link.variant else None


def _zoned(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise TimeWithoutZone
    return moment
