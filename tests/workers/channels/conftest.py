"""A notice to send, and a mail server that says what the test wants."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qc_service.config import Settings
from workers.channels.message import Message

SILENT = 60.0  # seconds for which a server says nothing: whoever waits so long has no end of waiting


def notice(**changes: Any) -> Message:
    values = {
        "id": "ntf_01", "alert_id": "alr_01", "reason": "first",
        "sentence": "Line 1, scrap: 96 of 3,120 since the fix (3.1%). Not holding: relapsed.",
        "explanation": "The fix promised 1.5%.", "severity": "critical", "line": "L1", "site": "S1",
        "resolve_reason": None, "name": "Ana Kovač", "language": "en", "url": "https://qc.example.com/alerts/alr_01",
        "asked_at": datetime(2026, 11, 18, 6, tzinfo=UTC), "thread": None,
    }  # fmt: skip
    return Message(**{**values, **changes})


@pytest.fixture(name="notice")
def _notice() -> Any:
    return notice


@pytest.fixture
def settings_with(tmp_path: Path) -> Any:
    def made(smtp_url: str | None) -> Settings:
        return Settings(tmp_path, "sqlite:///x", None, "secret", "pepper", smtp_url=smtp_url)

    return made


class Scripted:
    """Answers each command by its first word; `None` is silence, `b""` hangs up."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "": b"220 here\r\n", "EHLO": b"250-here\r\n250 8BITMIME\r\n", "MAIL": b"250 ok\r\n",
            "RCPT": b"250 ok\r\n", "DATA": b"354 go on\r\n", ".": b"250 queued as 7\r\n",
            "QUIT": b"221 bye\r\n",
        }  # fmt: skip
        self.heard: list[str] = []
        self._closed = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}?from=qc@example.com"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, ValueError), line, line.makefile("rwb") as file:
                self._talk(file)

    def _talk(self, file: Any) -> None:
        word, body = "", False
        while self._answer(file, word):
            raw = file.readline()
            while body and raw not in (b".\r\n", b""):
                self.heard.append(raw.decode())
                raw = file.readline()
            if not raw:
                return
            word = raw.split()[0].decode().upper()
            self.heard.append(raw.decode().strip())
            body = word == "DATA" and (self.answers["DATA"] or b"").startswith(b"354")

    def _answer(self, file: Any, word: str) -> bool:
        answer = self.answers.get(word, b"502 what?\r\n")
        if answer is None:
            self._closed.wait(SILENT)
        elif answer == "drip":
            until = time.monotonic() + SILENT
            while time.monotonic() < until and not self._closed.wait(0.05):
                file.write(b"2")
                file.flush()
        else:
            file.write(answer)
            file.flush()
        return bool(answer)

    def close(self) -> None:
        self._closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(30)


@pytest.fixture
def server() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.close()
