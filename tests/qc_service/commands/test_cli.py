"""The command `qc`, mostly in this process: what it prints, what it answers, and what it needs beforehand."""

import re
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from qc_service import cli, clock, ddl
from qc_service.commands import up
from qc_service.config import load
from qc_service.db import connected
from qc_service.demo.sandbox import CAST
from qc_service.lines.models import Site
from qc_service.people.models import ApiKey, Device, Person
from qc_service.people.signin import sign_in_at_desk, sign_in_on_tablet

# -- people, keys and tablets --------------------------------------------------------------------------------


def test_a_key_is_all_that_is_printed_and_makes_the_database(qc):
    status, out, err = qc("key", "create", "erp", "--scope", "counts:write", "--scope", "lines:read", "--site", "S1")
    assert (status, err) == (0, "")
    assert re.fullmatch(r"qck_[0-9a-z]{26}_[\w-]{43}\n", out)
    with connected():
        key = ApiKey.get()
        assert (key.name, key.scopes) == ("erp", ["counts:write", "lines:read"])
        assert key.site_id == Site.get(Site.code == "S1").id


def test_a_key_lives_as_long_as_it_says(qc):
    assert qc("key", "create", "erp", "--scope", "*", "--days", "3")[0] == 0
    with connected():
        key = ApiKey.get()
    assert key.expires_at - key.created_at == timedelta(days=3)


def test_a_person_and_a_tablet_sign_in_with_what_they_were_given(qc):
    status, out, _ = qc(
        "person", "add", "P-9", "--name", "Jo Doe", "--role", "operator", "--role", "inspector",
        "--pin", "739164", "--password", "violet-anchor-plum", "--email", "jo@example.com",
        "--language", "da", "--site", "S1",
    )  # fmt: skip
    assert (status, out) == (0, "P-9 is Jo Doe: inspector, operator\n")
    status, token, _ = qc("device", "enrol", "Tablet 4", "--site", "S1")
    assert status == 0
    with connected():
        assert sign_in_on_tablet("P-9", "739164", token.strip(), clock.now()).person.language == "da"
        assert sign_in_at_desk("P-9", "violet-anchor-plum", "127.0.0.1", clock.now()).person.email == "jo@example.com"
        assert (Device.get().name, Site.select().count()) == ("Tablet 4", 1)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["person", "add", "P-1", "--name", "A", "--role", "operator", "--pin", "12"], "6 digits"),
        (["key", "create", "erp", "--scope", "*", "--days", "4000"], "days"),
    ],
)
def test_a_refusal_is_one_line_on_standard_error(qc, words, text):
    status, out, err = qc(*words)
    assert (status, out) == (1, "")
    assert err.startswith("qc: ")
    assert err.count("\n") == 1
    assert text in err


def test_a_badge_is_given_once(qc):
    words = ["person", "add", "P-1", "--name", "Ann", "--role", "operator"]
    assert qc(*words)[0] == 0
    status, _, err = qc(*words)
    assert (status, err.count("\n")) == (1, 1)
    with connected():
        assert Person.select().count() == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["key", "create", "erp"],
        ["key", "create", "erp", "--scope", "everything"],
        ["person", "add", "P-1", "--name", "Ann", "--role", "king"],
        ["up", "--port", "70000"],
        ["demo", "--host", "localhost"],
    ],
)
def test_wrong_usage_is_status_two(qc, words):
    status, out, err = qc(*words)
    assert (status, out) == (2, "")
    assert "usage: qc" in err


# -- the schema and the settings -----------------------------------------------------------------------------


def test_migrate_says_what_it_applied_once(qc):
    status, out, _ = qc("migrate")
    assert status == 0
    assert out.splitlines()[0].startswith("applied 0001_")
    assert qc("migrate") == (0, "The database is up to date.\n", "")


def test_an_older_schema_is_not_written_to(qc, monkeypatch):
    qc("migrate")
    older = ddl.pending
    monkeypatch.setattr(ddl, "pending", lambda: [*older(), "9999_later"])
    status, out, err = qc("key", "create", "erp", "--scope", "*")
    assert (status, out) == (1, "")
    assert err == "qc: 1 migration(s) are pending: run qc migrate\n"


