"""Recording a fix: a form, the numbers that will be frozen, and the confirmation."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.canonical import canonical
from qc_service.counts.measures import MEASURES
from qc_service.db import write
from qc_service.desk import line_worse
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, chosen, options
from qc_service.desk.pages import flash, from_local, local_input, page, words, zone
from qc_service.errors import QCError, from_validation
from qc_service.fixes import service
from qc_service.fixes.api import warnings
from qc_service.fixes.models import Fix
from qc_service.fixes.schemas import FixIn
from qc_service.flags.service import zone_of
from qc_service.people.staff import people_with_role, person_with
from qc_service.texts import later

FIELDS = (
    "line", "measure", "defect_code", "title", "cause", "action", "owner", "in_effect_at", "promise", "promise_rate",
    "promise_reduction", "baseline_lots", "exclude", "also_measure", "also_rate",
)  # fmt: skip
NEEDED = {
    "line": later("Choose a line."),
    "title": later("Give the fix a short name."),
}
_FORM_NAMES = {
    "promise/rate": "promise_rate",
    "promise/reduction": "promise_reduction",
    "baseline/lots": "baseline_lots",
    "also/0/measure": "also_measure",
    "also/0/promise/rate": "also_rate",
    "also/0/promise": "also_rate",
}


@blp.get("/fixes/new", endpoint="fix_form")
@allow("fix.declare")
def fix_form() -> ResponseReturnValue:
    values = {name: request.args[name] for name in ("line", "measure") if name in request.args}
    defaults = {"measure": "defective", "promise": "rate", "baseline_lots": "60"}
    return _form({**defaults, "in_effect_at": local_input(clock.now(), zone()), **values}, {})


@blp.post("/fixes/new", endpoint="fix_form_post")
@allow("fix.declare")
def fix_form_post() -> ResponseReturnValue:
    """The first page's answer: what would be frozen, or what is wrong with the form."""
    values = _typed()
    body, errors = _body(values)
    if not errors:
        try:
            return _confirm(service.prepare(actor(), body), values)
        except QCError as error:
            errors = _by_field(error)
    return _form(values, errors, 422)


@blp.post("/fixes/confirm", endpoint="fix_confirm")
@allow("fix.declare")
def fix_confirm() -> ResponseReturnValue:
    """What is frozen is what was shown: where lots came or changed since, the numbers are shown anew."""
    values = _typed()
    if request.form.get("step") == "change":
        return _form(values, {})
    body, errors = _body(values)
    if not errors:
        try:
            fix = _declare_as_seen(body, request.form.get("seen", ""))
        except _NumbersMoved:
            return _confirm(service.prepare(actor(), body), values, moved=True)
        except QCError as error:
            errors = _by_field(error)
        else:
            flash("success", words().say("The fix is recorded. Its numbers are frozen."))
            return redirect(url_for("desk.fix", fix_id=fix.id), 303)
    return _form(values, errors, 422)


class _NumbersMoved(Exception):
    """Between looking and confirming, counts came or were corrected."""


def _declare_as_seen(body: dict[str, Any], seen: str) -> Fix:
    with write():
        fix = service.declare_fix(actor(), body)
        parts = [fix, *(Fix.get_by_id(other) for other in fix.together_with or ())]
        if _mark((part.frozen, part.baseline["lots"]) for part in parts) != seen:
            raise _NumbersMoved  # and nothing is recorded
    return fix


def _mark(parts: Iterable[tuple[Mapping[str, Any], Any]]) -> str:
    return sha256(canonical([list(part) for part in parts])).hexdigest()


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in FIELDS}


