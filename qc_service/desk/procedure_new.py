"""A new procedure, empty, from a file or as a copy of another; and a new version of one (A1)."""

from collections.abc import Mapping

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from qc_service.auth import actor, allow
from qc_service.db import db, write
from qc_service.desk import may, procedure_may, procedure_told
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, chosen, options
from qc_service.desk.pages import flash, page, words
from qc_service.desk.procedure_list import Asked, Entry, entries
from qc_service.desk.procedure_starting import Started, from_file, joined
from qc_service.desk.procedure_titles import title_of, titles
from qc_service.desk.sign_here import by_field
from qc_service.errors import QCError, from_validation, invalid
from qc_service.lines.models import Site
from qc_service.people.models import Person
from qc_service.people.staff import people_with_role
from qc_service.policy import POLICY
from qc_service.procedures import describing, drafts, finding
from qc_service.procedures.drafts import Draft
from qc_service.procedures.models import Procedure
from qc_service.procedures.schemas import ProcedureIn
from qc_service.texts import later
from qc_service.words import LANGUAGES, NAMES
from sops.versions import State

FIELDS = ("code", "title", "owner", "site", "start", "language", "purpose", "first_step", "copy_of")
NEEDED = {
    "code": later("Give it a short code."),
    "title": later("Give it a title."),
}
EMPTY_NEEDED = {
    "purpose": later("Say what it is for."),
    "first_step": later("Say what is done first."),
}
FIRST = "first-step"


@blp.get("/procedures/new", endpoint="procedure_new")
@allow("procedure.draft")
def new() -> ResponseReturnValue:
    sites = _sites()
    site = sites[0].code if len(sites) == 1 and not _everywhere() else ""
    return _form({"start": "empty", "language": words().language, "site": site}, {})


@blp.post("/procedures/new", endpoint="procedure_new_post")
@allow("procedure.draft")
def new_post() -> ResponseReturnValue:
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    errors = {name: words().say(text) for name, text in NEEDED.items() if not values[name]}
    try:
        body = ProcedureIn().load({name: values[name] or None for name in ("code", "title", "owner", "site")})
        started = _started(values, errors)
    except ValidationError as error:
        errors = {**by_field(from_validation(error)), **errors, **_lacking(values)}
    except QCError as error:
        errors |= joined(error)
    if errors:
        return _form(values, errors, 422)
    try:
        with write():
            one = drafts.create_procedure(actor(), **body)
            found = drafts.start_version(actor(), one.code, started.draft, site=values["site"] or None)
    except QCError as error:
        return _form(values, _refused(error), 422)
    flash("success", words().say("The procedure is there, with version 1 as a draft."))
    return redirect(url_for("desk.procedure_edit", code=one.code, number=found.version.number), 303)


def _refused(error: QCError) -> dict[str, str]:
    if error.code == "already_exists":
        return {"code": error.detail}
    if error.code == "scope_missing":
        return {"site": error.detail}
    return joined(error)


