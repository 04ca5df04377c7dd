"""Lots that are on hold for one cause are a flag of their site: opened, brought up to date and closed as they are.

The holds as they stand decide, not the message about them: messages may be read late, twice or in another order.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from peewee import fn

from qc_service import audit
from qc_service.db import new_id, write
from qc_service.flags import held_evidence
from qc_service.flags.evidence import sha256
from qc_service.flags.models import Evidence, Flag
from qc_service.inspections.models import Inspection
from qc_service.lots.hold_models import LotHold

KIND = "lots_held"


@dataclass(frozen=True, slots=True, order=True)
class Matter:
    """What one flag is about: a cause for which lots of a site are on hold."""

    site_id: str
    kind: str
    name: str

    @property
    def holds(self) -> Any:
        """The condition of the holds of this cause, those that were let go too."""
        here = (LotHold.site_id == self.site_id) & (LotHold.kind == self.kind)
        if self.kind != "inspection":
            return here & (LotHold.cause == self.name)
        by_version = Inspection.select(Inspection.uuid).where(Inspection.version_id == self.name)
        return here & (LotHold.cause.in_(by_version) | (LotHold.cause == self.name))

    @property
    def flags(self) -> Any:
        return (Flag.site_id == self.site_id) & (Flag.cause_kind == self.kind) & (Flag.cause == self.name)


def matters(hold_ids: Collection[str]) -> list[Matter]:
    """What these holds are about. Each late record of a version holds its lot by itself; the matter is the version."""
    rows = list(LotHold.select().where(LotHold.id.in_(list(hold_ids))))
    late = [row.cause for row in rows if row.kind == "inspection"]
    versions = {row.uuid: row.version_id for row in Inspection.select().where(Inspection.uuid.in_(late))}
    return sorted({Matter(row.site_id, row.kind, versions.get(row.cause) or row.cause) for row in rows})


def weigh(matter: Matter, now: datetime) -> None:
    """Bring the flag to where the holds stand."""
    with write():
        audit.lock_streams([audit.stream_of(matter.site_id)])
        flag: Flag | None = Flag.get_or_none(matter.flags & (Flag.state == "open"))
        found = held_evidence.document(matter.holds, now)
        if found is None:
            if flag is not None:
                _close(flag)
        elif flag is None:
            _open(matter, found)
        elif found["lots"] != _shown(flag)["lots"] or found["count"] != flag.lots:
            _renew(flag, found)


def _open(matter: Matter, found: Mapping[str, Any]) -> None:
    first = LotHold.select().where(matter.holds).order_by(LotHold.id.desc()).first()
    with _moving(matter.site_id, "opened") as change:
        flag: Flag = change.insert(
            Flag, id=new_id("flg"), site_id=matter.site_id, kind=KIND, cause_kind=matter.kind, cause=matter.name,
            details=found["cause"]["details"], raised_by=first.person_id, state="open", opened_at=change.now,
            episode=Flag.select().where(matter.flags).count() + 1, **_told(change, matter.site_id, found),
        )  # fmt: skip
        change.data["flag_id"] = flag.id


def _renew(flag: Flag, found: Mapping[str, Any]) -> None:
    with _moving(flag.site_id, "updated") as change:
        change.update(flag, **_told(change, flag.site_id, found))
        change.data["flag_id"] = flag.id


def _close(flag: Flag) -> None:
    with _moving(flag.site_id, "closed") as change:
        change.update(flag, state="closed", lots=0, closed_at=change.now, close_reason="released")
        change.data["flag_id"] = flag.id


def _moving(site_id: str, how: str) -> Any:
    return audit.change(audit.SYSTEM, "flag.moved", site_id=site_id, data={"flag": how})


def _told(change: audit.Change, site_id: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a flag that follow from what was found, which is frozen."""
    frozen: Evidence = change.insert(
        Evidence, id=new_id("evd"), site_id=site_id, document=found, sha256=sha256(found), created_at=change.now
    )
    return {"lots": found["count"], "sentence": found["sentence"], "evidence_id": frozen.id}


def _shown(flag: Flag) -> dict[str, Any]:
    document: dict[str, Any] = Evidence.get_by_id(flag.evidence_id).document
    return document


def cause_of(flag: Flag, site: str) -> dict[str, Any] | None:
    """The cause as it is shown, with its address; None for a flag of a line."""
    if flag.cause is None:
        return None
    told, url = flag.details, None
    if "gauge" in told:
        url = f"/v1/gauges/{quote(told['gauge'])}?site={quote(site)}"
    elif "version" in told:
        url = f"/v1/procedures/{quote(told['procedure'])}/versions/{told['version']}"
    return {"kind": flag.cause_kind, **told, **({"url": url} if url else {})}


def on_line(line_id: str) -> Any:
    """The condition of the flags for whose causes lots of a line are on hold, or were."""
    here = LotHold.select(LotHold.id).where(
        (LotHold.line_id == line_id) & (LotHold.site_id == Flag.site_id) & (LotHold.kind == Flag.cause_kind)
    )
    late = here.join(Inspection, on=(Inspection.uuid == LotHold.cause)).where(Inspection.version_id == Flag.cause)
    return fn.EXISTS(here.where(LotHold.cause == Flag.cause)) | fn.EXISTS(late)
