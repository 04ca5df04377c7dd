"""All procedures: what is in force, what waits, and what is missing (A1)."""

from collections.abc import Collection
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk import paper, procedure_list
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, chosen, options
from qc_service.desk.leafing import leaf
from qc_service.desk.pages import page, words
from qc_service.desk.procedure_counts import languages_left, still_to_read
from qc_service.desk.procedure_list import PAGE, Asked, Brief, Entry
from qc_service.desk.procedure_titles import titles
from qc_service.texts import Text, later
from sops.versions import State

SHOW: dict[str, Text] = {
    "in_force": later("In force"),
    "draft": later("Draft"),
    "in_review": later("In review"),
    "approved": later("Approved, not published"),
    "scheduled": later("Published, not in force yet"),
    "none": later("Nothing in force"),
}
LONGEST_SEARCH = 100


@blp.get("/procedures", endpoint="procedures")
@allow("procedure.read")
def list_procedures() -> ResponseReturnValue:
    lines = choices("procedure.read")
    line = chosen(request.args.get("line", ""), lines)
    state = request.args.get("state", "")
    asked = Asked(
        request.args.get("q", "").strip()[:LONGEST_SEARCH],
        state if state in SHOW else "",
        line.line_id if line else "",
        words().language,
    )
    found = procedure_list.entries(actor(), asked, db.obj.now())
    one_page = leaf(found, PAGE, "desk.procedures", ("q", "state", "line"))
    return page(
        "procedures.html", nav="procedures", rows=_rows(one_page.rows), total=len(found), asked=asked,
        values={"q": asked.text, "state": asked.state, "line": line.code if line else ""}, errors={},
        lines=options(lines), states=[{"code": code, "name": words().say(name)} for code, name in SHOW.items()],
        leaf=one_page, may_write=actor().may("procedure.draft"),
        filtered=any((asked.text, asked.state, asked.line_id)), may_see_deviations=actor().may("deviation.read"),
        may_see_reports=actor().may("report.read"),
    )  # fmt: skip


def _rows(shown: Collection[Entry]) -> list[dict[str, Any]]:
    ids = [one.procedure.id for one in shown]
    mains = {one.procedure.id: one.main for one in shown if one.main is not None}
    documents = procedure_list.documents([one.row.id for one in mains.values()])
    reports = procedure_list.open_reports(actor(), ids)
    left = languages_left({key: documents[one.row.id] for key, one in mains.items()}, shown)
    waiting = still_to_read(actor(), shown, db.obj.now())
    named = titles([one.procedure for one in shown], words().language)
    return [
        _row(one, named[one.procedure.id], left.get(one.procedure.id, []), waiting.get(one.procedure.id, 0), reports)
        for one in shown
    ]


def _row(entry: Entry, title: str, languages: list[str], to_read: int, reports: Any) -> dict[str, Any]:
    say, in_force = words().say, entry.in_force
    return {
        "code": entry.procedure.code, "title": title,
        "version": in_force[0].number if in_force else None, "since": in_force[0].since if in_force else None,
        "others": len(in_force) - 1 if in_force else 0,
        "waiting": [_waits(one) for one in entry.waiting],
        "languages": [one.upper() for one in languages], "to_read": to_read,
        "reports": reports.get(entry.procedure.id, 0), "nothing": "" if in_force else say("Nothing in force"),
    }  # fmt: skip


def _waits(one: Brief) -> dict[str, Any]:
    say = words().say
    if one.state is State.SCHEDULED and one.since is not None:
        text = say("version %(version)s from %(moment)s", version=one.number, moment=words().moment(one.since))
    else:
        text = say("version %(version)s", version=one.number)
    return {"text": text, "state": one.state.value, "word": say(paper.STATES[one.state.value]), "number": one.number}
