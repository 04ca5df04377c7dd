"""The service as a user runs it: a command that keeps running, and what it printed."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from qc_service.config import VARIABLES

READY = "The QC service is ready: "
# Far more than it takes: a machine that has much else to do is no fault of the service.
START_WITHIN, STOP_WITHIN, SOON = 120.0, 30.0, 60.0


class Service:
    """A command that keeps running, with what it printed so far."""

    def __init__(self, home: Path, *words: str):
        environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qc_service.cli", *words, "--port", "0", "--data", str(home)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**environment, "QC_PASSWORD_COST": "low"},
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def after(self, words: str) -> str:
        """What stands behind these words in what it said."""
        return wait_for(
            lambda: next((line.partition(words)[2] for line in self.lines if words in line), None), SOON, self
        )

    def ready(self) -> str:
        """Its address, once it answers there."""
        return wait_for(self._address, START_WITHIN, self)

    def _address(self) -> str | None:
        assert self.process.poll() is None, self.said
        return next((line.removeprefix(READY) for line in self.lines if line.startswith(READY)), None)

    def processes(self) -> dict[int, str]:
        """The service's own processes, found by the data folder in their environment."""
        mark = f"QC_DATA_DIR={self.home}".encode()
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (place / "environ").read_bytes().split(b"\0"):
                    found[int(place.name)] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        began = time.monotonic()
        status = self.process.wait(STOP_WITHIN + 5)
        assert time.monotonic() - began < STOP_WITHIN
        assert self.processes() == {}
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(SOON)
        self.process.stdout.close()
        wait_for(lambda: not self.processes(), SOON, self)


def wait_for(found: Any, within: float, service: Service) -> Any:
    until = time.monotonic() + within
    while time.monotonic() < until:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {within} s; it said:\n{service.said}")


def get(url: str, path: str, key: str = "") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=STOP_WITHIN)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        return 0, None
    finally:
        connection.close()


def qc(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qc_service.cli", *words, "--data", str(home)],
        check=False, capture_output=True, text=True, timeout=START_WITHIN,
    )  # fmt: skip
