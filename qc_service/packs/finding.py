"""What a pack is asked about, for who may have it. A pack is always of one site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service.auth import Actor
from qc_service.errors import QCError, invalid
from qc_service.lines import service as lines
from qc_service.lines.models import Site
from qc_service.lots import service as lots
from qc_service.packs.rules import KINDS
from qc_service.procedures.models import Procedure
from qc_service.texts import later

ACTION = "pack.make"


@dataclass(frozen=True, slots=True)
class Subject:
    """A lot, a procedure or a line with its site; the period is of when inspections happened, `end` not included."""

    kind: str
    id: str
    code: str
    site_id: str
    site: str
    line_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def find(actor: Actor, asked: Mapping[str, Any]) -> Subject:
    """What the request names. `asked` has passed `PackIn`."""
    kind = next(one for one in KINDS if one in asked)
    found = {"lot": _lot, "procedure": _procedure, "line": _line}[kind](actor, asked[kind], asked["site"])
    site = Site.get_by_id(found["site_id"])
    return Subject(kind=kind, code=asked[kind], site=site.code, start=asked["start"], end=asked["end"], **found)


def _lot(actor: Actor, code: str, site: str | None) -> dict[str, Any]:
    found = lots.lots_named(code, actor.sites_for(ACTION), site)
    if not found:
        raise invalid("/lot", later("No lot %(code)s that you may see.", code=repr(code)), "unknown_ref")
    if len(found) > 1:
        raise QCError("ambiguous_ref", later("Lot %(code)s is in several sites: say which in site.", code=repr(code)))
    return {"id": found[0].id, "site_id": found[0].site_id, "line_id": found[0].line_id}


def _line(actor: Actor, code: str, site: str | None) -> dict[str, Any]:
    line = lines.line_for(actor, ACTION, code, site)
    return {"id": line.id, "site_id": line.site_id, "line_id": line.id}


def _procedure(actor: Actor, code: str, site: str | None) -> dict[str, Any]:
    procedure: Procedure | None = Procedure.get_or_none(Procedure.code == code)
    if procedure is None or (procedure.site_id is not None and not actor.may(ACTION, procedure.site_id)):
        raise invalid("/procedure", later("No procedure %(code)s that you may see.", code=repr(code)), "unknown_ref")
    return {"id": procedure.id, "site_id": _site(actor, procedure, site)}


def _site(actor: Actor, procedure: Procedure, code: str | None) -> str:
    """Whose inspections by the procedure are meant: those of the site that is named, or of the only one there is."""
    mine = actor.sites_for(ACTION)
    query = Site.select() if mine is None else Site.select().where(Site.id.in_(list(mine)))
    if procedure.site_id is not None:
        query = query.where(Site.id == procedure.site_id)
    if code is not None:
        query = query.where(Site.code == code)
    found = list(query.limit(2))
    if not found:
        raise invalid("/site", later("No site %(code)s that you may use.", code=repr(code)), "unknown_ref")
    if len(found) > 1:
        words = later("Procedure %(code)s is followed in several sites: say which in site.", code=repr(procedure.code))
        raise QCError("ambiguous_ref", words)
    return str(found[0].id)
