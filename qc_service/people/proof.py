"""Proving who one is, for a signature: before the request's transaction, so that a miss stays counted."""

from typing import Any

from flask import request

from qc_service import clock, signing
from qc_service.auth import actor
from qc_service.people import signin
from qc_service.people.models import Person
from qc_service.people.staff import human_of


def prove(view: Any) -> None:
    """Check the `pin`, `password` or `card` of a body whose view is signed, and keep the proof for the view."""
    signing.present(None)
    who = actor()
    if not hasattr(view, "qc_signed") or who.kind != "person":
        return
    body = request.get_json(silent=True)
    names = ("pin", "password", *(["card"] if hasattr(view, "qc_card_signs") else []))
    given = {name: body.get(name) for name in names} if isinstance(body, dict) else {}
    secrets = {name: value for name, value in given.items() if isinstance(value, str) and value}
    if len(secrets) != 1:
        return  # the view's own schema says what is wrong with the body, and `signer()` that nobody signed
    now = clock.now()
    signin.confirm(who.id, now, device_id=who.device_id, client=request.remote_addr or "", **secrets)
    person = Person.get_by_id(who.id)
    method = next(iter(secrets))
    signing.present(signing.Proof(person.id, human_of(person), person.name, person.code, method, who.device_id, now))
