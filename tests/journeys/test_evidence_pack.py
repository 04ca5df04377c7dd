"""An auditor takes the evidence home and checks it there, with Python and nothing else."""

import base64
import hashlib
import json
import uuid
from datetime import timedelta

import pytest
import time_machine

from qc_service import clock
from qc_service.audit import Event
from qc_service.db import connected
from qc_service.verify import verify, write_anchor
from tests.attacks import Attacker
from tests.floor_life import record
from tests.pack_life import check, eventful_lot, manifest, names, pack_of, put_photo, unpack
from tests.pictures import jpeg
from tests.procedure_life import SIGNED, Somebody

WHOLE = (0, "The pack is whole.\n")
ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def auditor(floor) -> Somebody:
    return floor.life.somebody("AUDITOR", "auditor", site="S1")


def soon(**more: float) -> str:
    return clock.iso(clock.now() + timedelta(**more))


def streams(folder) -> dict[str, list[dict]]:
    """The events of each stream of a pack."""
    files = {stream: folder / file for stream, file, *_ in manifest(folder)["streams"]}
    return {stream: [json.loads(line) for line in path.read_text().splitlines()] for stream, path in files.items()}


def test_a_lot_is_taken_home_and_is_whole(floor, auditor, tmp_path):
    told = eventful_lot(floor)
    folder = unpack(pack_of(auditor, lot="A"), tmp_path / "pack")
    write_anchor(tmp_path / "heads.txt")
    assert check(folder) == WHOLE
    assert list(verify()) == []
    kept = {path.stem for path in (folder / "records").iterdir()}
    assert kept == {told["first"], told["second"], told["third"]}  # and nothing of lot B
    for name in kept:
        body = (folder / f"records/{name}.json").read_bytes()
        assert hashlib.sha256(body).hexdigest() == floor.get(name)["sha256"]
    assert (folder / f"photos/{told['photo']}.jpg").read_bytes() == jpeg()
    assert len(list((folder / "variants").iterdir())) == 2


def test_an_anchor_that_was_kept_elsewhere_vouches_for_the_pack(floor, auditor, tmp_path):
    eventful_lot(floor)
    write_anchor(tmp_path / "before.txt")
    folder = unpack(pack_of(auditor, lot="A"), tmp_path / "pack")
    floor.lot("A", "INES")
    write_anchor(tmp_path / "after.txt")
    assert check(folder, tmp_path / "before.txt") == WHOLE
    status, said = check(folder, tmp_path / "after.txt")
    assert status == 1
    assert "it has not the event" in said


def test_the_rows_say_what_it_was_judged_to_be_with_everything_that_led_there(floor, auditor, tmp_path):
    told = eventful_lot(floor)
    folder = unpack(pack_of(auditor, lot="A"), tmp_path / "pack")
    rows = json.loads((folder / f"inspections/{told['first']}.rows.json").read_text())
    by_table = {table: [row for one, _, row in rows if one == table] for table, _, _ in rows}
    assert by_table["inspection"][0]["state"] == "superseded"
    assert {row["spec"]["text"] for row in by_table["inspection_answer"]} == {"Closed all round?", "Filled weight"}
    assert by_table["nonconformity"][0]["photo"] == told["photo"]
    assert by_table["disposition"][0]["becomes"] == "scrap"
    assert {row["meaning"] for row in by_table["signature"]} == {"inspected", "units_disposed"}
    acts = json.loads((folder / f"inspections/{told['third']}.rows.json").read_text())
    assert [row["kind"] for table, _, row in acts if table == "inspection_act"] == ["void_asked", "voided"]


def test_the_pages_show_who_signed_what_when_and_how(floor, auditor, tmp_path):
    told = eventful_lot(floor)
    folder = unpack(pack_of(auditor, lot="A"), tmp_path / "pack")
    for page in (folder / "index.html", folder / f"inspections/{told['third']}.html"):
        text = page.read_text()
        for shown in ("Name of INES", "inspected it", "agreed to void the inspection", "Name of BOSS", "password"):
            assert shown in text, (page.name, shown)
    index = (folder / "index.html").read_text()
    assert "Name of MIA (MIA)" in index
    assert "approved it" in index


def test_what_people_wrote_is_text_on_the_pages_and_nothing_else(floor, auditor, tmp_path):
    floor.lot("A")
    ines = floor.person("INES")
    name = floor.inspect(ines, unit="<script>alert(1)</script>".replace("/", "|"))
    folder = unpack(pack_of(auditor, lot="A"), tmp_path / "pack")
    for page in ("index.html", f"inspections/{name}.html"):
        assert "<script>" not in (folder / page).read_text()
    assert check(folder) == WHOLE


