"""The list of inspections: the newest first, each with one sentence of what it is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk import inspection_whose
from qc_service.desk import inspection_words as texts
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, chosen, options
from qc_service.desk.inspection_standing import standing
from qc_service.desk.pages import from_local, page, words, zone
from qc_service.desk.procedure_titles import titles
from qc_service.inspections import lists
from qc_service.inspections.lists import Asked, Listed
from qc_service.inspections.models import Inspection
from qc_service.lines.models import Line
from qc_service.procedures import naming
from qc_service.procedures.models import Procedure
from qc_service.texts import later

PAGE = 50
FILTERS = ("state", "reason", "line", "lot", "procedure", "inspector", "since", "until")


@blp.get("/inspections", endpoint="inspections")
@allow("inspection.read")
def list_inspections() -> ResponseReturnValue:
    return shown({}, {})


def shown(refused: Mapping[str, str], answers: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    """refused, answers: of a form of the list that was refused, by the form's own name and the field's."""
    values = {name: request.args.get(name, "").strip() for name in FILTERS}
    lines = choices("inspection.read")
    errors: dict[str, str] = {}
    asked = _asked(values, lines, errors)
    rows: list[Listed] = []
    following = None
    if not errors:
        rows, following = lists.newest(actor(), asked, request.args.get("cursor"), PAGE)
    values |= dict.fromkeys({"since", "until"} & set(errors), "")  # a field for days can show no other words
    typed: dict[str, Any] = {name: text for name, text in values.items() if text}
    return page(
        "inspections.html", nav="inspections", status=422 if errors else status, rows=told(rows),
        errors={**errors, **refused}, values={**values, **answers}, filters=len(typed), wrong=bool(errors),
        later_page=bool(request.args.get("cursor")), own=_own(),
        next_url=url_for("desk.inspections", **typed, cursor=following) if following else "",
        first_url=url_for("desk.inspections", **typed), lines=options(lines), procedures=procedures(),
        states=[_option(one, texts.STATES) for one in texts.FILTERED],
        reasons=[_option(one, texts.REASONS) for one in texts.REASONS],
    )  # fmt: skip


def _own() -> dict[str, Any]:
    """What stands under the reader's name without its being certain that it was theirs."""
    some = inspection_whose.waiting(actor())
    rows = [Listed(row.uuid, row.received_at, row, counted=False, told={}) for row in some.rows]
    return {"rows": told(rows) if rows else [], "total": some.total}


def _option(code: str, names: Mapping[str, str]) -> dict[str, str]:
    return {"code": code, "name": words().say(names[code])}


def _asked(values: Mapping[str, str], lines: Sequence[Any], errors: dict[str, str]) -> Asked:
    line = chosen(values["line"], list(lines))
    if values["line"] and line is None:
        errors["line"] = later("Choose one of the list.")
    for name, known in (("state", texts.FILTERED), ("reason", tuple(texts.REASONS))):
        if values[name] and values[name] not in known:
            errors[name] = later("Choose one of the list.")
    since, until = midnight(values, "since", errors), midnight(values, "until", errors, days=1)
    return Asked(
        values["state"], values["reason"], line.line_id if line else "", values["lot"], values["procedure"],
        values["inspector"], since, until,
    )  # fmt: skip


def midnight(
    values: Mapping[str, str], name: str, errors: dict[str, str], *, days: int = 0
) -> datetime | None:  # fmt: skip
    """The beginning of a day in the reader's zone, or of one that comes so many days later."""
    if not values[name]:
        return None
    try:
        day = date.fromisoformat(values[name]) + timedelta(days=days)
        return from_local(f"{day.isoformat()}T00:00", zone())
    except (ValueError, OverflowError):
        errors[name] = later("Write a day, such as 2026-11-21.")
        return None


def procedures() -> list[dict[str, str]]:
    """The procedures to choose from, by their titles in the reader's language."""
    sites = actor().sites_for("procedure.read")
    query = Procedure.select().order_by(Procedure.code)
    if sites is not None:
        query = query.where(Procedure.site_id.is_null() | Procedure.site_id.in_(list(sites)))
    found = list(query)
    named = titles(found, words().language)
    return [{"code": one.code, "name": f"{one.code} · {named[one.id]}"} for one in found]


def told(rows: Sequence[Listed]) -> list[dict[str, Any]]:
    """Rows as the list shows them."""
    judged = [one.row for one in rows if one.row is not None]
    people = naming.people(row.person_id for row in judged)
    lines = {line.id: line.name for line in Line.select().where(Line.id.in_([row.line_id for row in judged]))}
    return [_row(one, people, lines) for one in rows]


def _row(one: Listed, people: Mapping[str | None, Any], lines: Mapping[str, str]) -> dict[str, Any]:
    row = one.row
    person = people[row.person_id] if row else None
    seen = row or one.told
    return {
        **standing(row, words(), counted=one.counted), "url": url_for("desk.inspection", uuid=one.uuid),
        "uuid": one.uuid, "lot": _of(seen, "lot"), "unit": _of(seen, "unit"), "version": _of(seen, "version"),
        "procedure": row.procedure_code if row else one.told["procedure"],
        "inspector": person["name"] if person else _of(seen, "inspector"),
        "line": lines.get(row.line_id, "") if row and row.line_id else "",
        "at": row.happened_at if row else one.told["observed_at"], "units": _of(seen, "units_inspected"),
        "defective": row.units_defective if row else 0,
    }  # fmt: skip


def _of(seen: Any, name: str) -> Any:
    return getattr(seen, name) if isinstance(seen, Inspection) else seen[name]
