"""The rate since the fix with 95 % confidence, as it narrows lot by lot: a shape behind the points."""

from itertools import groupby

from qc_service.desk.chart_frame import Frame
from qc_service.desk.chart_reading import Reading
from qc_service.desk.chart_scales import path
from qc_service.texts import later

SURE = 0.95
SAID = later("With %(sure)s confidence the rate since the fix lies between %(low)s and %(high)s.")


def shape(reading: Reading, frame: Frame) -> str:
    """One outline for each stretch of lots that have an interval; nothing where there is none yet."""
    drawn = []
    for known, run in groupby(reading.after, key=lambda item: item[1].likely is not None):
        places = [(frame.x(index), point.likely) for index, point in run if point.likely is not None]
        if known:
            top = [(x, frame.y(high)) for x, (_, high) in places]
            bottom = [(x, frame.y(low)) for x, (low, _) in reversed(places)]
            drawn.append(path([*top, *bottom], closed=True))
    return "".join(drawn)


def latest(reading: Reading) -> tuple[float, float] | None:
    """The interval after the latest lot."""
    return reading.after[-1][1].likely if reading.after else None
