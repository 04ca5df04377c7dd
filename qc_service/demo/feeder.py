"""Sends the live lots of the simulated line over HTTP, one a second, as a machine's controller would.

`python -m qc_service.demo.feeder URL DATA_DIR`. Sending a lot again changes nothing, so it starts from the
first one each time.
"""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qc_service.demo.sandbox import Sandbox, load
from qc_service.demo.series import stories

PATIENCE = 120.0  # seconds without an answer until it gives up; whoever started it starts it again
ADDRESS = "/v1/ingest/production-counts"


class Refused(Exception):
    """The service takes no lots from the sandbox's key any more."""


def feed(url: str, sandbox: Sandbox, every: float = 1.0) -> Iterator[tuple[str, str]]:
    """Send each lot when it is due; yields its name and what became of it."""
    for row in (row for story in stories() for row in story.arriving(sandbox.last)):
        status = _send(url, str(sandbox.key), row)
        yield row["external_id"], status
        if status != "unchanged":  # what an earlier start sent is passed over quickly
            time.sleep(every)


def _send(url: str, key: str, row: dict[str, Any]) -> str:
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return _post(url, key, row)
        except (OSError, http.client.HTTPException):
            if time.monotonic() >= give_up_at:
                raise
            time.sleep(0.5)  # the service is starting, or its web process is being started again


def _post(url: str, key: str, row: dict[str, Any]) -> str:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        connection.request("POST", ADDRESS, json.dumps(row) + "\n", headers)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    if response.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        raise http.client.HTTPException(f"status {response.status}")
    if response.status != http.HTTPStatus.OK:
        raise Refused(f"status {response.status}: {text.strip()}")
    status: str = json.loads(text.splitlines()[0])["status"]
    return status


def main(url: str, data_dir: str) -> None:
    sandbox = load(Path(data_dir))
    if sandbox is None:
        raise SystemExit(f"{data_dir} is not the demonstration's folder")
    try:
        for name, status in feed(url, sandbox):
            if status != "unchanged":
                sys.stdout.write(f"simulated lot {name}: {status}\n")
    except Refused as refused:
        sys.stdout.write(f"The simulated lots are refused, {refused}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
