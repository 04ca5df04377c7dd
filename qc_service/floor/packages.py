"""A version as a tablet keeps it: the document, and what is shown of it in every language, worked out beforehand."""

from collections.abc import Sequence
from typing import Any

from qc_service.auth import Actor
from qc_service.errors import NotFound
from qc_service.media import service as media
from qc_service.procedures import finding, reading
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import Issue, chain, document_of, issued
from qc_service.words import LANGUAGES, Words
from sops.checklist import screens
from sops.document import digest
from sops.numbers import number_of
from sops.steps import KINDS

READ = "floor.read"
KEPT_BEFORE = 2  # versions before the one in force
MOST_BYTES = 2 * 1024 * 1024  # of pictures that a tablet keeps of one version


def package(actor: Actor, code: str, number: int) -> dict[str, Any]:
    """A version that was published, whatever became of it since; a draft may have been begun by it."""
    procedure = finding.procedure_at(actor, READ, code)
    issues = issued(procedure.id)
    issue = next((one for one in issues if one.number == number), None)
    if issue is None or not _seen(actor, issue.publication.site):
        raise NotFound("version")
    document, before = document_of(issue.version_id), before_it(issues, issue)
    shown, left_out = pictures(actor, document)
    return {
        "code": procedure.code, "version": number, "sha256": digest(document),
        "effective_at": issue.publication.effective_at, "change_class": issue.change.value,
        "document": document, "screens": [[check["id"] for check in one] for one in screens(document)],
        "texts": {language: _texts(procedure, document, language) for language in LANGUAGES},
        "against": before,
        "changed": {language: reading.changes(procedure, before, number, language) for language in LANGUAGES},
        "media": shown, "media_left_out": left_out,
    }  # fmt: skip


def before_it(issues: Sequence[Issue], issue: Issue) -> int | None:
    """The version that it takes over from; None for the first of its variant."""
    return next((link.previous for link in chain(issues) if link.version == issue.number), None)


def pictures(actor: Actor, document: dict[str, Any]) -> tuple[list[str], int]:
    """The hashes of its pictures in the order of its items, as many as a tablet keeps, and how many it does not."""
    items = [*document.get("steps", ()), *document.get("checks", ())]
    named = [photo["id"] for item in items for photo in item.get("photos", ())]
    sizes = media.sizes(actor, named)
    there = [one for one in dict.fromkeys(named) if one in sizes]
    kept: list[str] = []
    for one in there:
        if sum(sizes[other] for other in (*kept, one)) <= MOST_BYTES:
            kept.append(one)
    return kept, len(there) - len(kept)


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
