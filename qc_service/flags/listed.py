"""The plant's list: fixes that are not holding among all that its site watches, at a known rate of chance findings.

A line's own flag is for those who run the line: it is wrong at most once in twenty fixes. Among hundreds of lines that
is many wrong flags, so whoever looks at all looks at this list. The worker decides who enters; here it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from peewee import JOIN, fn

from qc_service.audit import Change
from qc_service.auth import Actor
from qc_service.db import locked, new_id
from qc_service.fixes.models import Fix
from qc_service.flags.models import Flag, Listing, Watch, WatchPoint
from qc_service.lines.models import Line, Site
from qc_service.lines.service import in_sites

MOST = 1000  # that are shown at once
EXPONENT_MAX = 700.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a site's list rests on: how many fixes are watched, those that may enter, and those on it (ln E by fix)."""

    among: int
    near: dict[str, float]
    frozen: dict[str, float]


def near(finding: Mapping[str, Any]) -> bool:
    """May it enter at all? Who may has evidence of 10 at the least, and is leaning or flagged with half of that."""
    return bool(finding and (finding["leaning"] or finding["verdict"] == "not_holding"))


def standing(site_id: str) -> Standing:
    """As it is now; the site is locked, so that two lines judged at once do not both let a third one in."""
    locked(Site.select().where(Site.id == site_id)).first()
    watched = (Watch.site_id == site_id) & Watch.ends_at.is_null()
    found = Watch.select(Watch.fix_id, Watch.finding).where(
        watched & (Watch.leaning | (Watch.verdict == "not_holding"))
    )
    rows = Listing.select(Listing.fix_id, Listing.log_e).where((Listing.site_id == site_id) & Listing.left_at.is_null())
    return Standing(
        Watch.select().where(watched).count(),
        {row.fix_id: row.finding["log_e_fail"] for row in found},
        {row.fix_id: row.log_e for row in rows},
    )


def enter(change: Change, site_id: str, among: int, entering: Mapping[str, float]) -> None:
    """Put fixes on the list, with the evidence of today."""
    for watch in Watch.select().where((Watch.site_id == site_id) & Watch.fix_id.in_(list(entering))):
        change.insert(
            Listing, id=new_id("lst"), site_id=site_id, line_id=watch.line_id, fix_id=watch.fix_id, watch_id=watch.id,
            log_e=entering[watch.fix_id], among=among, entered_at=change.now, left_at=None, left_reason=None,
        )  # fmt: skip


def leave(change: Change, watch: Watch) -> None:
    """End the entry of a fix that another took over, or whose evidence a correction took away."""
    row: Listing | None = Listing.get_or_none((Listing.fix_id == watch.fix_id) & Listing.left_at.is_null())
    if row is None:
        return
    most = WatchPoint.select(fn.MAX(WatchPoint.log_e_fail)).where(WatchPoint.watch_id == watch.id).scalar()
    if watch.ends_at is not None:
        change.update(row, left_at=change.now, left_reason="superseded")
    elif most is None or most < row.log_e - 1e-9:
        change.update(row, left_at=change.now, left_reason="corrected")


def entries(actor: Actor, site: str | None = None, *, ended: bool = False) -> list[dict[str, Any]]:
    """Who is on the lists of the actor's sites, those with the strongest evidence first; or who was."""
    query = (
        Listing.select(
            Listing, Line.code.alias("line_code"), Line.name.alias("line_name"), Site.code.alias("site_code"),
            Fix.title, Fix.measure, Fix.defect_code, Watch.sentence, Flag.id.alias("flag_id"),
        )
        .join(Line, on=(Line.id == Listing.line_id))
        .switch(Listing)
        .join(Site, on=(Site.id == Listing.site_id))
        .switch(Listing)
        .join(Fix, on=(Fix.id == Listing.fix_id))
        .switch(Listing)
        .join(Watch, on=(Watch.id == Listing.watch_id))
        .switch(Listing)
        .join(Flag, JOIN.LEFT_OUTER, on=(Flag.fix_id == Listing.fix_id) & (Flag.state == "open"))
        .where(in_sites(Listing, actor.sites_for("flag.read")) & Listing.left_at.is_null(is_null=not ended))
    )  # fmt: skip
    if site is not None:
        query = query.where(Site.code == site)
    order = Listing.left_at.desc() if ended else Listing.log_e.desc()
    return [_told(row) for row in query.order_by(order, Listing.id).limit(MOST).objects()]


def _told(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "site": row.site_code, "line": row.line_code, "line_name": row.line_name, "fix": row.fix_id,
        "title": row.title, "measure": row.measure, "defect_code": row.defect_code, "sentence": row.sentence,
        "evidence": exp(min(row.log_e, EXPONENT_MAX)), "log_e": row.log_e, "among": row.among,
        "entered_at": row.entered_at, "left_at": row.left_at, "left_reason": row.left_reason,
        "flagged": row.flag_id is not None,
    }  # fmt: skip
