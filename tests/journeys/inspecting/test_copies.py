"""A copy that a tablet saved and somebody carried: each record as if it were sent, once, and only of that tablet."""

import json

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from qc_service.lines.service import ensure_site
from qc_service.people import access
from tests.copy_life import PATH, copy_of, deed, kept, picture, signed
from tests.floor_life import record
from tests.pictures import jpeg
from tests.tablet_life import set_pin, tablet_of

PIN = "739154"
one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def tablet(floor, mia, ines):
    floor.lot("A", "MIA")
    set_pin("INES", PIN)
    return tablet_of(floor)


def carried(who, told, status=200):
    answer = who("POST", PATH.removeprefix("/v1"), told)
    assert answer.status_code == status, answer.text
    return answer.json


def unit(name: str, **more):
    return record("INES", unit=name, units_inspected=1, **more)


def rows() -> int:
    with connected():
        return InspectionRecord.select().count()


def test_each_record_is_stored_and_judged_as_if_the_tablet_had_sent_it(floor, tablet, boss):
    first, second = (kept(tablet, unit(f"U-{n}"), PIN, seq=n) for n in (1, 2))
    told = carried(boss, copy_of(tablet.token, tablet.id, second, first))
    floor.plant.work()

    assert [(one["seq"], one["status"], one["receipt"]) for one in told["records"]] == [
        (1, "stored", first["uuid"]), (2, "stored", second["uuid"]),
    ]  # fmt: skip
    assert [floor.standing(one["uuid"]) for one in (first, second)] == [("accepted", [], True, True)] * 2
    with connected():
        row = InspectionRecord.get_by_id(first["uuid"])
        assert (bytes(row.body), row.sha256) == (first["body"].encode(), first["sha256"])
        assert (row.device_id, row.device_seq, row.via, row.attestation) == (tablet.id, 1, "copy", "sealed")


def test_brought_in_twice_it_is_already_here_and_the_tablet_gets_its_receipt_when_it_is_back(floor, tablet, boss):
    one = kept(tablet, unit("U-1"), PIN)
    file = copy_of(tablet.token, tablet.id, one)
    carried(boss, file)
    assert [row["status"] for row in carried(boss, file)["records"]] == ["here"]

    headers = {"QC-Seal": one["seal"]}
    back = tablet.call("PUT", f"/v1/inspections/{one['uuid']}", data=one["body"].encode(),
                       content_type="application/json", headers=headers)  # fmt: skip
    assert (back.status_code, back.json) == (200, {"receipt": one["uuid"], "sha256": one["sha256"]})
    assert rows() == 1


@one_engine
def test_who_carried_it_is_in_the_trail_and_bringing_in_nothing_new_is_not(floor, tablet, boss):
    file = copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), PIN))
    for _ in range(2):
        carried(boss, file)
    with connected():
        events = [row for row in audit.Event.select() if row.type == "copy.imported"]
    assert [tablet.id in str(event.body) for event in events] == [True]


@one_engine
def test_the_copy_of_a_tablet_that_was_withdrawn_is_taken_and_its_records_count(floor, tablet, boss):
    file = copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), PIN))
    with connected():
        access.revoke_device(audit.COMMAND, tablet.id)
    told = carried(boss, file)
    floor.plant.work()
    assert told["revoked"] is True
    assert floor.standing(told["records"][0]["uuid"]) == ("accepted", [], True, True)


@one_engine
def test_a_pin_that_was_wrong_is_as_doubtful_as_if_it_had_been_sent(floor, tablet, boss):
    told = carried(boss, copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), "480917")))
    floor.plant.work()
    assert floor.standing(told["records"][0]["uuid"]) == ("unconfirmed", ["identity_unconfirmed"], False, False)


