"""Which names a certificate is for: what somebody wrote, and what this machine is called."""

import socket

import pytest

from qc_service.tls import names
from qc_service.tls.names import NoName, asked_for, host_of, lan_addresses, normal, of_this_machine


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("QC.Plant.Example.", "qc.plant.example"),
        ("qc-1.local", "qc-1.local"),
        ("192.168.1.5", "192.168.1.5"),
        ("[FD00:0:0::5]", "fd00::5"),
        ("fe80::1%eth0", "fe80::1"),
        ("xn--fbrik-1ua.example", "xn--fbrik-1ua.example"),
    ],
)
def test_a_name_or_an_address_has_one_form(text, name):
    assert normal(text) == name


@pytest.mark.parametrize(
    "text",
    ["", "foo bar", "my_machine", "-qc.local", "qc..local", "fàbrica.local", "192.168.1.300", "x" * 64, "a." * 130],
)
def test_what_is_no_name_is_refused_and_said(text):
    with pytest.raises(NoName, match="is neither a host's name nor an address: write one such as"):
        normal(text)


@pytest.mark.parametrize("url", ["https://", "https://foo bar/", "https://[::1", "qc.local"])
def test_an_address_to_open_without_a_host_is_refused(url):
    with pytest.raises(NoName):
        host_of(url)


def test_an_address_that_means_all_of_them_is_no_name():
    assert asked_for(["0.0.0.0", "::", "qc.local", "10.0.0.5", "qc.local"]).all == ("qc.local", "10.0.0.5")  # noqa: S104


def test_this_machine_is_known_by_its_name_its_local_name_and_its_addresses(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Line-3.plant.example")
    found = of_this_machine()

    assert found.hosts == ("line-3.plant.example", "line-3.local", "localhost")
    assert set(found.addresses) == {"127.0.0.1", "::1", "192.168.7.7"}


def test_a_machine_whose_name_can_be_in_no_certificate_is_known_by_its_addresses(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "my_machine")

    assert of_this_machine().hosts == ("localhost",)


def test_addresses_that_soon_change_or_reach_nobody_are_left_out(monkeypatch, tmp_path):
    table = tmp_path / "if_inet6"
    table.write_text(
        "fd000000000000000000000000000002 04 40 00 80     eth0\n"
        "fd0000000000000000000000000000aa 04 40 00 01     eth0\n"  # temporary
        "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
        "00000000000000000000000000000001 01 80 10 80       lo\n"
    )
    monkeypatch.setattr(names, "_INTERFACES_IPV6", table)

    assert [str(one) for one in lan_addresses() if one.version == 6] == ["fd00::2"]
    monkeypatch.setattr(names, "_INTERFACES_IPV6", tmp_path / "none")
    assert [one for one in lan_addresses() if one.version == 6] == []
