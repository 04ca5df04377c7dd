"""The plain address: one page in every language and the authority's certificate, and nothing of the application."""

import http.client
import re
import socket
import ssl
import threading

import pytest
from cryptography import x509

from qc_service.app import assemble
from qc_service.tls import trust_page, trust_server
from qc_service.tls.trust_server import TrustServer
from qc_service.words import LANGUAGES
from tests.running import SOON

SERVICE = "https://line-3:8000"


@pytest.fixture
def served(tmp_path, make):
    """The server, running, and what it was made of."""
    made = make()
    with TrustServer(socket.create_server(("127.0.0.1", 0)), tmp_path, SERVICE, ["qc.local"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server, made
        server.shutdown()
        thread.join()


def ask(server, path, method="GET", **headers):
    connection = http.client.HTTPConnection(*server.socket.getsockname(), timeout=SOON)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_the_page_shows_the_words_the_fingerprint_and_the_way_on(served):
    server, made = served
    status, headers, body = ask(server, "/trust")
    page = body.decode()

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert made.words in page
    assert made.digits in page
    assert made.title in page
    assert 'href="/qc-ca.crt"' in page
    assert f'href="{SERVICE}/floor"' in page
    assert all(name in page for name in ("iPad", "Android", "Windows", "Chrome OS"))
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", page)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_there_in_every_language_by_choice_and_by_the_tablets_own(served, language):
    server, made = served
    chosen = ask(server, f"/trust?lang={language}")[2].decode()
    own = ask(server, "/trust", **{"Accept-Language": f"{language}-XX,{language};q=0.9,en;q=0.8"})[2].decode()

    assert chosen == own
    assert f'<html lang="{language}">' in chosen
    assert made.words in chosen
    if language != "en":
        assert "Fetch the certificate" not in chosen


def test_a_language_that_nobody_wrote_is_english(served):
    assert b'<html lang="en">' in ask(served[0], "/trust?lang=xx", **{"Accept-Language": "tlh, *;q=0.1"})[2]


def test_the_certificate_comes_as_a_tablet_takes_it(served):
    """Apple's devices install what has this type, and the bytes are the one form that all devices read."""
    server, made = served
    status, headers, body = ask(server, "/qc-ca.crt")

    assert (status, headers["Content-Type"]) == (200, "application/x-x509-ca-cert")
    assert "Content-Disposition" not in headers
    assert x509.load_der_x509_certificate(body) == made.authority


def test_the_front_door_leads_to_the_page(served):
    status, headers, _ = ask(served[0], "/")

    assert (status, headers["Location"]) == (303, "/trust")
    assert ask(served[0], "/trust", method="HEAD")[2] == b""


def test_nothing_of_the_application_is_there(served):
    paths = {rule.rule for rule in assemble().url_map.iter_rules() if "<" not in rule.rule} - {"/"}
    assert "/floor" in paths
    wrong = {path for path in paths if ask(served[0], path)[0] != 404}

    assert wrong == set()
    for path in (
        "/tls/authority.pem",
        "/../tls/server.pem",
        "/qc-ca.crt/",
        "/trust/..%2fserver.pem",
        "//[",
        "/server.pem",
    ):
        assert ask(served[0], path)[0] == 404
    assert ask(served[0], "/trust", method="POST")[0] == 501


def test_without_certificates_there_is_no_page(tmp_path, served):
    (tmp_path / "tls" / "server.pem").unlink()

    assert ask(served[0], "/trust", **{"Accept-Language": "en"})[2] == b"There is nothing at this address. Open /trust."


def test_who_says_nothing_is_waited_for_a_while_and_who_comes_on_top_is_sent_away(served, monkeypatch):
    server, _ = served
    monkeypatch.setattr(trust_server.Handler, "timeout", 0.3)
    where = server.socket.getsockname()
    silent = [socket.create_connection(where, timeout=SOON) for _ in range(trust_server.AT_ONCE)]
    try:
        with socket.create_connection(where, timeout=SOON) as on_top:
            assert on_top.recv(1) == b""
        assert silent[0].recv(1) == b""
    finally:
        for one in silent:
            one.close()
    assert ask(server, "/trust.css")[0] == 200


def test_the_certificate_is_looked_after_while_the_service_runs_by_a_process_of_its_own(tmp_path, make):
    make()
    with TrustServer(socket.create_server(("127.0.0.1", 0)), tmp_path, SERVICE, ["qc.local"]) as server:
        server.service_actions()
        assert server._renewal is None
        server._renew_at = 0
        server.service_actions()
        assert server._renewal.wait(SOON) == 0
        server.service_actions()
        assert server._renewal is None
    assert "qc.local" in x509.load_pem_x509_certificate(
        (tmp_path / "tls" / "server.pem").read_bytes()
    ).extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


def test_a_plain_request_to_a_tablet_that_speaks_tls_ends(served):
    """A browser that tries HTTPS first is answered at once, and then asks without."""
    with socket.create_connection(served[0].socket.getsockname(), timeout=SOON) as raw, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(raw, server_hostname="line-3")


def test_every_step_names_no_other_file_than_the_one_that_is_served():
    steps = " ".join(step for _, steps in trust_page.DEVICES for step in steps)

    assert trust_page.FILE.removeprefix("/") in steps
    assert set(re.findall(r"[\w-]+\.crt", steps)) == {"qc-ca.crt"}
