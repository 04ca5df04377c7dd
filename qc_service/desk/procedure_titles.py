"""What procedures are called in the reader's language: the title in lists, translated where that very title was."""

from collections.abc import Iterable
from typing import Any

from qc_service.procedures.models import Procedure, ProcedureTranslation
from sops.translations import source_sha


def titles(procedures: Iterable[Procedure], language: str) -> dict[str, str]:
    """The title of each procedure by its id, with one statement for all; what was reviewed goes before a draft."""
    found = {one.id: str(one.title) for one in procedures}
    asked = {(one, source_sha(title)) for one, title in found.items()}
    table = ProcedureTranslation
    query: Any = table.select(table.procedure_id, table.source_sha, table.text, table.status).where(
        (table.path == "title") & (table.language == language) & table.procedure_id.in_(list(found))
    )
    reviewed = set()
    for procedure_id, sha, text, status in query.order_by(table.number, table.id).tuples():
        if (procedure_id, sha) in asked and (status == "reviewed" or procedure_id not in reviewed):
            found[procedure_id] = text
            reviewed |= {procedure_id} if status == "reviewed" else set()
    return found


def title_of(procedure: Procedure, language: str) -> str:
    return titles([procedure], language)[procedure.id]
