"""What a verdict costs: the arithmetic alone, and as the history behind it grows."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qc_service import clock
from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import connected, db
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import Lot, Promise, freeze
from tests.bench.table import Table, in_turn, share, thousands
from tests.plant import START, Plant, count
from workers.detectors import confidence
from workers.detectors.bank import Bank
from workers.detectors.confidence import Band
from workers.detectors.registry import METHODS
from workers.judging import config_of

pytestmark = pytest.mark.bench

LOTS = 20_000
LESS, MORE = 200, 20_000  # lots of a line
LINES = 3
BEFORE = 40
TURNS = 24


@pytest.mark.parametrize("name", sorted(METHODS))
def test_updates_of_a_detector(table: Table, name: str) -> None:
    """One watch after the other, lot by lot, on one core."""
    method = METHODS[name]
    frozen = freeze([Lot(100, 12)] * BEFORE, Promise(rate=0.06))
    config = config_of(Fix(frozen=frozen.to_json(), mode="default"))
    chance = random.Random(1)
    lots = [(100, sum(chance.random() < 0.05 for _ in range(100))) for _ in range(LOTS)]

    def update() -> None:
        state = method.start(config)
        for n, d in lots:
            state = method.update(config, state, n, d)
            method.finding(config, state)

    def fold() -> None:
        method.fold(config, lots)

    pair = in_turn(update, fold, 5)
    for what, seconds in (("update and finding", pair.one), ("fold", pair.other)):
        speed = f"{thousands(LOTS / share(seconds, 0.5))} lots/s"
        table.add(f"{name}, {what}", speed, target="25,000")
    thousand = 1000 * share(pair.other, 0.5) * 1000 / LOTS
    table.add(f"{name}, all lots of a fix anew, 1,000 lots", f"{thousand:.1f} ms", target="30 ms")
    state = method.fold(config, lots[:1000])[0]
    size = len(json.dumps(method.dump(state), separators=(",", ":")))
    table.add(f"{name}, what is kept of a fix", f"{thousands(size)} bytes", target="2,000")


@pytest.mark.parametrize("name", list(METHODS))
@pytest.mark.parametrize("watches", [1, 100, 1000, 10_000, 100_000])
def test_updates_of_many_watches_in_a_bank(table: Table, name: str, watches: int) -> None:
    """Every watch a lot, beside the method's own code on as many lots as a turn of it can take."""
    method = METHODS[name]
    config = config_of(Fix(frozen=freeze([Lot(100, 12)] * BEFORE, Promise(rate=0.06)).to_json(), mode="default"))
    steps = max(100_000 // watches, 3) if watches > 1 else 2000
    events = np.random.default_rng(1).binomial(100, 0.05, (steps, watches))
    units = np.full(watches, 100)
    many = Bank(name, [config] * watches)
    some = [(100, int(d)) for d in events[:, 0]] * max(2000 // steps, 1)

    def bank() -> None:
        for step in range(steps):
            many.update(units, events[step])

    pair = in_turn(bank, lambda: (method.fold(config, some), None)[1], 5)
    ours, beside = steps * watches / share(pair.one, 0.5), len(some) / share(pair.other, 0.5)
    table.add(
        f"{name}, a bank of {watches:,} watches, beside the scalar code", f"{thousands(ours)} lots/s",
        f"{thousands(beside)} lots/s", ours / beside, "1,000,000 from 1,000 on" if watches >= 1000 else "",
    )  # fmt: skip


@pytest.mark.parametrize("lots", [1, 100, 1000, 10_000])
def test_the_interval_of_a_fix(table: Table, lots: int) -> None:
    """From the first lot on, and one lot more by way of what is kept; beside the evidence of the same lots."""
    method = METHODS["fixwatch-1"]
    config = config_of(Fix(frozen=freeze([Lot(300, 9)] * BEFORE, Promise(rate=0.015)).to_json(), mode="default"))
    some = [(300, int(d)) for d in np.random.default_rng(1).binomial(300, 0.015, lots)]
    kept = json.dumps(confidence.fold(config, some)[0].to_json())

    def one_more() -> None:
        band = Band.from_json(json.loads(kept))
        json.dumps(confidence.fold(config, [(300, 4)], band)[0].to_json())

    pair = in_turn(lambda: (confidence.fold(config, some), None)[1], lambda: (method.fold(config, some), None)[1], 5)
    table.add(
        f"the interval of {lots:,} lots, beside their evidence", f"{1000 * share(pair.one, 0.5):.1f} ms",
        f"{1000 * share(pair.other, 0.5):.1f} ms", pair.ratio, "50 ms" if lots == 1000 else "",
    )  # fmt: skip
    more = in_turn(one_more, one_more, 20)
    table.add(
        f"… and one lot more, of what is kept ({thousands(len(kept))} bytes)", f"{1e3 * share(more.one, 0.5):.2f} ms"
    )


@dataclass
class Old:
    """A plant with a history, on a database of its own."""

    engine: Any
    plant: Plant
    lots: int  # of each line

    def record(self, each: int) -> None:
        """The next lots of every line, as one batch."""
        numbers = range(self.lots, self.lots + each)
        self.plant.ingest([_lot(line, number) for number in numbers for line in range(LINES)])
        self.lots += each


def test_no_cost_grows_with_history(sqlite_template: Path, tmp_path: Path, table: Table) -> None:
    """Behind 100 times as many lots, all of them in watches: a batch recorded, a lot recorded, a lot judged."""
    young, old = (grown(sqlite_template, tmp_path / str(lots), lots) for lots in (LESS, MORE))
    steps = {"ingest of 300 rows": ingest, "a lot of each line recorded": record, "… and judged": judge}
    for what, step in steps.items():
        pair = in_turn(partial(_at, young, step), partial(_at, old, step), TURNS)
        table.add(
            f"{what}, {MORE:,} lots a line beside {LESS}", f"{1000 * share(pair.other, 0.5):.1f} ms of CPU",
            f"{1000 * share(pair.one, 0.5):.1f} ms", pair.ratio, "S13: 1",
        )  # fmt: skip
    for one in (young, old):
        one.engine.close_all()


def _at(place: Old, step: Callable[[Old], float]) -> float:
    db.initialize(place.engine)
    with connected():
        return step(place)


def ingest(place: Old) -> float:
    return _timed(partial(place.record, 300 // LINES), then=place.plant.work)


def record(place: Old) -> float:
    return _timed(partial(place.record, 1), then=place.plant.work)


def judge(place: Old) -> float:
    place.record(1)
    return _timed(place.plant.work)


def _timed(act: Callable[[], object], then: Callable[[], object] = lambda: None) -> float:
    """Seconds of CPU: what the disk and other programs take meanwhile is not a matter of history."""
    began = time.process_time()
    act()
    took = time.process_time() - began
    then()
    return took


def grown(template: Path, home: Path, lots: int) -> Old:
    home.mkdir()
    (home / "qc.db").write_bytes(template.read_bytes())
    app = create_app(Settings(home, f"sqlite:///{home / 'qc.db'}", None, "k" * 32, "p" * 32, password_cost="low"))
    with connected():
        made = Old(db.obj, Plant(app), 0)
        for line in range(LINES):
            made.plant.line(f"L{line}")
        made.record(BEFORE)
        for line in range(LINES):
            made.plant.fix(line=f"L{line}", in_effect_at=_lot(line, BEFORE)["period_start"], promise={"rate": 0.05})
        while made.lots < lots:
            made.record(min(lots - made.lots, 300))
        made.plant.work()
    return made


def _lot(line: int, number: int) -> dict[str, Any]:
    """A lot every ten minutes, so that all of them are past."""
    start = START + timedelta(minutes=10 * number)
    period = {"period_start": clock.iso(start), "period_end": clock.iso(start + timedelta(seconds=599))}
    return count(0, 100, number * 7 % 5, external_id=f"L{line}-{number}", line=f"L{line}", total=120, **period)
