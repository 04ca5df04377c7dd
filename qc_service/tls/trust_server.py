"""`python -m qc_service.tls.trust_server SOCKET DATA SERVICE [NAME…]`: the plain address where a tablet learns trust.

It serves one page and the authority's certificate, and knows neither the application nor a key. Once an hour it has
the server's certificate looked after in a process of its own, so that a service that nobody restarts for a year goes
on, and one that was started before the network was there is known by its addresses soon after.
"""

import http
import http.server
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from qc_service.tether import tethered
from qc_service.tls import FOLDER, PUBLIC, trust_page
from qc_service.tls.folder import standing
from qc_service.words import LANGUAGES, language_of

AT_ONCE = 32
PATIENCE = 10  # seconds for a tablet to send a request or to take its answer
RENEW_EVERY = 3600.0
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_Request = socket.socket | tuple[bytes, socket.socket]
Reply = tuple[http.HTTPStatus, str, bytes]


class Handler(http.server.BaseHTTPRequestHandler):
    """GET and HEAD of three addresses."""

    timeout = PATIENCE
    server: "TrustServer"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        if self.path == "/":
            self.send_response(http.HTTPStatus.SEE_OTHER)
            self.send_header("Location", trust_page.PAGE)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status, kind, content = self.server.reply(self.path, self.headers.get("Accept-Language", ""))
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def version_string(self) -> str:
        return "qc"

    def log_message(self, *_: object) -> None:
        """A page that anybody may open is no news."""


class TrustServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket, data: Path, service: str, names: Sequence[str]) -> None:
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self._data, self._service, self._names = data, service, names
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._renew_at = time.monotonic() + RENEW_EVERY
        self._renewal: subprocess.Popen[bytes] | None = None

    def reply(self, address: str, accepted: str) -> Reply:
        path, _, query = address.partition("?")
        asked = parse_qs(query).get("lang", [""])[0]
        language = (
            asked if asked in LANGUAGES else language_of(tag.split(";")[0].strip() for tag in accepted.split(","))
        )
        if path == trust_page.FILE:
            pem = (self._data / FOLDER / PUBLIC).read_text()
            return http.HTTPStatus.OK, "application/x-x509-ca-cert", ssl.PEM_cert_to_DER_cert(pem)
        if path == "/trust.css":
            return http.HTTPStatus.OK, "text/css; charset=utf-8", trust_page.STYLE.read_bytes()
        found = standing(self._data) if path == trust_page.PAGE else None
        if found is None:
            return http.HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", trust_page.nothing_here(language).encode()
        page = trust_page.html(trust_page.told_of(found, self._service), language)
        return http.HTTPStatus.OK, "text/html; charset=utf-8", page.encode()

    def process_request(self, request: _Request, client_address: Any) -> None:
        """One thread each, for so many at once: who comes on top of that is sent away."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread could be started
            self._free.release()
            raise

    def process_request_thread(self, request: _Request, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, *_: object) -> None:
        """A tablet that went away is no news either."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"{type(error).__name__}: {error}\n")

    def service_actions(self) -> None:
        if time.monotonic() >= self._renew_at:
            self._renew_at = time.monotonic() + RENEW_EVERY
            self._renewal = subprocess.Popen(renewing(self._data, self._names), stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        elif self._renewal is not None and self._renewal.poll() is not None:
            self._renewal = None


def renewing(data: Path, names: Sequence[str]) -> list[str]:
    """The command that makes, renews or leaves the certificates. Web processes read the file for each connection."""
    return tethered([sys.executable, "-m", "qc_service.tls", str(data), *names])


def main(argv: Sequence[str]) -> None:
    number, data, service, *names = argv
    with TrustServer(socket.socket(fileno=int(number)), Path(data), service, names) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
