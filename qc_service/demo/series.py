"""What the demonstration plant's lines made and what was mended there, as plain values."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from qc_service.clock import iso

SITE = "demo"
SOURCE = "demo"
EVERY = timedelta(hours=1)

Sample = tuple[int, int]  # units inspected, units defective


@dataclass(frozen=True, slots=True)
class Story:
    """A line, its samples, and the fix that came into effect after one of them.

    `prefix` and a sample's number make its external id; `left_out` are baseline samples with the reason. The
    last `live` samples arrive while one watches.
    """

    line: str
    name: str
    prefix: str
    samples: tuple[Sample, ...]
    fixed_after: int
    promise: float
    title: str
    cause: str
    action: str
    left_out: tuple[tuple[int, str], ...] = ()
    live: int = 0

    def external_id(self, number: int) -> str:
        return f"{self.prefix}-{number}"

    def ended(self, number: int, last: datetime) -> datetime:
        """When the period of a sample was over; that of the last sample ended at `last`."""
        return last - (len(self.samples) - number) * EVERY

    def rows(self, last: datetime, first: int, to: int) -> list[dict[str, Any]]:
        """The samples `first` to `to` as rows of production counts, one sample an hour."""
        return [
            {
                "source": SOURCE,
                "external_id": self.external_id(number),
                "site": SITE,
                "line": self.line,
                "period_start": iso(self.ended(number - 1, last)),
                "period_end": iso(self.ended(number, last)),
                "inspected": self.samples[number - 1][0],
                "defective": self.samples[number - 1][1],
            }
            for number in range(first, to + 1)
        ]

    def before(self, last: datetime) -> list[dict[str, Any]]:
        return self.rows(last, 1, self.fixed_after)

    def after(self, last: datetime) -> list[dict[str, Any]]:
        return self.rows(last, self.fixed_after + 1, len(self.samples) - self.live)

    def arriving(self, last: datetime) -> list[dict[str, Any]]:
        return self.rows(last, len(self.samples) - self.live + 1, len(self.samples))

    def fix(self, last: datetime) -> dict[str, Any]:
        """The fix as `POST /v1/fixes` takes it."""
        return {
            "line": self.line,
            "site": SITE,
            "measure": "defective",
            "title": self.title,
            "cause": self.cause,
            "action": self.action,
            "in_effect_at": iso(self.ended(self.fixed_after, last)),
            "promise": {"rate": self.promise},
            "method": "fixwatch-1",  # the method whose verdicts on these series are published
            "baseline": {"exclude": [{"external_id": self.external_id(one), "why": why} for one, why in self.left_out]},
        }


def stories() -> Iterator[Story]:
    cans = (*_published("orangejuice.csv", "D"), *_published("orangejuice2.csv", "D")[24:])
    yield from (_cans(cans), _cans_with_a_pretended_fix(cans), _wave_solder(), _packing())


def _cans(samples: tuple[Sample, ...]) -> Story:
    return Story(
        line="juice-cans",
        name="Juice cans",
        prefix="JC",
        samples=samples,
        fixed_after=30,
        promise=0.12,
        title="Machine adjusted",
        cause="The machine that forms and seals the cans was out of adjustment.",
        action="Machine adjusted by maintenance.",
        left_out=((15, "A new batch of cardboard was used."), (23, "An inexperienced operator stood in.")),
    )


def _cans_with_a_pretended_fix(samples: tuple[Sample, ...]) -> Story:
    return Story(
        line="juice-cans-b",
        name="Juice cans B (pretended fix)",
        prefix="JB",
        samples=samples[:30],
        fixed_after=10,
        promise=0.12,
        title="Pretended fix",
        cause="None was looked for.",
        action="Nothing was done: this shows what a fix that never worked looks like.",
    )


def _wave_solder() -> Story:
    return Story(
        line="wave-solder",
        name="Wave solder",
        prefix="WS",
        samples=tuple(_published("circuit.csv", "x")),
        fixed_after=20,
        promise=0.195,
        title="Temperature control repaired",
        cause="The temperature control of the wave solder machine had failed.",
        action="Temperature control repaired; the promise is to stay at the rate there was before.",
        left_out=(
            (6, "A new inspector did not know all the kinds of nonconformity."),
            (20, "The failure itself."),
        ),
    )


def _packing() -> Story:
    return Story(
        line="simulated-packing",
        name="Simulated packing (not real data)",
        prefix="SIM",
        samples=tuple(_simulated()),
        fixed_after=60,
        promise=0.02,
        title="New sealing jaw (simulated)",
        cause="Worn sealing jaw.",
        action="Sealing jaw replaced. It wears out again while you watch.",
        live=LIVE,
    )


LIVE = 20
_STILL_GOOD = 3  # of the live lots, so that the change is seen to come
_PHASES = ((60, 0.05), (40 + _STILL_GOOD, 0.02), (LIVE - _STILL_GOOD, 0.05))
_LOT = 200
_SEED = 3


def _published(name: str, events: str) -> Sequence[Sample]:
    with (files(__package__) / "data" / name).open(encoding="utf-8") as lines:
        return [(int(row["size"]), int(row[events])) for row in csv.DictReader(lines)]


def _simulated() -> Iterator[Sample]:
    """Binomial lots; only `random()` itself is promised to give the same numbers in every Python."""
    chance = random.Random(_SEED)  # noqa: S311 - nothing secret hangs on it
    for lots, rate in _PHASES:
        for _ in range(lots):
            yield _LOT, sum(chance.random() < rate for _ in range(_LOT))