def _form(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    lines = choices("fix.declare")
    people = {
        person.code: person
        for site_id in sorted({one.site_id for one in lines})
        for person in people_with_role(("supervisor", "quality_manager"), site_id)
    }
    return page(
        "fix_form.html", nav="fix", status=status, values=values, errors=errors, lines=options(lines),
        may_add_line=actor().may("line.write"),
        measures=[{"code": one.code, "name": words().say(one.name)} for one in MEASURES.values()],
        people=[{"code": one.code, "name": one.name} for one in people.values()], tz_name=zone(),
    )  # fmt: skip


def _body(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The form as the API's document, checked by the same schema."""
    errors = {name: words().say(text) for name, text in NEEDED.items() if not values[name]}
    names = ("line", "measure", "title", "defect_code", "cause", "action", "owner")
    raw: dict[str, Any] = {name: values[name] for name in names if values[name]}
    line = chosen(values["line"], choices("fix.declare"))
    if line is not None:
        raw |= {"line": line.line_code, "site": line.site_code}
    try:
        raw["in_effect_at"] = clock.iso(from_local(values["in_effect_at"], line.time_zone if line else zone()))
    except ValueError:
        errors["in_effect_at"] = words().say("Say from when the fix is in effect.")
    raw["promise"] = _promise(values, errors)
    raw["baseline"] = {"lots": _whole(values["baseline_lots"] or "60"), "exclude": _left_out(values["exclude"])}
    if values["also_measure"]:
        raw["also"] = [{"measure": values["also_measure"], "promise": _also(values, errors)}]
    try:
        return dict(FixIn().load(raw)), errors
    except ValidationError as error:
        return raw, {**_by_field(from_validation(error)), **errors}


def _promise(values: Mapping[str, str], errors: dict[str, str]) -> dict[str, float] | None:
    """Percent as people write it, with a comma or a point; never a guess at thousands."""
    kind = values["promise"] or "rate"
    if kind not in ("rate", "reduction"):
        return None
    name = f"promise_{kind}"
    try:
        return {kind: round(float(values[name].replace(",", ".").rstrip("% ")) / 100, 12)}
    except ValueError:
        errors[name] = words().say("Write a percentage, for example 1.5.")
        return None


def _also(values: Mapping[str, str], errors: dict[str, str]) -> dict[str, float] | None:
    """The other measure promises a rate, or nothing is promised of it."""
    if not values["also_rate"]:
        return None
    try:
        return {"rate": round(float(values["also_rate"].replace(",", ".").rstrip("% ")) / 100, 12)}
    except ValueError:
        errors["also_rate"] = words().say("Write a percentage, for example 1.5.")
        return None


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() else text


def _left_out(text: str) -> list[dict[str, str]]:
    """One lot a line: its number, and behind a colon the reason."""
    found = []
    for line in text.splitlines():
        external_id, _, why = line.partition(":")
        if external_id.strip():
            found.append({"external_id": external_id.strip(), **({"why": why.strip()} if why.strip() else {})})
    return found


def _by_field(error: QCError) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in error.errors:
        name = one.pointer.strip("/")
        name = _FORM_NAMES.get(name, name.split("/")[0])
        name = "exclude" if one.pointer.startswith("/baseline/exclude") else name
        found[name if name in FIELDS else ""] = one.detail
    return found or {"": error.detail}


def _confirm(ready: service.Declaration, values: Mapping[str, str], *, moved: bool = False) -> ResponseReturnValue:
    parts = (ready, *ready.also)
    mark = _mark((one.values["frozen"], one.values["baseline"]["lots"]) for one in parts)
    entries = ready.values["baseline"]["lots"]
    shown = {
        **_numbers(ready), "method": ready.values["method"], "mark": mark,
        "left_out": [{**one, "label": one["external_id"]} for one in entries if one["excluded"]],
    }  # fmt: skip
    owner = person_with(ready.values["owner"] or "")
    described = {
        **{name: ready.values[name] for name in ("title", "cause", "action", "defect_code")},
        "owner": f"{owner.name} ({owner.code})" if owner else ready.values["owner"],
        "in_effect_at": ready.values["in_effect_at"], "line": {"code": ready.line.code, "name": ready.line.name},
        "measure": {"name": words().say(MEASURES[ready.values["measure"]].name)},
    }  # fmt: skip
    notes = [
        words().say(one["detail"])
        for part in parts
        for one in warnings(part.frozen.notes, part.values["baseline"]["unmatched"])
    ]
    notes = [*filter(None, (line_worse.warning(part.line.id, part.values) for part in parts)), *notes]
    also = [{"name": words().say(MEASURES[one.values["measure"]].name), **_numbers(one)} for one in ready.also]
    if moved:
        notes.insert(0, words().say("Counts came or changed while you looked. Check the numbers as they are now."))
    return page(
        "fix_confirm.html", nav="fix", status=409 if moved else 200, fix=described, frozen=shown,
        warnings=list(dict.fromkeys(notes)), also=also, threshold=round(1 / ready.frozen.alpha, 6),
        hidden=values, tz=zone_of(ready.line.site_id),
    )  # fmt: skip


def _numbers(ready: service.Declaration) -> dict[str, Any]:
    frozen = ready.frozen
    return {
        "baseline_rate": frozen.baseline_rate, "lots": frozen.baseline_lots, "events": frozen.baseline_events,
        "units": frozen.baseline_units, "promised_rate": frozen.promised_rate, "assumed": frozen.assumed,
        "stay_at": frozen.stays_at, "alarm_rate": frozen.alarm_rate, "verification_rate": frozen.verification_rate,
    }  # fmt: skip
