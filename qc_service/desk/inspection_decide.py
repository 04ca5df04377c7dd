"""Deciding about an inspection at a desk: each form is refused where it stands, and keeps its words."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from qc_service.auth import actor, allow
from qc_service.desk import inspection_page, inspection_waiting
from qc_service.desk.blueprint import blp
from qc_service.desk.inspection_page import ONE, record_at
from qc_service.desk.pages import flash, words
from qc_service.desk.sign_here import by_field, signer
from qc_service.desk.typed import loaded
from qc_service.errors import NotFound, QCError, invalid, status_of
from qc_service.inspections import acts, dispositions, matching, schemas
from qc_service.inspections.models import InspectionRecord, Nonconformity
from qc_service.texts import Text, later

# What has a place for an error, and is kept.
SHOWN = ("lot", "offered", "note", "reason", "disposition", "was", "units", "deviation", "password")
DONE: dict[str, Text] = {
    "confirm": later("You gave your word, and signed."),
    "match": later("Said and signed. It is judged as an inspection of that lot now."),
    "void": later("Asked for. Another person agrees or leaves it."),
    "agree": later("Void, and signed. It stays to be read."),
    "dispose": later("Decided and signed."),
}


@blp.post(f"{ONE}/confirm", endpoint="inspection_confirm")
@allow("inspection.confirm")
def confirm(uuid: str) -> ResponseReturnValue:
    record = record_at("inspection.confirm", uuid)

    def act() -> None:
        body = _loaded(schemas.ConfirmIn(), note=_typed("note"))
        acts.confirm(actor(), record.uuid, body["note"], signer())

    return _decide(record, "confirm", act)


@blp.post(f"{ONE}/match", endpoint="inspection_match")
@allow("inspection.confirm")
def match(uuid: str) -> ResponseReturnValue:
    record = record_at("inspection.confirm", uuid)

    def act() -> None:
        lot = _typed("lot") or _typed("offered")
        if lot is None:
            raise invalid("/lot", later("Choose the lot, or type its code."))
        told = _loaded(schemas.MatchIn(), lot=lot, note=_typed("note"))
        try:
            matching.match(actor(), record.uuid, told, signer())
        except NotFound as error:
            raise invalid("/lot", later("No lot here has the code %(code)s.", code=lot)) from error

    return _decide(record, "match", act)


@blp.post(f"{ONE}/void", endpoint="inspection_void")
@allow("inspection.void")
def ask_to_void(uuid: str) -> ResponseReturnValue:
    record = record_at("inspection.void", uuid)

    def act() -> None:
        body = _loaded(schemas.VoidIn(), reason=_typed("reason") or "")
        acts.ask_to_void(actor(), record.uuid, body["reason"], signer())

    return _decide(record, "void", act)


@blp.post(f"{ONE}/void/agree", endpoint="inspection_agree")
@allow("inspection.confirm")
def agree_to_void(uuid: str) -> ResponseReturnValue:
    record = record_at("inspection.confirm", uuid)
    return _decide(record, "agree", lambda: acts.agree_to_void(actor(), record.uuid, signer()))


@blp.post("/nonconformities/<nonconformity_id>/disposition", endpoint="inspection_dispose")
@allow("inspection.dispose")
def dispose(nonconformity_id: str) -> ResponseReturnValue:
    """Decide anew what becomes of units that do not conform."""
    found: Nonconformity | None = (
        None if "\0" in nonconformity_id else Nonconformity.get_or_none(Nonconformity.id == nonconformity_id)
    )
    if found is None:
        raise NotFound("nonconformity", nonconformity_id)
    try:
        record = record_at("inspection.dispose", found.uuid)
    except NotFound as error:
        raise NotFound("nonconformity", nonconformity_id) from error

    def act() -> None:
        units = _typed("units")
        body = _loaded(
            schemas.DispositionIn(), disposition=_typed("disposition") or "", was=_typed("was"),
            units=int(units) if units and units.isascii() and units.isdigit() and len(units) < 16 else units,
            deviation=_typed("deviation"), reason=_typed("reason") or "",
        )  # fmt: skip
        dispositions.decide(actor(), found.id, body, signer())

    return _decide(record, "dispose", act, f"dispose-{found.id}")


def _decide(record: InspectionRecord, kind: str, act: Callable[[], Any], form: str = "") -> ResponseReturnValue:
    """Do it, or show the page again with what is wrong beside the field, and everything that was typed."""
    name = form or f"{kind}-{record.uuid}"
    waiting = request.form.get("from") == "waiting"
    try:
        act()
    except QCError as error:
        if error.code in ("not_found", "scope_missing"):
            raise
        errors = {(f"{name}-{field}" if field in SHOWN else ""): text for field, text in by_field(error).items()}
        typed = {f"{name}-{field}": request.form[field] for field in SHOWN if field in request.form}
        typed.pop(f"{name}-password", None)
        again = inspection_waiting.shown if waiting else lambda *told: inspection_page.shown(record, *told)
        return again(errors, typed, status_of(error.code))
    flash("success", words().say(DONE[kind]))
    address = url_for("desk.inspections_waiting") if waiting else url_for("desk.inspection", uuid=record.uuid)
    return redirect(address, 303)


def _typed(name: str) -> str | None:
    return request.form.get(name, "").strip() or None


def _loaded(schema: Schema, **told: Any) -> Mapping[str, Any]:
    """What the API would take too; the password is looked at when it is signed."""
    return loaded(schema, {**told, "password": "-"})
