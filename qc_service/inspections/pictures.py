"""The pictures that a record names. A record is judged before they have come, and says so until they have."""

from collections.abc import Iterable, Mapping
from typing import Any

from qc_service import audit
from qc_service.db import write
from qc_service.inspections.models import Inspection, InspectionAnswer, Nonconformity
from qc_service.media.models import MediaPlace

PENDING = "media_pending"
MOST = 500  # records that are looked at when a picture comes; the next one looks at the next


def named_in(told: Mapping[str, Any], checks: Iterable[Mapping[str, Any]]) -> set[str]:
    """The hashes that a record names, in its nonconformities and in answers that are pictures."""
    found = {one["photo"] for one in told["nonconformities"] if one["photo"]}
    for check in checks:
        if check["type"] == "photo":
            found |= _hashes((told["answers"].get(check["id"]) or {}).get("value"))
    return found


def _hashes(value: Any) -> set[str]:
    given = value if isinstance(value, list) else [value]
    return {one for one in given if isinstance(one, str) and len(one) == 64}


def missing(hashes: set[str], site_id: str | None) -> set[str]:
    """Those that cannot be seen in the site."""
    here = MediaPlace.site_id.is_null() | (MediaPlace.site_id == site_id)
    rows = MediaPlace.select(MediaPlace.sha256).where(MediaPlace.sha256.in_(sorted(hashes)) & here) if hashes else ()
    return hashes - {row.sha256 for row in rows}


def arrived() -> list[str]:
    """A picture came: records that waited for nothing else are complete. Gives their addresses."""
    done = []
    with write():
        waits = Inspection.findings.cast("TEXT").contains(PENDING)
        for row in Inspection.select().where(waits).order_by(Inspection.received_at.desc()).limit(MOST):
            if missing(_kept(row.uuid), row.site_id):
                continue
            data = {"uuid": row.uuid}
            with audit.change(
                audit.SYSTEM, "inspection.pictures.complete", site_id=row.site_id, line_id=row.line_id, data=data
            ) as change:
                now: Inspection = Inspection.get_by_id(row.uuid)
                change.update(
                    now, findings=[one for one in now.findings if one != PENDING],
                    reasons=[one for one in now.reasons if one != PENDING],
                )  # fmt: skip
            done.append(row.uuid)
    return done


def _kept(uuid: str) -> set[str]:
    """The hashes that a judged record names."""
    found = {row.photo for row in Nonconformity.select().where(Nonconformity.uuid == uuid) if row.photo}
    for answer in InspectionAnswer.select().where(InspectionAnswer.uuid == uuid):
        if answer.spec["type"] == "photo":
            found |= _hashes(answer.value)
    return found
