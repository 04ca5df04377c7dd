"""Deeds that do not count are kept with the reason, and nothing else comes of them."""

import json
import uuid

import pytest

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.lines.models import Site
from qc_service.people import access, staff
from tests.deed_life import deeds, events, makers
from tests.tablet_life import set_pin, tablet_of

PIN, OTHER = "739154", "260483"


@pytest.fixture
def tablet(floor, mia):
    set_pin("MIA", PIN)
    return tablet_of(floor)


@pytest.mark.parametrize("pin", [OTHER, None])
def test_a_deed_whose_pin_is_wrong_or_missing_is_kept_and_does_not_count(floor, tablet, pin):
    floor.lot("A")

    answer = tablet.does("made", "MIA", pin, lot="A")

    [deed] = deeds()
    assert (answer.status_code, answer.json["state"]) == (201, "refused")
    assert answer.json["reason"]["code"] == "identity_unconfirmed"
    assert (deed.attestation, deed.person_id, deed.badge) == ("unproved", None, "MIA")
    assert makers(floor) == []
    assert events("lot.makers.named", "deed.refused") == ["deed.refused"]


def test_a_seal_fits_no_other_deed(floor, tablet):
    floor.lot("A")
    data = json.dumps({"kind": "made", "badge": "MIA", "line": "L1", "lot": "A", "observed_at": "2026-01-05T06:00:00Z"})
    headers = {"QC-Seal": tablet.sealed(PIN, b"another")}

    answer = tablet.call(
        "PUT", f"/v1/floor/deeds/{uuid.uuid4()}", data=data, content_type="application/json", headers=headers
    )

    assert answer.json["reason"]["code"] == "identity_unconfirmed"


def test_the_reason_is_told_in_the_reader_s_language_whenever_it_is_asked_for(floor, tablet):
    told = {"check": "tight", "quantity": 1, "reason": "The sheet is thicker.", "expires_at": "2099-01-05T06:00:00Z"}
    told |= {"procedure": "X-9", "observed_at": clock.iso(clock.now()), "at": str(uuid.uuid4())}

    said = {lang: tablet.does("deviation", "MIA", PIN, lang=lang, **told).json["reason"] for lang in ("en", "da", "id")}

    assert said["en"] == {"code": "unknown_ref", "detail": "No procedure 'X-9' that you may see."}
    assert len({one["detail"] for one in said.values()}) == 3
    assert all("'X-9'" in one["detail"] for one in said.values())


def test_a_lot_or_version_that_nobody_knows_is_named_with_what_to_do(floor, tablet):
    lot = tablet.does("made", "MIA", PIN, lot="X-9").json["reason"]
    version = tablet.does("read", "MIA", PIN, procedure="CAN", version=9).json["reason"]

    assert (lot["code"], version["code"]) == ("unknown_ref", "unknown_ref")
    assert lot["detail"].startswith("Nobody knows the lot 'X-9' here. Check its code")
    assert version["detail"].startswith("There is no version 9 of the procedure 'CAN' here. Connect the tablet")


def test_fields_that_a_newer_app_sends_are_kept_and_a_field_that_is_missing_is_named(floor, tablet):
    floor.lot("A")

    whole = tablet.does("made", "MIA", PIN, lot="A", mood="good")
    lacking = tablet.does("made", "MIA", PIN)

    assert (whole.json["state"], lacking.json["state"]) == ("done", "refused")
    assert lacking.json["reason"] == {"code": "validation_failed", "detail": "lot: Missing data for required field."}
    assert json.loads(bytes(deeds()[0].body))["mood"] == "good"


def test_a_line_that_nobody_knows_is_kept_as_it_was_named(floor, tablet):
    floor.lot("A")

    answer = tablet.does("made", "MIA", PIN, lot="A", line="L9")

    assert (answer.json["state"], answer.json["reason"]["code"]) == ("refused", "unknown_ref")
    assert (deeds()[0].line, deeds()[0].line_id) == ("L9", None)


def test_who_had_left_when_they_are_said_to_have_done_it_did_not(floor, tablet):
    floor.lot("A")
    before = clock.iso(clock.now())
    with connected():
        staff.deactivate_person(audit.COMMAND, staff.person_with("MIA").id)

    late = tablet.does("made", "MIA", PIN, lot="A")
    early = tablet.does("made", "MIA", PIN, lot="A", observed_at=before)

    assert (late.json["state"], late.json["reason"]["code"]) == ("refused", "left")
    assert early.json["state"] == "done"


def test_whose_role_does_not_allow_it_in_the_tablet_s_site_does_not_do_it(floor, tablet):
    floor.lot("A")
    floor.plant.line("X1", "S2")
    floor.person("GUEST", "auditor", reads=False)
    with connected():
        staff.grant_role(audit.COMMAND, staff.person_with("GUEST").id, "operator", site_id=_site("S2"))
    set_pin("GUEST", OTHER)

    answer = tablet.does("made", "GUEST", OTHER, lot="A")

    assert (answer.json["state"], answer.json["reason"]["code"]) == ("refused", "scope_missing")
    assert makers(floor) == []


def test_who_has_no_role_in_the_tablet_s_site_does_nothing_there(floor, tablet):
    floor.lot("A")
    floor.plant.line("X1", "S2")
    floor.person("FAR", "operator", reads=False, site="S2")
    set_pin("FAR", OTHER)

    answer = tablet.does("made", "FAR", OTHER, lot="A")

    assert answer.json["reason"] == {
        "code": "scope_missing",
        "detail": "Name of FAR has no role here: ask a supervisor.",
    }


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"kind": "made"}', b'{"kind": "dance", "badge": "MIA"}'])
def test_what_cannot_be_read_is_not_stored(floor, tablet, body):
    answer = tablet.call("PUT", f"/v1/floor/deeds/{uuid.uuid4()}", data=body, content_type="application/json")

    assert answer.status_code in (400, 422)
    assert deeds() == []


def test_a_tablet_of_another_site_learns_nothing_of_it(floor, tablet):
    floor.lot("A")
    floor.plant.line("X1", "S2")
    name = str(uuid.uuid4())
    tablet.does("made", "MIA", PIN, at=name, lot="A")
    with connected():
        _, token = access.enrol_device(audit.COMMAND, "Elsewhere", site_id=_site("S2"))
    tablet.token = token

    assert tablet.does("made", "MIA", PIN, at=name, lot="A").status_code == 404


def test_who_is_signed_in_may_send_their_own_and_nobody_else_s(floor, mia):
    floor.lot("A")
    told = {"kind": "made", "line": "L1", "lot": "A", "observed_at": clock.iso(clock.now())}

    own = mia("PUT", f"/floor/deeds/{uuid.uuid4()}", json=told)
    other = mia("PUT", f"/floor/deeds/{uuid.uuid4()}", json={**told, "badge": "INES"})

    assert (own.status_code, own.json["state"]) == (201, "done")
    assert (other.status_code, other.json["errors"][0]["pointer"]) == (422, "/badge")


def _site(code):
    return Site.get(Site.code == code).id
