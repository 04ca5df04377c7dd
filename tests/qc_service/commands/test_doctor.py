"""The doctor names what is wrong with an installation, and nothing that is not."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from qc_service import clock, ddl, doctor, doctor_database
from qc_service.config import VARIABLES, Settings, load
from qc_service.db import connected, db
from qc_service.queue import Outbox, beat

# -- the doctor ----------------------------------------------------------------------------------------------


def findings(text: str) -> dict[str, str]:
    return {one["what"]: one["level"] for one in json.loads(text)["findings"]}


def test_the_doctor_finds_nothing_wrong_with_a_new_installation(qc, monkeypatch):
    monkeypatch.delenv("QC_PASSWORD_COST")
    qc("migrate")
    status, out, _ = qc("doctor", "--json")
    assert (status, json.loads(out)["ok"]) == (0, True)
    found = findings(out)
    assert found["SQLite's journal mode is WAL"] == "ok"
    assert found["The schema is up to date"] == "ok"
    assert found["The database refuses changes of history"] == "ok"
    assert found["No worker has reported yet"] == "warning"


def test_the_doctor_lists_every_setting_and_no_secret(qc, home, monkeypatch):
    monkeypatch.setenv("QC_SECRET_KEY", "do-not-print-me")
    monkeypatch.setenv("QC_SMTP_URL", "smtp://qc:do-not-print-me@127.0.0.1:1?from=qc@example.com")
    monkeypatch.setenv("QC_BROKER_URL", "redis://:do-not-print-me@127.0.0.1:1/0")
    qc("migrate")
    status, out, _ = qc("doctor", "--json")
    assert status == 1
    assert {row["name"] for row in json.loads(out)["settings"]} == set(VARIABLES)
    _, text, _ = qc("doctor")
    assert all(name in text for name in VARIABLES)
    assert "do-not-print-me" not in text + out
    assert (home / "secrets.env").read_text().splitlines()[0].partition("=")[2] not in text + out
    assert "smtp://qc:…@127.0.0.1:1" in text
    found = findings(out)
    assert any("broker does not answer" in what and level == "error" for what, level in found.items())
    assert any("mail server" in what and level == "error" for what, level in found.items())


def test_the_doctor_makes_no_database(qc, home):
    status, out, _ = qc("doctor", "--json")
    assert status == 1
    assert any(what.startswith("There is no database") for what in findings(out))
    assert not (home / "qc.db").exists()


def test_the_doctor_names_what_is_wrong_with_the_database(qc, monkeypatch):
    monkeypatch.setenv("QC_SQLITE_SYNCHRONOUS", "NORMAL")
    qc("migrate")
    with connected():
        trigger = next(iter(ddl.triggers() & ddl.wanted_triggers({"event"})))
        db.execute_sql(f'DROP TRIGGER "{trigger}"')
        long_ago = clock.now() - timedelta(minutes=10)
        values = {"event_type": "a.b", "data": {}, "due_at": long_ago, "created_at": long_ago, "attempts": 0}
        Outbox.insert(id="out_1", event_id="e1", dead=False, **values).execute()
        Outbox.insert(id="out_2", event_id="e2", dead=True, **values).execute()
        beat("worker", long_ago)
        beat("beat", clock.now())
    status, out, _ = qc("doctor", "--json")
    found = findings(out)
    assert status == 1
    assert found["SQLite runs with synchronous NORMAL"] == "warning"
    assert found[f"Triggers are missing or switched off: {trigger}"] == "error"
    assert found["1 thing(s) failed for good and wait for a person"] == "error"
    assert found["Work has waited 10 min"] == "error"
    assert found["No worker has reported for 10 min"] == "warning"
    assert found["A beat is running"] == "ok"


def test_the_doctor_names_pending_migrations(qc, monkeypatch):
    qc("migrate")
    monkeypatch.setattr(ddl, "pending", lambda: ["9999_later"])
    status, out, _ = qc("doctor")
    assert status == 1
    assert "error    1 migration(s) are pending: 9999_later" in out
    assert "do:  Run qc migrate." in out


def test_the_doctor_survives_what_it_cannot_examine(qc, monkeypatch):
    monkeypatch.setenv("QC_DATABASE_URL", "postgresql://qc@127.0.0.1:1/qc")
    status, out, _ = qc("doctor")
    assert status == 1
    assert "could not be examined: The database (OperationalError" in out


def test_the_doctor_looks_at_the_data_folder(qc, home, monkeypatch):
    qc("migrate")
    (home / "secrets.env").chmod(0o644)
    monkeypatch.setattr(doctor, "LOW_SPACE", 2**80)
    monkeypatch.setattr(doctor, "filesystem_of", lambda *_args: "nfs4")
    status, out, _ = qc("doctor", "--json")
    found = findings(out)
    assert status == 1
    assert found[f"{home / 'secrets.env'} can be read by other users"] == "error"
    assert found[f"{home} is on a network filesystem (nfs4)"] == "error"
    assert any(level == "warning" and "free on the disk" in what for what, level in found.items())
    assert found["QC_PASSWORD_COST is low"] == "error"


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/x /srv nfs4 rw 0 0
/dev/sdb /srv/qc xfs rw 0 0
nas:/y /a\\040b cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/qc", "ext4"),
        ("/srv/other", "nfs4"),
        ("/srv/qc/var", "xfs"),
        ("/srv/qcx", "nfs4"),
        ("/a b/c", "cifs"),
    ],
)
def test_a_folder_is_on_the_filesystem_that_is_mounted_nearest(folder, kind):
    assert doctor.filesystem_of(Path(folder), MOUNTS) == kind


@pytest.mark.parametrize("engine", ["pg"], indirect=True)
@pytest.mark.pg
def test_the_doctor_examines_postgresql(settings: Settings):
    found = {one.what: one.level for one in doctor.examine(settings, (doctor_database.database,))}
    db.obj.close_all()
    assert any(re.fullmatch(r"PostgreSQL .* through psycopg", what) for what, level in found.items() if level == "ok")
    assert found["The schema is up to date"] == "ok"
    assert found["The database refuses changes of history"] == "ok"


@pytest.mark.parametrize("engine", ["pg"], indirect=True)
@pytest.mark.pg
def test_the_doctor_names_unsafe_postgresql_settings(settings: Settings, monkeypatch):
    asked = {"server_version": "18", "synchronous_commit": "off", "data_checksums": "off", "fsync": "off"}
    monkeypatch.setattr(doctor_database, "_shown", lambda name: asked.get(name, "on"))
    monkeypatch.setattr(doctor_database, "CLOCKS_APART", timedelta(seconds=-1))
    found = {one.what: one.level for one in doctor.examine(settings, (doctor_database.database,))}
    db.obj.close_all()
    assert found["PostgreSQL runs with fsync off"] == "error"
    assert found["PostgreSQL runs with synchronous_commit off"] == "error"
    assert found["PostgreSQL runs without data checksums"] == "warning"
    assert any("clocks" in what for what in found)


@pytest.mark.broker
def test_the_doctor_asks_redis_whether_it_keeps_its_messages(tmp_path, broker_url):
    settings = load({"QC_BROKER_URL": broker_url}, str(tmp_path))
    found = {one.what: one.level for one in doctor.broker(settings)}
    assert any(what.startswith("The broker answers") for what in found)
    assert any(what.startswith("Redis has appendonly") for what in found)
    assert found["Redis has maxmemory-policy noeviction"] == "ok"


def test_the_doctor_greets_the_mail_server(tmp_path, postbox):
    settings = load({"QC_SMTP_URL": f"{postbox.url}?from=qc@example.com"}, str(tmp_path))
    assert [one.level for one in doctor.mail(settings)] == ["ok"]
