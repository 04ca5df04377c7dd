"""Calls from the floor, as an alert, its evidence and the board show them."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from qc_service.alerts.models import Alert
from qc_service.calls import replies
from qc_service.calls import service as calls
from qc_service.calls.models import LineCall
from qc_service.calls.rules import ALARMS, CALLS
from qc_service.desk.pages import age, page, words
from qc_service.flags.called_sentences import explanation, sentence
from qc_service.flags.models import Evidence
from qc_service.lines.models import Line
from qc_service.lines.service import in_sites
from qc_service.words import Words


def is_call(document: Mapping[str, Any]) -> bool:
    return document.get("kind") in CALLS


def said(doc: Mapping[str, Any]) -> dict[str, Any]:
    """What the evidence says, in the reader's language; in English it is what was kept."""
    mine = words()
    if mine.language == "en":
        return {"sentence": doc["sentence"], "explanation": doc["explanation"]}
    here = Words(mine.language, doc["site"]["time_zone"])
    return {"sentence": sentence(doc, here), "explanation": explanation(doc, here)}


def told(doc: Mapping[str, Any]) -> dict[str, Any]:
    """Each call with who comes and how it ended, as it stands now."""
    names = [one["uuid"] for one in doc["calls"]]
    rows = list(LineCall.select().where(LineCall.uuid.in_(names)).order_by(LineCall.received_at, LineCall.uuid))
    site = doc["site"]["code"]
    shown = [
        {**one, "lot_url": url_for("desk.lot", code=one["lot"], site=site) if one["lot"] else None}
        for one in replies.calls(rows)
    ]
    return {"kind": CALLS[doc["kind"]], "calls": shown, "zone": doc["site"]["time_zone"],
            "left_out": doc["count"] - len(names)}  # fmt: skip


def evidence_page(found: Evidence) -> ResponseReturnValue:
    """The calls as they were frozen."""
    doc = found.document
    return page(
        "evidence_call.html", nav="inbox", **said(doc), called=told(doc), sha256=found.sha256, evidence_id=found.id,
        frozen_at=found.created_at, tz=doc["site"]["time_zone"],
        csv_url=url_for("desk.evidence_csv", evidence_id=found.id),
    )  # fmt: skip


def stopped(sites: frozenset[str] | None, most: int) -> list[dict[str, Any]]:
    """The board's rows of lines that stand, or from which somebody calls: the one that stands longest first."""
    rows = list(LineCall.select().where(in_sites(LineCall, sites) & calls.is_standing()).order_by(LineCall.received_at))
    first: dict[tuple[str, str], LineCall] = {}
    for row in rows:
        first.setdefault((row.line_id, row.kind), row)
    shown = dict(zip(first, replies.calls(list(first.values())), strict=True))
    lines = {row.id: row for row in Line.select().where(Line.id.in_([line_id for line_id, _ in first]))}
    urls = _alerts(first)
    found: list[dict[str, Any]] = [
        {
            "line": {"code": lines[at[0]].code, "name": lines[at[0]].name}, "kind": at[1], "call": call,
            "who": _who(call), "url": urls.get(at), "order": (at[1] != "stop", call["received_at"]),
        }
        for at, call in shown.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: row["order"])[:most]


def _alerts(standing: Mapping[tuple[str, str], LineCall]) -> dict[tuple[str, str], str]:
    ids = [line_id for line_id, _ in standing]
    query = Alert.select().where(Alert.line_id.in_(ids) & Alert.kind.in_(list(ALARMS.values())))
    found = query.where(Alert.state != "resolved")
    return {(str(row.line_id), CALLS[row.kind]): url_for("desk.alert", alert_id=row.id) for row in found}


def _who(call: Mapping[str, Any]) -> str:
    say = words().say
    coming = ", ".join(one["name"] for one in call["answers"]) or say("nobody yet")
    return say("%(age)s, %(who)s", age=age(call["received_at"]), who=coming)
