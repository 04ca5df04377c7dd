"""What cannot be read is a finding and never an error; and no single bit changes history unseen."""

import random

import pytest

from qc_service import audit
from qc_service.audit import Event
from qc_service.db import db
from qc_service.lines.models import Line, Site
from qc_service.lines.service import create_line
from qc_service.verify import verify
from tests.attacks import contents, found, kinds, some_stream

pytestmark = pytest.mark.volume

FLIPS = 150


# --- what cannot be read ---


BODIES = [
    b"", b"\xff\xfe", b"{}", b"[]", b"null", b"NaN", b'{"data":{},"rows":{}}', b'{"data":{},"rows":[1]}',
    b'{"data":{},"rows":[["line"]]}', b'{"data":{},"rows":[["line","lin_1",7]]}', b"[" * 100_000,
    b'{"data":{},"rows":[["line",1,{}]]}', b'{"data":' + b"9" * 10_000 + b',"rows":[]}',
    b'{"data":{"x":NaN},"rows":[]}', b'{"rows":[],"data":{}}', b'{"data":{},"data":{},"rows":[]}',
    b'{"data":"\\ud800","rows":[["l\\ud800ne","\\udfff",{"\\ud800":"\\ud800"}]]}',
    b'{"data":{"x":1.0},"rows":[]}', b'{ "data":{},"rows":[]}', b'{"data":{"x":1e400},"rows":[]}',
]  # fmt: skip


def test_bodies_that_cannot_be_read_are_findings(attacker):
    """Each with its right hash, so that nothing else is wrong with it."""
    line = Line.get(Line.code == "L1")
    wanted = []
    for body in BODIES:
        with audit.change(audit.COMMAND, "line.looked_at", site_id=line.site_id, line_id=line.id) as change:
            pass
        event = Event.select().where(Event.id == change.id).dicts().get()
        new = audit.chain({**event, "body": body})
        attacker.sql("UPDATE event SET body = ?, hash = ? WHERE id = ?", body, new, change.id)
        attacker.sql("UPDATE stream_head SET hash = ? WHERE stream = ?", new, event["stream"])
        wanted.append(("body", f"event {event['seq']} of stream {event['stream']}"))
    assert [(finding.kind, finding.place) for finding in verify() if finding.place.startswith("event")] == wanted


@pytest.mark.pg
@pytest.mark.parametrize("engine", ["pg"], indirect=True)
@pytest.mark.parametrize("moment", ["infinity", "-infinity", "2026-01-01 BC", "12026-01-01"])
def test_a_time_that_python_does_not_know_is_a_finding(attacker, moment):
    attacker.sql("UPDATE line SET created_at = ? WHERE code = 'L1'", moment)
    attacker.sql("UPDATE event SET recorded_at = ? WHERE stream = ? AND seq = 1", moment, some_stream())
    assert kinds() == {"changed", "hash"}


def test_what_could_confuse_a_terminal_is_spelt_out(attacker):
    attacker.sql("UPDATE line SET id = ? WHERE code = 'L1'", "\x1b[2K\nHistory is whole.")
    texts = found()
    assert any("\\x1b[2K\\nHistory is whole." in text for text in texts)
    assert all(text.isprintable() for text in texts)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [0, 10, 4096, 20_000])
def test_a_file_that_was_cut_off_is_a_finding(database, tmp_path, size):
    db.obj.close_all()
    with (tmp_path / "qc.db").open("r+b") as file:
        file.truncate(size)
    assert found()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_missing_file_is_a_finding(database, tmp_path):
    db.obj.close_all()
    (tmp_path / "qc.db").unlink()
    assert found() == ["database — it cannot be read: unable to open database file"]


@pytest.mark.pg
@pytest.mark.parametrize("engine", ["pg"], indirect=True)
def test_what_amcheck_finds_is_a_finding(attacker, settings):
    """A row that was written while its index looked away."""
    db.execute_sql("CREATE EXTENSION amcheck")
    assert found() == []
    look_away = "UPDATE pg_index SET indisready = ?, indisvalid = ? WHERE indexrelid = ?::text::regclass"
    attacker.sql(look_away, *[False] * 2, "line_site_id_code_key")
    db.obj.close_all()
    create_line(audit.COMMAND, Site.get(Site.code == "S1"), "L3")
    attacker.sql(look_away, *[True] * 2, "line_site_id_code_key")
    assert [(finding.kind, finding.place) for finding in verify()] == [("engine", "index line_site_id_code_key")]


# --- bit flips ---


def flip(database, tmp_path, number: int) -> dict[str, int]:
    """Flip single bits of the file; counts what was seen, and what changed nothing. Any miss fails."""
    db.obj.close_all()
    path = tmp_path / "qc.db"
    whole, before = path.read_bytes(), contents()
    chance = random.Random(20261118)
    counted = {"seen": 0, "nothing changed": 0}
    used = [place for place, byte in enumerate(whole) if byte]  # most of the rest is empty space
    for turn in range(number):
        place, bit = chance.choice(used) if turn % 4 else chance.randrange(len(whole)), chance.randrange(8)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        if next(verify(), None):
            counted["seen"] += 1
        else:
            assert contents() == before, f"bit {bit} of byte {place} changed history and nobody noticed"
            counted["nothing changed"] += 1
        for beside in ("qc.db-wal", "qc.db-shm"):
            (tmp_path / beside).unlink(missing_ok=True)
    return counted


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_flipped_bit_changes_history_unseen(database, tmp_path):
    counted = flip(database, tmp_path, FLIPS)
    assert counted["seen"] > FLIPS / 2


@pytest.mark.campaign
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_none_of_many_flipped_bits_changes_history_unseen(database, tmp_path):
    flip(database, tmp_path, 6000)
