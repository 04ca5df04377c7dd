"""Deciding about a version on the page of its difference: each form is refused where it stands, and keeps its words."""

from collections.abc import Callable
from datetime import datetime

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.db import write
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, from_local, words
from qc_service.desk.procedure_compare import shown, zone_of
from qc_service.desk.procedure_may import ACTIONS
from qc_service.desk.sign_here import by_field, signer
from qc_service.errors import QCError, invalid, status_of
from qc_service.people.staff import locked_human
from qc_service.procedures import decisions, drafts, finding, publication
from qc_service.procedures.drafts import Draft
from qc_service.procedures.finding import Found
from qc_service.procedures.schemas import LONG as LONGEST
from qc_service.texts import Text, later
from sops.diff import ChangeClass
from sops.versions import State

ONE = "/procedures/<code>/versions/<int:number>"
SHOWN = ("change_note", "change_class", "note", "reason", "effective_at", "password")  # what has a place for an error
FIELDS = ("change_note", "change_class", "note", "reason", "when", "effective_at", "gives_way", "safety")
DONE: dict[str, Text] = {
    "submit": later("Version %(version)s is in review. Two other people look at it now."),
    "review": later("You signed that you have reviewed version %(version)s."),
    "return": later("Version %(version)s is a draft again; its authors read why."),
    "approve": later("You approved version %(version)s. It can be published now."),
    "publish": later("Version %(version)s is published."),
    "withdraw": later("Version %(version)s is withdrawn."),
    "discard": later("Version %(version)s is given up. It stays to be read."),
}


Act = Callable[[], Found]


def _decide(code: str, number: int, kind: str, ready: Callable[[], Act]) -> ResponseReturnValue:
    """Do it, or show the page again with what is wrong beside the field, and everything that was typed.

    `ready` looks at what was typed and at the signature, outside any transaction; what it gives decides.
    """
    found = finding.version_of(actor(), ACTIONS[kind], code, number)
    try:
        act = ready()
        with write():
            locked_human(actor().id)  # people before procedures, as everywhere
            _need_seen(finding.version_of(actor(), ACTIONS[kind], code, number))
            act()
    except QCError as error:
        if error.code in ("not_found", "scope_missing"):
            raise
        errors = {(f"{kind}-{name}" if name in SHOWN else ""): text for name, text in by_field(error).items()}
        again = finding.load(found.procedure, number) or found
        typed = {f"{kind}-{name}": request.form[name] for name in FIELDS if name in request.form}
        return shown(again, errors, typed, status_of(error.code))
    flash("success", words().say(DONE[kind], version=number))
    return redirect(url_for("desk.procedure_compare", code=code, number=number), 303)


def _need_seen(found: Found) -> None:
    """What somebody decides about is the text that they had before them."""
    seen = request.form.get("seen", "")
    if seen and seen != found.draft.digest:
        words = later("The version's text changed while you looked: read it again before you decide.")
        raise QCError("revision_conflict", words)


def _text(name: str, needed: Text | None = None) -> str | None:
    """What was typed into a field, or a refusal beside it."""
    text = request.form.get(name, "").strip()
    if not text and needed is not None:
        raise invalid(f"/{name}", needed)
    if len(text) > LONGEST:
        raise invalid(f"/{name}", later("Say it in at most %(most)s characters.", most=LONGEST))
    return text or None


REASON = later("Say why, for whoever reads it later.")


@blp.post(f"{ONE}/submit", endpoint="procedure_submit")
@allow("procedure.submit")
def submit(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        note = _text("change_note", later("Say what changed and why, for whoever reads the history."))
        chosen = request.form.get("change_class") or None
        if chosen is not None and chosen not in list(ChangeClass):
            raise invalid("/change_class", later("Choose one of the list."))
        return lambda: _submitted(code, number, note, chosen)

    return _decide(code, number, "submit", ready)


def _submitted(code: str, number: int, note: str | None, chosen: str | None) -> Found:
    """The note is part of what is reviewed, so it is written before."""
    found = finding.version_of(actor(), "procedure.submit", code, number)
    if found.state is State.DRAFT and note != found.draft.change_note:
        drafts.write_draft(actor(), code, number, Draft(found.document, note), found.draft.revision)
    return decisions.submit(actor(), code, number, chosen)


@blp.post(f"{ONE}/review", endpoint="procedure_review")
@allow("procedure.review")
def review(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        note, proof = _text("note"), signer()
        return lambda: decisions.review(actor(), code, number, proof, note)

    return _decide(code, number, "review", ready)


@blp.post(f"{ONE}/return", endpoint="procedure_return")
@allow("procedure.review")
def send_back(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        reason = _text("reason", REASON) or ""
        return lambda: decisions.send_back(actor(), code, number, reason)

    return _decide(code, number, "return", ready)


@blp.post(f"{ONE}/approve", endpoint="procedure_approve")
@allow("procedure.approve")
def approve(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        proof = signer()
        return lambda: decisions.approve(actor(), code, number, proof)

    return _decide(code, number, "approve", ready)


@blp.post(f"{ONE}/publish", endpoint="procedure_publish")
@allow("procedure.publish")
def publish(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        moment = _moment(finding.version_of(actor(), "procedure.publish", code, number))
        proof = signer()
        return lambda: publication.publish(actor(), code, number, proof, moment)

    return _decide(code, number, "publish", ready)


def _moment(found: Found) -> datetime | None:
    """From when on, in the zone of the version's site; None: from now."""
    if request.form.get("when", "now") != "at":
        return None
    try:
        return from_local(request.form.get("effective_at", ""), zone_of(found))
    except ValueError as error:
        raise invalid("/effective_at", later("Write a date and a time.")) from error


@blp.post(f"{ONE}/withdraw", endpoint="procedure_withdraw")
@allow("procedure.withdraw")
def withdraw(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        reason = _text("reason", REASON) or ""
        gives_way, safety = bool(request.form.get("gives_way")), bool(request.form.get("safety"))
        proof = signer()
        return lambda: publication.withdraw(actor(), code, number, proof, reason, gives_way=gives_way, safety=safety)

    return _decide(code, number, "withdraw", ready)


@blp.post(f"{ONE}/discard", endpoint="procedure_discard")
@allow("procedure.draft")
def discard(code: str, number: int) -> ResponseReturnValue:
    def ready() -> Act:
        reason = _text("reason", REASON) or ""
        return lambda: decisions.discard(actor(), code, number, reason)

    return _decide(code, number, "discard", ready)
