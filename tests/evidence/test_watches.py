"""The bench judges as the service does."""

import numpy as np
import pytest

from tests.evidence.plants import PLANTS, events
from tests.evidence.tables import declared
from tests.evidence.watches import judge
from workers.detectors.registry import METHODS


@pytest.mark.parametrize("name", list(METHODS))
@pytest.mark.parametrize("plant", PLANTS[::3], ids=lambda plant: plant.title)
def test_many_fixes_side_by_side_are_judged_as_each_is_by_itself(name, plant):
    rng = np.random.default_rng(6)
    fixes, _ = declared(rng, plant, 6)
    n = plant.sizes(rng, 6, 80)
    rates = np.where(np.arange(80) < 40, plant.promised, plant.before)
    d = events(rng, n, np.broadcast_to(rates, n.shape), plant.rho)

    found = judge(name, fixes, n, d)

    method = METHODS[name]
    for place, fix in enumerate(fixes):
        state, points = method.fold(fix, list(zip(n[place].tolist(), d[place].tolist(), strict=True)))
        assert [one.log_e_fail for one in points] == pytest.approx(found.log_e_fail[place], abs=1e-9)
        assert [one.log_e_ok for one in points] == pytest.approx(found.log_e_ok[place], abs=1e-9)
        told = method.finding(fix, state)
        assert (told.flagged_at_lot or 0, told.verified_at_lot or 0) == (found.flagged[place], found.proved[place])
        patterns = [None, "relapsed", "short_of_promise", "never_worked"]
        assert told.pattern == patterns[found.pattern[place]]
