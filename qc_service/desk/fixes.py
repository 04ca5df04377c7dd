"""A fix as it stands, the evidence frozen for a verdict, and their charts, tables and files."""

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.alerts.models import Alert
from qc_service.auth import actor, allow
from qc_service.desk import chart, chart_hints, line_calls, line_worse, lots_held
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import age, page, resaid, wording, words
from qc_service.errors import NotFound
from qc_service.fixes import service as fixes
from qc_service.fixes.models import Fix, FixState
from qc_service.flags import evidence, service
from qc_service.flags.api import table
from qc_service.flags.models import Evidence, Verdict, Watch
from qc_service.flags.sentences import explanation
from qc_service.texts import Text, later

WIDTHS = (chart.WIDE, chart.MEDIUM, chart.NARROW)


@blp.get("/fixes/<fix_id>")
@allow("fix.read")
def fix(fix_id: str) -> ResponseReturnValue:
    found = fixes.find_fix(actor(), "fix.read", fix_id)
    watch = service.watch_of(found)
    if watch is None:
        return page(
            "message.html", nav="lines", title=words().say("The fix is recorded."),
            what_happened=found.title,
            what_to_do=words().say("It is being judged for the first time. Look again in a moment."),
            links=[{"text": words().say("Look again"), "url": url_for("desk.fix", fix_id=fix_id)}], request_id=None,
        )  # fmt: skip
    frozen: Evidence = Evidence.get_by_id(watch.evidence_id)
    return _evidence_page(
        found, evidence.document(watch, found), "desk.fix", {"fix_id": fix_id}, frozen=False,
        evidence_id=frozen.id, evidence_sha256=frozen.sha256, frozen_at=frozen.created_at,
    )  # fmt: skip


@blp.get("/evidence/<evidence_id>", endpoint="evidence")
@allow("evidence.read")
def frozen_evidence(evidence_id: str) -> ResponseReturnValue:
    found = service.find_evidence(actor(), evidence_id)
    if lots_held.is_held(found.document):
        return lots_held.evidence_page(found)
    if line_calls.is_call(found.document):
        return line_calls.evidence_page(found)
    if line_worse.is_of_line(found.document):
        return line_worse.evidence_page(found)
    return _evidence_page(
        Fix.get_by_id(found.fix_id), found.document, "desk.evidence", {"evidence_id": evidence_id}, frozen=True,
        evidence_id=found.id, evidence_sha256=found.sha256, frozen_at=found.created_at,
    )  # fmt: skip


def _evidence_page(
    found: Fix, doc: dict[str, Any], endpoint: str, at: dict[str, Any], **values: Any
) -> ResponseReturnValue:
    printed = "print" in request.args
    doc = _in_words(doc)
    draw = f"{endpoint}_chart"
    hints = [{**one, "pattern": words().say(one["pattern"])} for one in chart_hints.listed(doc["points"])]
    return page(
        "evidence.html", nav="lines", doc=doc, sentence=doc["sentence"], explanation=doc["explanation"],
        tz=doc["line"]["time_zone"], print_view=printed, history=_history(found), hints=hints,
        what_to_do=words().say(_what_to_do(doc), lot=doc["numbers"]["change_located"]),
        far_out=_far_out(doc), hint_words=lambda rule: words().say(chart_hints.pattern(rule)),
        chart_names={code: words().say(name) for code, name in chart_hints.CHART_NAMES.items()},
        chart_url=url_for(draw, **at, width=chart.WIDE, v=doc["as_of"]),
        chart_url_medium=url_for(draw, **at, width=chart.MEDIUM, v=doc["as_of"]),
        chart_url_narrow=url_for(draw, **at, width=chart.NARROW, v=doc["as_of"]),
        csv_url=url_for(f"{endpoint}_csv", **at), print_url=url_for(endpoint, **at, print=""),
        back_url=url_for(endpoint, **at), baseline_changed=_baseline_change(found), alert=_open_alert(found),
        can_act=actor().may("fix.declare", found.site_id), **values,
    )  # fmt: skip


WHAT_TO_DO = {
    "never_worked": later("Look for another cause, and record the next fix."),
    "short_of_promise": later("It helps, but not enough: look for what is left, and record the next fix."),
    "relapsed": later("Look for what came back, or what changed at lot %(lot)s, and record the next fix."),
    "relapsed_somewhere": later("Look for what came back, and record the next fix."),
    "leaning": later("Look at the line before it is certain."),
    "too_early": later("Nothing yet: every new lot is judged."),
    "holding": later("Nothing: every new lot is judged, and you are told if it changes."),
}


def _what_to_do(doc: dict[str, Any]) -> Text:
    pattern = doc["pattern"]
    if pattern == "relapsed" and doc["numbers"]["change_located"] is None:
        pattern = "relapsed_somewhere"
    told = pattern if doc["verdict"] == "not_holding" else "leaning" if doc["leaning"] else doc["verdict"]
    return WHAT_TO_DO[told]


