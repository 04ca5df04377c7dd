"""More ways to either side of a lot: at a desk, and over a tablet that delivers what people signed on it."""

import hashlib
import json
import uuid
from collections.abc import Iterator

from qc_service import clock
from tests.copy_life import PATH, copy_of, deed
from tests.floor_life import Floor, record
from tests.procedure_life import PASSWORD
from tests.races import second_person_ways as ways
from tests.races.second_person import UNITS, WHY, Race, Way
from tests.tablet_life import Tablet, set_pin, signed_in_again, tablet_of

PIN = "739154"

# --- at a desk ---


def named_at_a_desk(race: Race) -> Iterator[None]:
    race.lot_there()
    fill_in = race.shop.desk(race.shop.boss)
    yield
    if fill_in("/lots/<code>/makers", race.lot, makers=race.who.badge, unit="U-9", step="seal") == 303:
        race.makers.add((race.who.badge, "U-9", "seal"))


def is_confirmed_at_a_desk(race: Race) -> Iterator[None]:
    race.lot_there()
    name = race.doubtful()
    fill_in = race.shop.desk(race.shop.boss)
    yield
    fill_in("/inspections/<uuid>/confirm", name, password=PASSWORD)


def is_matched_at_a_desk(race: Race) -> Iterator[None]:
    race.lot_there()
    name = race.inspect(race.who, lot=f"{race.lot}0")
    race.shop.drain()
    fill_in = race.shop.desk(race.shop.boss)
    yield
    fill_in("/inspections/<uuid>/match", name, offered=race.lot, password=PASSWORD)


def the_one_before_is_void_at_a_desk(race: Race) -> Iterator[None]:
    race.lot_there()
    first = race.inspect(race.shop.others[2])
    race.inspect(race.who)
    race.shop.drain()
    asks, agrees = race.shop.desk(race.shop.others[2]), race.shop.desk(race.shop.boss)
    yield
    asks("/inspections/<uuid>/void", first, reason=WHY, password=PASSWORD)
    agrees("/inspections/<uuid>/void/agree", first, password=PASSWORD)


def units_are_disposed_of_at_a_desk(race: Race) -> Iterator[None]:
    race.lot_there()
    unit = race.held_unit()
    fill_in = race.shop.desk(race.shop.boss)
    told = {"disposition": "rework", "reason": "The seam can be closed again.", "password": PASSWORD}
    yield
    fill_in("/nonconformities/<nonconformity_id>/disposition", unit, **told)


def lot_is_matched_at_a_desk(race: Race) -> Iterator[None]:
    name = race.inspect(race.who)
    race.shop.drain()
    fill_in = race.shop.desk(race.shop.boss)
    yield
    fill_in("/inspections/<uuid>/lot", name, line="L1")


# --- over a tablet ---


def _tablet(race: Race) -> Tablet:
    return tablet_of(Floor(race.shop.life, race.shop.plant), f"Tablet of {race.lot}")


def _deliver(race: Race, tablet: Tablet, pin: str | None) -> str:
    told = record(race.who.badge, race.lot, units_inspected=UNITS)
    name, answer = tablet.deliver(told, pin)
    assert answer.status_code == 201, answer.text
    race.records[name] = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return str(name)


def says_that_they_made_it(race: Race) -> Iterator[None]:
    """A deed: it is settled in one transaction with its own storing, and not as the lot's address does it."""
    race.lot_there()
    name, unit = str(uuid.UUID(int=race.chance.getrandbits(128), version=4)), race.chance.choice([None, "U-3"])
    told = {"kind": "made", "line": "L1", "lot": race.lot, "unit": unit, "observed_at": clock.iso(clock.now())}
    yield
    answer = race.shop.call(race.who, "PUT", f"/floor/deeds/{name}", told)
    assert (answer.status_code, answer.json["state"]) == (201, "done"), answer.text
    race.makers.add((race.who.badge, unit, None))


def is_delivered_by_a_tablet(race: Race) -> Iterator[None]:
    race.lot_there()
    tablet = _tablet(race)
    set_pin(race.who.badge, PIN)
    race.who = signed_in_again(tablet.floor, race.who.badge)
    yield
    _deliver(race, tablet, PIN)


def says_that_it_is_theirs(race: Race) -> Iterator[None]:
    race.lot_there()
    name = _deliver(race, _tablet(race), None)
    race.shop.drain()
    yield
    race.signed(race.who, f"/inspections/{name}/own", mine=True)


def says_several_are_theirs(race: Race) -> Iterator[None]:
    race.lot_there()
    name = _deliver(race, _tablet(race), None)
    race.shop.drain()
    yield
    race.signed(race.who, "/inspections/own", answers=[{"uuid": name, "mine": True}])


def says_at_a_desk_that_it_is_theirs(race: Race) -> Iterator[None]:
    race.lot_there()
    name = _deliver(race, _tablet(race), None)
    race.shop.drain()
    fill_in = race.shop.desk(race.who)
    yield
    fill_in("/inspections/<uuid>/own", name, mine="yes", password=PASSWORD)


def made_it_by_a_saved_copy(race: Race) -> Iterator[None]:
    """What the tablet could not send is carried to a desk as a file, and done there."""
    race.lot_there()
    tablet = _tablet(race)
    set_pin(race.who.badge, PIN)
    race.who = signed_in_again(tablet.floor, race.who.badge)
    told = {
        "kind": "made",
        "badge": race.who.badge,
        "line": "L1",
        "lot": race.lot,
        "observed_at": clock.iso(clock.now()),
    }
    file = copy_of(tablet.token, tablet.id, deeds=(deed(tablet, told, PIN),))
    yield
    answer = race.shop.call(race.shop.boss, "POST", PATH.removeprefix("/v1"), file)
    assert [(one["status"], one["detail"]) for one in answer.json["deeds"]] == [("stored", "")], answer.text
    race.makers.add((race.who.badge, None, None))


MAKERS: tuple[Way, ...] = (
    *ways.MAKERS, named_at_a_desk, says_that_they_made_it, made_it_by_a_saved_copy,
)  # fmt: skip
INSPECTORS: tuple[Way, ...] = (
    *ways.INSPECTORS, is_confirmed_at_a_desk, the_one_before_is_void_at_a_desk, units_are_disposed_of_at_a_desk,
    lot_is_matched_at_a_desk, is_delivered_by_a_tablet, says_that_it_is_theirs,
    is_matched_at_a_desk, says_at_a_desk_that_it_is_theirs, says_several_are_theirs,
)  # fmt: skip
