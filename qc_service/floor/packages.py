"""A version as a tablet keeps it: the document, and what is shown of it in every language, worked out beforehand."""

from typing import Any

from qc_service.auth import Actor
from qc_service.errors import NotFound
from qc_service.procedures import finding, reading
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import document_of, issued
from qc_service.words import LANGUAGES, Words
from sops.checklist import screens
from sops.document import digest
from sops.numbers import number_of
from sops.steps import KINDS

READ = "floor.read"
KEPT_BEFORE = 2  # versions before the one in force


def package(actor: Actor, code: str, number: int) -> dict[str, Any]:
    """A version that was published, whatever became of it since; a draft may have been begun by it."""
    procedure = finding.procedure_at(actor, READ, code)
    issue = next((one for one in issued(procedure.id) if one.number == number), None)
    if issue is None or not _seen(actor, issue.publication.site):
        raise NotFound("version")
    document = document_of(issue.version_id)
    return {
        "code": procedure.code, "version": number, "sha256": digest(document),
        "effective_at": issue.publication.effective_at, "change_class": issue.change.value,
        "document": document, "screens": [[check["id"] for check in one] for one in screens(document)],
        "texts": {language: _texts(procedure, document, language) for language in LANGUAGES},
    }  # fmt: skip


def _seen(actor: Actor, site_id: str | None) -> bool:
    return site_id is None or actor.sees(site_id)


def _texts(procedure: Procedure, document: dict[str, Any], language: str) -> dict[str, Any]:
    """The document's own texts for readers of a language, what each answer must be, and what is not translated."""
    shown = reading.rendered(procedure.id, document, language)
    say, number = Words(language).say, number_of(language)
    parts = ("title", "purpose", "hazards", "tools", "defects", "steps", "checks")
    return {
        **{part: shown.document[part] for part in parts if part in shown.document},
        "requirements": {
            check["id"]: KINDS[check["type"]].requirement(check, say, number)
            for check in shown.document.get("checks", ())
        },
        "marks": reading.marks(shown),
    }
