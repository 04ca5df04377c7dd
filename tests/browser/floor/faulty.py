"""A bad link: between the tablet and the service, it loses requests and replies, sends twice, late, cut off, or fails.

It speaks HTTP/1.1 with one request a connection, which is all that the tablet needs to be shown.
"""

import random
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field

CHUNK = 65536
FAULTS = ("lost request", "lost reply", "twice", "late", "cut off", "500", "login page")
FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
LOGIN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\nConnection: close\r\n\r\n<h1>Guest Wi-Fi</h1>"
)


@dataclass
class Link:
    """Listens for the tablet, and passes to the service what it does not spoil. `rate`: how many requests it spoils."""

    port: int  # the service's
    rate: float
    dice: random.Random
    spoiled: Counter[str] = field(default_factory=Counter)
    passed: int = 0
    _held: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def close(self) -> None:
        self._door.close()

    def _listen(self) -> None:
        while True:
            try:
                tablet, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(tablet,), daemon=True).start()

    def _serve(self, tablet: socket.socket) -> None:
        with tablet:
            tablet.settimeout(20)
            try:
                request = _request(tablet)
                if request:
                    self._answer(tablet, request)
            except OSError:
                return

    def _answer(self, tablet: socket.socket, request: bytes) -> None:
        fault = self._fault(request)
        if fault == "lost request":
            return
        if fault in ("500", "login page"):
            tablet.sendall(FAILED if fault == "500" else LOGIN)
            return
        if fault == "late":  # it arrives after later ones did, and nobody waits for its answer any more
            with self._lock:
                self._held.append(request)
            return
        reply = self._ask(request)
        if fault == "twice":
            reply = self._ask(request)
        if fault == "lost reply":
            return
        tablet.sendall(reply[: len(reply) // 2] if fault == "cut off" else reply)
        with self._lock:
            late, self._held[:] = list(self._held), []
        for one in late:
            self._ask(one)

    def _fault(self, request: bytes) -> str | None:
        """Only what is sent is spoiled: what the tablet itself is made of is there already."""
        with self._lock:
            if not request.startswith(b"PUT ") or self.dice.random() >= self.rate:
                self.passed += 1
                return None
            fault = self.dice.choice(FAULTS)
            self.spoiled[fault] += 1
            return fault

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as service:
            service.sendall(request)
            parts = []
            while part := service.recv(CHUNK):
                parts.append(part)
        return b"".join(parts)


def _request(tablet: socket.socket) -> bytes:
    """One whole request, told to close its connection afterwards."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = tablet.recv(CHUNK)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        part = tablet.recv(CHUNK)
        if not part:
            return b""
        body += part
    return b"\r\n".join([*lines, b"Connection: close", b"", body])
