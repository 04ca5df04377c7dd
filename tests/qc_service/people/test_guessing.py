"""Guesses on stolen, unlocked tablets stay within the budgets, whatever the order, clock and restarts."""

import random
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from qc_service.db import connected, init_db
from qc_service.people import credentials

MISSED = "credentials_wrong"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_two_thousand_guesses_get_fifty_checks_per_tablet_and_lock_out_nobody(plant, settings):
    dice = random.Random(7)
    people = [plant.person(f"P-{number}").code for number in range(12)]
    stolen = [plant.tablet(f"stolen-{number}") for number in range(5)]
    usual = plant.tablet("usual")
    for code in people:
        plant.on_tablet(code, usual, plant.noon - timedelta(days=3))
    checked = Counter()
    moment = plant.noon
    for guess in range(2000):
        if guess == 1000:  # a restart forgets nothing
            init_db(settings)
            credentials.init_people(settings)
        moment += timedelta(seconds=dice.choice([0, 1, 5, 60]) if guess % 97 else -600)
        code, tablet = dice.choice([*people, "NOBODY", "NOBODY-2"]), dice.choice(stolen)
        with connected():
            pin = f"{dice.randrange(10**6):06}"
            outcome = plant.outcome(partial(plant.on_tablet, code, tablet, moment, pin))
        checked[tablet.device.id] += outcome == MISSED
    assert moment - plant.noon < timedelta(days=1)
    assert max(checked.values()) <= 50
    per_day = max(checked.values()) / 10**6
    assert per_day <= 1 / 10_000
    with connected():
        for code in people:
            assert plant.outcome(lambda c=code: plant.on_tablet(c, usual, moment)) == "in"


def test_one_person_tried_on_many_tablets_gets_twenty_checks_a_day(plant):
    plant.person("P-1")
    tablets = [plant.tablet(f"T{number}") for number in range(8)]
    outcomes = [
        plant.outcome(lambda t=tablet: plant.on_tablet("P-1", t, plant.noon, pin=plant.other_pin))
        for _ in range(10)
        for tablet in tablets
    ]
    assert outcomes.count(MISSED) == 20


def test_turning_the_clock_back_opens_nothing(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    for _ in range(5):
        plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin))
    for days in (1, 30):
        earlier = plant.noon - timedelta(days=days)
        assert plant.outcome(lambda e=earlier: plant.on_tablet("P-1", tablet, e)) == "too_many_attempts"
