"""The first set-up: procedures published by a command, without approval, and only while none of that code ever was."""

from collections.abc import Iterable
from typing import Any

from qc_service import audit
from qc_service.db import new_id, write
from qc_service.errors import QCError
from qc_service.procedures import finding, hands, publication
from qc_service.procedures.drafts import Draft, insert_version
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure, ProcedurePublication, ProcedureTranslation
from qc_service.texts import later
from sops.diff import ChangeClass


def ship(author: audit.Author) -> list[str]:
    """Publish the procedures that come with the service, if there are none yet; gives their codes."""
    from sops.library import load  # some hundred kilobytes of text, read once in an installation's life

    with write():
        audit.lock_streams([audit.PLANT])  # two that start together
        if Procedure.select().exists():
            return []
        shipped = load()
        for one in shipped:
            publish_first(author, one.code, one.document, one.translations)
        return [one.code for one in shipped]


def publish_first(author: audit.Author, code: str, document: dict[str, Any], translations: Iterable[Any] = ()) -> Found:
    """Put a document, in normal form, in force from now on as the whole plant's first version."""
    with write():
        procedure = _procedure(author, code, document["title"])
        finding.lock(procedure)
        if ProcedurePublication.get_or_none(ProcedurePublication.procedure_id == procedure.id) is not None:
            words = later(
                "A version of %(code)s was published before. Draft the next one with POST "
                "/v1/procedures/%(code)s/versions and have another person approve it.", code=code,
            )  # fmt: skip
            raise QCError("illegal_transition", words)
        # the first set-up mails nobody: what is to be read stands on everybody's own page
        with audit.change(author, "procedure.version.published", site_id=procedure.site_id, follow=False) as change:
            version = insert_version(change, procedure, Draft(document), site_id=procedure.site_id)
            found = finding.load(procedure, version.number, change.now)
            if found is None:
                raise RuntimeError("a version that was just written is not there")
            change.data |= {"procedure": code}
            klass = ChangeClass.CHECK_CHANGED
            hands.decide(change, found, "published", change_class=klass.value, effective_at=change.now)
            publication.put_in_force(change, found, change.now, klass)
            _translate(change, procedure, translations)
        return finding.load(procedure, version.number) or found


def _procedure(author: audit.Author, code: str, title: str) -> Procedure:
    found: Procedure | None = Procedure.get_or_none(Procedure.code == code)
    if found is not None:
        return found
    with audit.change(author, "procedure.created", data={"code": code}) as change:
        made: Procedure = change.insert(
            Procedure, id=new_id("prc"), code=code, title=title, site_id=None, owner_id=None,
            created_at=change.now, updated_at=change.now,
        )  # fmt: skip
    return made


def _translate(change: audit.Change, procedure: Procedure, translations: Iterable[Any]) -> None:
    change.insert_many(
        ProcedureTranslation,
        [
            {
                "id": new_id("trl"), "procedure_id": procedure.id, "path": one.path, "language": one.language,
                "source_sha": one.source_sha, "number": 1, "text": one.text, "status": one.status, "origin": "shipped",
                "person_id": None, "human_id": None, "author": change.author.name, "at": change.now,
            }
            for one in translations
        ],
    )  # fmt: skip
