"""The station as a plant has it: served by the processes that `qc up` starts, and by no thread of the test."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.floor.working import Station

PATIENCE = 30.0  # seconds
WEB = ("gunicorn", "-c", "python:qc_service.gunicorn_conf", "qc_service.app:create_app()")
PUT = re.compile(r'"PUT /v1/inspections/([0-9a-f-]{36}) HTTP')


@dataclass
class Served(Station):
    """The same plant at another address, with what that was asked, as its own log has it."""

    log: Path = Path()

    def seen(self) -> list[str]:
        """The records that were sent, as often as the service saw them."""
        return PUT.findall(self.log.read_text())


@contextmanager
def web_process(station: Station, log: Path) -> Iterator[Served]:
    """Gunicorn on the station's own database and keys."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        settings = station.floor.life.app.config["QC"]
        told = {
            "QC_DATA_DIR": str(settings.data_dir), "QC_DATABASE_URL": settings.database_url,
            "QC_SECRET_KEY": settings.secret_key, "QC_PIN_PEPPER": settings.pin_pepper,
            "QC_PASSWORD_COST": settings.password_cost, "QC_LOG_FORMAT": "json",
        }  # fmt: skip
        web = [sys.executable, "-m", *WEB[:-1], "-b", f"fd://{door.fileno()}", "--access-logfile", str(log), WEB[-1]]
        process = subprocess.Popen(
            web, pass_fds=(door.fileno(),), env={**os.environ, **told},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        _wait(port)
        told_of = {name: value for name, value in vars(station).items() if name != "url"}
        yield Served(f"http://127.0.0.1:{port}", **told_of, log=log)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(port: int) -> None:
    """Until it answers at all: who comes before it is ready waits in its queue."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.sendall(b"GET /floor HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert line.recv(16).startswith(b"HTTP/1.1")
