"""Saying at a desk, with a signature, whether an inspection was one's own: a refusal stands where the question does."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk import inspection_page, inspections
from qc_service.desk.blueprint import blp
from qc_service.desk.inspection_page import ONE, record_at
from qc_service.desk.pages import flash, words
from qc_service.desk.sign_here import by_field, signer
from qc_service.errors import QCError, invalid, status_of
from qc_service.inspections import acts
from qc_service.texts import Text, later

ANSWERS = {"yes": True, "no": False}
SHOWN = ("mine", "password")  # what has a place for an error
DONE: dict[bool, Text] = {
    True: later("You said that it was yours, and signed."),
    False: later("You said that it was not yours, and signed. It does not count."),
}


@blp.post(f"{ONE}/own", endpoint="inspection_own")
@allow("inspection.own")
def own(uuid: str) -> ResponseReturnValue:
    record = record_at("inspection.own", uuid)
    form, listed = f"own-{record.uuid}", request.form.get("from") == "list"
    said = request.form.get("mine", "")
    try:
        mine = _answer(said)
        acts.own(actor(), record.uuid, signer(), mine=mine)
    except QCError as error:
        if error.code in ("not_found", "scope_missing"):
            raise
        errors = {(f"{form}-{name}" if name in SHOWN else ""): text for name, text in by_field(error).items()}
        again = inspections.shown if listed else lambda *told: inspection_page.shown(record, *told)
        return again(errors, {f"{form}-mine": said}, status_of(error.code))
    flash("success", words().say(DONE[mine]))
    return redirect(url_for("desk.inspections") if listed else url_for("desk.inspection", uuid=record.uuid), 303)


def _answer(said: str) -> bool:
    if said not in ANSWERS:
        raise invalid("/mine", later("Say whether it was yours."))
    return ANSWERS[said]
