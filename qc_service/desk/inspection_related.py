"""Other records that an inspection has to do with: corrections, reworked units seen again, the same address twice."""

from collections.abc import Collection, Mapping
from typing import Any

from qc_service.auth import Actor
from qc_service.desk.inspection_answers import Part, texts_of
from qc_service.desk.inspection_compare import differences
from qc_service.desk.inspection_standing import standing
from qc_service.errors import QCError
from qc_service.inspections import describing, lists
from qc_service.inspections.models import Inspection, InspectionRecord, InspectionVariant
from qc_service.inspections.reading import envelope
from qc_service.lines.service import in_sites
from qc_service.words import Words

OF_CORRECTIONS = ("amends", "reason", "device_seq")  # what each has of its own


def relations(
    record: InspectionRecord, row: Inspection | None, told: Mapping[str, Any], words: Words, reader: Actor
) -> Part:  # fmt: skip
    """What it corrects, in words how; what corrects it; what it inspects again, and what inspected it again."""
    before = _readable(told["amends"], reader)
    pointing = list(_pointing(record.uuid, reader))
    checks = texts_of(row, words) if row and before else {}
    counted = lists.counting([one.uuid for one in pointing])
    return {
        "amends": told["amends"] if before else None, "reinspects": row.reinspects if row else None,
        "corrections": [_link(one, counted, words) for one in pointing if one.amends == record.uuid],
        "again": [_link(one, counted, words) for one in pointing if one.reinspects == record.uuid],
        "corrected": differences(envelope(bytes(before.body)), [told], checks, words, but=OF_CORRECTIONS)
        if before else [],
    }  # fmt: skip


def _readable(uuid: str | None, reader: Actor) -> InspectionRecord | None:
    """The record that another one names, if it is there for the reader."""
    if uuid is None:
        return None
    try:
        return describing.find(reader, lists.READ, uuid)
    except QCError:
        return None


def _pointing(uuid: str, reader: Actor) -> Any:
    """Those that say they correct it, or inspect its reworked units."""
    named = (Inspection.amends == uuid) | (Inspection.reinspects == uuid)
    query = Inspection.select().where(named & in_sites(Inspection, reader.sites_for(lists.READ)))
    return query.order_by(Inspection.received_at, Inspection.uuid)


def _link(row: Inspection, counted: Collection[str], words: Words) -> Part:
    return {
        "uuid": row.uuid, "received_at": row.received_at, "inspector": row.inspector,
        **standing(row, words, counted=row.uuid in counted),
    }  # fmt: skip


def variants(record: InspectionRecord, row: Inspection | None, told: Mapping[str, Any], words: Words) -> Part | None:
    """Other records that came under the same address, and what they say otherwise."""
    here = InspectionVariant.uuid == record.uuid
    found = list(InspectionVariant.select().where(here).order_by(InspectionVariant.received_at))
    if not found:
        return None
    checks = texts_of(row, words) if row else {}
    return {
        "heads": [record.received_at, *(one.received_at for one in found)],
        "sums": [record.sha256, *(one.sha256 for one in found)],
        "rows": differences(told, [envelope(bytes(one.body)) for one in found], checks, words),
    }  # fmt: skip
