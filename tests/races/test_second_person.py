"""Nobody is the second person to their own work: on no way, in no order, at no moment."""

import ast
import itertools
import threading
import time

import pytest

from qc_service.db import connected
from tests import servers
from tests.attacks import found as broken
from tests.races import second_person_scan as scan
from tests.races.second_person import WHY, Race, Shop, seed_of
from tests.races.second_person_elsewhere import INSPECTORS, MAKERS
from tests.races.second_person_naive import drop_constraints, naive_races
from tests.races.second_person_outcome import faults, violations
from tests.races.second_person_ways import FORGED, inspector_by_sql, is_another_human_after_all, maker_by_sql

pytestmark = pytest.mark.volume
ONLY_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ONLY_POSTGRES = pytest.mark.parametrize("engine", [pytest.param("pg", marks=pytest.mark.pg)], indirect=True)

RACES = [150, pytest.param(1500, marks=pytest.mark.campaign)]  # on each of two engines
PAIRS = list(itertools.product(MAKERS, INSPECTORS, (True, False)))


@pytest.mark.parametrize("races", RACES)
def test_nobody_is_counted_as_second_person_to_what_they_made(app, races):
    shop = Shop(app, seed_of(races))
    plan = []
    while len(plan) < races:  # every way against every other in both orders, and again
        plan += shop.random.sample(PAIRS, len(PAIRS))
    for maker, inspector, maker_first in plan[:races]:
        shop.race(maker, inspector, maker_first=maker_first)

    with connected():
        assert faults(shop) == {}
        assert [one for one in broken() if not any(name in one for name in by_hand(shop))] == []
    assert shop.violations == []
    assert shop.said["who inspected turned out to be a maker"] > races // 10, "nobody inspected before they were named"
    assert shop.said["sql refused"] > 0
    assert shop.said["sql went through"] > 0, "nobody writes by hand: that nothing came of it proves nothing"


def by_hand(shop):
    """What no event tells of, because it was written past the service."""
    return {FORGED, *(race.lot_id for race in shop.races if race.by_hand)}


@ONLY_SQLITE
def test_every_way_there_is_has_a_race(app):
    shop = Shop(app, seed_of(7))
    shop.entered = set()
    turns = itertools.cycle(MAKERS)
    for inspector, maker_first in itertools.product(INSPECTORS, (True, False)):
        shop.race(next(turns), inspector, maker_first=maker_first, apart=True)
    for maker in MAKERS[:2]:
        shop.race(maker, is_another_human_after_all, maker_first=False, apart=True)

    assert scan.addresses(app) - shop.routes == set(), "addresses that no race takes"
    assert scan.writers() - scan.entered(shop.entered) == set(), "functions that no race comes through"


PLANTED = {
    "def f(change): change.insert_many(Participation, [])": {"f"},
    "class A:\n def f(self, row): models.LotMaker.delete().execute()": {"A.f"},
    "def f():\n def g(): CountedInspection(uuid=1).save()\n return g": {"f.g"},
    "def f(): db.execute_sql('insert into counted_inspection select 1')": {"f"},
    "def f(change, lot): standing.settle(change, lot)": {"f"},
    "def f(change): change.insert_many(Lot, [])\ndef g(): return list(LotMaker.select())": set(),
}


@pytest.mark.parametrize("text", PLANTED)
def test_a_function_that_writes_the_parts_is_found_however_it_does(text):
    assert scan.writing(ast.parse(text)) == PLANTED[text]


# --- that the tests above can fail ---


def test_who_asks_and_then_writes_breaks_the_rule_unless_the_database_holds_it(app):
    shop = Shop(app, seed_of(3))
    held = naive_races(shop, 100)
    with connected():
        assert violations() == []
        drop_constraints()
    assert held["refused"] > 30

    let = naive_races(shop, 300)
    with connected():
        assert len(violations()) == let["both"] > 100


def test_without_the_constraint_what_is_written_by_hand_breaks_the_rule(app):
    shop = Shop(app, seed_of(4))
    with connected():
        drop_constraints()
    for maker_first in (True, False, True):
        shop.race(maker_by_sql, inspector_by_sql, maker_first=maker_first)

    assert shop.violations == [race.lot for race in shop.races]


# --- who waits for whom ---


@ONLY_POSTGRES
def test_who_agrees_to_void_and_who_names_a_maker_do_not_wait_for_each_other(app, settings):
    shop = Shop(app, seed_of(5))
    race = Race(shop, "A", shop.somebody())
    race.lot_there()
    first = race.inspect(shop.others[0])
    race.inspect(race.who)
    shop.drain()
    race.signed(shop.others[0], f"/inspections/{first}/void", reason=WHY)

    agreeing = threading.Thread(target=race.signed, args=(shop.boss, f"/inspections/{first}/void/agree"))
    with servers.connect(settings.database_url) as other, other.transaction():
        # as every use case does that names a maker: first the human being, then the line's stream
        other.execute("SELECT 1 FROM person WHERE code = %s FOR NO KEY UPDATE", [race.who.badge])
        agreeing.start()
        _wait_for_one_who_waits(settings)
        other.execute("SELECT 1 FROM stream_head WHERE stream LIKE '%%/line/%%' FOR NO KEY UPDATE")
    agreeing.join()

    assert shop.said["asked again"] == 0


def _wait_for_one_who_waits(settings):
    with servers.connect(settings.database_url) as watching:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        for _ in range(1000):
            if watching.execute(query).fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("nobody waits")
