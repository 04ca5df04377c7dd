"""`make evidence-bench`: runs every measurement, prints it, and writes it into `docs/evidence.md` between its marks.

`--quick` simulates a tenth of the fixes and writes nothing.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tests.evidence import many, tables
from tests.evidence.plants import PLANTS
from tests.evidence.tables import Delays, Row

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SEED = 20_261_122
WAYS = ("never worked", "partial", "relapse", "gradual", "tenfold")
CUSUM = "binomial CUSUM, h = 5"
SHORT = {
    "binomial CUSUM, h = 5": "CUSUM", "EWMA 0.05, L = 2.5": "EWMA 0.05", "p-chart, 3 sigma": "p-chart",
    "z-test at 5 %, looked at after each lot": "z-test",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick: bool = parser.parse_args().quick
    written = []
    for number, part in enumerate((_false, _box, _delays, _shipped, _proofs, _wrong_proofs, _labels, _many)):
        began = time.monotonic()
        rng = np.random.default_rng(SEED + number)
        text = "\n".join(part(rng, 0.1 if quick else 1.0))
        sys.stdout.write(f"\nseed {SEED + number}, {time.monotonic() - began:.0f} s\n{text}\n")
        sys.stdout.flush()
        written.append(text)
    if not quick:
        _write("\n\n".join(written))


def _write(text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    seeds = f"Seeds {SEED} to {SEED + 7}, one for each table."
    PAGE.write_text(f"{before}{BEGIN}\n{seeds}\n\n{text}\n{END}{after}", encoding="utf-8")


def _table(heads: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    yield from ("| " + " | ".join(row) + " |" for row in rows)


def _worst(rows: Sequence[Row], columns: Sequence[int]) -> Row:
    return ["**worst**", *(f"**{max(float(row[one]) for row in rows):.3f}**" for one in columns)]


def _false(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(1000 * scale)
    rows = list(tables.false_flags(rng, fixes))
    yield "### False flags: the rate is exactly the alarm number"
    yield f"\nShare of {fixes} fixes called broken within 1,000 lots, as shipped. The promise is at most 0.05.\n"
    yield from _table(["lots", *tables.METHODS], [*rows, _worst(rows, (1, 2))])


def _box(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(400 * scale)
    yield "### False flags out of the box: the promise is kept"
    yield f"\nShare of {fixes} healthy fixes that are spoken of within 1,000 lots, everything set as its textbook says;"
    yield "centre and alarm number are the promised rate. Columns: plant and intra-lot correlation.\n"
    yield from _table(["method", *(plant.title for plant in PLANTS)], tables.out_of_the_box(rng, fixes))


def _delays(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(600 * scale)
    found = tables.delays(rng, fixes, tables.at_the_promise)
    yield "### Delay beside methods that an oracle has tuned"
    yield f"\nMedian lots from the change to the flag ({fixes} fixes). The alarm number is the promise itself."
    yield "The peers' limits come from a simulated year with the true correlation, so that 5 % of healthy fixes exceed"
    yield "them; the methods are told nothing.\n"
    heads = ["what happened", "plant", *tables.METHODS, *SHORT.values()]
    yield from _table(heads, _delay_rows(found))
    yield "\nRatio to the oracle's CUSUM over the ten plants, median (worst):\n"
    yield from _table(["what happened", *tables.METHODS], _ratio_rows(found))


def _shipped(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(300 * scale)
    found = tables.delays(rng, fixes, list)
    yield "### Delay as shipped"
    yield f"\nThe same with the alarm number that a fix really gets: 90 % of the improvement kept ({fixes} fixes).\n"
    yield from _table(["what happened", *tables.METHODS], _ratio_rows(found))


def _delay_rows(found: Delays) -> Iterator[Row]:
    for way in WAYS:
        for plant in PLANTS:
            row = found[way, plant.title]
            yield [way, plant.title, *(tables.told(row[name]) for name in (*tables.METHODS, *SHORT))]


def _ratio_rows(found: Delays) -> Iterator[Row]:
    for way in WAYS:
        both = [tables.ratios(found, way, method, CUSUM) for method in tables.METHODS]
        yield [way, *(f"{np.median(one):.2f} ({max(one):.2f})" for one in both)]


def _proofs(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(400 * scale)
    yield "### Lots until a fix is proved"
    yield f"\nMedian of {fixes} fixes: where the promise is kept, and where no defect comes at all any more.\n"
    heads = ["plant", *tables.METHODS, *(f"{method}, no defects" for method in tables.METHODS)]
    yield from _table(heads, tables.proofs(rng, fixes))


def _wrong_proofs(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(600 * scale)
    rows = list(tables.false_proofs(rng, fixes))
    yield "### Wrong proofs"
    yield f"\nShare of {fixes} fixes called *holding* within 1,000 lots while the rate is exactly the verification"
    yield "number V, and while it never fell at all.\n"
    heads = [
        "lots",
        *(f"{method}, at V" for method in tables.METHODS),
        *(f"{one}, never fell" for one in tables.METHODS),
    ]
    yield from _table(heads, [*rows, _worst(rows, (1, 2, 3, 4))])


def _labels(rng: np.random.Generator, scale: float) -> Iterator[str]:
    fixes = int(400 * scale)
    yield "### Is a relapse called a relapse?"
    yield f"\nShare of the flagged fixes (of {fixes}) labelled *relapsed*: broken at lot 200, at 30, never worked.\n"
    heads = ["plant", *(f"{method}, {what}" for what in ("lot 200", "lot 30", "never") for method in tables.METHODS)]
    yield from _table(heads, tables.labels(rng, fixes))


def _many(rng: np.random.Generator, scale: float) -> Iterator[str]:
    lines = int(1000 * scale)
    yield "### Many lines"
    yield f"\n{lines} lines, 300 lots each, FDR 0.10; half of the fixes that hold are exactly at the alarm number."
    yield "Beside it, what a list of all lines that a chart speaks of would be.\n"
    heads = ["correlation", "list", "false share", "found in time", "lots, never worked", "lots, relapsed"]
    yield from _table(heads, many.rows(rng, lines))


if __name__ == "__main__":
    main()
