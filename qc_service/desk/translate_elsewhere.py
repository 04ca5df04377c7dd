"""How the same source text is translated elsewhere in this plant, so that one thing keeps one name."""

from collections.abc import Iterable
from typing import Any

from peewee import JOIN

from qc_service.auth import Actor
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure
from qc_service.procedures.translation_models import ProcedureTranslation

MOST = 3  # translations that are shown beside one text


def elsewhere(
    actor: Actor, found: Found, language: str, rows: Iterable[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """By path: what other texts with the very same source say, what was reviewed first, and where that stands."""
    wanted = {row["path"]: row["source_sha"] for row in rows}
    said: dict[str, dict[tuple[str, str], Any]] = {}
    for row in _of_sources(language, wanted.values()):
        site_id = row.procedure.site_id
        if site_id is None or actor.may("translation.read", site_id):
            places = said.setdefault(row.source_sha, {})
            before = places.get((row.procedure_id, row.path))
            if before is None or before.status != "reviewed" or row.status == "reviewed":
                places[row.procedure_id, row.path] = row
    return {
        path: _shown({where: row for where, row in said.get(sha, {}).items() if where != (found.procedure.id, path)})
        for path, sha in wanted.items()
    }


def _of_sources(language: str, shas: Iterable[str]) -> Any:
    return (
        ProcedureTranslation.select(ProcedureTranslation, Procedure.code, Procedure.site_id)
        .join(Procedure, JOIN.INNER, on=(Procedure.id == ProcedureTranslation.procedure_id), attr="procedure")
        .where(ProcedureTranslation.source_sha.in_(sorted(set(shas))) & (ProcedureTranslation.language == language))
        .order_by(ProcedureTranslation.number, ProcedureTranslation.id)
    )


def _shown(rows: dict[tuple[str, str], Any]) -> list[dict[str, Any]]:
    """Each wording once, with the procedures that have it."""
    wordings: dict[str, dict[str, Any]] = {}
    for row in sorted(rows.values(), key=lambda one: (one.status != "reviewed", one.procedure.code, one.path)):
        one = wordings.setdefault(row.text, {"text": row.text, "reviewed": row.status == "reviewed", "codes": []})
        if row.procedure.code not in one["codes"]:
            one["codes"].append(row.procedure.code)
    return list(wordings.values())[:MOST]
