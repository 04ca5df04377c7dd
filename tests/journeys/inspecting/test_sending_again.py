"""What could not be taken in, or not wholly read: nothing is half-written, and the sender loses nothing."""

import contextlib
import json
import uuid
from dataclasses import replace

import pytest

from qc_service import clock
from qc_service.db import connected, db
from qc_service.inspections.models import Inspection, InspectionRecord
from qc_service.media.models import MediaBytes
from qc_service.queue import Outbox
from tests.attacks import found as broken
from tests.floor_life import OK, record
from tests.pictures import JPEG, jpeg, sha256
from tests.procedure_life import SIGNED
from tests.tablet_life import set_pin, tablet_of
from workers import following

STANDS = ("accepted", [], True, True)
BAD = {**OK, "tight": {"value": "defect"}}
FOUND = {"check": "tight", "defect_code": "LEAK", "units": 1, "disposition": "scrap"}
NO_ROOM = "The service has no room left: nothing of this was stored."

PIN = "482915"

sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


# --- no room ---


def no_more_pages():
    """The database file may not grow any more."""
    pages = db.execute_sql("PRAGMA page_count").fetchone()[0]
    assert db.execute_sql(f"PRAGMA max_page_count = {pages}").fetchone()[0] == pages


def room_again():
    db.execute_sql("PRAGMA max_page_count = 4294967294")
    Outbox.update(due_at=clock.now(), error=None).execute()


def large(number: int) -> bytes:
    """A record that no page which is there already has room for."""
    answers = {**OK, "tight": {"value": "ok", "seen": "x" * 90_000}}
    return json.dumps(record("INES", unit=f"U-{number}", units_inspected=1, answers=answers)).encode()


@sqlite
def test_a_service_without_room_stores_nothing_by_halves_and_takes_it_once_there_is_room(floor, mia, ines):
    floor.lot("A", "MIA")
    with connected():  # one connection for all of it, because the limit is a connection's
        waiting, _ = floor.send(ines, large(1))
        no_more_pages()
        name, body = str(uuid.uuid4()), large(2)
        answer = ines("PUT", f"/inspections/{name}", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json["detail"].startswith(NO_ROOM)
        assert [row.uuid for row in InspectionRecord.select()] == [waiting]
        assert broken() == []
        assert floor.get(waiting)["state"] == "received"  # it can still be read

        room_again()
        assert floor.send(ines, body, at=name)[1].status_code == 201
        assert floor.send(ines, body, at=name)[1].status_code == 200
        floor.plant.work()
        assert [floor.standing(one) for one in (waiting, name)] == [STANDS, STANDS]
        assert floor.count()["inspected"] == 2
        assert broken() == []


@sqlite
def test_a_record_that_cannot_be_judged_for_want_of_room_is_judged_later(floor, mia, ines, app):
    floor.lot("A", "MIA")
    with connected():
        name, _ = floor.send(ines, large(1))
        no_more_pages()
        for row in Outbox.select():
            with contextlib.suppress(Exception):  # a worker writes it down and goes on
                following.follow(row.id, app.config["QC"])
        assert not Inspection.select().exists()
        assert broken() == []
        room_again()
        floor.plant.work()
        assert floor.standing(name) == STANDS
        assert broken() == []


# --- too much at once ---


def test_who_is_told_to_wait_asks_again_and_it_is_stored_once(floor, mia, ines, app):
    app.config.update(QC=replace(app.config["QC"], media_daily_mb=1))
    floor.lot("A", "MIA")
    first, second = (jpeg(seed) + bytes(600_000) for seed in (1, 2))
    parts = [{**FOUND, "photo": sha256(one)} for one in (first, second)]
    name = floor.inspect(ines, answers=BAD, nonconformities=parts)

    def put(photo):
        return ines("PUT", f"/media/{sha256(photo)}?site=S1", data=photo, content_type=JPEG)

    assert put(first).status_code == 201
    told_to_wait = put(second)
    assert (told_to_wait.status_code, told_to_wait.json["code"]) == (429, "quota_exceeded")
    floor.plant.work()
    assert floor.standing(name) == ("accepted", ["media_pending"], True, True)
    with connected():
        assert [row.sha256 for row in MediaBytes.select()] == [sha256(first)]
    app.config.update(QC=replace(app.config["QC"], media_daily_mb=2))
    assert [put(second).status_code for _ in range(2)] == [201, 200]
    floor.plant.work()
    assert floor.standing(name) == STANDS


# --- by an app of another release ---


def test_a_record_of_an_elder_app_lacks_every_field_that_may_be_missing_and_counts(floor, mia, ines):
    floor.lot("A", "MIA")
    needed = ("lot", "procedure", "version", "inspector", "answers", "units_inspected", "observed_at")
    told = record("INES")
    name, answer = floor.send(ines, {one: told[one] for one in needed})
    assert answer.status_code == 201
    floor.plant.work()
    assert floor.standing(name) == STANDS


def newer():
    more = {"light": {"lux": 800}, "answers": BAD, "nonconformities": [{**FOUND, "depth_mm": "0.4"}]}
    return record("INES", **more)


def test_a_tablets_record_by_a_newer_app_is_kept_as_it_came_and_waits_for_a_supervisors_word(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    tablet = tablet_of(floor)
    set_pin("INES", PIN)
    sent = newer()
    name = tablet.judged(sent, PIN)
    assert floor.standing(name) == ("unconfirmed", ["unknown_fields"], False, False)
    assert floor.get(name)["sentence"] == "It waits for a supervisor's word: it says more than this release can read."
    with connected():
        assert json.loads(bytes(InspectionRecord.get_by_id(name).body)) == sent
    boss.done("POST", f"/inspections/{name}/confirm", SIGNED)
    assert floor.standing(name) == STANDS
    assert floor.get(name)["units"]["scrap"] == 1


def test_whoever_sends_it_from_elsewhere_is_told_which_fields_are_unknown(floor, ines):
    answer = ines("PUT", f"/inspections/{uuid.uuid4()}", json=newer())
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json["errors"]} == {"/light", "/nonconformities/0/depth_mm"}
    with connected():
        assert not InspectionRecord.select().exists()


@pytest.mark.parametrize("said", ["[]", "3", '{"nonconformities": 7, "lot": "A"}', '{"nonconformities": [7, null]}'])
def test_what_is_no_record_at_all_is_refused_to_a_tablet_too(floor, said):
    answer = tablet_of(floor).call("PUT", f"/v1/inspections/{uuid.uuid4()}", data=said, content_type="application/json")
    assert answer.status_code in (400, 422)
