"""How gunicorn shakes hands: with what is in the file at that moment, and not for ever."""

import socket
import ssl
import threading
from datetime import UTC, datetime

import pytest

from qc_service import gunicorn_conf
from qc_service.tls.folder import keep
from qc_service.tls.names import asked_for


@pytest.fixture
def context(tmp_path):
    keep(tmp_path, asked_for([]), datetime.now(UTC))

    def made() -> ssl.SSLContext:
        found = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        found.load_cert_chain(tmp_path / "tls" / "server.pem")
        return found

    return gunicorn_conf.ssl_context(None, made)


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_tablet_that_leaves_in_the_middle_of_a_handshake_is_let_go(context, ends, monkeypatch):
    monkeypatch.setattr(gunicorn_conf, "HANDSHAKE_WITHIN", 0.1)
    ours, theirs = ends
    theirs.send(b"\x16\x03\x01")

    with pytest.raises(ssl.SSLError) as ended:
        context.wrap_socket(ours, server_side=True)
    assert ended.value.args[0] == ssl.SSL_ERROR_EOF  # what gunicorn takes for a connection that was closed


def test_after_a_handshake_a_slow_tablet_is_waited_for_as_without_tls(context, ends, tmp_path):
    ours, theirs = ends
    trusting = ssl.create_default_context(cafile=tmp_path / "tls" / "qc-ca.crt")

    def say() -> None:
        with trusting.wrap_socket(theirs, server_hostname="localhost") as wrapped:
            wrapped.write(b"hello")

    client = threading.Thread(target=say)
    client.start()
    with context.wrap_socket(ours, server_side=True) as wrapped:
        assert wrapped.read(5) == b"hello"
        assert wrapped.gettimeout() is None
        assert wrapped.version() in ("TLSv1.2", "TLSv1.3")
    client.join()
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
