"""Saving what was typed into a draft: always as a new revision, and never over what somebody else saved meanwhile."""

import hashlib
import json
from typing import Any

from flask import current_app, request

from qc_service.auth import actor
from qc_service.desk import procedure_forms as forms
from qc_service.errors import QCError
from qc_service.media import rules as media_rules
from qc_service.media import service as media
from qc_service.procedures import drafts, finding
from qc_service.procedures.drafts import Draft
from qc_service.procedures.finding import Found
from qc_service.procedures.models import ProcedureDraft
from qc_service.texts import later
from sops import document as documents
from sops.versions import State

Document = dict[str, Any]


class Stale(Exception):
    """Somebody else saved another revision after this one was read."""


def draft_at(code: str, number: int) -> Found:
    """The draft, for who may change it."""
    found = finding.version_of(actor(), "procedure.draft", code, number)
    if found.state is State.IN_REVIEW:
        raise QCError("illegal_transition", later("The version is in review: return it first, then change it."))
    if found.state is not State.DRAFT:
        raise QCError("immutable_version", later("Only a draft can be changed: start a new version."))
    return found


def save(found: Found, document: Document, revision: str, note: str | None = None) -> Found:
    """Keep the document as the next revision; `Stale` where another one came in between.

    Raises `DocumentInvalid` with everything that is wrong with it.
    """
    made = documents.normal(document)
    if revision != str(found.draft.revision):
        raise Stale
    text = Draft(made, found.draft.change_note if note is None else note or None)
    try:
        return drafts.write_draft(actor(), found.procedure.code, found.version.number, text, found.draft.revision)
    except QCError as error:
        if error.code == "revision_conflict":
            raise Stale from error
        raise


def earlier(found: Found, revision: str) -> Document | None:
    """The document as it was at an earlier revision, which somebody read."""
    if not revision.isdigit() or len(revision) > 9:
        return None
    row = ProcedureDraft.get_or_none(
        (ProcedureDraft.version_id == found.version.id) & (ProcedureDraft.revision == int(revision))
    )
    read: Document | None = None if row is None else json.loads(row.document)
    return read


def with_pictures(found: Found, values: forms.Values) -> dict[str, str]:
    """Store the pictures that came with a form and write their hashes into its rows; what was refused, by field."""
    errors: dict[str, str] = {}
    for name in [one for one in request.files if one.startswith("photo_file_")]:
        file, row = request.files[name], name.removeprefix("photo_file_")
        if not file.filename:
            continue
        data = file.read()
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            _put(found, sha256, data, file.mimetype)
        except QCError as error:
            errors[name] = error.detail
        else:
            values[f"photo_id_{row}"] = [sha256]
    return errors


def _put(found: Found, sha256: str, data: bytes, kind: str) -> None:
    if kind not in media_rules.TYPES:
        raise QCError("unsupported_media_type", later("Send image/jpeg, image/png or image/webp."))
    site_id = found.site_id or found.procedure.site_id
    media.put(actor(), site_id, sha256, data, kind, daily_mb=current_app.config["QC"].media_daily_mb)


def values_of(form: Any) -> forms.Values:
    """What was typed, by the names of the fields."""
    found: dict[str, list[str]] = form.to_dict(flat=False)
    return {name: list(value) for name, value in found.items() if name not in ("csrf", "revision")}
