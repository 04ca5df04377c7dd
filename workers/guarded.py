"""The method that watches a fix, with the guards that were frozen at its declaration."""

from typing import Any

from qc_service.fixes.guard_rules import withheld_patterns
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import Frozen
from workers.detectors.blocks import in_blocks
from workers.detectors.registry import METHODS, Method
from workers.detectors.sparing import sparing


def method_of(fix: Fix) -> Method[Any]:
    """A fix without guards is watched by its method itself, so that its stored state is the method's own."""
    method: Method[Any] = METHODS[fix.method]
    frozen, withheld = Frozen.from_json(fix.frozen), unsaid_of(fix)
    if withheld:
        method = sparing(method, withheld)
    return in_blocks(method, frozen.blocks) if frozen.blocks > 1 else method


def unsaid_of(fix: Fix) -> frozenset[str]:
    """The ways of not holding that are not said of a fix, because its baseline would mislead."""
    if not fix.frozen.get("season") and not fix.frozen.get("trend"):  # of nearly all; many are asked at once
        return frozenset()
    return withheld_patterns(Frozen.from_json(fix.frozen), of_a_share="reduction" in (fix.promise or {}))