@one_engine
def test_one_record_that_was_damaged_is_named_and_the_others_are_kept(floor, tablet, boss):
    good, bad = (kept(tablet, unit(f"U-{n}"), PIN, seq=n) for n in (1, 2))
    file = copy_of(tablet.token, tablet.id, good, bad)
    file["records"][1] = {**bad, "body": bad["body"].replace("U-2", "U-3")}
    told = carried(boss, file)
    assert [(one["seq"], one["status"], one["receipt"]) for one in told["records"]] == [
        (1, "stored", good["uuid"]), (2, "damaged", None),
    ]  # fmt: skip
    assert "not stored" in told["records"][1]["detail"]
    assert rows() == 1


def test_another_body_under_a_known_address_is_kept_beside_the_first(floor, tablet, boss):
    first = kept(tablet, unit("U-1"), PIN)
    other = kept(tablet, unit("U-2"), PIN, seq=2, at=first["uuid"])
    carried(boss, copy_of(tablet.token, tablet.id, first))
    told = carried(boss, copy_of(tablet.token, tablet.id, other))
    assert [one["status"] for one in told["records"]] == ["variant"]
    with connected():
        assert [row.sha256 for row in InspectionVariant.select()] == [other["sha256"]]


@one_engine
def test_a_record_that_the_service_cannot_read_stops_no_other(floor, tablet, boss):
    wrong = kept(tablet, {**unit("U-1"), "units_inspected": 0}, PIN, seq=1)
    right = kept(tablet, unit("U-2"), PIN, seq=2)
    told = carried(boss, copy_of(tablet.token, tablet.id, wrong, right))
    assert [one["status"] for one in told["records"]] == ["refused", "stored"]
    assert told["records"][0]["detail"]


@one_engine
def test_pictures_come_with_it_and_one_that_is_damaged_is_named(floor, tablet, boss):
    good, bad = picture(jpeg()), {**picture(jpeg(seed=2)), "data": "AAAA"}
    file = copy_of(tablet.token, tablet.id, pictures=(good, bad))
    assert [one["status"] for one in carried(boss, file)["pictures"]] == ["stored", "damaged"]
    assert [one["status"] for one in carried(boss, file)["pictures"]] == ["here", "damaged"]
    assert boss("GET", f"/media/{good['sha256']}").status_code == 200


def _with(**other):
    return lambda told: json.dumps({**told, **other}).encode()


def _without(name):
    return lambda told: json.dumps({key: value for key, value in told.items() if key != name}).encode()


def _first(**other):
    return lambda told: json.dumps({**told, "records": [{**told["records"][0], **other}]}).encode()


def _again(told):
    return json.dumps(signed("0" * 64, {key: value for key, value in told.items() if key != "hmac"})).encode()


WRONG = {
    "cut off": (lambda told: json.dumps(told).encode()[:-40], "cut_off"),
    "empty": (lambda told: b"", "no_copy"),
    "another file": (lambda told: b"number,lot\n1,A\n", "no_copy"),
    "some other JSON": (lambda told: b'{"name": "A"}', "no_copy"),
    "without proof": (_without("hmac"), "unproved"),
    "of a newer form": (_with(format="qc-copy-2"), "newer"),
    "of no tablet here": (_with(device="dev_00000000000000000000000000"), "unknown_tablet"),
    "signed with another key": (_again, "changed"),
    "with another day": (_with(made_at="2026-03-03T06:00:00.000Z"), "changed"),
    "without a record": (_with(records=[]), "changed"),
    "with a record renumbered": (_first(seq=9), "changed"),
    "with another hash": (_first(sha256="0" * 64), "changed"),
    "with another seal": (_first(seal="AAAA"), "changed"),
    "with a field more": (_with(note="hello"), "changed"),
    "with half a letter in it": (_with(made_at="\ud800"), "changed"),
}  # fmt: skip