def test_a_setting_that_cannot_be_used_is_wrong_usage(qc, monkeypatch):
    monkeypatch.setenv("QC_DATABASE_URL", "mysql://localhost/qc")
    status, _, err = qc("migrate")
    assert status == 2
    assert err.startswith("qc: QC_DATABASE_URL must begin with")


def test_a_database_that_cannot_be_reached_is_one_line(qc, monkeypatch):
    monkeypatch.setenv("QC_DATABASE_URL", "postgresql://qc@127.0.0.1:1/qc")
    status, _, err = qc("migrate")
    assert status == 1
    assert err.startswith("qc: the database refuses: OperationalError")
    assert err.count("\n") == 1


def test_the_data_folder_comes_from_the_environment_too(home, monkeypatch, capsys):
    monkeypatch.setenv("QC_DATA_DIR", str(home))
    assert cli.main(["migrate"]) == 0
    assert (home / "qc.db").exists()
    assert cli.main(["migrate", "--data", str(home / "other")]) == 0
    assert (home / "other" / "qc.db").exists()
    capsys.readouterr()


def test_it_runs_as_a_program_and_leaves_no_traceback(home):
    done = subprocess.run(
        [sys.executable, "-m", "qc_service.cli", "device", "enrol", "T1", "--data", home],
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("qcd_")


def test_a_reader_that_goes_away_ends_nothing(monkeypatch):
    class Gone:
        def write(self, _text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    cli.say("one")
    cli.say("two")
    sys.stdout.close()


# -- the processes of the service, before they are started ---------------------------------------------------


def test_the_demonstration_can_be_filled_without_starting_it(qc, home):
    status, first, _ = qc("demo", "--fill-only")
    assert status == 0
    assert all(one.badge in first for one in CAST)
    assert qc("demo", "--fill-only") == (0, first, "")
    (home / "demo.json").unlink()
    status, out, err = qc("demo", "--fill-only")
    assert (status, out) == (1, "")
    assert "holds a plant but no demo.json" in err


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80")],  # noqa: S104
)
def test_the_service_is_reached_nearby_whatever_it_listens_on(host, near):
    assert up.addresses(host, 80)[0] == near


def test_a_service_for_the_network_is_named_by_the_machine():
    assert up.addresses("0.0.0.0", 80)[1] == f"http://{socket.gethostname()}:80"  # noqa: S104


def test_the_processes_are_told_where_everything_is(home, monkeypatch, tmp_path):
    monkeypatch.setenv("QC_DATABASE_URL", "sqlite:///mine.db")
    monkeypatch.setenv("PYTHONPATH", "lib:/opt/lib")
    settings = load(data_dir=str(home))
    (home / "metrics").mkdir()
    (home / "metrics" / "old.db").touch()
    told = up.environment(settings, "http://127.0.0.1:80")
    assert told["QC_DATABASE_URL"] == f"sqlite:///{tmp_path / 'mine.db'}"
    assert told["QC_DATA_DIR"] == str(home)
    assert told["QC_BASE_URL"] == "http://127.0.0.1:80"
    assert told["PYTHONPATH"] == f"{tmp_path / 'lib'}:/opt/lib"
    assert list(Path(told["PROMETHEUS_MULTIPROC_DIR"]).iterdir()) == []
    monkeypatch.setenv("QC_BASE_URL", "https://qc.example.com")
    assert up.environment(settings, "http://127.0.0.1:80")["QC_BASE_URL"] == "https://qc.example.com"


# -- the trail -----------------------------------------------------------------------------------------------


def test_a_whole_history_is_said_to_be_whole(qc, home):
    qc("person", "add", "P-1", "--name", "Ann", "--role", "operator")
    assert qc("audit", "anchor", str(home / "anchor")) == (0, "", "")
    status, out, _ = qc("audit", "verify", "--anchor", str(home / "anchor"))
    assert (status, out) == (0, "History is whole.\n")


def test_a_changed_record_breaks_history(qc):
    qc("person", "add", "P-1", "--name", "Ann", "--role", "operator")
    with connected():
        Person.update(name="Eve").execute()
    status, out, err = qc("audit", "verify")
    assert status == 1
    assert "person" in out
    assert err == "qc: history is broken in 1 place(s)\n"
