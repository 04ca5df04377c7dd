"""`qc up --tls` refuses what cannot be served before anything is made."""

import socket
from argparse import Namespace

import pytest

from qc_service import cli
from qc_service.commands import up
from qc_service.commands.up_tls import planned, secured
from qc_service.config import SettingsError, load

ANYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def settings(home):
    return load(data_dir=str(home))


def asked(**more):
    return Namespace(**{"host": "127.0.0.1", "port": 0, "tls": True, "trust_port": None, **more})


def test_without_tls_nothing_is_made_and_nothing_changes(settings, home):
    with secured(planned(asked(tls=False), None), home) as tls:
        assert tls is None
    assert not (home / "tls").exists()
    assert up.addresses("127.0.0.1", 80) == ("http://127.0.0.1:80", "http://127.0.0.1:80")
    assert "QC_TRUST_URL" not in up.environment(settings, "http://127.0.0.1:80")


def test_links_and_the_tablets_page_are_under_a_name_that_the_certificate_is_for(home):
    with secured(planned(asked(host=ANYWHERE), "https://qc.plant.example"), home) as tls:
        assert tls is not None
        assert up.addresses(ANYWHERE, 443, tls)[0] == "https://127.0.0.1:443"
        assert tls.name_for_others("a_machine") == "qc.plant.example"
        port = tls.plain.getsockname()[1]
        assert tls.trust_url("https://qc.plant.example:8443") == f"http://qc.plant.example:{port}/trust"
        assert tls.trust_url("https://[fd00::2]:8443") == f"http://[fd00::2]:{port}/trust"
        child = tls.child(home, "https://qc.plant.example")
        assert child.command[-2:] == ["https://qc.plant.example", "qc.plant.example"]
        assert child.pass_fds == (tls.plain.fileno(),)
        assert tls.banner("https://qc.plant.example")[-1].startswith("Valid until 20")


@pytest.mark.parametrize(
    ("more", "base_url", "sentence"),
    [
        ({"tls": False, "trust_port": 9000}, None, "--trust-port belongs to --tls"),
        ({"host": "my_machine"}, None, "--host: 'my_machine' is neither a host's name nor an address"),
        ({}, "https://a b", "QC_BASE_URL: 'https://a b' is neither a host's name nor an address"),
        ({}, "http://qc.plant.example", "QC_BASE_URL is http://qc.plant.example, but with --tls"),
        ({"port": 65535}, None, "There is no port after 65535: choose one with --trust-port"),
        ({"port": 8000, "trust_port": 8000}, None, "--trust-port is 8000, as --port is"),
    ],
)
def test_what_cannot_be_served_is_said(more, base_url, sentence):
    with pytest.raises(SettingsError) as refused:
        planned(asked(**more), base_url)
    assert str(refused.value).startswith(sentence)


def test_wrong_usage_touches_nothing(qc, home, monkeypatch):
    monkeypatch.setenv("QC_BASE_URL", "http://qc.plant.example")
    status, _, err = qc("up", "--tls", "--port", "0")
    assert (status, err.count("\n")) == (2, 1)
    assert {path.name for path in home.iterdir()} == {"secrets.env"}


def test_a_port_for_trust_that_is_taken_is_named_with_its_option(qc, home):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        status, _, err = qc("up", "--tls", "--port", "0", "--trust-port", str(taken))
    assert status == 1
    assert err.startswith(f"qc: Port {taken} of 127.0.0.1 is taken by another program")
    assert "choose another with --trust-port" in err
    assert not (home / "tls").exists()
    assert not (home / "qc.db").exists()


def test_the_port_for_trust_is_the_next_one():
    assert planned(asked(port=8000), None).trust_port == 8001
    assert planned(asked(port=8000, trust_port=80), None).trust_port == 80
    assert planned(asked(port=0), None).trust_port == 0


def test_a_folder_that_cannot_be_written_ends_the_command_with_a_line(home, capfd):
    home.mkdir()
    (home / "tls").write_text("a file")
    with pytest.raises(SystemExit) as ended:
        cli.main(["up", "--tls", "--port", "0", "--data", str(home)])
    told = capfd.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    assert told.err.startswith(f"qc: Cannot keep the certificates in {home / 'tls'} (File exists): give the service's")
    assert not (home / "qc.db").exists()
