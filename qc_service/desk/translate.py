"""A procedure in other languages (A4): how each stands, and every text beside its translation."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.paper import language_said
from qc_service.desk.procedure_titles import title_of
from qc_service.desk.translate_elsewhere import elsewhere
from qc_service.desk.translate_rows import (
    PAGE,
    SECTIONS,
    SHOWS,
    View,
    counts_of,
    lacking,
    names_of,
    pieces,
    rows_of_field,
    said_of,
    seen_of,
    terms_in,
    terms_of,
    text_of,
    view_of,
)
from qc_service.desk.translate_saving import Outcome, Typed, save, typed_of
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.procedures import describing, finding, translating, translating_files, translating_gate
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure
from qc_service.procedures.translating_list import listing
from qc_service.texts import Text, later
from sops import translations
from sops.languages import LANGUAGES, NAMES
from sops.numbers import number_of
from sops.text_places import Place, placeholder_values, text_places
from sops.versions import State

VERSION = "/procedures/<code>/versions/<int:number>"
ONE = f"{VERSION}/translate/<language>"
STATES: dict[State, Text] = {
    State.DRAFT: later("draft"),
    State.IN_REVIEW: later("in review"),
    State.APPROVED: later("approved"),
    State.SCHEDULED: later("scheduled"),
    State.IN_FORCE: later("in force"),
    State.SUPERSEDED: later("superseded"),
    State.WITHDRAWN: later("withdrawn"),
}


# --- the languages ---------------------------------------------------------------------------------------------------


@blp.get("/procedures/<code>/translate", endpoint="translate_overview")
@allow("translation.read")
def overview(code: str) -> ResponseReturnValue:
    procedure = finding.procedure_at(actor(), "translation.read", code)
    return page(
        "translate_overview.html", nav="procedures", code=code,
        title=title_of(procedure, words().language),
        versions=[_version(found) for found in _of_interest(procedure)],
    )  # fmt: skip


def _of_interest(procedure: Procedure) -> list[Found]:
    """The newest version, and those that people work by."""
    alive = [found for found in describing.visible(procedure, actor()) if found.state != State.WITHDRAWN]
    return [found for found in reversed(alive) if found is alive[-1] or found.state == State.IN_FORCE]


def _version(found: Found) -> dict[str, Any]:
    source = found.document["language"]
    spoken = set(translating_gate.languages_of(found))
    known = translating.translations_of(found.procedure.id)
    waits = found.state in translating_gate.BEFORE_PUBLISHING
    gaps = translating_gate.open_gaps(found) if waits else []
    languages = []
    for language in LANGUAGES:
        if language != source:
            states = list(translations.state_of(found.document, language, known).values())
            languages.append({
                "code": language, "name": NAMES[language], "spoken": language in spoken, "texts": len(states),
                "counts": {state: states.count(translations.State(state)) for state in _COUNTED},
                "refused": sum(gap["language"] == language for gap in gaps),
            })  # fmt: skip
    return {
        "number": found.version.number, "state": words().say(STATES[found.state]),
        "source": language_said(source, words()), "waits": waits, "gaps": len(gaps),
        "languages": sorted(languages, key=lambda one: not one["spoken"]), "in_force": found.state == State.IN_FORCE,
        "override": translating_gate.override_of(found.version.id) is not None,
    }  # fmt: skip


_COUNTED = ("reviewed", "draft", "outdated", "missing")


# --- side by side ----------------------------------------------------------------------------------------------------


@blp.get(ONE, endpoint="translate")
@allow("translation.read")
def side_by_side(code: str, number: int, language: str) -> ResponseReturnValue:
    found = read(code, number, language)
    listed = listing(found, language)["texts"]
    view = view_of(request.args)
    fitting = [row for row in listed if view.fits(row)]
    pages = max(-(-len(fitting) // PAGE), 1)
    at = min(view.page, pages)
    return _list(found, language, listed, fitting[(at - 1) * PAGE : at * PAGE], view, at, pages)


@blp.post(ONE, endpoint="translate_post")
@allow("translation.write")
def kept(code: str, number: int, language: str) -> ResponseReturnValue:
    typed = typed_of(request.form)
    outcome = save(actor(), code, number, language, typed)
    view = view_of(request.form)
    said = _said(outcome)
    if not outcome.errors and not outcome.ticks:
        flash("success" if outcome.saved or outcome.reviewed else "info", said)
        asked: dict[str, Any] = {**view.asked, **({"page": view.page} if view.page > 1 else {})}
        at = url_for("desk.translate", code=code, number=number, language=language, **asked)
        return redirect(at, 303)
    found = read(code, number, language)
    listed = listing(found, language)["texts"]
    paths = {one.path: one for one in typed}
    rows = [row for row in listed if row["path"] in paths]
    return _list(found, language, listed, rows, view, view.page, 0, paths, outcome, said)


def _said(outcome: Outcome) -> str:
    say, number = words().say, words().number
    told = []
    if outcome.saved:
        told.append(say("Texts saved: %(count)s.", count=number(len(outcome.saved))))
    if outcome.reviewed:
        told.append(say("Texts reviewed: %(count)s.", count=number(len(outcome.reviewed))))
    left = len({*outcome.errors, *outcome.ticks})
    if left:
        told.append(say("Texts not saved: %(count)s. What you typed is below.", count=number(left)))
    return " ".join(told) or say("Nothing was changed.")


def read(code: str, number: int, language: str) -> Found:
    """The version, for a language that it can be translated into."""
    found = finding.version_at(actor(), "translation.read", code, number)
    translating.language_named(language, found)
    return found


def may_act(action: str, found: Found) -> bool:
    """A version for everybody is acted on by those with the role everywhere."""
    who = actor()
    return who.sites_for(action) is None if found.site_id is None else who.may(action, found.site_id)


def _list(
    found: Found, language: str, listed: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], view: View,
    at: int, pages: int, typed: Mapping[str, Typed] | None = None, outcome: Outcome | None = None, said: str = "",
) -> Response:  # fmt: skip
    say, outcome, typed = words().say, outcome or Outcome(), typed or {}
    order = {row["path"]: place for place, row in enumerate(listed, start=1)}
    names = names_of(found.document, order, say)
    shown = _rows(found, language, listed, rows, order, names)
    for row in shown:
        path = row["path"]
        if path in outcome.errors or path in outcome.ticks:
            one = typed[path]
            row |= {"text": one.text, "same": one.same, "right": one.right}
            row |= {"error": say(outcome.errors.get(path, "")), "tick_error": say(outcome.ticks.get(path, ""))}
    gone = [
        {"text": typed[path].text, "why": say(why)} for path, why in outcome.errors.items() if path not in order
    ]  # fmt: skip
    errors = {f"text-{row['place']}": row["error"] for row in shown if row["error"]}
    errors |= {f"right-{row['place']}": row["tick_error"] for row in shown if row["tick_error"]}
    counts = counts_of(listed)
    at_version: dict[str, Any] = {"code": found.procedure.code, "number": found.version.number}
    preview = url_for("desk.procedure_preview", lang=language, **at_version)
    return page(
        "translate.html", nav="procedures", status=422 if outcome.errors or outcome.ticks else 200, errors=errors,
        code=found.procedure.code, version_number=found.version.number, title=found.document["title"],
        target={"code": language, "name": NAMES[language]},
        source={"code": found.document["language"], "name": NAMES[found.document["language"]]},
        version_state=say(STATES[found.state]), rows=shown, gone=gone, said=said, view=view, at=at, pages=pages,
        shows=[{"code": code, "name": say(name), "count": counts[code]} for code, name in SHOWS.items()],
        sections=[{"code": code, "name": say(name)} for code, name in SECTIONS.items()],
        reviewed=sum(row["state"] == "reviewed" for row in listed), texts=len(listed),
        can_write=may_act("translation.write", found), preview_url=preview,
    )  # fmt: skip


def _rows(
    found: Found, language: str, listed: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]],
    order: Mapping[str, int], names: Mapping[str, str],
) -> list[dict[str, Any]]:  # fmt: skip
    places = {place.path: place for place in text_places(found.document)}
    others, terms = elsewhere(actor(), found, language, rows), terms_of(listed)
    mine, humans = human_of(Person.get_by_id(actor().id)), _humans(rows)
    return [
        {
            **row, "place": order[row["path"]], "name": names[row["path"]], "pieces": pieces(row["source"]),
            "text": text_of(row), "seen": seen_of(row), "said": said_of(row), "lacking": lacking(row),
            "one_line": places[row["path"]].one_line, "room": places[row["path"]].longest,
            "values": _values(found, places[row["path"]], language), "elsewhere": others[row["path"]],
            "terms": terms_in(row["source"], terms), "same": False, "right": False, "error": "", "tick_error": "",
            "own": row["draft"] is not None and _badge(row) in humans and humans[_badge(row)] == mine,
            "changes": _changes(row), "height": rows_of_field(places[row["path"]].longest, row["source"], text_of(row)),
        }
        for row in rows
    ]  # fmt: skip


def _changes(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What changed in the source since it was translated; nothing where that is not known."""
    told = row["outdated"]["changes"] if row["outdated"] else None
    return [{"op": one["op"], "pieces": pieces(one["text"])} for one in told or ()]


