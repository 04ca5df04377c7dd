"""The chart of an evidence document: what it says of each lot, and its stages."""

from collections.abc import Collection, Sequence
from typing import Any

from qc_service.charts.staging import Drawn, Staged, staged
from qc_service.charts.values import Kind, Lot


def charted(
    kind: Kind, found: Sequence[dict[str, Any]], after: float | None, far_out: Collection[int] = ()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The lots with what the chart says of each, and the stages of the chart.

    `found`: lots in their order, each with its stage. `after`: the rate of the second stage, where more of its lots are
    known than these. `far_out`: the numbers of the lots that are marked.
    """
    stages: dict[str, Staged] = {}
    for name, centre in (("before", None), ("after", after)):
        lots = [
            Lot(one["n"], one["d"], not one["excluded"], one["external_id"]) for one in found if one["stage"] == name
        ]
        stages[name] = staged(kind, lots, centre, stages.get("before"))
    said = {name: iter(stage.lots) for name, stage in stages.items()}
    points = [
        {**one, **_said(next(said[one["stage"]]) if one["stage"] in said else None), "far_out": one["lot"] in far_out}
        for one in found
    ]
    return points, [
        {
            "stage": name, "centre": stage.centre, "chart": stage.chart, "pooled": stage.pooled,
            "dispersion": stage.dispersion, "dispersion_measured": stage.measured,
        }
        for name, stage in stages.items()
    ]  # fmt: skip


def _said(drawn: Drawn | None) -> dict[str, Any]:
    if drawn is None:
        return {"low": None, "high": None, "hints": [], "pool": None, "pool_rate": None}
    return {
        "low": drawn.point.low, "high": drawn.point.high, "hints": list(drawn.hints), "pool": drawn.pool,
        "pool_rate": drawn.pool_rate,
    }  # fmt: skip
