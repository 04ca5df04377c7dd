"""What the tests of the detectors share: golden numbers, and a fix as its declaration freezes it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qc_service.fixes.rules import Frozen
from workers.detectors.values import Config

GOLDEN = Path(__file__).parents[2] / "golden"


def config_of(frozen: Frozen, **changes: Any) -> Config:
    """The numbers that are handed to a detector."""
    named = {
        "alarm": frozen.alarm_rate,
        "verification": frozen.verification_rate,
        "promised": frozen.promised_rate,
    }
    same = ("working_baseline", "baseline_rate", "rho", "pairs", "sum_u", "sum_p", "sum_n", "sum_m", "kind")
    return Config(**named, **{name: getattr(frozen, name) for name in same}, **changes)


@pytest.fixture(scope="session", name="config_of")
def _config_of() -> Callable[..., Config]:
    return config_of


@pytest.fixture(scope="session")
def golden_dir() -> Path:
    return GOLDEN


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a `case` runs once for each golden sequence; `baseline_case`: with a baseline."""
    cases = json.loads((GOLDEN / "eprocess_golden.json").read_text(encoding="utf-8"))["cases"]
    for name, some in (("case", cases), ("baseline_case", [one for one in cases if "baseline_lots" in one])):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, some, ids=[one["name"] for one in some])
