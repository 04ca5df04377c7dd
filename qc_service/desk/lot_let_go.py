"""Putting a lot on hold at a desk, and letting it go with two signatures: each form is refused where it stands."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from qc_service.auth import actor, allow
from qc_service.desk import lots as lot_page
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, words
from qc_service.desk.sign_here import by_field, signer
from qc_service.desk.typed import loaded
from qc_service.errors import QCError, status_of
from qc_service.lots import hold_schemas as schemas
from qc_service.lots import holds, letting_go
from qc_service.lots import service as lots
from qc_service.texts import Text, later

ONE = "/lots/<code>"
UNSIGNED = {"password": "-"}  # it is looked at when it is signed
SHOWN = ("reason", "password")  # what has a place for an error
ON_HOLD = later("On hold: it stays here until two quality managers let it go.")
ALREADY = later("It is on hold for that already.")
DONE: dict[str, Text] = {
    "release": later("Asked for, and signed. It stays on hold until another quality manager agrees."),
    "release-agree": later("You agreed, and signed: the lot is not on hold any more."),
    "override": later("Asked for, and signed. It stays here until another quality manager agrees."),
    "override-agree": later("You agreed, and signed: the lot may go on without a second person."),
}


@blp.post(f"{ONE}/hold", endpoint="lot_hold")
@allow("lot.hold")
def hold_lot(code: str) -> ResponseReturnValue:
    def act() -> Text:
        _, new = holds.hold(actor(), code, _told(schemas.HoldIn(), reason=_typed("reason")))
        return ON_HOLD if new else ALREADY

    return _decide(code, "lot.hold", "hold", act)


@blp.post(f"{ONE}/release", endpoint="lot_release")
@allow("lot.release")
def ask_release(code: str) -> ResponseReturnValue:
    return _ask(code, "release")


@blp.post(f"{ONE}/release/agree", endpoint="lot_release_agree")
@allow("lot.release")
def agree_release(code: str) -> ResponseReturnValue:
    return _agree(code, "release")


@blp.post(f"{ONE}/override", endpoint="lot_override")
@allow("lot.override")
def ask_override(code: str) -> ResponseReturnValue:
    return _ask(code, "override")


@blp.post(f"{ONE}/override/agree", endpoint="lot_override_agree")
@allow("lot.override")
def agree_override(code: str) -> ResponseReturnValue:
    return _agree(code, "override")


def _ask(code: str, kind: str) -> ResponseReturnValue:
    def act() -> Text:
        told = _told(schemas.AskToLetGoIn(), **UNSIGNED, reason=_typed("reason"))
        letting_go.ask(actor(), kind, code, told, signer())
        return DONE[kind]

    return _decide(code, letting_go.ACTIONS[kind], kind, act)


def _agree(code: str, kind: str) -> ResponseReturnValue:
    def act() -> Text:
        letting_go.agree(actor(), kind, code, _told(schemas.AgreeToLetGoIn(), **UNSIGNED), signer())
        return DONE[f"{kind}-agree"]

    return _decide(code, letting_go.ACTIONS[kind], f"{kind}-agree", act)


def _decide(code: str, action: str, form: str, act: Callable[[], Text]) -> ResponseReturnValue:
    """Do it, or show the lot again with what is wrong beside the field, and the reason that was typed."""
    found = lots.find(actor(), action, code, _site())
    try:
        said = act()
    except QCError as error:
        if error.code in ("not_found", "scope_missing"):
            raise
        errors = {(f"{form}-{field}" if field in SHOWN else ""): text for field, text in by_field(error).items()}
        return lot_page.shown(found, errors, {f"{form}-reason": _typed("reason")}, status_of(error.code))
    flash("success", words().say(said))
    return redirect(url_for("desk.lot", code=code, site=_site()), 303)


def _site() -> str | None:
    return request.args.get("site") or None


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _told(schema: Schema, **typed: Any) -> dict[str, Any]:
    """What the API would take too."""
    return dict(loaded(schema, {**typed, "site": _site()}))
