"""What every page has: words and numbers in the reader's way, the person, the flashes, and problems as pages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, make_response, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from peewee import PeeweeException

from qc_service import auth, clock
from qc_service.alerts.reading import count_waiting
from qc_service.desk.chart_scales import Wording
from qc_service.desk.session import actor_of, csrf_field, gate
from qc_service.errors import PROBLEMS, QCError, status_of
from qc_service.flags.sentences import sentence
from qc_service.lines.models import Site
from qc_service.policy import ROLE_NAMES
from qc_service.texts import Text, later
from qc_service.words import Words, language_of

NAV = {
    "inbox": "alert.read",
    "lines": "desk.board",
    "inspections": "inspection.read",
    "checking": "checking.read",
    "procedures": "procedure.read",
    "reading": "procedure.acknowledge",
    "fix": "fix.declare",
    "counts": "count.record",
    "badges": "card.issue",
}
TITLES = {
    "not_found": later("There is nothing at this address"),
    "scope_missing": later("You may not do that"),
    "method_not_allowed": later("There is nothing at this address"),
}
ADVICE = {
    "not_found": later("Check the address, or look for it on the board."),
    "scope_missing": later("Ask an administrator if you need it for your work, or sign in as somebody who may."),
    "payload_too_large": later("Split the file into smaller ones and upload them one by one."),
    "internal": later("Try again. If it happens again, tell whoever looks after this service."),
    "unavailable": later("Try again in a moment."),
}


def init_desk(app: Flask) -> None:
    app.extensions["qc_gate"] = gate
    app.extensions["qc_page_problem"] = problem_page
    app.session_interface = _Said()
    app.jinja_env.globals.update(csrf_field=csrf_field, **_globals())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


class _Said(SecureCookieSessionInterface):
    """The cookie that carries a sentence to the next page is guarded as the session's own is."""

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 - Flask's signature
        return "__Host-qc-said" if request.is_secure else "qc_said"

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002
        return request.is_secure

    def get_cookie_samesite(self, app: Flask) -> str:  # noqa: ARG002
        return "Lax"


def words() -> Words:
    """The reader's language and zone."""
    if "words" not in g:
        g.words = Words(language(), zone())
    found: Words = g.words
    return found


def language() -> str:
    """What the person set, else what their browser asks for, else English."""
    return language_of(filter(None, [auth.actor().language, *request.accept_languages.values()]))


def zone() -> str:
    """The time zone of the reader's site; of the first one where they work in several."""
    if "zone" not in g:
        rows = _my_sites()
        g.zone = rows[0].time_zone if rows else "UTC"
    return str(g.zone)


def _my_sites() -> list[Site]:
    if "sites" not in g:
        sites = auth.actor().sites_for("site.read")
        query = Site.select().order_by(Site.code)
        g.sites = list(query if sites is None else query.where(Site.id.in_(list(sites))))
    found: list[Site] = g.sites
    return found


def _globals() -> dict[str, Callable[..., Any]]:
    return {
        "_": lambda text, **values: words().say(text, **values),
        "language": lambda: words().language,
        "percent": lambda rate: words().percent(rate),
        "percent_to": lambda rate, decimals: words().percent_to(rate, decimals),
        "number": lambda value: words().number(value),
        "moment": lambda value, tz=None: Words(words().language, tz or zone()).moment(as_time(value)),
        "day": lambda value, tz=None: Words(words().language, tz or zone()).day(as_time(value)),
    }


def as_time(value: str | datetime) -> datetime:
    return clock.parse(value) if isinstance(value, str) else value


def wording(tz: str) -> Wording:
    """How a chart speaks to this reader."""
    mine = Words(words().language, tz)
    return Wording(
        text=mine.say, day=lambda iso: mine.day(as_time(iso)), percent=mine.percent_to, number=mine.number_to
    )


def resaid(doc: Mapping[str, Any], kept: str, say: Callable[..., str] = sentence) -> str:
    """The sentence of a verdict in the reader's language, from its numbers; in English it is the one that was kept."""
    mine = words()
    return kept if mine.language == "en" else say(doc, Words(mine.language, doc["line"]["time_zone"]))


def age(since: datetime) -> str:
    """How long ago, in one unit: 3 min, 2 h, 5 days."""
    say = words().say
    minutes = int((clock.now() - since).total_seconds() // 60)
    if minutes < 1:
        return say("just now")
    if minutes < 60:
        return say("%(count)s min", count=minutes)
    if minutes < 48 * 60:
        return say("%(count)s h", count=minutes // 60)
    return say("%(count)s days", count=minutes // (24 * 60))


def page(template: str, *, nav: str = "", status: int = 200, **values: Any) -> Response:
    """A page with what all of them need."""
    who = auth.actor()
    signed_in, waiting = None, 0
    if who.kind == "person":
        signed_in = {
            "name": who.name,
            "roles": sorted(who.roles),
            "site_names": [site.name for site in _my_sites()][:2],
        }
        waiting = count_waiting(who.sites_for("alert.read"))
    common = {
        "person": signed_in, "nav": nav, "tz": zone(), "lang": words().language, "inbox_count": waiting,
        "flashes": session.pop("flashes") if "flashes" in session else [],
        "may": {name: who.may(action) for name, action in NAV.items()},
    }  # fmt: skip
    if "errors" in values:
        values["errors"] = {name: words().say(text) for name, text in values["errors"].items()}
    return make_response(render_template(f"desk/{template}", **{**common, **values}), status)


def flash(kind: str, text: str) -> None:
    session["flashes"] = [*session.get("flashes", []), {"kind": kind, "text": text}]


def problem_page(error: QCError) -> Response:
    """What happened and what to do, for somebody who looks at a page; also when the database does not answer."""
    try:
        if request.endpoint is None:  # no such address: nobody has asked yet who this is
            auth.act_as(actor_of(request))
        return _problem_page(error)
    except PeeweeException:
        auth.act_as(auth.ANONYMOUS)
        g.sites = []
        return _problem_page(error)


def _problem_page(error: QCError) -> Response:
    say, who = words().say, auth.actor()
    links = []
    if who.kind != "person":
        links = [{"text": say("Sign in"), "url": url_for("desk.sign_in")}]
    elif who.may("desk.board"):
        links = [{"text": say("To the board"), "url": url_for("desk.board")}]
    advice = ADVICE.get(error.code)
    title = TITLES.get(error.code, PROBLEMS[error.code][1])
    return page(
        "message.html", status=status_of(error.code), title=say(title) + ".", what_happened=_what_happened(error),
        what_to_do=say(advice) if advice else "", links=links, request_id=g.get("request_id"),
    )  # fmt: skip


def _what_happened(error: QCError) -> str:
    """The error's own words, without those that are for programs."""
    if request.endpoint is None:
        return ""  # the address itself is wrong, which the title says
    detail = error.detail
    if isinstance(detail, Text) and "roles" in detail.values:
        return words().say(detail, roles=tuple(ROLE_NAMES[role] for role in detail.values["roles"]))
    return words().say(detail)


def local_input(moment: datetime, tz: str) -> str:
    """A time as a `datetime-local` input shows it."""
    return moment.astimezone(ZoneInfo(tz)).strftime("%Y-%m-%dT%H:%M")


def from_local(text: str, tz: str) -> datetime:
    """The time that a `datetime-local` input sent, in the site's zone; `ValueError` where it is none."""
    moment = datetime.fromisoformat(text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(tz))).astimezone(UTC)
    except OverflowError as error:  # the first or the last day that there is
        raise ValueError(f"{text} is out of range") from error
