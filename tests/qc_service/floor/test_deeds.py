"""What somebody does at a tablet besides inspecting: stored once, done as they themselves would, or kept as refused."""

import hashlib
import json
import threading
import time
import uuid
from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.db import connected, db
from qc_service.procedures.models import Acknowledgement, ProcedureDecision
from tests.deed_life import deeds, events, makers
from tests.floor_life import record
from tests.procedure_life import document, later
from tests.tablet_life import card_of, lose_card, set_pin, signed_in_again, tablet_of

PIN, OTHER = "739154", "260483"
HOUR = 3600


@pytest.fixture
def tablet(floor, mia):
    set_pin("MIA", PIN)
    return tablet_of(floor)


# --- made ---


def test_who_says_at_the_tablet_that_they_made_a_lot_is_its_maker(floor, tablet):
    floor.lot("A")

    answer = tablet.does("made", "MIA", PIN, lot="A", procedure="CAN", version=1)

    [deed] = deeds()
    assert answer.status_code == 201
    assert answer.json == {
        "receipt": deed.uuid, "sha256": deed.sha256, "state": "done", "reason": None, "notes": [],
    }  # fmt: skip
    assert deed.sha256 == hashlib.sha256(bytes(deed.body)).hexdigest()
    assert (deed.attestation, deed.badge, deed.device_id) == ("sealed", "MIA", tablet.id)
    assert makers(floor) == [("MIA", None)]
    assert events("lot.makers.named", "deed.done") == ["lot.makers.named", "deed.done"]


def test_a_maker_of_one_unit_is_named_for_that_unit(floor, tablet):
    floor.lot("A", units=["U-1"])

    assert tablet.does("made", "MIA", PIN, lot="A", unit="U-1").json["state"] == "done"

    assert makers(floor) == [("MIA", "U-1")]


