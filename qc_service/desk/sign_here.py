"""Signing at a desk: the password in the form that is signed, typed anew for every signature."""

from collections.abc import Mapping

from flask import request

from qc_service import clock
from qc_service.auth import actor
from qc_service.errors import QCError, invalid
from qc_service.people import signin
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.signing import Proof
from qc_service.texts import later


def signer() -> Proof:
    """Who signs the form that was sent. To be called outside any transaction: a miss must stay counted."""
    password = request.form.get("password", "")
    if not password:
        raise invalid("/password", later("Type your password to sign."))
    who, now = actor(), clock.now()
    try:
        signin.confirm(who.id, now, password=password, client=request.remote_addr or "")
    except QCError as error:
        wrong = later("That is not your password: nothing was signed. After a few wrong tries you must wait.")
        raise invalid("/password", wrong if error.code == "credentials_wrong" else error.detail) from error
    person = Person.get_by_id(who.id)
    return Proof(person.id, human_of(person), person.name, person.code, "password", None, now)


def by_field(error: QCError, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """What was refused, by the field of the form; `names` says which field shows what the API calls otherwise."""
    known = names or {}
    found = {known.get(one.pointer.strip("/"), one.pointer.strip("/")): one.detail for one in error.errors}
    return found or {"": error.detail}