def _far_out(doc: dict[str, Any]) -> dict[str, Any] | None:
    """The lot to be looked at now, with the most events that were to be expected of it; none where the verdict says
    more."""
    mark = None if doc["verdict"] == "not_holding" else evidence.far_out_now(doc["numbers"])
    point = next((one for one in doc["points"] if mark and one["lot"] == mark["lot"]), None)
    return {**point, **mark} if point and mark else None


@blp.get("/fixes/<fix_id>/chart.svg")
@allow("fix.read")
def fix_chart(fix_id: str) -> Response:
    return _drawn(_standing(fix_id))


@blp.get("/fixes/<fix_id>/lots.csv")
@allow("fix.read")
def fix_csv(fix_id: str) -> Response:
    return _file(_standing(fix_id), fix_id)


@blp.get("/fixes/<fix_id>/spark.svg")
@allow("fix.read")
def fix_spark(fix_id: str) -> Response:
    found, watch = _judged(fix_id)
    lots = {"points": evidence.entries(watch, found)}
    return _svg(chart.doc_sparkline({**evidence.summary(watch, found), **lots}))


@blp.get("/evidence/<evidence_id>/chart.svg")
@allow("evidence.read")
def evidence_chart(evidence_id: str) -> Response:
    document = service.find_evidence(actor(), evidence_id).document
    if lots_held.is_held(document) or line_calls.is_call(document):
        raise NotFound("chart", evidence_id)
    if line_worse.is_worse(document):
        return _drawn(line_worse.for_chart(document), told=True)
    if line_worse.is_of_line(document):
        raise NotFound("chart", evidence_id)
    return _drawn(document)


@blp.get("/evidence/<evidence_id>/lots.csv")
@allow("evidence.read")
def evidence_csv(evidence_id: str) -> Response:
    return _file(service.find_evidence(actor(), evidence_id).document, evidence_id)


def _standing(fix_id: str) -> dict[str, Any]:
    found, watch = _judged(fix_id)
    return evidence.document(watch, found)


def _judged(fix_id: str) -> tuple[Fix, Watch]:
    found = fixes.find_fix(actor(), "fix.read", fix_id)
    watch: Watch | None = service.watch_of(found)
    if watch is None:
        raise NotFound("chart", fix_id)
    return found, watch


def _in_words(doc: dict[str, Any]) -> dict[str, Any]:
    """The document with what it says in words said in the reader's language; its numbers are what they are."""
    told = {
        "sentence": resaid(doc, doc["sentence"]), "explanation": resaid(doc, doc["explanation"], explanation),
        "measure": {**doc["measure"], "name": words().say(doc["measure"]["name"])},
    }  # fmt: skip
    return {**doc, **told}


def _drawn(doc: dict[str, Any], *, told: bool = False) -> Response:
    """`told`: it is in the reader's language already."""
    doc = doc if told else _in_words(doc)
    asked = request.args.get("width", default=chart.WIDE, type=int)
    width = min(WIDTHS, key=lambda one: abs(one - asked))
    return _svg(
        chart.evidence_chart(doc, width=width, sentence=doc["sentence"], wording=wording(doc["line"]["time_zone"]))
    )


def _svg(text: str) -> Response:
    return Response(text, content_type="image/svg+xml; charset=utf-8")


def _file(doc: dict[str, Any], name: str) -> Response:
    response = Response(table(doc), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


REASONS = {
    "first_judged": later("Judged for the first time."),
    "new_lots": later("New lots decided it."),
    "corrected": later("Lots were corrected or came late: %(lots)s."),
    "superseded": later("A later fix took over."),
}


def _history(found: Fix) -> list[dict[str, Any]]:
    rows = list(Verdict.select().where(Verdict.fix_id == found.id).order_by(Verdict.number.desc()))
    taken_back = {row.withdraws for row in rows}
    return [
        {
            "verdict": row.verdict, "pattern": row.pattern, "recorded_at": row.recorded_at,
            "reason": _reason(row, withdrawn=row.id in taken_back), "evidence_id": row.evidence_id,
        }
        for row in rows
    ]  # fmt: skip


def _reason(row: Verdict, *, withdrawn: bool) -> str:
    text = words().say(REASONS[row.reason], lots=", ".join(row.detail or ["–"]))
    return f"{text} {words().say('Withdrawn since.')}" if withdrawn else text


def _baseline_change(found: Fix) -> dict[str, Any] | None:
    state: FixState = FixState.get_by_id(found.id)
    if not state.baseline_change:
        return None
    say = words().say
    kinds = {"corrected": say("corrected"), "gone": say("gone"), "arrived": say("came late")}
    named = ", ".join(f"{one['external_id']} ({kinds[one['what']]})" for one in state.baseline_change[:8])
    text = say("The frozen numbers stay as they were. Lots: %(lots)s.", lots=named)
    return {"at": state.baseline_changed_at, "text": text}


def _open_alert(found: Fix) -> dict[str, Any] | None:
    alert = Alert.get_or_none((Alert.fix_id == found.id) & (Alert.state != "resolved"))
    if alert is None:
        return None
    who = alert.acknowledged_name if alert.state == "acknowledged" else None
    return {"id": alert.id, "state": alert.state, "age": age(alert.opened_at), "who": who}
