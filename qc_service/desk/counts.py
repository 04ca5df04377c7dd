"""Counts by hand, for a plant without an ERP: a small form, and a CSV file with a result per row."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.counts import service
from qc_service.counts.models import ProductionCount
from qc_service.counts.rules import FLAGS, QUANTITIES
from qc_service.counts.tables import read_csv
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import Choice, choices, chosen, options
from qc_service.desk.pages import flash, from_local, local_input, page, words, zone
from qc_service.errors import FieldProblem, QCError
from qc_service.texts import later

SOURCE = "desk"
UPLOAD_SOURCE = "upload"
DEFECT_ROWS = (1, 2, 3)
MOST_ROWS = 1000
TEXTS = ("line", "lot", "product", "period_start", "period_end")
NEEDED = {
    "line": later("Choose a line."),
    "lot": later("Name the lot or sample: typing the same one again corrects it."),
    "period_start": later("Say when it began."),
    "period_end": later("Say when it ended."),
}
SAVED = {
    "created": later("Saved."),
    "updated": later("The earlier count of this lot is corrected."),
    "unchanged": later("This count was known already."),
}


@blp.get("/counts/new", endpoint="counts_form")
@allow("count.record")
def counts_form() -> ResponseReturnValue:
    now, tz = clock.now(), zone()
    start = local_input(now - timedelta(hours=1), tz)
    line = request.args.get("line", "")
    return _form({"line": line, "period_start": start, "period_end": local_input(now, tz)}, {})


@blp.post("/counts/new", endpoint="counts_form_post")
@allow("count.record")
def counts_form_post() -> ResponseReturnValue:
    values = {name: value.strip() for name, value in request.form.items() if name != "csrf"}
    row, errors = _row(values)
    if not errors:
        [result] = service.record_counts(actor(), [(1, row)], clock.now())
        if result.error is None:
            flash("success", words().say(SAVED.get(result.status, SAVED["created"])))
            return redirect(url_for("desk.counts_form", line=values.get("line", "")), 303)
        errors = _by_field(result.error)
    return _form(values, errors, 422)


def _form(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    lines = choices("count.record")
    return page(
        "counts_form.html", nav="counts", status=status, values=values, errors=errors, tz_name=zone(),
        lines=options(lines), recent=_recent(lines), may_add_line=actor().may("line.write"),
    )  # fmt: skip


def _recent(lines: list[Choice]) -> list[dict[str, Any]]:
    names = {line.line_id: line.name for line in lines}
    rows = (
        ProductionCount.select()
        .where((ProductionCount.source == SOURCE) & ProductionCount.line_id.in_(list(names)))
        .order_by(ProductionCount.updated_at.desc())
        .limit(5)
    )
    return [{"lot": row.lot, "line": names[row.line_id], "text": _said(row), "at": row.updated_at} for row in rows]


def _said(row: ProductionCount) -> str:
    say, number = words().say, words().number
    if row.inspected is not None and row.defective is not None:
        return say("%(events)s of %(units)s defective", events=number(row.defective), units=number(row.inspected))
    if row.total is not None:
        return say("%(units)s made", units=number(row.total))
    return ""


def _row(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The form as a row of an ingest, and what is missing from it."""
    errors = {name: words().say(text) for name, text in NEEDED.items() if not values.get(name)}
    line = chosen(values.get("line", ""), choices("count.record"))
    row: dict[str, Any] = {name: values[name] for name in TEXTS if values.get(name)}
    if line is not None:
        row |= {"line": line.line_code, "site": line.site_code}
    row |= {"source": SOURCE, "external_id": f"{row.get('line')}/{row.get('lot')}"}
    row |= {name: _whole(values[name]) for name in QUANTITIES if values.get(name)}
    row |= {name: bool(values.get(name)) for name in FLAGS}
    tz = line.time_zone if line else zone()
    for name in ("period_start", "period_end"):
        try:
            if name in row:
                row[name] = clock.iso(from_local(row[name], tz))
        except ValueError:
            errors[name] = words().say("Write a date and a time.")
    defects = [
        {"code": values[f"defect_code_{place}"], "units": _whole(values.get(f"defect_units_{place}", ""))}
        for place in DEFECT_ROWS
        if values.get(f"defect_code_{place}")
    ]
    return ({**row, "defects": defects} if defects else row), errors


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


