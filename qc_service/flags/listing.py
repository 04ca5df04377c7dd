"""The list of a site: its fixes that do not hold, of all that are watched, as the worker found and stored it.

What stands on it follows from the lots and the fixes alone, whenever they came; how it came to be is kept in
`ListingMove`, where a fix that a correction took off the list is withdrawn and never deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from qc_service import audit
from qc_service.db import new_id
from qc_service.fixes.models import Fix, FixState
from qc_service.flags.models import Flag, Listing, ListingMove, SiteList, Watch
from qc_service.flags.rules import FDR
from qc_service.flags.service import KIND
from qc_service.lines.models import Line

__all__ = ["FDR", "Place", "Rule", "flagged_alone", "how_many", "is_flagged", "rule_of", "save", "standing"]


@dataclass(frozen=True, slots=True)
class Place:
    """A fix on the list as it was found: see `Listing`."""

    line_id: str
    since: datetime
    log_e: float
    listed: int
    watches: int
    rests_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rule:
    """The numbers of the rule: see `SiteList`."""

    fdr: float
    watches: int
    listed: int
    log_next: float


_ENTRY = ("since", "log_e", "listed", "watches")


def save(change: audit.Change, places: Mapping[str, Place], rule: Rule, unlike: set[str]) -> None:
    """Bring the stored list of the change's site to these places, by fix; nothing is written where nothing moved.

    `unlike`: fixes whose own evidence at their stored place is another now, because their lots were corrected.
    """
    stored = {row.fix_id: row for row in Listing.select().where(Listing.site_id == change.site_id)}
    for fix_id, place in sorted(places.items()):
        _place(change, stored.get(fix_id), fix_id, place, "corrected" if fix_id in unlike else "others_corrected")
    for fix_id, row in sorted(stored.items()):
        if row.state == "standing" and fix_id not in places:
            reason = "corrected" if fix_id in unlike else "others_corrected"
            change.update(row, state="withdrawn", rests_at=None, recorded_at=change.now)
            _move(change, row, "withdrawn", reason)
    _save_rule(change, rule)


def _place(change: audit.Change, row: Listing | None, fix_id: str, place: Place, why: str) -> None:
    new = {name: getattr(place, name) for name in _ENTRY}
    if row is None:
        made = change.insert(
            Listing, id=new_id("lst"), site_id=change.site_id, line_id=place.line_id, fix_id=fix_id, state="standing",
            rests_at=place.rests_at, recorded_at=change.now, **new,
        )  # fmt: skip
        _move(change, made, "entered", "new_lots")
        return
    back, same = row.state != "standing", all(getattr(row, name) == value for name, value in new.items())
    if back or not same:
        change.update(row, state="standing", rests_at=place.rests_at, recorded_at=change.now, **new)
        _move(change, row, "entered" if back else "moved", "new_lots" if back else why)
    elif row.rests_at != place.rests_at:
        change.update(row, rests_at=place.rests_at)


def _move(change: audit.Change, row: Listing, move: str, reason: str) -> None:
    number = ListingMove.select().where(ListingMove.fix_id == row.fix_id).count() + 1
    change.insert(
        ListingMove, id=new_id("lmv"), site_id=row.site_id, line_id=row.line_id, fix_id=row.fix_id, number=number,
        move=move, reason=reason, recorded_at=change.now, **{name: getattr(row, name) for name in _ENTRY},
    )  # fmt: skip


def _save_rule(change: audit.Change, rule: Rule) -> None:
    numbers = {"fdr": rule.fdr, "watches": rule.watches, "listed": rule.listed, "log_next": rule.log_next}
    row: SiteList | None = SiteList.get_or_none(SiteList.site_id == change.site_id)
    if row is None:
        change.insert(SiteList, site_id=change.site_id, as_of=change.now, **numbers)
    elif change.rows or any(getattr(row, name) != value for name, value in numbers.items()):
        change.update(row, as_of=change.now, **numbers)


# --- reading it ---


def rule_of(site_id: str) -> SiteList | None:
    found: SiteList | None = SiteList.get_or_none(SiteList.site_id == site_id)
    return found


def standing(site_id: str) -> list[Any]:
    """Every fix on the list, each with its line, its watch, what became of it, and its own open flag if it has one.

    Those in charge first, the strongest evidence first; a fix that another took over still counts and comes last.
    """
    query = (
        Listing.select(Listing, Fix, Line, Watch, FixState, Flag)
        .join(Fix, on=(Fix.id == Listing.fix_id), attr="fix")
        .switch(Listing)
        .join(Line, on=(Line.id == Listing.line_id), attr="line")
        .switch(Listing)
        .join(Watch, on=(Watch.fix_id == Listing.fix_id), attr="watch")
        .switch(Listing)
        .join(FixState, on=(FixState.fix_id == Listing.fix_id), attr="after")
        .switch(Listing)
        .join(Flag, JOIN.LEFT_OUTER, on=(Flag.fix_id == Listing.fix_id) & (Flag.state == "open"), attr="flag")
        .where((Listing.site_id == site_id) & (Listing.state == "standing"))
    )
    rows: list[Any] = list(query)
    return sorted(rows, key=lambda row: (row.after.ends_at is not None, row.rests_at is None, row.since, row.fix_id))


def how_many() -> dict[str, int]:
    """How many fixes stand on the list of each site that has any; those that another took over are not counted."""
    query = (
        Listing.select(Listing.site_id, fn.COUNT(Listing.id))
        .join(FixState, on=(FixState.fix_id == Listing.fix_id))
        .where((Listing.state == "standing") & FixState.ends_at.is_null())
    )
    rows: Any = query.group_by(Listing.site_id).tuples()
    return dict(rows)


def is_flagged(row: Any) -> bool:
    """Whether the own flag of a fix of `standing` is open."""
    flag: Flag | None = getattr(row, "flag", None)
    return flag is not None and flag.id is not None


def flagged_alone(site_id: str) -> list[Any]:
    """Fixes whose own flag is open and that are not on the list."""
    listed = Listing.select(Listing.fix_id).where((Listing.site_id == site_id) & (Listing.state == "standing"))
    query = (
        Flag.select(Flag, Fix, Line, Watch)
        .join(Fix, on=(Fix.id == Flag.fix_id), attr="fix")
        .switch(Flag)
        .join(Line, on=(Line.id == Flag.line_id), attr="line")
        .switch(Flag)
        .join(Watch, on=(Watch.fix_id == Flag.fix_id), attr="watch")
        .where((Flag.site_id == site_id) & (Flag.kind == KIND) & (Flag.state == "open") & Flag.fix_id.not_in(listed))
    )
    return list(query.order_by(Flag.opened_at, Flag.id))
