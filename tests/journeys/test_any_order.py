"""However the lots of a fix arrive, any order, twice, corrected late: state, verdict and sentence are the same."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc_service.db import connected
from qc_service.flags.models import Watch, WatchPoint
from tests.plant import Plant, count, hour

pytestmark = pytest.mark.volume

BEFORE = [count(i, 100, 10 + i % 3) for i in range(30)]
LOTS = 24


@pytest.fixture
def plants(app):
    """A new line for every example, in one service."""
    with connected():
        plant = Plant(app)
    numbers = iter(range(10**6))

    def fresh():
        code = f"L{next(numbers)}"
        plant.line(code, name="Line")
        return plant, code

    return fresh


def told(plant, code, deliveries):
    """What a fix came to when its lots were delivered so."""
    rename = lambda row: {**row, "line": code, "external_id": f"{code}-{row['external_id']}"}  # noqa: E731
    plant.ingest([rename(row) for row in BEFORE])
    fix = plant.fix(line=code, in_effect_at=hour(30)[0], promise={"rate": 0.05})
    for batch in filter(None, deliveries):
        plant.ingest([rename(row) for row in batch])
        plant.work()
    effect = plant.effect(fix["id"])
    with connected():
        watch = Watch.get(Watch.fix_id == fix["id"])
        points = WatchPoint.select().where(WatchPoint.watch_id == watch.id).order_by(WatchPoint.number)
        kept = [(p.number, p.n, p.d, p.log_e_fail, p.log_e_ok, p.revision) for p in points]
    drop = ("as_of", "evidence")
    return {k: v for k, v in effect.items() if k not in drop}, watch.state, kept


@st.composite
def histories(draw):
    """Final lots, wrong first versions of some of them, and a seed for the disorder."""
    rates = draw(st.sampled_from([(0.02, 0.02), (0.12, 0.12), (0.02, 0.15), (0.07, 0.07)]))
    chance = random.Random(draw(st.integers(0, 10**6)))
    final = {i: sum(chance.random() < rates[i - 30 >= LOTS // 2] for _ in range(100)) for i in range(30, 30 + LOTS)}
    wrong = draw(st.lists(st.sampled_from(sorted(final)), max_size=4, unique=True))
    return final, wrong, draw(st.integers(0, 10**6))


@pytest.mark.mostly_sqlite
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(histories())
def test_ten_orders_with_repeats_and_corrections_end_alike(plants, history):
    final, wrong, seed = history
    chance = random.Random(seed)
    rows = {i: count(i, 100, d, external_version="2" if i in wrong else "1") for i, d in final.items()}
    drafts = [count(i, 100, min(final[i] + 7, 100)) for i in wrong]
    reference = told(*plants(), [drafts, [rows[i] for i in sorted(rows)]])

    for _ in range(3):
        deliveries = [*rows.values(), *drafts, *chance.choices(list(rows.values()), k=6)]
        chance.shuffle(deliveries)
        # a draft that comes after its correction is stale, one that comes before is corrected
        cuts = sorted(chance.sample(range(len(deliveries)), 5))
        batches = [deliveries[a:b] for a, b in zip([0, *cuts], [*cuts, len(deliveries)], strict=True)]
        effect, state, points = told(*plants(), [batch for batch in batches if batch])

        assert effect == reference[0]
        assert state == reference[1]
        # a draft that never arrived leaves one revision fewer, and nothing else
        assert [point[:5] for point in points] == [point[:5] for point in reference[2]]
