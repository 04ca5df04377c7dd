from typing import get_args

from qc_service.fixes.rules import DEFAULT_METHOD, METHODS, MODES
from workers.detectors import registry
from workers.detectors.values import Mode


def test_what_a_fix_may_name_is_what_the_workers_know():
    assert set(METHODS) == set(registry.METHODS)
    assert set(MODES) == set(get_args(Mode))
    assert DEFAULT_METHOD in METHODS
