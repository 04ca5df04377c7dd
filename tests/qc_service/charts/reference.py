"""What the R packages qcc and qicharts2 give for published series, as lots for our charts."""

import csv
import json
from pathlib import Path

from qc_service.charts.hints import NELSON, WESTERN_ELECTRIC
from qc_service.charts.values import Lot, Point

GOLDEN = Path(__file__).parents[2] / "golden"
QCC = json.loads((GOLDEN / "qcc_reference.json").read_text())
QICHARTS2 = json.loads((GOLDEN / "qicharts2_reference.json").read_text())
RULES = {f"western_electric_{i}": name for i, name in enumerate(WESTERN_ELECTRIC, 1)} | {
    f"nelson_{i}": name for i, name in enumerate(NELSON, 1)
}
COUNTED = [name for name, entry in QCC.items() if entry.get("type") in ("p", "np", "u", "c", "g")]
MEASURED = [name for name, entry in QCC.items() if entry.get("type") in ("xbar", "R", "S", "xbar.one")]
# Lots of different sizes, at which qcc compares the earlier points of a pattern with the limits of the latest lot.
OTHER_SIZES = {"dyedcloth_u", "secom_p_daily"}
ZONES = {"western_electric_2", "western_electric_3", "nelson_5", "nelson_6"}


def table(name):
    return list(csv.DictReader((GOLDEN / name).read_text().splitlines()))


def lots_of(entry):
    """Lots for our chart; the new ones of a second phase are shown and not counted."""
    values = [*entry["statistics"], *(entry["newstats"] or ())]
    sizes = [*entry["sizes"], *(entry["newsizes"] or ())]
    first = len(entry["statistics"])
    if entry["type"] == "g":
        return [Lot(value + 1, 1) for value in values]
    rates = entry["type"] in ("p", "u")
    return [
        Lot(n, round(value * n) if rates else value, place < first)
        for place, (value, n) in enumerate(zip(values, sizes, strict=True))
    ]


def points_of(entry):
    """The points of a chart of measured values, with the limits that qcc drew."""
    values = [*entry["statistics"], *(entry["newstats"] or ())]
    centre = entry["center"]
    rows = zip(values, entry["lcl"], entry["ucl"], strict=True)
    return [Point(value, centre, (high - centre) / 3, low, high) for value, low, high in rows]