def test_other_events_are_proved_without_saying_what_is_in_them(floor, auditor, tmp_path):
    told = eventful_lot(floor)
    floor.plant.line("M1", "S2")
    elsewhere = put_photo(floor, site="S2", seed=7)
    data = pack_of(auditor, lot="A")
    folder = unpack(data, tmp_path / "pack")
    found = streams(folder)
    assert {stream.count("/line/") for stream in found} == {0, 1}
    hidden = [one for events in found.values() for one in events if "body" not in one]
    assert hidden
    assert {"person.added", "line.created"} & {one["head"][4] for one in hidden}
    text = "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
    assert told["elsewhere"] not in text  # of the same line, and not of this lot
    assert elsewhere not in text
    assert not any(one["head"][4].startswith(("person.", "role.")) for one in found["plant"] if "body" in one)


def test_a_database_that_was_tampered_with_gives_packs_that_say_so(floor, auditor, settings, tmp_path):
    told = eventful_lot(floor)
    attacker = Attacker(settings)
    attacker.sql("UPDATE inspection SET result = 'pass' WHERE uuid = ?", told["first"])
    attacker.sql("UPDATE inspection_record SET body = ? WHERE uuid = ?", b"{}", told["third"])
    attacker.close()
    status, said = check(unpack(pack_of(auditor, lot="A"), tmp_path / "pack"))
    assert status == 1
    assert f"inspection {told['first']}: the trail says otherwise" in said
    assert f"inspection_record {told['third']}: the trail says otherwise" in said


