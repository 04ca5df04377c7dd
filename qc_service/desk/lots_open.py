"""Lots that have been open for so long that somebody should ask: they are never judged while they are."""

from datetime import datetime
from typing import Any

from peewee import fn

from qc_service import clock
from qc_service.counts.models import ProductionCount
from qc_service.flags.guards import OPEN_FOR
from qc_service.flags.guards import overdue as open_too_long
from qc_service.lines.models import Line
from qc_service.lines.service import in_sites


def overdue(sites: frozenset[str] | None, most: int) -> list[dict[str, Any]]:
    """The lines that have such lots: how many, and the day on which the oldest ended; the oldest first."""
    oldest = fn.MIN(ProductionCount.period_end)
    query = (
        ProductionCount.select(Line.name, Line.code, fn.COUNT(ProductionCount.id).alias("lots"), oldest.alias("since"))
        .join(Line, on=(Line.id == ProductionCount.line_id))
        .where(open_too_long(clock.now()) & in_sites(ProductionCount, sites))
        .group_by(Line.id, Line.name, Line.code)
        .order_by(oldest)
        .limit(most)
    )
    rows: Any = query.dicts()
    return [
        {"line": {"code": row["code"], "name": row["name"]}, "lots": row["lots"], "since": _moment(row["since"])}
        for row in rows
    ]


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else clock.parse(str(value))


DAYS = OPEN_FOR.days