def _badge(row: Mapping[str, Any]) -> str:
    by = row["draft"]["by"]
    return str(by["badge"]) if by else ""


def _humans(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Whose the drafts are, by the badge of the account that wrote them."""
    badges = {_badge(row) for row in rows if row["draft"] is not None}
    return {person.code: human_of(person) for person in Person.select().where(Person.code.in_(sorted(badges)))}


def _values(found: Found, place: Place, language: str) -> list[dict[str, str]]:
    """What the placeholders of a source text stand for, as its readers will see them."""
    if not place.spec:
        return []
    values = placeholder_values(place.item(found.document), number_of(language))
    named = dict.fromkeys(piece["name"] for piece in pieces(place.text) if piece["name"])
    return [{"name": name, "value": values[name]} for name in named if name in values]


# --- out as files ----------------------------------------------------------------------------------------------------


@blp.get(f"{ONE}.xliff", endpoint="translate_xliff")
@allow("translation.read")
def as_xliff(code: str, number: int, language: str) -> Response:
    return translating_files.as_xliff(read(code, number, language), language)


@blp.get(f"{ONE}.csv", endpoint="translate_csv")
@allow("translation.read")
def as_csv(code: str, number: int, language: str) -> Response:
    return translating_files.as_csv(read(code, number, language), language)
