"""From an empty folder to the demonstration's board, and to the alert of its relapsing line."""

import time

import pytest

from tests.bench.table import Table
from tests.running import Service, get

pytestmark = pytest.mark.bench


def test_the_demonstration_begins_and_alerts(table: Table, tmp_path):
    began = time.monotonic()
    service = Service(tmp_path / "data", "demo")
    try:
        url = service.ready()
        assert get(url, "/readyz")[0] == 200
        served = time.monotonic() - began
        service.after("ALERT critical: Simulated packing")
        alerted = time.monotonic() - began
    finally:
        service.close()
    table.add("an empty folder to a served board", f"{served:.1f} s", target="60 s")
    table.add("... to the relapsing line's alert, printed", f"{alerted:.1f} s", target="60 s")