def test_each_pack_is_an_event_of_its_line_with_the_hash_of_the_archive(floor, auditor):
    eventful_lot(floor)
    answer = auditor("POST", "/evidence-packs", {"lot": "A"})
    data, digest = answer.data, hashlib.sha256(answer.data).digest()
    assert answer.headers["Content-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert answer.headers["Content-Disposition"] == "attachment; filename=evidence-lot-A.zip"
    with connected():
        [event] = Event.select().where(Event.type == "pack.made")
    told = json.loads(bytes(event.body))["data"]
    assert event.actor.startswith("person:")
    assert "/line/" in event.stream
    assert (told["inspections"], told["photos"], told["bytes"]) == (3, 1, len(data))
    assert told["sha256"] == digest.hex()
    assert told["subject"] == {"kind": "lot", "code": "A", "site": "S1"}


def test_a_line_is_taken_home_for_a_period(floor, auditor, tmp_path):
    told = eventful_lot(floor)
    folder = unpack(pack_of(auditor, line="L1", **{"from": soon(hours=-1), "to": soon(hours=1)}), tmp_path / "pack")
    assert manifest(folder)["inspections"] == 4
    assert f"records/{told['elsewhere']}.json" in manifest(folder)["files"]
    assert check(folder) == WHOLE
    nothing = unpack(pack_of(auditor, line="L1", **{"from": soon(hours=1), "to": soon(hours=2)}), tmp_path / "empty")
    assert manifest(nothing)["inspections"] == 0
    assert check(nothing) == WHOLE


def test_a_procedure_is_taken_home_with_its_documents(floor, auditor, tmp_path):
    eventful_lot(floor)
    folder = unpack(pack_of(auditor, procedure="CAN", to=soon(hours=1)), tmp_path / "pack")
    [document] = (folder / "procedures").glob("*.document.json")
    digest = floor.life.somebody("READER").done("GET", "/procedures/CAN/versions/1")["digest"]
    assert hashlib.sha256(document.read_bytes()).hexdigest() == digest
    assert check(folder) == WHOLE


def test_a_record_that_nobody_has_judged_yet_is_in_the_pack(floor, auditor, tmp_path):
    floor.lot("A")
    ines = floor.person("INES")
    name, _ = floor.send(ines, record("INES"))
    for number, asked in enumerate(({"lot": "A"}, {"procedure": "CAN"}, _today())):
        folder = unpack(pack_of(auditor, **asked), tmp_path / f"pack-{number}")
        assert f"records/{name}.json" in manifest(folder)["files"], asked
        assert "received" in (folder / "index.html").read_text()
        assert check(folder) == WHOLE


def _today() -> dict[str, str]:
    return {"line": "L1", "from": soon(hours=-1), "to": soon(hours=1)}


def test_records_that_came_before_their_lot_are_proved_in_the_streams_in_which_they_came(floor, auditor, tmp_path):
    ines = floor.person("INES")
    floor.inspect(ines, lot="LATE")
    imported = str(uuid.uuid4())
    answer = floor.plant.call("PUT", f"/v1/inspections/{imported}", record("INES", "LATE", makers=["INES"]))
    assert answer.status_code == 201, answer.text
    floor.plant.work()
    floor.lot("LATE", "INES")
    floor.plant.work()
    folder = unpack(pack_of(auditor, lot="LATE"), tmp_path / "pack")
    assert manifest(folder)["inspections"] == 2
    assert {one[0] for one in manifest(folder)["streams"]} >= {"plant"}
    assert check(folder) == WHOLE


def test_what_holds_a_lot_and_who_let_it_go_is_in_the_pack(floor, auditor, tmp_path):
    floor.lot("A")
    boss, head = floor.life.somebody("BOSS"), floor.life.somebody("HEAD")
    boss.done("POST", "/lots/A/hold", {"reason": "The labels are wrong."})
    boss.done("POST", "/lots/A/release", {**SIGNED, "reason": "The labels were put right."})
    head.done("POST", "/lots/A/release/agree", SIGNED)
    folder = unpack(pack_of(auditor, lot="A"), tmp_path / "pack")
    [lot] = (folder / "lots").iterdir()
    found = {table for table, _, _ in json.loads(lot.read_text())}
    assert found >= {"lot", "lot_hold", "lot_request", "lot_agreement", "released_hold", "signature"}
    index = (folder / "index.html").read_text()
    for shown in ("The labels are wrong.", "Name of BOSS", "Name of HEAD"):
        assert shown in index
    assert check(folder) == WHOLE


def test_a_photo_of_another_site_does_not_come_along_by_naming_its_hash(floor, auditor, tmp_path):
    floor.plant.line("M1", "S2")
    theirs = put_photo(floor, site="S2", seed=7)
    floor.lot("A")
    ines = floor.person("INES")
    floor.inspect(ines, nonconformities=[
        {"check": "tight", "units": 1, "disposition": "hold", "photo": theirs}
    ])  # fmt: skip
    data = pack_of(auditor, lot="A")
    assert [name for name in names(data) if name.startswith("photos/")] == []
    assert check(unpack(data, tmp_path / "pack")) == WHOLE


@ONE_ENGINE
def test_who_may_not_see_the_lot_is_told_that_there_is_none(floor):
    eventful_lot(floor)
    floor.plant.line("M1", "S2")
    stranger = floor.life.somebody("STRANGER", "auditor", site="S2")
    for asked in ({"lot": "A"}, {"lot": "NONE"}, {"line": "L1", "from": soon(hours=-1), "to": soon()}):
        assert stranger.refused("POST", "/evidence-packs", asked) == (422, "unknown_ref")
    assert floor.people["INES"].refused("POST", "/evidence-packs", {"lot": "A"}) == (403, "scope_missing")


@ONE_ENGINE
@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({}, "/lot"),
        ({"lot": "A", "line": "L1"}, "/lot"),
        ({"line": "L1"}, "/from"),
        ({"line": "L1", "from": "2026-01-01T00:00:00Z"}, "/to"),
        ({"lot": "A", "from": "2026-01-01T00:00:00Z"}, "/from"),
        ({"procedure": "CAN", "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "/to"),
        ({"procedure": "NONE"}, "/procedure"),
        ({"procedure": "CAN", "site": "NOWHERE"}, "/site"),
    ],
)
def test_a_request_that_makes_no_sense_says_where(auditor, asked, pointer):
    answer = auditor("POST", "/evidence-packs", asked)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


@ONE_ENGINE
def test_a_pack_of_several_sites_procedure_asks_which(floor):
    floor.plant.line("M1", "S2")
    chief = floor.life.somebody("EVERYWHERE", "auditor")
    assert chief.refused("POST", "/evidence-packs", {"procedure": "CAN"}) == (422, "ambiguous_ref")
    assert pack_of(chief, procedure="CAN", site="S2")


@ONE_ENGINE
def test_what_is_too_much_for_one_pack_is_refused_with_what_to_narrow(floor, auditor, monkeypatch):
    eventful_lot(floor)
    monkeypatch.setattr("qc_service.packs.rules.MOST_RECORDS", 2)
    answer = auditor("POST", "/evidence-packs", {"line": "L1", "from": soon(hours=-1), "to": soon(hours=1)})
    assert (answer.status_code, answer.json["code"]) == (413, "pack_too_large")
    assert answer.json["detail"] == (
        "It would hold 4 inspections, and one pack holds at most 2. "
        "Ask for a shorter period: put from and to closer together."
    )
    with connected():
        assert Event.select().where(Event.type == "pack.made").count() == 0


@ONE_ENGINE
def test_an_auditor_comes_for_a_time_reads_and_takes_a_pack_and_is_gone(floor):
    eventful_lot(floor)
    admin, guest = floor.life.somebody("ADMIN", "admin"), floor.life.somebody("GUEST", "operator", site="S2")
    [person] = admin.done("GET", "/people?code=GUEST")["data"]
    until = soon(minutes=30)
    grant = {"role": "auditor", "site": "S1", "expires_at": until}
    roles = admin.done("POST", f"/people/{person['id']}/roles", grant)["roles"]
    assert grant in roles
    assert pack_of(guest, lot="A")
    assert guest.done("GET", "/lots/A")["code"] == "A"
    assert guest.refused("POST", "/lots/A/makers", {"makers": ["GUEST"]})[0] in (403, 404)
    with time_machine.travel(clock.parse(until), tick=False):
        assert guest.refused("GET", "/lots/A") == (404, "not_found")
        assert guest.refused("POST", "/evidence-packs", {"lot": "A"}) == (403, "scope_missing")