def _form(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    sites, copies = _sites(), [one.procedure for one in _copies()]
    named = titles(copies, words().language)
    return page(
        "procedure_new.html", nav="procedures", status=status, values=values, errors=errors,
        sites=[{"code": one.code, "name": one.name} for one in sites], everywhere=_everywhere(),
        people=procedure_may.people(_owners(sites)), languages=[{"code": one, "name": NAMES[one]} for one in LANGUAGES],
        copies=[{"code": one.code, "name": f"{one.code} · {named[one.id]}"} for one in copies],
    )  # fmt: skip


def _everywhere() -> bool:
    return actor().sites_for("procedure.draft") is None


def _sites() -> list[Site]:
    sites = actor().sites_for("procedure.draft")
    query = Site.select().order_by(Site.name)
    return list(query if sites is None else query.where(Site.id.in_(list(sites))))


def _owners(sites: list[Site]) -> list[Person]:
    found = {one.id: one for site in sites for one in people_with_role(POLICY["report.answer"].roles, site.id)}
    return sorted(found.values(), key=lambda one: one.name)


def _copies() -> list[Entry]:
    """The procedures of which there is a version to be copied."""
    return [one for one in entries(actor(), Asked(), db.obj.now()) if one.main is not None]


def _lacking(values: Mapping[str, str]) -> dict[str, str]:
    """What an empty procedure still needs."""
    if values["start"] in ("file", "copy"):
        return {}
    return {name: words().say(text) for name, text in EMPTY_NEEDED.items() if not values[name]}


def _started(values: Mapping[str, str], errors: dict[str, str]) -> Started:
    """The first draft of a new procedure, by the way that was chosen."""
    if values["start"] == "file":
        return from_file(None)
    if values["start"] == "copy":
        entry = next((one for one in _copies() if one.procedure.code == values["copy_of"]), None)
        if entry is None or entry.main is None:
            raise invalid("/copy_of", later("Choose a procedure to copy."))
        found = finding.version_at(actor(), "procedure.read", entry.procedure.code, entry.main.number)
        return Started(Draft({**found.document, "title": values["title"] or found.document["title"]}))
    errors |= _lacking(values)
    if errors:
        return Started(Draft({}))
    return Started(
        Draft(
            drafts.normal(
                {
                    "title": values["title"], "purpose": values["purpose"], "language": values["language"],
                    "steps": [{"id": FIRST, "text": values["first_step"]}],
                }
            )
        )
    )  # fmt: skip


# --- a new version ---


@blp.get("/procedures/<code>/versions/new", endpoint="procedure_version_new")
@allow("procedure.draft")
def new_version(code: str) -> ResponseReturnValue:
    one = finding.procedure_at(actor(), "procedure.draft", code)
    values = {"start": "base", "for": "", "base": request.args.get("base", "") or _base(one)}
    return _version_form(one, values, {})


@blp.post("/procedures/<code>/versions/new", endpoint="procedure_version_new_post")
@allow("procedure.draft")
def new_version_post(code: str) -> ResponseReturnValue:
    one = finding.procedure_at(actor(), "procedure.draft", code)
    values = {name: request.form.get(name, "").strip() for name in ("start", "for", "base", "change_note")}
    try:
        started = _next_text(one, values)
        found = drafts.start_version(actor(), code, started.draft, base=started.base, **_variant(values["for"]))
    except QCError as error:
        return _version_form(one, values, _version_refused(error), 422)
    flash("success", words().say("Version %(version)s is a draft now.", version=found.version.number))
    return redirect(url_for("desk.procedure_edit", code=code, number=found.version.number), 303)


def _version_refused(error: QCError) -> dict[str, str]:
    if error.code == "scope_missing":
        return {"for": error.detail}
    return {{"site": "for", "line": "for"}.get(name, name): text for name, text in joined(error).items()}


def _next_text(one: Procedure, values: Mapping[str, str]) -> Started:
    note = values["change_note"] or None
    if values["start"] == "file":
        return from_file(note)
    number = values["base"]
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise invalid("/base", later("Choose the version to begin with."))
    found = finding.version_at(actor(), "procedure.read", one.code, int(number))
    return Started(Draft(found.document, note), found.version.number)


def _variant(wanted: str) -> dict[str, str | None]:
    """Whom it is for: "" everybody, "site:CODE" or "line:CODE"."""
    kind, _, code = wanted.partition(":")
    if kind == "line":
        line = chosen(code, choices("procedure.draft"))
        if line is None:
            raise invalid("/for", later("Choose one of the list."))
        return {"line": line.line_code, "site": line.site_code}
    return {"site": code or None, "line": None}


def _base(one: Procedure) -> str:
    """What most people begin with: what is in force, else the last version."""
    seen = describing.visible(one, actor())
    in_force = [found for found in seen if found.state is State.IN_FORCE]
    return next((str(found.version.number) for found in [*in_force, *reversed(seen)]), "")


def _version_form(
    one: Procedure, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:
    say = words().say
    sites = [site for site in _sites() if one.site_id in (None, site.id)]
    lines = [line for line in choices("procedure.draft") if one.site_id in (None, line.site_id)]
    wide = [{"code": "", "name": say("everybody")}] if may.allowed(actor(), "procedure.draft", one.site_id) else []
    briefs = [procedure_told.brief(found) for found in reversed(describing.visible(one, actor()))]
    return page(
        "procedure_version_new.html", nav="procedures", status=status, code=one.code,
        title=title_of(one, words().language),
        values=values, errors=errors,
        variants=[
            *wide,
            *({"code": f"site:{site.code}", "name": say("the site %(site)s", site=site.name)} for site in sites
              if one.site_id is None),
            *({"code": f"line:{line['code']}", "name": say("the line %(line)s", line=line["name"])}
              for line in options(lines)),
        ],
        bases=[
            {"code": str(row["number"]), "name": f"{row['number']} · {row['word']} · {row['variant']}"}
            for row in briefs
        ],
        under_way=[row for row in briefs if row["state"] in ("draft", "in_review", "approved")],
    )  # fmt: skip