def test_the_same_deed_again_has_the_same_receipt_and_no_second_effect(floor, tablet):
    floor.lot("A")
    name, seen = str(uuid.uuid4()), clock.iso(clock.now())

    first, again = (tablet.does("made", "MIA", PIN, at=name, lot="A", observed_at=seen) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert len(deeds()) == 1
    assert events("deed.done") == ["deed.done"]


def test_another_deed_under_its_address_is_refused_and_changes_nothing(floor, tablet):
    floor.lot("A")
    floor.lot("B")
    name = str(uuid.uuid4())
    tablet.does("made", "MIA", PIN, at=name, lot="A")

    answer = tablet.does("made", "MIA", PIN, at=name, lot="B")

    assert (answer.status_code, answer.json["code"]) == (409, "revision_conflict")
    assert (len(deeds()), makers(floor, "B")) == (1, [])


def test_who_inspected_what_they_turn_out_to_have_made_checked_their_own_work(floor, ines, tablet):
    floor.lot("A", "INES")
    record = floor.inspect(signed_in_again(floor, "MIA"), "A")
    assert floor.standing(record)[0] == "accepted"

    tablet.does("made", "MIA", PIN, lot="A", unit="U-7")

    assert floor.standing(record)[:3] == ("quarantined", ["self_check"], False)


def test_a_maker_who_had_not_read_the_procedure_is_its_maker_and_those_who_lead_are_told(floor, tablet):
    floor.lot("A")
    floor.person("NEW", "operator", reads=False)
    set_pin("NEW", OTHER)

    answer = tablet.does("made", "NEW", OTHER, lot="A", procedure="CAN", version=1, lang="da")

    [note] = answer.json["notes"]
    assert (answer.json["state"], answer.json["reason"], note["code"]) == ("done", None, "not_acknowledged")
    assert note["detail"] == "Name of NEW har ikke læst version 1 af CAN: læs den, og skriv under."
    assert makers(floor) == [("NEW", None)]


# --- read, deviation, step report ---


@pytest.fixture
def second(floor, tablet):
    """A version with another check, which nobody has read."""
    floor.life.published(floor.life.somebody("WRITER"), floor.life.somebody("HEAD"), doc=document("346"))


def test_who_has_read_a_version_at_the_tablet_has_signed_for_it(floor, tablet, second):
    answer = tablet.does("read", "MIA", PIN, procedure="CAN", version=2, language="da", meaning="read_and_understood")

    assert (answer.json["state"], answer.json["reason"]) == ("done", None)
    mine = signed_in_again(floor, "MIA").done("GET", "/me/qualifications")
    [told] = [one for one in mine["acknowledgements"] if one["version"] == 2]
    assert (told["language"], told["signature"]["method"]) == ("da", "pin")
    assert told["signature"]["meaning"] == "read_and_understood"


def test_what_they_checked_between_reading_it_and_sending_that_counts(floor, ines, tablet, second):
    floor.lot("A", "INES")
    time.sleep(0.002)
    read_at, checked_at = clock.now(), clock.now()
    tablet.does("read", "MIA", PIN, procedure="CAN", version=2, observed_at=clock.iso(read_at))

    name = tablet.judged(record("MIA", version=2, observed_at=clock.iso(checked_at)), PIN)

    assert floor.standing(name)[:2] == ("accepted", [])


def test_nobody_has_read_a_version_before_it_was_published_whatever_their_clock_says(floor, tablet, second):
    long_ago = clock.iso(clock.now() - timedelta(days=300))
    tablet.does("read", "MIA", PIN, procedure="CAN", version=2, observed_at=long_ago)

    with connected():
        [row] = Acknowledgement.select().order_by(Acknowledgement.at.desc()).limit(1)
        moments = [one.at for one in ProcedureDecision.select().where(ProcedureDecision.version_id == row.version_id)]
    assert row.at == max(moments)


def test_a_version_that_was_superseded_meanwhile_is_to_be_read_in_its_new_form(floor, tablet, second):
    floor.person("NEW", reads=False)
    set_pin("NEW", OTHER)

    answer = tablet.does("read", "NEW", OTHER, procedure="CAN", version=1)

    assert (answer.json["state"], answer.json["reason"]["code"]) == ("refused", "illegal_transition")
    assert answer.json["reason"]["detail"] == "Version 1 is superseded: read version 2 instead."


def test_a_deviation_is_asked_for_as_at_a_desk(floor, boss, tablet):
    asked = {
        "procedure": "CAN", "version": 1, "check": "weight", "lot": "A", "quantity": 20,
        "reason": "The supplier sent thicker sheet.", "expires_at": clock.iso(later(HOUR * 24)),
    }  # fmt: skip

    answer = tablet.does("deviation", "MIA", PIN, **asked)

    assert answer.json["state"] == "done", answer.json
    [found] = boss.done("GET", "/deviations?line=L1")["data"]
    assert (found["check"], found["asked_quantity"], found["asked_by"]["badge"]) == ("weight", 20, "MIA")
    assert (found["lot"], found["state"], deeds()[0].record_id) == ("A", "asked", found["id"])


def test_a_deviation_that_would_have_ended_before_it_came_is_refused_and_nothing_is_asked(floor, boss, tablet):
    asked = {"procedure": "CAN", "check": "weight", "quantity": 20, "reason": "The supplier sent thicker sheet."}

    late = tablet.does("deviation", "MIA", PIN, **asked, expires_at="2026-01-05T06:00:00Z")
    unknown = tablet.does("deviation", "MIA", PIN, **{**asked, "check": "colour"}, expires_at=clock.iso(later(HOUR)))

    assert (late.json["state"], late.json["reason"]["code"]) == ("refused", "validation_failed")
    assert late.json["reason"]["detail"].startswith("expires_at: ")
    assert unknown.json["reason"]["detail"] == "Version 1 has no check 'colour'. It has: tight, weight."
    assert boss.done("GET", "/deviations")["data"] == []


def test_a_step_that_does_not_work_is_reported_and_its_owner_sees_it(floor, boss, tablet):
    answer = tablet.does("step_report", "MIA", PIN, procedure="CAN", version=1, check="tight", text="No light there.")

    assert answer.json["state"] == "done", answer.json
    [found] = boss.done("GET", "/step-reports")["data"]
    assert (found["check"], found["text"], found["line"]) == ("tight", "No light there.", "L1")
    assert found["reported_by"]["badge"] == "MIA"


def test_a_deed_that_is_sent_again_asks_and_reports_once(floor, boss, tablet):
    said = {"procedure": "CAN", "version": 1, "check": "tight", "text": "No light there."}
    name, seen = str(uuid.uuid4()), clock.iso(clock.now())

    statuses = [tablet.does("step_report", "MIA", PIN, at=name, observed_at=seen, **said).status_code for _ in range(3)]

    assert statuses == [201, 200, 200]
    assert len(boss.done("GET", "/step-reports")["data"]) == 1


# --- a badge card ---


def test_what_a_card_seals_is_done_and_signed_as_by_card(floor, tablet, second):
    floor.lot("A")
    card = card_of("MIA")

    made = tablet.does("made", "MIA", card, lot="A")
    read = tablet.does("read", "MIA", card, procedure="CAN", version=2, language="da", meaning="read_and_understood")

    assert (made.json["state"], read.json["state"]) == ("done", "done")
    assert makers(floor) == [("MIA", None)]
    mine = signed_in_again(floor, "MIA").done("GET", "/me/qualifications")
    assert [one["signature"]["method"] for one in mine["acknowledgements"] if one["version"] == 2] == ["card"]


def test_what_a_lost_card_seals_is_kept_and_not_done(floor, tablet):
    floor.lot("A")
    card = card_of("MIA")
    lose_card("MIA")

    answer = tablet.does("made", "MIA", card, lot="A")

    assert (answer.status_code, answer.json["state"]) == (201, "refused")
    assert answer.json["reason"]["code"] == "identity_unconfirmed"
    assert makers(floor) == []


# --- at once ---


def test_a_deed_that_is_sent_several_times_at_once_is_done_once(app, floor, boss, tablet):
    told = {"kind": "step_report", "badge": "MIA", "line": "L1", "procedure": "CAN", "version": 1, "check": "tight"}
    data = json.dumps({**told, "text": "No light there.", "observed_at": clock.iso(clock.now())}).encode()
    headers = {"QC-Seal": tablet.sealed(PIN, data), "Authorization": f"Bearer {tablet.token}"}
    path, ready, statuses = f"/v1/floor/deeds/{uuid.uuid4()}", threading.Barrier(4), []

    def send():
        client = app.test_client(use_cookies=False)
        ready.wait()
        answer = client.put(path, data=data, content_type="application/json", headers=headers)
        statuses.append((answer.status_code, answer.json["state"]))
        if not db.is_closed():
            db.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [*[(200, "done")] * 3, (201, "done")]
    assert (len(deeds()), len(boss.done("GET", "/step-reports")["data"])) == (1, 1)
