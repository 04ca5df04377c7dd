"""Signing in and out at a desk."""

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import auth, clock
from qc_service.auth import allow, public
from qc_service.desk import session
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import page
from qc_service.errors import QCError, status_of
from qc_service.people import sessions, signin
from qc_service.texts import later


@blp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if auth.actor().kind == "person":
        return redirect(session.safe_next(request.args.get("next")))
    return _form({}, {})


@blp.post("/sign-in", endpoint="sign_in_post")
@public
def sign_in_post() -> ResponseReturnValue:
    badge, password = request.form.get("badge", "").strip(), request.form.get("password", "")
    missing: dict[str, str] = {name: text for name, text, value in (
        ("badge", later("Type your badge."), badge), ("password", later("Type your password."), password),
    ) if not value}  # fmt: skip
    if missing:
        return _form({"badge": badge}, missing, 422)
    try:
        new = request.form.get("new_password") or None
        signed = signin.sign_in_at_desk(badge, password, request.remote_addr or "", clock.now(), new_password=new)
    except QCError as error:
        if any(one.pointer == "/new_password" for one in error.errors):
            return _form({"badge": badge}, {"new_password": error.detail}, 422, new_needed=True)
        return _form({"badge": badge}, {"": error.detail}, status_of(error.code))
    response = make_response(redirect(session.safe_next(request.form.get("next")), 303))
    session.keep(response, signed.token)
    return response


@blp.post("/sign-out")
@allow("session.end")
def sign_out() -> ResponseReturnValue:
    who = auth.actor()
    if who.session_id is not None:
        sessions.sign_out(who.author, who.session_id)
    response = make_response(redirect(url_for("desk.sign_in"), 303))
    session.forget(response)
    return response


def _form(
    values: dict[str, str], errors: dict[str, str], status: int = 200, *, new_needed: bool = False
) -> ResponseReturnValue:
    target = request.values.get("next", "")
    return page(
        "sign_in.html", status=status, values=values, errors=errors, next=target, notice=None, new_needed=new_needed
    )
