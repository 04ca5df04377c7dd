"""Lots on hold for one cause, as an alert and its evidence show them: with the way to each and to the cause."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from qc_service.desk.pages import page, words
from qc_service.flags.held import KIND
from qc_service.flags.held_sentences import explanation, sentence
from qc_service.flags.models import Evidence
from qc_service.words import Words


def is_held(document: Mapping[str, Any]) -> bool:
    return document.get("kind") == KIND


def said(doc: Mapping[str, Any]) -> dict[str, Any]:
    """What the evidence says, in the reader's language; in English it is what was kept."""
    mine = words()
    if mine.language == "en":
        return {"sentence": doc["sentence"], "explanation": doc["explanation"]}
    here = Words(mine.language, doc["site"]["time_zone"])
    return {"sentence": sentence(doc, here), "explanation": explanation(doc, here)}


def told(doc: Mapping[str, Any]) -> dict[str, Any]:
    """The lots and the cause, with their addresses."""
    site = doc["site"]["code"]
    rows = [{**one, "address": url_for("desk.lot", code=one["lot"], site=site) + "#holds"} for one in doc["lots"]]
    return {
        "lots": rows, "left_out": doc["lots_left_out"], "cause": _cause(doc["cause"], site),
        "zone": doc["site"]["time_zone"],
    }  # fmt: skip


def _cause(cause: Mapping[str, Any], site: str) -> dict[str, str] | None:
    """What to look at; nothing where a person said why."""
    names, say = cause["details"], words().say
    if "version" in names:
        text = say("%(procedure)s, version %(version)s", procedure=names["procedure"], version=names["version"])
        address = url_for("desk.procedure_version", code=names["procedure"], number=names["version"])
        return {"text": text, "address": address}
    if "gauge" in names:
        return {
            "text": say("Gauge %(gauge)s", gauge=names["gauge"]),
            "address": url_for("desk.gauge", code=names["gauge"], site=site),
        }
    return None


def evidence_page(found: Evidence) -> ResponseReturnValue:
    """What was frozen when lots were held or let go."""
    doc = found.document
    return page(
        "evidence_held.html", nav="inbox", **said(doc), held=told(doc), sha256=found.sha256, evidence_id=found.id,
        frozen_at=found.created_at, tz=doc["site"]["time_zone"],
        csv_url=url_for("desk.evidence_csv", evidence_id=found.id),
    )  # fmt: skip
