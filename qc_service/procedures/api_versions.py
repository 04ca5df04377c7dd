"""Versions of procedures over HTTP: written, decided about, published, compared, given out as files."""

from typing import Any

from flask import Response

from qc_service.auth import actor, allow
from qc_service.procedures import decisions, describing, documents, drafts, finding, publication, schemas
from qc_service.procedures.drafts import Draft
from qc_service.procedures.finding import Found
from qc_service.signing import signed, signer
from qc_service.web import Blueprint

blp = Blueprint("versions", __name__, url_prefix="/v1", description="Versions of procedures, from draft to in force")

Reply = dict[str, Any]
VERSIONS = "/procedures/<code>/versions"
ONE = f"{VERSIONS}/<int:number>"
FILE, BINARY = {"type": "object"}, {"type": "string", "format": "binary"}


@blp.route(VERSIONS, methods=["GET"])
@allow("procedure.read")
@blp.response(200, schemas.VersionsOut)
def list_versions(code: str) -> Reply:
    """The versions that you may read, in their order."""
    procedure = finding.procedure_at(actor(), "procedure.read", code)
    return {"data": [describing.version(found) for found in describing.visible(procedure, actor())]}


@blp.route(VERSIONS, methods=["POST"])
@allow("procedure.draft")
@blp.arguments(schemas.VersionArgs, location="query")
@blp.doc(requestBody=documents.BODY)
@blp.response(201, schemas.VersionOut)
def start_version(args: Reply, code: str) -> Reply:
    """Start a version as a draft, from JSON, from YAML or from a workbook."""
    finding.procedure_at(actor(), "procedure.draft", code)
    body, told = documents.received(args)
    draft = Draft(drafts.normal(body.pop("document")), body.pop("change_note"), told)
    return _shown(drafts.start_version(actor(), code, draft, **body))


@blp.route(ONE, methods=["GET"])
@allow("procedure.read")
@blp.response(200, schemas.VersionOut)
def get_version(code: str, number: int) -> Reply:
    """A version with all that was decided about it and by whom."""
    return _shown(finding.version_at(actor(), "procedure.read", code, number))


@blp.route(f"{ONE}.yaml", methods=["GET"])
@allow("procedure.read")
@blp.alt_response(200, description="The document", schema=FILE, content_type="application/yaml", success=True)
def get_yaml(code: str, number: int) -> Response:
    """The document as a YAML file."""
    return documents.as_yaml(finding.version_at(actor(), "procedure.read", code, number))


@blp.route(f"{ONE}.xlsx", methods=["GET"])
@allow("procedure.read")
@blp.alt_response(200, description="The workbook", schema=BINARY, content_type=documents.XLSX, success=True)
def get_workbook(code: str, number: int) -> Response:
    """The document with its translations as a workbook of Excel."""
    return documents.as_workbook(finding.version_at(actor(), "procedure.read", code, number))


@blp.route(ONE, methods=["PUT"])
@allow("procedure.draft")
@blp.arguments(schemas.DraftIn)
@blp.response(200, schemas.VersionOut)
def write_draft(body: Reply, code: str, number: int) -> Reply:
    """Write the draft anew; whoever writes is one of its authors."""
    finding.version_of(actor(), "procedure.draft", code, number)
    draft = Draft(drafts.normal(body["document"]), body["change_note"])
    return _shown(drafts.write_draft(actor(), code, number, draft, body["revision"]))


@blp.route(f"{ONE}/submit", methods=["POST"])
@allow("procedure.submit")
@blp.arguments(schemas.SubmitIn)
@blp.response(200, schemas.VersionOut)
def submit(body: Reply, code: str, number: int) -> Reply:
    """Ask for review, and confirm how much the version changes."""
    return _shown(decisions.submit(actor(), code, number, body["change_class"]))


@blp.route(f"{ONE}/review", methods=["POST"])
@allow("procedure.review")
@signed
@blp.arguments(schemas.ReviewIn)
@blp.response(200, schemas.VersionOut)
def review(body: Reply, code: str, number: int) -> Reply:
    """Sign that you have reviewed it; its authors cannot."""
    return _shown(decisions.review(actor(), code, number, signer(), body["note"]))


@blp.route(f"{ONE}/return", methods=["POST"])
@allow("procedure.review")
@blp.arguments(schemas.ReasonIn)
@blp.response(200, schemas.VersionOut)
def send_back(body: Reply, code: str, number: int) -> Reply:
    """Send it back to its authors."""
    return _shown(decisions.send_back(actor(), code, number, body["reason"]))


@blp.route(f"{ONE}/approve", methods=["POST"])
@allow("procedure.approve")
@signed
@blp.arguments(schemas.ApproveIn)
@blp.response(200, schemas.VersionOut)
def approve(body: Reply, code: str, number: int) -> Reply:  # noqa: ARG001 - what signs was looked at before
    """Approve it: not by one who wrote or reviewed it."""
    return _shown(decisions.approve(actor(), code, number, signer()))


@blp.route(f"{ONE}/publish", methods=["POST"])
@allow("procedure.publish")
@signed
@blp.arguments(schemas.PublishIn)
@blp.response(200, schemas.VersionOut)
def publish(body: Reply, code: str, number: int) -> Reply:
    """Put it in force, now or from a moment on."""
    return _shown(publication.publish(actor(), code, number, signer(), body["effective_at"]))


@blp.route(f"{ONE}/withdraw", methods=["POST"])
@allow("procedure.withdraw")
@signed
@blp.arguments(schemas.WithdrawIn)
@blp.response(200, schemas.VersionOut)
def withdraw(body: Reply, code: str, number: int) -> Reply:
    """Take it out of force, or keep it from coming into force."""
    words = {name: body[name] for name in ("reason", "gives_way", "safety")}
    return _shown(publication.withdraw(actor(), code, number, signer(), **words))


@blp.route(f"{ONE}/discard", methods=["POST"])
@allow("procedure.draft")
@blp.arguments(schemas.ReasonIn)
@blp.response(200, schemas.VersionOut)
def discard(body: Reply, code: str, number: int) -> Reply:
    """Give up a version that was never published."""
    return _shown(decisions.discard(actor(), code, number, body["reason"]))


@blp.route(f"{ONE}/diff", methods=["GET"])
@allow("procedure.read")
@blp.arguments(schemas.DiffArgs, location="query")
@blp.response(200, schemas.DiffOut)
def get_difference(args: Reply, code: str, number: int) -> Reply:
    """What it changes against another version, or against the one that it follows."""
    second = finding.version_at(actor(), "procedure.read", code, number)
    if args["against"] is None:
        first = decisions.predecessor(second)
    else:
        first = finding.version_at(actor(), "procedure.read", code, args["against"])
    return describing.difference(first, second, args["lang"])


def _shown(found: Found) -> Reply:
    return describing.with_gaps(found)
