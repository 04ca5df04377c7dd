"""What goes into one pack, and which names its files have."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from qc_service.texts import Text, later

KINDS = ("lot", "procedure", "line")  # what a pack can be about
MOST_RECORDS = 2_000
MOST_MB = 200
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

# What in an event's rows names the procedure, the record or the picture that the row is about.
_ABOUT = ("uuid", "record_id", "version_id", "procedure_id", "sha256")


@dataclass(frozen=True, slots=True)
class Size:
    """How much a pack would hold, counted before anything is written."""

    records: int = 0
    octets: int = 0  # of records, variants and photos


def too_much(size: Size, kind: str) -> Text | None:
    """Why the pack cannot be made in one piece and what to ask for instead; None: it can."""
    much = None
    if size.records > MOST_RECORDS:
        much = later(
            "It would hold %(count)s inspections, and one pack holds at most %(most)s.",
            count=size.records,
            most=MOST_RECORDS,
        )
    elif size.octets > MOST_MB * 2**20:
        much = later(
            "It would hold %(count)s MB of records and photos, and one pack holds at most %(most)s.",
            count=size.octets // 2**20,
            most=MOST_MB,
        )
    if much is None:
        return None
    narrower = (
        later("Ask for its line instead, one period at a time.")
        if kind == "lot"
        else later("Ask for a shorter period: put from and to closer together.")
    )
    return later("%(much)s %(narrower)s", much=much, narrower=narrower)


def only_about(rows: Collection[Any], wanted: Collection[tuple[str, str]], ours: Collection[str]) -> bool:
    """Is every row of an event the pack's, or at least about what is in the pack?"""
    return all(
        (table, key) in wanted
        or key.split(":")[0] in ours
        or (content is not None and any(content.get(name) in ours for name in _ABOUT))
        for table, key, content in rows
    )
