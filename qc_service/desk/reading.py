"""What somebody has to read: the list, and each version with what it changes for them, to be signed with a password."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk import paper
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.sign_here import by_field, signer
from qc_service.errors import QCError
from qc_service.lines.models import Site
from qc_service.procedures import acknowledging, finding, pending
from qc_service.procedures import reading as procedure_reading
from qc_service.procedures.models import Procedure, SkillRecord
from qc_service.procedures.pending import Place
from qc_service.procedures.qualification import NOT_ACKNOWLEDGED, Issue, Ledger, document_of, humans, ledger, skill_of
from qc_service.texts import Text, later
from sops.qualification import skill_until
from sops.versions import variant_of

SOON = timedelta(days=30)
READ = "/procedures/<code>/versions/<int:number>/read"
WORKS = "deviation.ask"  # who works by procedures, and so is asked to read them

CLASSES: dict[str, Text] = {
    "none": later("no change"),
    "wording": later("wording"),
    "check_changed": later("checks or steps changed"),
    "safety": later("safety"),
    "withdrawn": later("withdrawn"),
}
ALL_NEW = later("all of it is new")  # to who has read no version


@dataclass(frozen=True, slots=True)
class Shelf:
    """One procedure that somebody works by, with its ledger and the places where they do."""

    procedure: Procedure
    book: Ledger
    places: list[Place]


# --- the list -----------------------------------------------------------------------------------------------------


@blp.get("/reading", endpoint="reading")
@allow("procedure.acknowledge")
def reading() -> ResponseReturnValue:
    now = db.obj.now()
    shelves = list(_shelves())
    rows = sorted((row for shelf in shelves for row in _to_read(shelf, now)), key=lambda row: row["order"])
    return page(
        "reading.html", nav="reading", rows=rows, skills=[row for shelf in shelves for row in _skills(shelf, now)]
    )


def _shelves() -> Iterator[Shelf]:
    sites, me = actor().sites_for(WORKS), actor().id
    if sites is not None and not sites:
        return
    for procedure in Procedure.select().order_by(Procedure.code):
        if procedure.site_id is not None and sites is not None and procedure.site_id not in sites:
            continue
        book = ledger(procedure.id, [me])
        if book.issues:
            yield Shelf(procedure, book, pending.places_of(procedure, sites))


def _to_read(shelf: Shelf, now: datetime) -> Iterator[dict[str, Any]]:
    for issue, places in in_force(shelf.book, shelf.places, now):
        verdict = shelf.book.judge_version(actor().id, issue, now)
        if NOT_ACKNOWLEDGED in verdict.reasons or verdict.until is not None:
            yield _row(shelf, issue, places, until=verdict.until, urgent=verdict.until is None)
    there = {variant_of(place.site_id, place.line_id) for place in shelf.places}
    there |= {variant_of(place.site_id, None) for place in shelf.places} | {variant_of(None, None)}
    for issue in shelf.book.issues:
        moment = issue.publication.effective_at
        if moment > now and issue.publication.began and issue.publication.variant in there:
            verdict = shelf.book.judge_version(actor().id, issue, moment)
            if NOT_ACKNOWLEDGED in verdict.reasons or verdict.until is not None:
                yield _row(shelf, issue, shelf.places, until=moment, urgent=False)


def in_force(book: Ledger, places: Iterable[Place], at: datetime) -> list[tuple[Issue, list[Place]]]:
    """The versions that are in force at these places, each with its places."""
    found: dict[int, tuple[Issue, list[Place]]] = {}
    for place in places:
        issue = book.in_force(place.site_id, place.line_id, at)
        if issue is not None:
            found.setdefault(issue.number, (issue, []))[1].append(place)
    return list(found.values())


def _row(
    shelf: Shelf, issue: Issue, places: list[Place], *, until: datetime | None, urgent: bool
) -> dict[str, Any]:  # fmt: skip
    before = shelf.book.known(actor().id, issue.number)
    shown = procedure_reading.rendered(shelf.procedure.id, document_of(issue.version_id), words().language)
    code = shelf.procedure.code
    return {
        "code": code, "number": issue.number, "title": shown.document["title"], "before": before, "until": until,
        "since": issue.publication.effective_at, "urgent": urgent, "places": place_names(places),
        "change": words().say(CLASSES[issue.change.value]), "safety": issue.change.value == "safety",
        "url": url_for("desk.read_version", code=code, number=issue.number),
        "order": (not urgent, until or issue.publication.effective_at, code),
    }  # fmt: skip


def place_names(places: Iterable[Place]) -> list[str]:
    """Lines by their names, and whole sites by theirs."""
    listed = list(places)
    ids = [place.site_id for place in listed if place.line is None and place.site_id]
    sites = {site.id: site.name for site in Site.select().where(Site.id.in_(ids))} if ids else {}
    return [str(place.line.name) if place.line else str(sites.get(place.site_id or "", "")) for place in listed]


# --- skills -------------------------------------------------------------------------------------------------------


def _skills(shelf: Shelf, now: datetime) -> Iterator[dict[str, Any]]:
    """The skills that the reader lacks, or that run out soon."""
    for issue, places in in_force(shelf.book, shelf.places, now):
        row = skill_row(shelf.procedure, shelf.book, issue, actor().id, now)
        if row is not None:
            shown = procedure_reading.rendered(shelf.procedure.id, document_of(issue.version_id), words().language)
            text = shown.document["skill"]["text"]
            yield {**row, "text": text, "code": shelf.procedure.code, "places": place_names(places)}


def skill_row(procedure: Procedure, book: Ledger, issue: Issue, person_id: str, now: datetime) -> dict[str, Any] | None:
    """How somebody stands to the skill that a version asks for; None where all is well for a while."""
    skill = skill_of(issue.version_id)
    if skill is None:
        return None
    now_lacking = set(book.judge_version(person_id, issue, now).reasons) & {"skill_missing", "skill_expired"}
    soon_lacking = set(book.judge_version(person_id, issue, now + SOON).reasons) & {"skill_missing", "skill_expired"}
    if not soon_lacking:
        return None
    state = "missing" if "skill_missing" in now_lacking else "expired" if now_lacking else "soon"
    return {"state": state, "until": _runs_out(procedure, person_id, skill)}


def _runs_out(procedure: Procedure, person_id: str, skill: dict[str, Any]) -> datetime | None:
    """The moment from which what was shown last no longer counts."""
    accounts = list(humans([person_id]))
    last = (
        SkillRecord.select()
        .where((SkillRecord.procedure_id == procedure.id) & SkillRecord.person_id.in_(accounts))
        .where(SkillRecord.confirmed_by.not_in(accounts))
        .order_by(SkillRecord.shown_at.desc())
        .first()
    )
    return None if last is None else skill_until(skill, last.shown_at)


# --- one version --------------------------------------------------------------------------------------------------


@blp.get(READ, endpoint="read_version")
@allow("procedure.acknowledge")
def read_version(code: str, number: int) -> ResponseReturnValue:
    return _read_page(code, number, {})


@blp.post(READ, endpoint="read_version_post")
@allow("procedure.acknowledge")
def sign_version(code: str, number: int) -> ResponseReturnValue:
    try:
        made = acknowledging.acknowledge(actor(), code, number, signer(), words().language)
    except QCError as error:
        if error.code == "not_found":
            raise
        return _read_page(code, number, by_field(error), 422)
    text = (
        later("Signed: you have read and understood %(code)s, version %(version)s.", code=code, version=number)
        if made.new
        else later("You had signed %(code)s, version %(version)s, already.", code=code, version=number)
    )
    flash("success", words().say(text))
    return redirect(url_for("desk.reading"), 303)


def _read_page(code: str, number: int, errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    who = actor()
    procedure = finding.procedure_at(who, "procedure.acknowledge", code)
    found = acknowledging.to_read(who, procedure, number)
    before = acknowledging.acknowledged_last(procedure.id, who.id, number)
    standing = acknowledging.standing_of(found.version.id, who.id)
    shown = paper.Reading(found, words(), lambda sha256: url_for("desk.picture", sha256=sha256)).document()
    changes = procedure_reading.changes(procedure, before, number, words().language)
    return page(
        "read_version.html", nav="reading", status=status, errors=errors, head=paper.head(found, words()), doc=shown,
        before=before, note=found.draft.change_note, signed_at=standing.at if standing else None,
        changes=[{**one, "safety": one["change_class"] == "safety"} for one in changes], printed_name=who.name,
    )  # fmt: skip
