"""Which fixes of a site do not hold, of all that are watched: the list that is told to who leads the site.

The list is folded from the lots of all its lines in the order in which they ended, so that it is the same in whatever
order they were told. To fold it anew after a lot is cheap: with evidence below 10 nobody is listed, so of most lines
no lot is read, and of those on the list none after it was listed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, fn

from qc_service import audit, queue
from qc_service.fixes.models import Fix
from qc_service.flags import listing
from qc_service.flags.models import Listing, Watch, WatchPoint
from qc_service.flags.rules import FDR, WORTH_READING
from qc_service.flags.service import Judged
from workers.detectors.ebh import Entry, Roll, fold
from workers.guarded import unsaid_of

Gain = tuple[datetime, str, float]  # when the lot ended, its watch, ln E after it
Watches = Mapping[str, tuple[str, str]]  # their fixes and lines

HIGH = SQL(str(WORTH_READING))  # as the index has it: a value that is bound would not be found in it


def is_high(watch: Watch) -> bool:
    """Whether the watch ever had evidence that could be listed, by its stored points."""
    mine = (WatchPoint.watch_id == watch.id) & _high(WatchPoint)
    return bool(WatchPoint.select(WatchPoint.number).where(mine).limit(1).tuples())


def tell(change: audit.Change, watch: Watch, judged: Judged, *, new: bool, was_high: bool, lots: int) -> None:
    """Have the site's list looked at again, in the judgement's own transaction, if this judgement can matter to it.

    `lots`: how many there were before; `new`: the watch has just begun; `was_high`: `is_high` before.
    """
    high = was_high or any(fail >= WORTH_READING for _, fail, *_ in judged.points)
    if new or (high and not _after_rest(watch, judged, lots)):
        data = {"site_id": watch.site_id}
        queue.add(event_id=change.id, event_type="watch.climbed", site_id=watch.site_id, data=data, now=change.now)


def _after_rest(watch: Watch, judged: Judged, lots: int) -> bool:
    """Nothing changed but lots after the one since which the fix is listed: its stake rests."""
    if judged.first_new <= lots or not judged.points:
        return judged.first_new > lots
    ended = judged.points[0][0].period_end
    rests = (Listing.fix_id == watch.fix_id) & (Listing.rests_at < ended)
    return bool(Listing.select(Listing.id).where(rests).limit(1).tuples())


def list_site(data: Mapping[str, Any], now: datetime) -> None:
    """Bring the list of a site to where the evidence of all its lines puts it."""
    site_id = data["site_id"]
    with audit.change(audit.SYSTEM, "site.listed", site_id=site_id, follow=False) as change:
        _ = change.seq  # locks the site: of two that list it at once, the later one reads what the earlier wrote
        begins = [row[0] for row in _begun(site_id, now)]
        if not begins:
            change.discard()
            return
        known = {row.fix_id: row for row in Listing.select().where(Listing.site_id == site_id)}
        watches = _candidates(site_id)
        roll = _rolled(site_id, begins, known, watches)
        places = {watches[str(key)][0]: _place(watches[str(key)][1], entry) for key, entry in roll.entries.items()}
        rule = listing.Rule(FDR, roll.watches, roll.listed, roll.log_next or 0.0)
        listing.save(change, places, rule, _unlike(known, places, watches))
        if not change.rows:
            change.discard()


def _begun(site_id: str, now: datetime) -> Any:
    """Every fix that is in effect, or was: those that another took over had their chance as well."""
    begun = (Fix.site_id == site_id) & (Fix.in_effect_at <= now)
    return Fix.select(Fix.in_effect_at).where(begun).order_by(Fix.in_effect_at).tuples()


def _candidates(site_id: str) -> dict[str, tuple[str, str]]:
    """Watches that ever had evidence which could be listed, and those that once were, with their fix and line.

    Of a fix whose baseline would mislead, the evidence is of something that is not said; it counts, but is not listed.
    """
    high = WatchPoint.select(SQL("1")).where((WatchPoint.watch_id == Watch.id) & _high(WatchPoint))
    known = Listing.select(Listing.fix_id).where(Listing.site_id == site_id)
    here = (Watch.site_id == site_id) & (fn.EXISTS(high) | Watch.fix_id.in_(known))
    query: Any = (
        Fix.select(Fix.id, Fix.line_id, Fix.frozen, Fix.promise, Watch.id.alias("watch_id"))
        .join(Watch, on=(Watch.fix_id == Fix.id))
        .where(here)
    )
    return {row.watch_id: (row.id, row.line_id) for row in query.objects() if not unsaid_of(row)}


def _rolled(site_id: str, begins: list[datetime], known: Mapping[str, Listing], watches: Watches) -> Roll:
    """The list, read from as few points as will do; from all of those watches where these did not."""
    rows = {key: row for key, (fix_id, _) in watches.items() if (row := known.get(fix_id)) is not None}
    rests = {key: row.rests_at for key, row in rows.items() if row.rests_at is not None}
    carried = {key for key, row in rows.items() if row.state == "standing" and key not in rests}
    free = [key for key in watches if key not in rests and key not in carried]
    roll = fold(begins, _few(site_id, free, carried), FDR)
    still = all(key in roll.entries and roll.entries[key].rests_at == at for key, at in rests.items())
    if still and roll.woken <= carried:
        return roll
    return fold(begins, _in_order(_points().where(WatchPoint.watch_id.in_(list(watches)))), FDR)


def _few(site_id: str, free: Collection[str], carried: Collection[str]) -> list[Gain]:
    """Of those that rest the high points up to then, of those that are free all of them, and after each such point
    the next, which may be low again; of those that are carried every point.

    The joins are crossed to keep SQLite from reading every point of the site: it takes them in the order given.
    """
    rests, watch, high = Listing.alias(), Watch.alias(), WatchPoint.alias()
    up_to_rest = (rests.site_id == site_id) & (watch.fix_id == rests.fix_id) & (high.watch_id == watch.id)
    up_to_rest &= (high.period_end <= rests.rests_at) & _high(high)
    is_free = high.watch_id.in_(list(free)) & _high(high)
    next_one = (WatchPoint.watch_id == high.watch_id) & (WatchPoint.number == high.number + 1)
    columns = _columns(high)
    resting = rests.select(*columns).join(watch, JOIN.CROSS).join(high, JOIN.CROSS).where(up_to_rest).tuples()
    rows = [*resting, *high.select(*columns).where(is_free).tuples()]
    after = (
        high.select(*_columns(WatchPoint)).join(WatchPoint, JOIN.CROSS).where(is_free & next_one & ~_high(WatchPoint))
    )
    fell = rests.select(*_columns(WatchPoint)).join(watch, JOIN.CROSS).join(high, JOIN.CROSS)
    fell = fell.join(WatchPoint, JOIN.CROSS).where(up_to_rest & next_one)
    fell = fell.where(WatchPoint.period_end <= rests.rests_at)
    whole = _points().where(WatchPoint.watch_id.in_(list(carried)))
    return _in_order([*rows, *after.tuples(), *fell.tuples(), *whole])


def _high(point: Any) -> Any:
    return point.log_e_fail >= HIGH


def _columns(point: Any) -> tuple[Any, ...]:
    return point.period_end, point.number, point.watch_id, point.log_e_fail


def _points() -> Any:
    return WatchPoint.select(*_columns(WatchPoint)).tuples()


def _in_order(rows: Any) -> list[Gain]:
    return [(ended, key, log_e) for ended, _, key, log_e in sorted(rows)]


def _place(line_id: str, entry: Entry) -> listing.Place:
    return listing.Place(line_id, entry.since, entry.log_e, entry.listed, entry.watches, entry.rests_at)


def _unlike(known: Mapping[str, Listing], places: Mapping[str, listing.Place], watches: Watches) -> set[str]:
    """Fixes that stand elsewhere now because their own lots are not those that they were listed for."""
    keys = {fix_id: key for key, (fix_id, _) in watches.items()}
    return {
        fix_id
        for fix_id, row in known.items()
        if not _same(row, places.get(fix_id)) and _then(keys[fix_id], row.since) != (row.since, row.log_e)
    }


def _same(row: Listing, place: listing.Place | None) -> bool:
    return place is not None and (row.since, row.log_e) == (place.since, place.log_e)


def _then(key: str, moment: datetime) -> Any:
    """The latest point up to a moment, as it is now."""
    mine = (WatchPoint.watch_id == key) & (WatchPoint.period_end <= moment)
    points = WatchPoint.select(WatchPoint.period_end, WatchPoint.log_e_fail).where(mine)
    return points.order_by(WatchPoint.number.desc()).limit(1).tuples().first()
