"""Who sits at the desk: the session's cookie, and the guard against requests that another site makes in their name."""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from flask import Request, Response, current_app, redirect, request, url_for
from markupsafe import Markup

from qc_service import auth, clock
from qc_service.errors import QCError
from qc_service.people.sessions import identify_cookie
from qc_service.texts import later

SECURE_COOKIE, PLAIN_COOKIE = "__Host-qc", "qc_session"
LONGEST_NEXT = 2000


def cookie_name() -> str:
    """The prefixed name binds the cookie to this host, and browsers take it over HTTPS only."""
    return SECURE_COOKIE if request.is_secure else PLAIN_COOKIE


def token_of(req: Request) -> str | None:
    return req.cookies.get(cookie_name())


def actor_of(req: Request) -> auth.Actor:
    """Whose session the request's cookie is; a page is opened with that, and with nothing else."""
    token = token_of(req)
    found = identify_cookie(token, clock.now()) if token else None
    return found or auth.ANONYMOUS


def keep(response: Response, token: str) -> None:
    response.set_cookie(cookie_name(), token, httponly=True, secure=request.is_secure, samesite="Lax", path="/")


def forget(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")


def page_token() -> str:
    """Bound to the session, so that a page of one session is worth nothing in another."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"page:{token_of(request) or ''}".encode(), hashlib.sha256).hexdigest()


def csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(page_token())


def gate(req: Request, view: Any) -> Any:
    """Before every request of the desk: send strangers to the sign-in page, refuse what another site sent."""
    if not (req.endpoint or "").startswith("desk."):
        return None
    if any("\0" in text for text in (*req.args.values(), *req.form.values())):
        raise QCError("unreadable_body", later("A text holds a character that no text has. Nothing was changed."))
    if req.method == "POST":
        _same_site(req)
    if getattr(view, "qc_action", None) is not None and auth.actor().kind == "anonymous":
        if req.method == "GET":
            return redirect(url_for("desk.sign_in", next=req.full_path.rstrip("?")))
        return redirect(url_for("desk.sign_in"))
    if req.endpoint == "desk.board" and _begins_with_reading(auth.actor()):
        return redirect(url_for("desk.reading"))
    if req.method == "POST" and auth.actor().kind != "anonymous" and not _has_page_token(req):
        raise QCError("token_missing", later("Go back, reload the page and send it again: nothing was changed."))
    return None


def _begins_with_reading(who: auth.Actor) -> bool:
    """The board is for those who lead; everybody else begins with what they have to read."""
    return who.may("procedure.acknowledge") and not who.may("desk.board")


def _has_page_token(req: Request) -> bool:
    return hmac.compare_digest(req.form.get("csrf", "").encode(), page_token().encode())


def _same_site(req: Request) -> None:
    site = req.headers.get("Sec-Fetch-Site")
    origin = req.headers.get("Origin")
    foreign = site not in (None, "same-origin", "none")
    if site is None and origin is not None:
        foreign = urlsplit(origin).netloc != req.host
    if foreign:
        raise QCError("token_missing", later("This was sent from another site, so nothing was changed."))


def safe_next(target: str | None) -> str:
    """A path of our own, never another host: browsers take a backslash for a slash, and overlook tabs and breaks."""
    ours = target and target.startswith("/") and not target.startswith("//") and "\\" not in target
    if target and ours and target.isprintable() and len(target) <= LONGEST_NEXT:
        return target
    return url_for("desk.board")


def person() -> auth.Actor:
    return auth.actor()
