"""Every chart by its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qc_service.charts import attributes
from qc_service.charts.values import Kind, Lot, Stage


@dataclass(frozen=True, slots=True)
class Chart:
    """One kind of chart. `draw` takes the lots of a stage and, if it is known, the centre line (of c and np the rate).

    kind: what its lots may be; of a `count` a unit may have several events. overdispersed: it measures how much more
    than by chance lots differ.
    """

    name: str
    kind: Kind
    draw: Callable[[Sequence[Lot], float | None], Stage]
    overdispersed: bool = False


CHARTS: dict[str, Chart] = {
    chart.name: chart
    for chart in (
        Chart("p", "proportion", attributes.p),
        Chart("np", "proportion", attributes.np),
        Chart("u", "count", attributes.u),
        Chart("c", "count", attributes.c),
        Chart("g", "count", attributes.g),
        Chart("laney_p", "proportion", attributes.laney_p, overdispersed=True),
        Chart("laney_u", "count", attributes.laney_u, overdispersed=True),
    )
}
