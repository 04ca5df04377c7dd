"""The names by which replies speak of people, lines, sites and procedures; each kind read in one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qc_service.db import Record
from qc_service.lines.models import Line, Site
from qc_service.people.models import Person
from qc_service.procedures.models import Procedure, ProcedureVersion
from qc_service.signing import Signature, shown

Name = dict[str, str]


def people(ids: Iterable[str | None]) -> dict[str | None, Name | None]:
    """Badge and name of each person; None for nobody."""
    found: dict[str | None, Name | None] = {None: None}
    return found | {row.id: {"badge": row.code, "name": row.name} for row in _rows(Person, ids)}


def places(line_ids: Iterable[str | None], site_ids: Iterable[str | None]) -> dict[str | None, str | None]:
    """Codes of lines and sites by their ids."""
    rows = (*_rows(Line, line_ids), *_rows(Site, site_ids))
    found: dict[str | None, str | None] = {None: None}
    return found | {row.id: row.code for row in rows}


@dataclass(frozen=True, slots=True)
class VersionName:
    """A version by its procedure's code and its number."""

    procedure: str
    number: int


def versions(ids: Iterable[str]) -> dict[str, VersionName]:
    """How versions are called."""
    rows = _rows(ProcedureVersion, ids)
    codes = {row.id: row.code for row in _rows(Procedure, [row.procedure_id for row in rows])}
    return {row.id: VersionName(codes[row.procedure_id], row.number) for row in rows}


def signatures(ids: Iterable[str | None]) -> dict[str | None, dict[str, object] | None]:
    """Signatures as every view shows them; None where nothing was signed."""
    found: dict[str | None, dict[str, object] | None] = {None: None}
    return found | {row.id: shown(row) for row in _rows(Signature, ids)}


def _rows(model: type[Record], ids: Iterable[str | None]) -> list[Any]:
    wanted = {one for one in ids if one is not None}
    return list(model.select().where(model.id.in_(list(wanted)))) if wanted else []  # type: ignore[attr-defined]


def columns(row: Record) -> dict[str, Any]:
    """A row's columns, also those that were left empty when it was made."""
    return {name: getattr(row, name) for name in row._meta.fields}  # noqa: SLF001 - Peewee's introspection
