"""Numbers of tablets that never arrived, or only after they were explained: what the waiting list shows of them."""

from typing import Any

from flask import url_for

from qc_service.auth import actor
from qc_service.desk.may import allowed, needs_role
from qc_service.inspections import gap_replies, gaps

MOST = 25


def waiting() -> list[dict[str, Any]]:
    """What arrived late before what is missing, the latest of each first; `may` is "" or why this person may not."""
    found = [*gaps.late(actor(), MOST), *gaps.missing(actor(), MOST)]
    return [
        {
            **one, "form": f"gap-{gap.device.id}-{gap.first}", "may": _may(gap.site_id),
            "url": url_for("desk.inspection", uuid=gap.inspection) if gap.inspection else "",
        }
        for gap, one in zip(found, gap_replies.gaps(found), strict=True)
    ]  # fmt: skip


def _may(site_id: str | None) -> str:
    return "" if allowed(actor(), "gap.explain", site_id) else needs_role("gap.explain")
