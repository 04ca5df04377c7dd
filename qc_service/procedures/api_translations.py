"""Translations of procedures over HTTP: read, written, reviewed, sent out and taken in, and published without."""

from typing import Any

from flask import Response

from qc_service.auth import actor, allow
from qc_service.procedures import finding, translating, translating_files, translating_gate, translating_list
from qc_service.procedures import translation_schemas as schemas
from qc_service.procedures.finding import Found
from qc_service.signing import signed, signer
from qc_service.web import Blueprint

blp = Blueprint("translations", __name__, url_prefix="/v1", description="Procedures in the languages of the floor")

Reply = dict[str, Any]
VERSION = "/procedures/<code>/versions/<int:number>"
ONE = f"{VERSION}/translations/<language>"


@blp.route(ONE, methods=["GET"])
@allow("translation.read")
@blp.response(200, schemas.TranslationsOut)
def get_translations(code: str, number: int, language: str) -> Reply:
    """Every text of the version beside its translation, and what changed in the source since it was translated."""
    return translating_list.listing(_read(code, number, language), language)


@blp.route(ONE, methods=["PUT"])
@allow("translation.write")
@blp.arguments(schemas.TranslationsIn)
@blp.response(200, schemas.WrittenOut)
def put_translations(body: Reply, code: str, number: int, language: str) -> Reply:
    """Write translations as drafts: all that are sent, or none."""
    return {"written": translating.put(actor(), code, number, language, body["texts"])}


@blp.route(f"{ONE}/review", methods=["POST"])
@allow("translation.review")
@blp.arguments(schemas.TranslationReviewIn)
@blp.response(200, schemas.ReviewedOut)
def review_translations(body: Reply, code: str, number: int, language: str) -> Reply:
    """Say of another person's drafts that they are right; from then on readers are shown them."""
    found = translating.review(actor(), code, number, language, body.get("paths"), body["seen"])
    return {"reviewed": found.paths, "own": found.own}


@blp.route(f"{ONE}.xliff", methods=["GET"])
@allow("translation.read")
@blp.alt_response(
    200, description="XLIFF 2.1", schema={"type": "string"}, content_type="application/xliff+xml", success=True
)
def get_xliff(code: str, number: int, language: str) -> Response:
    """The texts and their translations for a translation tool."""
    return translating_files.as_xliff(_read(code, number, language), language)


@blp.route(f"{ONE}.csv", methods=["GET"])
@allow("translation.read")
@blp.alt_response(200, description="CSV", schema={"type": "string"}, content_type="text/csv", success=True)
def get_csv(code: str, number: int, language: str) -> Response:
    """The texts and their translations for a spreadsheet."""
    return translating_files.as_csv(_read(code, number, language), language)


@blp.route(f"{ONE}/import", methods=["POST"])
@allow("translation.write")
@blp.doc(requestBody=translating_files.BODY)
@blp.response(200, schemas.ImportedOut)
def import_translations(code: str, number: int, language: str) -> Reply:
    """Take in a file that came back: what can be taken is kept as a draft, the rest is named row by row."""
    return translating_files.take_in(actor(), code, number, language)


@blp.route(f"{VERSION}/translation-override", methods=["POST"])
@allow("translation.override")
@signed
@blp.arguments(schemas.OverrideIn)
@blp.response(200, schemas.OverrideOut)
def ask_override(body: Reply, code: str, number: int) -> Reply:
    """Ask to publish although texts are not reviewed in a language of the floor; another person has to agree."""
    row = translating_gate.ask_override(actor(), code, number, signer(), body["reason"])
    return translating_gate.describe(row)


@blp.route(f"{VERSION}/translation-override/confirm", methods=["POST"])
@allow("translation.override")
@signed
@blp.arguments(schemas.OverrideConfirmIn)
@blp.response(200, schemas.OverrideOut)
def confirm_override(body: Reply, code: str, number: int) -> Reply:  # noqa: ARG001 - what signs was looked at before
    """Agree to it as another person: it then stands in every view of the version."""
    return translating_gate.describe(translating_gate.confirm_override(actor(), code, number, signer()))


def _read(code: str, number: int, language: str) -> Found:
    found = finding.version_at(actor(), "translation.read", code, number)
    translating.language_named(language, found)
    return found