@one_engine
def test_a_file_that_its_tablet_did_not_make_so_is_refused_whole_and_says_why(floor, tablet, boss):
    told = copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), PIN))
    found = {}
    for name, (change, _) in WRONG.items():
        answer = boss("POST", PATH.removeprefix("/v1"), data=change(told), content_type="application/json")
        found[name] = answer.status_code, answer.json["code"], answer.json.get("reason")
    assert found == {name: (422, "copy_refused", reason) for name, (_, reason) in WRONG.items()}
    assert rows() == 0


@one_engine
def test_a_file_that_is_too_large_is_told_so_before_it_is_read(floor, tablet, boss):
    said = {"environ_overrides": {"CONTENT_LENGTH": str(65 * 1024 * 1024)}, "content_type": "application/json"}
    answer = boss("POST", PATH.removeprefix("/v1"), data=b"{", **said)
    assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")
    assert "64 MB" in answer.json["detail"]


@one_engine
def test_only_who_leads_or_looks_after_tablets_may_bring_one_in(floor, tablet, mia):
    file = copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), PIN))
    assert mia.refused("POST", PATH.removeprefix("/v1"), file) == (403, "scope_missing")
    keeper = floor.life.somebody("KEEPER", "admin", site="S1")
    assert [one["status"] for one in carried(keeper, file)["records"]] == ["stored"]


@one_engine
def test_of_another_sites_tablet_nothing_is_known_and_nothing_is_stored(floor, tablet):
    with connected():
        ensure_site(audit.COMMAND, "S2")
    stranger = floor.life.somebody("FAR", "supervisor", site="S2")
    file = copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), PIN))
    assert stranger.refused("POST", PATH.removeprefix("/v1"), file) == (422, "copy_refused")
    assert rows() == 0


@one_engine
def test_numbers_that_come_with_the_copy_are_missing_no_more(floor, tablet, boss):
    late = kept(tablet, unit("U-1"), PIN, seq=1)
    tablet.judged({**unit("U-2"), "device_seq": 2}, PIN)
    assert [(one["first"], one["last"]) for one in boss.done("GET", "/gaps")["data"]] == [(1, 1)]
    carried(boss, copy_of(tablet.token, tablet.id, late))
    assert boss.done("GET", "/gaps")["data"] == []


def done(tablet, **told):
    return deed(tablet, {"badge": "MIA", "line": "L1", "observed_at": "2026-03-02T06:00:00Z", **told}, PIN)


def test_what_else_was_done_at_the_tablet_comes_with_it_and_what_does_not_count_says_why(floor, tablet, boss):
    set_pin("MIA", PIN)
    made = done(tablet, kind="made", lot="A", unit="U-9")
    unknown = done(tablet, kind="made", badge="GHOST", lot="A")
    damaged = {**done(tablet, kind="made", lot="A"), "body": "{}"}
    file = copy_of(tablet.token, tablet.id, deeds=(made, unknown, damaged))
    told = carried(boss, file)["deeds"]

    assert [(one["kind"], one["badge"], one["status"]) for one in told] == [
        ("made", "MIA", "stored"), ("made", "GHOST", "stored"), (None, None, "damaged"),
    ]  # fmt: skip
    assert (told[0]["detail"], told[1]["detail"].startswith("That is not the PIN or the card of badge")) == ("", True)
    assert {"badge": "MIA", "unit": "U-9"}.items() <= boss.done("GET", "/lots/A")["makers"][-1].items()
    assert [one["status"] for one in carried(boss, file)["deeds"]] == ["here", "here", "damaged"]


def test_who_read_a_version_before_inspecting_by_it_has_read_it_however_the_file_is_ordered(floor, tablet, boss):
    floor.person("NEWT", reads=False)
    set_pin("NEWT", PIN)
    version = {"procedure": "CAN", "version": 1}
    inspection = kept(tablet, record("NEWT", unit="U-3", units_inspected=1), PIN)
    read = done(tablet, kind="read", badge="NEWT", **version)
    carried(boss, copy_of(tablet.token, tablet.id, inspection, deeds=(read,)))
    floor.plant.work()

    assert floor.standing(inspection["uuid"])[0] == "accepted"
