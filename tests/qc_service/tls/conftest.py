"""Certificates of a machine with a name and addresses of its own."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qc_service.tls import names
from qc_service.tls.folder import Standing, keep
from qc_service.tls.names import asked_for

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "line-3")
    monkeypatch.setattr(names, "lan_addresses", lambda: [ipaddress.ip_address("192.168.7.7")])


@pytest.fixture
def make(tmp_path):
    """Have the certificates as they should be, at a time."""

    def made(*asked: str, now: datetime = NOW) -> Standing:
        return keep(tmp_path, asked_for(asked), now)

    return made


def shake_hands(name: str, server: Path, authority: Path) -> ssl.SSLObject:
    """A real handshake of a client that trusts this authority and nobody else; `ssl.SSLError` where it refuses."""
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(server)
    mine = ssl.create_default_context(cafile=authority)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = mine.wrap_bio(to_client, to_server, server_hostname=name)
    other = theirs.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (client, other):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.version() is not None
    return client
