"""The rules of a deviation's terms, and what the database refuses whoever writes to it."""

from datetime import UTC, datetime, timedelta

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.db import connected, write
from qc_service.lines.models import Line
from qc_service.procedures import deviation_rules as rules
from qc_service.procedures.deviation_models import Deviation, DeviationUse
from qc_service.procedures.deviation_rules import LONGEST, Terms
from tests.plant import Plant
from tests.site_floor import floor_of
from tests.site_procedures import procedure_of

NOW = datetime(2026, 11, 18, 6, tzinfo=UTC)
TICK = timedelta(microseconds=1)
QUANTITIES = st.integers(1, 1000)
MOMENTS = st.timedeltas(-2 * LONGEST, 2 * LONGEST).map(lambda away: NOW + away)


def test_a_moment_is_ahead_and_at_most_ninety_days():
    def faults(moment):
        return [name for name, _ in rules.asked_faults(Terms(1, moment), NOW)]

    assert faults(NOW) == ["expires_at"]
    assert faults(NOW + TICK) == []
    assert faults(NOW + LONGEST) == []
    assert faults(NOW + LONGEST + TICK) == ["expires_at"]


@given(asked=st.builds(Terms, QUANTITIES, MOMENTS), granted=st.builds(Terms, QUANTITIES, MOMENTS), more=st.booleans())
def test_a_grant_is_never_past_never_longer_than_ninety_days_and_no_more_than_asked_unless_said(asked, granted, more):
    fine = not rules.granted_faults(asked, granted, NOW, more=more)

    within = granted.quantity <= asked.quantity and granted.expires_at <= asked.expires_at
    assert fine == (NOW < granted.expires_at <= NOW + LONGEST and (more or within))


@given(
    terms=st.builds(Terms, QUANTITIES, MOMENTS),
    uses=st.lists(st.tuples(QUANTITIES, st.timedeltas(-LONGEST, LONGEST)), max_size=20),
)
def test_uses_that_are_not_refused_never_exceed_the_terms(terms, uses):
    used = 0
    for quantity, away in uses:
        if rules.use_refused("granted", terms, used, quantity, NOW + away) is None:
            assert NOW + away < terms.expires_at
            used += quantity
    assert used <= terms.quantity


@pytest.mark.parametrize("state", ["asked", "refused", "ended"])
def test_what_is_not_granted_is_not_used(state):
    assert rules.use_refused(state, Terms(5, NOW + TICK), 0, 1, NOW)
    assert rules.standing(state, Terms(5, NOW), 5, NOW) == state


def test_it_is_over_at_its_very_moment_and_when_nothing_is_left():
    terms = Terms(5, NOW)
    assert rules.standing("granted", terms, 4, NOW - TICK) == "granted"
    assert rules.standing("granted", terms, 5, NOW - TICK) == "used_up"
    assert rules.standing("granted", terms, 4, NOW) == rules.standing("granted", terms, 5, NOW) == "expired"


@pytest.fixture
def made(app):
    with connected():
        Plant(app).line("L1", "S1")
        site_id = Line.get(Line.code == "L1").site_id
        procedure = procedure_of("fern", "S1", site_id, "L1")
        yield floor_of("fern", site_id, "L1", procedure["procedure"], procedure["in_force"])


@pytest.mark.parametrize(
    "change",
    [
        {"used": 51}, {"used": -1}, {"quantity": 4}, {"quantity": 0}, {"expires_at": None}, {"decided_human": None},
        {"state": "asked"}, {"state": "ended"}, {"state": "open"}, {"decided_human": "asked_human"},
    ],
    ids=str,
)  # fmt: skip
def test_the_database_itself_refuses_what_no_deviation_can_be(made, change):
    values = {name: Deviation.asked_human if value == "asked_human" else value for name, value in change.items()}

    with pytest.raises(peewee.IntegrityError), write():
        Deviation.update(values).where(Deviation.id == made["deviation"]).execute()


def test_the_database_itself_refuses_a_reference_twice(made):
    [use] = DeviationUse.select().where(DeviationUse.deviation_id == made["deviation"])

    with pytest.raises(peewee.IntegrityError), write():
        DeviationUse.create(**{**use.__data__, "number": 2}, force_insert=True)