def _by_field(error: QCError) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in error.errors:
        parts = one.pointer.strip("/").split("/")
        name = parts[0]
        if name == "defects":
            place = int(parts[1]) + 1 if len(parts) > 1 else 1
            name = f"defect_{'units' if parts[-1] == 'units' else 'code'}_{place}"
        found["lot" if name == "external_id" else name] = _plainly(one)
    return found or {"": error.detail}


def _plainly(problem: FieldProblem) -> str:
    """What a person at the desk can do, where the problem's own words are for a program."""
    if (problem.pointer, problem.code) == ("/line", "unknown_ref"):
        return words().say("There is no such line that you may use. Lines are added from the board.")
    return words().say(problem.detail)


# A file -----------------------------------------------------------------------------------------------------------


@blp.get("/counts/upload", endpoint="counts_upload")
@allow("count.record")
def counts_upload() -> ResponseReturnValue:
    return _upload({}, None)


@blp.post("/counts/upload", endpoint="counts_upload_post")
@allow("count.record")
def counts_upload_post() -> ResponseReturnValue:
    file = request.files.get("file")
    if file is None or not file.filename:
        return _upload({"file": words().say("Choose a file.")}, None, 422)
    dry_run = bool(request.form.get("dry_run"))
    try:
        lines = choices("count.record")
        rows = [(number, _completed(raw, lines)) for number, raw in read_csv(file.read())]
    except QCError as error:
        return _upload({"file": error.detail}, None, 422)
    if not 1 <= len(rows) <= MOST_ROWS:
        text = words().say("The file has %(rows)s rows; send 1 to 1,000 at once.", rows=words().number(len(rows)))
        return _upload({"file": text}, None, 422)
    results = service.record_counts(actor(), rows, clock.now(), dry_run=dry_run)
    return _upload({}, _told(file.filename, results, dry_run=dry_run))


def _completed(raw: Any, lines: list[Choice]) -> Any:
    """A row as people write it: the source may be left out, and times are the site's own."""
    if not isinstance(raw, dict):
        return raw
    row = {"source": UPLOAD_SOURCE, **raw}
    named = (row.get("line"), row.get("site"))
    fits = [one for one in lines if (one.line_code, row.get("site") and one.site_code) == named]
    tz = fits[0].time_zone if fits else zone()
    for name in ("period_start", "period_end"):
        try:
            row[name] = clock.iso(from_local(str(row[name]), tz))
        except (KeyError, ValueError):  # the row's own check says what is wrong
            continue
    return row


def _told(name: str, results: list[service.Result], *, dry_run: bool) -> dict[str, Any]:
    states = ("created", "updated", "unchanged", "stale", "rejected")
    counted = Counter(one.status for one in results)
    rows = [
        {
            "line": one.line, "external_id": one.external_id, "status": one.status,
            "problem": None if one.error is None else {
                "detail": words().say(one.error.detail),
                "errors": [{"pointer": error.pointer, "detail": _plainly(error)} for error in one.error.errors],
            },
        }
        for one in results
    ]  # fmt: skip
    return {"dry_run": dry_run, "file": name, "summary": {state: counted[state] for state in states}, "rows": rows}


COLUMN_TEXTS = {
    "source": later("Where the numbers come from; may be left out"),
    "external_id": later("The row's own number: the same one again corrects it"),
    "line": later("The line's code"),
    "period_start": later("When it began, in the site's time or with an offset"),
    "period_end": later("When it ended"),
    "inspected": later("Units inspected"),
    "defective": later("Units defective of the inspected"),
    "total": later("Units made, good or not"),
    "good": later("Units good at once"),
    "scrapped": later("Units scrapped"),
    "reworked": later("Units reworked"),
    "defects": later("Units by defect code: COLD-SOLDER:3 BRIDGE:1"),
}
NEEDED_COLUMNS = ("external_id", "line", "period_start", "period_end")


def _upload(errors: Mapping[str, str], result: dict[str, Any] | None, status: int = 200) -> ResponseReturnValue:
    columns = [
        {"name": name, "text": words().say(text), "required": name in NEEDED_COLUMNS}
        for name, text in COLUMN_TEXTS.items()
    ]
    return page(
        "counts_upload.html", nav="counts", status=status, errors=errors,
        values={"dry_run": request.form.get("dry_run") if result is None else ""},
        columns=columns, example_url=url_for("desk.counts_example"), result=result,
    )  # fmt: skip


@blp.get("/counts/example.csv")
@allow("count.record")
def counts_example() -> Response:
    names = ["external_id", "line", "period_start", "period_end", *QUANTITIES, "defects"]
    response = Response(",".join(names) + "\n", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="counts.csv"'
    return response
