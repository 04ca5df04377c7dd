"""A line that got worse without a fix, and fix after fix that was never proved: as the desk shows both."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from qc_service.alerts.models import Alert
from qc_service.auth import actor
from qc_service.counts.measures import MEASURES
from qc_service.desk import chart
from qc_service.desk.pages import age, page, words
from qc_service.flags import line_sentences, recurring, recurring_sentences
from qc_service.flags.line_evidence import KIND as WORSE
from qc_service.flags.models import Evidence, Flag
from qc_service.flags.recurring import KIND as RECURRING
from qc_service.lines.models import Line
from qc_service.lines.service import in_sites
from qc_service.words import Words

KINDS = (WORSE, RECURRING)
_SAYS: dict[str, Any] = {WORSE: line_sentences, RECURRING: recurring_sentences}
MOST = 100


def is_worse(document: Mapping[str, Any]) -> bool:
    return document.get("kind") == WORSE


def is_of_line(document: Mapping[str, Any]) -> bool:
    return document.get("kind") in KINDS


def said(doc: Mapping[str, Any]) -> dict[str, Any]:
    """What the evidence says, in the reader's language; in English it is what was kept."""
    mine = words()
    if mine.language == "en":
        return {"sentence": doc["sentence"], "explanation": doc["explanation"]}
    says, here = _SAYS[doc["kind"]], Words(mine.language, doc["site"]["time_zone"])
    return {"sentence": says.sentence(doc, here), "explanation": says.explanation(doc, here)}


def evidence_page(found: Evidence) -> ResponseReturnValue:
    """What was frozen, with the next step: a fix to be declared, or a cause to be looked for."""
    doc = found.document
    flag: Flag | None = Flag.get_or_none((Flag.evidence_id == found.id) & (Flag.state == "open"))
    common = {
        **said(doc), "doc": doc, "sha256": found.sha256, "evidence_id": found.id, "frozen_at": found.created_at,
        "tz": doc["site"]["time_zone"], "csv_url": url_for("desk.evidence_csv", evidence_id=found.id),
        "measure": words().say(doc["measure"]["name"]), "stands": flag is not None,
        "alert_url": flag and _alert_url(flag), "can_record": actor().may("fix.declare", found.site_id),
    }  # fmt: skip
    if not is_worse(doc):
        return page("evidence_recurring.html", nav="lines", **common)
    charts = {
        name: url_for("desk.evidence_chart", evidence_id=found.id, width=width)
        for name, width in (("wide", chart.WIDE), ("medium", chart.MEDIUM), ("narrow", chart.NARROW))
    }
    return page("evidence_line.html", nav="lines", charts=charts, **common)


def for_chart(doc: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a chart of a fix has it: what parts before and after is the end of the line's own past."""
    watched = next((point["period_start"] for point in doc["points"] if point["stage"] == "after"), None)
    return {
        **doc, **said(doc), "pattern": "relapsed",
        "fix": {"title": words().say("watched from here"), "in_effect_at": watched, "none": True},
        "measure": {**doc["measure"], "name": words().say(doc["measure"]["name"])},
        "numbers": {**doc["numbers"], "verified_at_lot": None, "promised_rate": None},
    }  # fmt: skip


def _alert_url(flag: Flag) -> str | None:
    alert = Alert.get_or_none((Alert.flag_id == flag.id) & (Alert.state != "resolved"))
    return url_for("desk.alert", alert_id=alert.id) if alert is not None else None


def standing(sites: frozenset[str] | None, *, may_act: bool) -> list[dict[str, Any]]:
    """The board's rows of what stands open: lines that got worse first, then fixes that recur."""
    query: Any = (
        Flag.select(Flag, Line.name.alias("line_name"), Line.code.alias("line_code"), Evidence.document)
        .join(Line, on=(Line.id == Flag.line_id), attr="line")
        .switch(Flag)
        .join(Evidence, on=(Evidence.id == Flag.evidence_id), attr="evidence")
        .where(in_sites(Flag, sites) & (Flag.state == "open") & Flag.kind.in_(KINDS))
    )
    rows = [_row(flag, may_act=may_act) for flag in query.order_by(Flag.opened_at).limit(MOST)]
    return sorted(rows, key=lambda row: row["kind"] == RECURRING)


def _row(flag: Any, *, may_act: bool) -> dict[str, Any]:
    say = words().say
    alert = Alert.get_or_none((Alert.flag_id == flag.id) & (Alert.state != "resolved"))
    who = alert.acknowledged_name if alert is not None and alert.state == "acknowledged" else say("nobody yet")
    name = say(MEASURES[flag.measure].name) + (f" · {flag.defect_code}" if flag.defect_code else "")
    return {
        "kind": flag.kind, "line": {"code": flag.line.line_code, "name": flag.line.line_name}, "subject": name,
        "sentence": said(flag.evidence.document)["sentence"].split(": ", 1)[-1],
        "who": say("%(age)s, %(who)s", age=age(flag.opened_at), who=who),
        "url": url_for("desk.evidence", evidence_id=flag.evidence_id),
        "next_url": url_for("desk.fix_form", line=flag.line.line_code, measure=flag.measure)
        if may_act and flag.kind == WORSE else None,
    }  # fmt: skip


def warning(line_id: str, fix: Mapping[str, Any]) -> str | None:
    """What to think of before one more fix of a kind takes effect; none where there is nothing to say."""
    at: datetime = fix["in_effect_at"]
    run = recurring.run_of(line_id, fix["measure"], fix["defect_code"], at)
    if len(run) < recurring.SEVERAL - 1:
        return None
    return words().say(
        "%(count)s fixes of the same kind came in the last %(days)s days, and none has been proved: look for the cause "
        "before you declare another.",
        count=words().number(len(run)),
        days=words().number(max(1, ceil((at - run[0].fix.in_effect_at) / timedelta(days=1)))),
    )
