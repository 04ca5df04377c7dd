"""The gauges that somebody may see: those first that need somebody, from a fixed number of statements."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import fn

from qc_service.auth import Actor
from qc_service.lines.models import Site
from qc_service.lines.service import in_sites
from qc_service.lots import gauge_rules, gauges
from qc_service.lots.gauge_models import Gauge, GaugeBlock, GaugeCalibration
from qc_service.lots.gauge_rules import Block, Calibration

PAGE = 50
ORDER = ("blocked", "overdue", "due", "fit")


@dataclass(frozen=True, slots=True)
class Entry:
    """A gauge with what its last calibration says; `due_on` is None where that found it out of tolerance."""

    code: str
    name: str
    unit: str
    site: str
    state: str
    calibrated_at: datetime
    due_on: date | None


def entries(actor: Actor, now: datetime) -> list[Entry]:
    """All of them, the blocked ones first and the good ones last; in each state that first which is due first."""
    seen = actor.sites_for(gauges.READ)
    sites = {one.id: one for one in (Site.select() if seen is None else Site.select().where(Site.id.in_(list(seen))))}
    days = {site_id: gauges.today(site, now) for site_id, site in sites.items()}
    blocked = _blocked(seen)
    found = []
    for gauge_id, code, name, unit, site_id, at, due in _with_last(seen):
        due_on = date.fromisoformat(due) if due else None
        open_blocks = [Block(at, None)] if gauge_id in blocked else []
        state = gauge_rules.state([Calibration("", at, due_on)], open_blocks, days[site_id])
        found.append(Entry(code, name, unit, sites[site_id].code, state, at, due_on))
    return sorted(found, key=lambda one: (ORDER.index(one.state), one.due_on or date.min, one.code, one.site))


def _with_last(seen: frozenset[str] | None) -> Any:
    """Each gauge with its last calibration; none is without, because it comes with one."""
    table = GaugeCalibration
    last = table.select(table.gauge_id, fn.MAX(table.calibrated_at).alias("at")).where(in_sites(table, seen))
    last = last.group_by(table.gauge_id).alias("last")
    return (
        Gauge.select(
            Gauge.id, Gauge.code, Gauge.name, Gauge.unit, Gauge.site_id, table.calibrated_at, table.due_on
        )
        .join(table, on=(table.gauge_id == Gauge.id))
        .join(last, on=((last.c.gauge_id == Gauge.id) & (last.c.at == table.calibrated_at)))
        .where(in_sites(Gauge, seen))
        .tuples()
    )  # fmt: skip


def _blocked(seen: frozenset[str] | None) -> set[str]:
    """Blocks and their ends take turns: whatever has one more of the first is blocked."""
    marks: Any = GaugeBlock.select(GaugeBlock.gauge_id, fn.COUNT(GaugeBlock.number)).where(in_sites(GaugeBlock, seen))
    return {gauge_id for gauge_id, count in marks.group_by(GaugeBlock.gauge_id).tuples() if count % 2}


def fitting(found: Collection[Entry], text: str, state: str) -> list[Entry]:
    """Those in a state whose code or name has the text in it; without either, all."""
    wanted = text.casefold()
    return [
        one
        for one in found
        if state in ("", one.state) and (wanted in one.code.casefold() or wanted in one.name.casefold())
    ]


def counts(found: Collection[Entry]) -> dict[str, int]:
    """How many are in each state, in the order of the list."""
    sums = Counter(one.state for one in found)
    return {state: sums[state] for state in ORDER}
