"""`qc up` and `qc demo` as a user runs them: real processes, killed and stopped."""

import http.client
import os
import re
import signal
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.running import SOON, START_WITHIN, Service, get, qc, wait_for

pytestmark = pytest.mark.kill


@pytest.fixture
def start(tmp_path):
    """Start a command on the test's data folder; whatever it left running is ended."""
    started: list[Service] = []

    def begin(*words: str) -> Service:
        started.append(Service(tmp_path / "data", *words))
        return started[-1]

    yield begin
    for service in started:
        service.close()


def test_one_command_starts_everything_brings_back_what_dies_and_stops_all_of_it(start):
    service = start("up")
    url = service.ready()
    assert get(url, "/healthz") == (200, {"status": "ok"})
    running = service.processes().values()
    assert all(any(part in line for line in running) for part in ("gunicorn", "workers.app worker", "workers.app beat"))
    key = qc(service.home, "key", "create", "erp", "--scope", "*")
    assert (key.returncode, key.stderr) == (0, "")
    assert get(url, "/v1/measures", key.stdout.strip())[0] == 200
    second = qc(service.home, "up", "--port", "0")
    assert second.returncode == 1
    assert f"already runs on {service.home} (process {service.process.pid})" in second.stderr
    for part in ("-m gunicorn", "workers.app worker", "workers.app beat"):
        first = [pid for pid, line in service.processes().items() if part in line]
        os.kill(min(first), signal.SIGKILL)
        wait_for(
            lambda part=part, first=first: [
                pid for pid, line in service.processes().items() if part in line and pid not in first
            ],
            SOON,
            service,
        )
        wait_for(lambda first=first: not set(first) & set(service.processes()), SOON, service)
    wait_for(lambda: get(url, "/readyz")[0] == 200, SOON, service)
    wait_for(lambda: "A worker is running" in qc(service.home, "doctor").stdout, SOON, service)
    whole = qc(service.home, "audit", "verify")  # a process of its own, which has loaded no more than it needs
    assert (whole.returncode, whole.stdout.strip()) == (0, "History is whole."), whole.stdout + whole.stderr
    assert service.stop() == 0
    assert "Traceback" not in service.said


def test_with_tls_it_serves_https_to_those_who_trust_its_authority_and_stops_as_before(start):
    service = start("up", "--tls")
    url = service.ready()
    where = url.removeprefix("https://")
    trusting = ssl.create_default_context(cafile=service.home / "tls" / "qc-ca.crt")
    connection = http.client.HTTPSConnection(where, timeout=SOON, context=trusting)
    connection.request("GET", "/floor")
    answer = connection.getresponse()
    assert (answer.status, "Strict-Transport-Security" in answer.headers) == (200, False)
    assert b"/floor/static/" in answer.read()
    connection.close()
    with socket.create_connection(tuple(where.split(":")), timeout=SOON) as raw, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(raw, server_hostname="127.0.0.1")
    assert get(f"http://{where}", "/healthz")[0] == 0
    page = _page(service.after("Tablets learn to trust it at "))
    assert service.after("compare these words: ") in page
    assert service.after("SHA-256: ") in page
    assert f'href="{url}/floor"' in page
    assert any("trust_server" in line for line in service.processes().values())
    doctor = qc(service.home, "doctor").stdout
    assert f"words are {service.after('compare these words: ')}" in doctor
    assert service.stop(signal.SIGINT) == 0
    assert "Traceback" not in service.said


def _page(url: str) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SOON)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    return text


def test_a_taken_port_ends_the_command_with_a_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = qc(tmp_path, "up", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"qc: Port {port} of 127.0.0.1 is taken")
    assert not (tmp_path / "qc.db").exists()


def test_a_killed_supervisor_leaves_nothing_and_the_next_one_takes_over(start):
    service = start("up")
    url = service.ready()
    started = service.processes()
    assert len(started) >= 5  # web and its workers, worker, beat
    service.process.kill()
    service.process.wait()
    wait_for(lambda: not service.processes(), SOON, service)
    assert get(url, "/healthz")[0] == 0
    again = start("up")
    assert get(again.ready(), "/healthz")[0] == 200
    assert again.stop(signal.SIGINT) == 0


def test_the_demonstration_alerts_and_starts_again_as_it_was(start):
    service = start("demo")
    url = service.ready()
    key = wait_for(lambda: re.search(r"^  key +(qck_\S+)$", service.said, re.MULTILINE), SOON, service)[1]

    def relapsed() -> Any:
        found = get(url, "/v1/flags?line=simulated-packing", key)[1]
        return found and [one for one in found["data"] if one["kind"] == "fix_not_holding"]

    assert wait_for(relapsed, START_WITHIN, service)
    fixes = get(url, "/v1/fixes", key)[1]["data"]
    effects = {one["line"]: get(url, f"/v1/fixes/{one['id']}/effect", key)[1] for one in fixes}
    assert (effects["juice-cans"]["verdict"], effects["juice-cans"]["verified_at_lot"]) == ("holding", 19)
    assert (effects["juice-cans-b"]["pattern"], effects["juice-cans-b"]["flagged_at_lot"]) == (
        "never_worked",
        11,
    )
    assert (effects["wave-solder"]["verdict"], effects["wave-solder"]["verified_at_lot"]) == ("holding", 10)
    assert effects["simulated-packing"]["pattern"] == "relapsed"
    assert get(url, "/v1/alerts", key)[1]["data"]
    assert service.stop(signal.SIGINT) == 0
    again = start("demo")
    again.ready()
    wait_for(lambda: key in again.said, SOON, again)
    assert again.stop() == 0
