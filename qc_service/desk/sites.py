"""A whole site: the fixes that do not hold, of all that are watched, beside the alerts of single lines."""

from math import exp
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from qc_service.alerts.models import Alert
from qc_service.auth import actor, allow
from qc_service.counts.measures import MEASURES
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import age, page, resaid, words
from qc_service.flags import evidence, listing
from qc_service.lines import service as lines
from qc_service.lines.models import Site

MOST_SITES = 50


@blp.get("/sites/<code>")
@allow("listing.read")
def site(code: str) -> ResponseReturnValue:
    found = lines.find_site(actor(), "listing.read", code)
    rule, listed, alone = listing.rule_of(found.id), listing.standing(found.id), listing.flagged_alone(found.id)
    alerts = _alerts([row.fix_id for row in (*listed, *alone)])
    rows = [_listed(row, alerts.get(row.fix_id)) for row in listed]
    return page(
        "site.html", nav="lines", site=found, rows=sorted(rows, key=_order),
        alone=sorted((_item(row, alerts.get(row.fix_id)) for row in alone), key=_order),
        needs=sum(row["waits"] for row in rows), listed=sum(not row["superseded"] for row in rows),
        watches=rule.watches if rule else 0, one_in=round(1 / listing.FDR),
        next_odds=_odds(rule.log_next) if rule else None, as_of=rule and rule.as_of,
    )  # fmt: skip


def _alerts(fix_ids: list[str]) -> dict[str, Alert]:
    rows = Alert.select().where(Alert.fix_id.in_(fix_ids) & (Alert.state != "resolved"))
    return {row.fix_id: row for row in rows if row.fix_id is not None}


def _listed(row: Any, alert: Alert | None) -> dict[str, Any]:
    superseded = row.after.ends_at is not None
    carried = row.rests_at is None
    return {
        **_item(row, alert), "since": row.since, "odds": _odds(row.log_e), "carried": carried,
        "superseded": superseded, "flagged": listing.is_flagged(row), "order": (superseded, carried),
    }  # fmt: skip


def _item(row: Any, alert: Alert | None) -> dict[str, Any]:
    taken = alert is not None and alert.state == "acknowledged"
    measure = MEASURES[row.fix.measure]
    return {
        "line": row.line.name, "verdict": row.watch.verdict, "pattern": row.watch.pattern,
        "leaning": row.watch.leaning, "subject": words().say(measure.name),
        "sentence": resaid(evidence.summary(row.watch, row.fix), row.watch.sentence),
        "url": url_for("desk.fix", fix_id=row.fix_id), "since": None, "superseded": False,
        "age": age(alert.opened_at) if alert else "", "who": alert.acknowledged_name if alert and taken else "",
        "alert_url": alert and url_for("desk.alert", alert_id=alert.id), "waits": alert is not None and not taken,
        "order": (),
    }  # fmt: skip


def _order(row: dict[str, Any]) -> Any:
    """What needs a person first: those whose alert nobody has taken."""
    return (*row["order"], not row["waits"], row["line"])


def _odds(log_e: float) -> int:
    return round(exp(min(log_e, 13.8)))


def links() -> list[dict[str, Any]]:
    """The sites whose list the reader may see, with how many fixes stand on each."""
    if not actor().may("listing.read"):
        return []
    mine = actor().sites_for("listing.read")
    sites = Site.select() if mine is None else Site.select().where(Site.id.in_(list(mine)))
    counts = listing.how_many()
    return [
        {"name": site.name, "url": url_for("desk.site", code=site.code), "count": counts.get(site.id, 0)}
        for site in sites.order_by(Site.name).limit(MOST_SITES)
    ]
