"""Who has read and understood a version, who has shown the skill, and who may work by it, over HTTP."""

from typing import Any

from flask import request

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.errors import NotFound, invalid
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import (
    acknowledging,
    finding,
    pending,
    reading,
    skills,
)
from qc_service.procedures import qualification_replies as replies
from qc_service.procedures import qualification_schemas as schemas
from qc_service.signing import signed, signer
from qc_service.texts import later
from qc_service.web import Blueprint
from qc_service.words import Words, language_of

blp = Blueprint("qualification", __name__, url_prefix="/v1", description="Who has read what, and who may work by it")

Reply = dict[str, Any]
ONE = "/procedures/<code>/versions/<int:number>"


@blp.route(f"{ONE}/reading", methods=["GET"])
@allow("procedure.acknowledge")
@blp.arguments(schemas.LangArgs, location="query")
@blp.response(200, schemas.ReadingOut)
def read_version(args: Reply, code: str, number: int) -> Reply:
    """A published version to read, in one's language, with what is new since the version that one knows."""
    who, language = actor(), args["lang"] or reader_language()
    procedure = finding.procedure_at(who, "procedure.acknowledge", code)
    found = acknowledging.to_read(who, procedure, number)
    known = acknowledging.acknowledged_last(procedure.id, who.id, number)
    standing = acknowledging.standing_of(found.version.id, who.id)
    shown = reading.rendered(procedure.id, found.document, language)
    return {
        "procedure": procedure.code, "version": number, "state": found.state.value, "lang": language,
        "effective_at": found.publication and found.publication.effective_at,
        "change_class": found.publication and found.publication.change_class, "change_note": found.draft.change_note,
        "document": shown.document, "marks": reading.marks(shown), "against": known,
        "changes": reading.changes(procedure, known, number, language), "acknowledged_at": standing and standing.at,
    }  # fmt: skip


@blp.route(f"{ONE}/acknowledgements", methods=["POST"])
@allow("procedure.acknowledge")
@signed
@blp.arguments(schemas.AcknowledgeIn)
@blp.response(201, schemas.AcknowledgementOut)
@blp.alt_response(200, schema=schemas.AcknowledgementOut, description="It was acknowledged before", success=True)
def acknowledge_version(body: Reply, code: str, number: int) -> Any:
    """Sign that you have read and understood a version; the answer says once more what is new in it for you."""
    made = acknowledging.acknowledge(actor(), code, number, signer(), body.get("language") or reader_language())
    reply = replies.acknowledged(made, reader_language())
    return reply if made.new else (reply, 200)


@blp.route("/procedures/<code>/pending", methods=["GET"])
@allow("qualification.read")
@blp.arguments(schemas.PendingArgs, location="query")
@blp.response(200, schemas.PendingOut)
def list_pending(args: Reply, code: str) -> Reply:
    """Who may not work by the version in force until they have read it, since when, and because of which change."""
    procedure, at = finding.procedure_at(actor(), "qualification.read", code), args["at"] or db.obj.now()
    line, site_id = _line(args), _site(args)
    sites = actor().sites_for("qualification.read") if site_id is None else frozenset({site_id})
    places = [pending.Place(line.site_id, line)] if line else pending.places_of(procedure, sites)
    found = pending.pending(procedure, places, at)
    return {"procedure": procedure.code, "at": at, "data": replies.waiting(procedure, found, reader_language())}


@blp.route("/procedures/<code>/qualification", methods=["GET"])
@allow("qualification.read")
@blp.arguments(schemas.QualificationArgs, location="query")
@blp.response(200, schemas.QualificationOut)
def get_qualification(args: Reply, code: str) -> Reply:
    """May somebody perform or inspect by the procedure, on a line and at a moment, and if not, why not?"""
    procedure, at = finding.procedure_at(actor(), "qualification.read", code), args["at"] or db.obj.now()
    line = _line(args)
    place = pending.Place(line.site_id, line) if line else pending.Place(_site(args) or procedure.site_id)
    found = replies.verdict(procedure, _person(args["person"]), place, at, Words(reader_language()))
    return {**found, "purpose": args["purpose"]}


@blp.route("/procedures/<code>/skills", methods=["POST"])
@allow("skill.confirm")
@signed
@blp.arguments(schemas.SkillIn)
@blp.response(201, schemas.SkillOut)
def confirm_skill(body: Reply, code: str) -> Reply:
    """Sign that you saw somebody else show the skill that the procedure asks for."""
    proof = signer()
    finding.procedure_at(actor(), "skill.confirm", code)
    line = lines.line_for(actor(), "skill.confirm", body["line"], body["site"]) if body["line"] else None
    made = skills.confirm(actor(), code, body["person"], proof, line=line, shown_at=body["shown_at"])
    return replies.skills([made])[0]


@blp.route("/me/qualifications", methods=["GET"])
@allow("procedure.acknowledge")
@blp.response(200, schemas.QualificationsOut)
def list_my_qualifications() -> Reply:
    """What you have read and shown, and where you may work."""
    person, sites = Person.get_by_id(actor().id), actor().sites_for("procedure.acknowledge")
    return replies.everything(person, sites, db.obj.now(), Words(reader_language()))


@blp.route("/people/<badge>/qualifications", methods=["GET"])
@allow("person.read")
@blp.response(200, schemas.QualificationsOut)
def list_qualifications(badge: str) -> Reply:
    """What somebody has read and shown, and where they may work in the sites that you see."""
    sites = actor().sites_for("person.read")
    person = staff.people_in(sites).where(Person.code == badge).first()
    if person is None:
        raise NotFound("person", badge)
    return replies.everything(person, sites, db.obj.now(), Words(reader_language()))


def _line(args: Reply) -> Line | None:
    if not args["line"]:
        return None
    found: Line = lines.line_for(actor(), "qualification.read", args["line"], args["site"])
    return found


def _site(args: Reply) -> str | None:
    """The site that is named, if one is."""
    if not args["site"]:
        return None
    site = lines.site_named(args["site"])
    if site is None or not actor().may("qualification.read", site.id):
        raise invalid("/site", later("No site %(code)s that you may use.", code=repr(args["site"])), "unknown_ref")
    return str(site.id)


def _person(badge: str | None) -> Person:
    """Whom the question is about: oneself, unless somebody is named."""
    if badge is not None:
        return skills.person_named(actor(), "qualification.read", badge)
    if actor().kind != "person":
        raise invalid("/person", later("Say whose badge: a key is nobody."))
    person: Person = Person.get_by_id(actor().id)
    return person


def reader_language() -> str:
    """The language of whoever asks."""
    return language_of([actor().language, *request.accept_languages.values()])
