"""What a look at the list of a site costs, with a thousand fixes under watch and three hundred lots each."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import bulk_insert, connected, db, write
from qc_service.fixes.models import Fix
from qc_service.flags.models import Listing, Watch, WatchPoint
from tests.bench.table import Table
from tests.plant import START, Plant, count, hour
from workers import listing

pytestmark = pytest.mark.bench

LINES, LOTS, BAD = 1000, 300, 100
TURNS = 15


def _points(watch: Watch, number: int) -> list[dict[str, Any]]:
    """Of a bad line the evidence climbs past every bar; of a good one it stays below, but for each tenth of them."""
    late = 2.6 if number % 10 == 0 else -0.5
    logs = [0.4 * lot if number < BAD else late if lot > LOTS - 20 else -0.5 for lot in range(1, LOTS + 1)]
    return [
        {
            "watch_id": watch.id, "number": lot, "site_id": watch.site_id, "count_id": f"{number}-{lot}", "revision": 1,
            "source": "erp", "external_id": str(lot), "period_start": START + timedelta(hours=40 + lot),
            "period_end": START + timedelta(hours=41 + lot, seconds=number), "n": 100, "d": 3,
            "log_e_fail": logs[lot - 1], "log_e_ok": 0.0,
        }
        for lot in range(1, LOTS + 1)
    ]  # fmt: skip


def _grown(plant: Plant) -> str:
    """The site's id. Only the first line is told over HTTP; the others are rows like its own."""
    plant.line("L0", "S1")
    plant.ingest([count(i, line="L0") for i in range(30)])
    plant.fix(line="L0", in_effect_at=hour(30)[0], promise={"rate": 0.01})
    plant.work()
    fix, watch = Fix.get().__data__, Watch.get().__data__
    numbers = range(1, LINES)
    with write():
        bulk_insert(Fix, [{**fix, "id": f"fix_{number:04}"} for number in numbers])
        bulk_insert(Watch, [{**watch, "id": f"wch_{number:04}", "fix_id": f"fix_{number:04}"} for number in numbers])
        for number, one in enumerate(Watch.select().order_by(Watch.id)):
            bulk_insert(WatchPoint, _points(one, number))
    return str(fix["site_id"])


def test_a_look_at_the_list_of_a_thousand_fixes(sqlite_template: Path, tmp_path: Path, table: Table) -> None:
    path = tmp_path / "qc.db"
    path.write_bytes(sqlite_template.read_bytes())
    app = create_app(Settings(tmp_path, f"sqlite:///{path}", None, "k" * 32, "p" * 32, password_cost="low"))
    with connected():
        site_id = _grown(Plant(app))
        data, now = {"site_id": site_id}, START + timedelta(days=60)
        begin = time.process_time()
        listing.list_site(data, now)
        first = time.process_time() - begin
        assert Listing.select().where(Listing.rests_at.is_null(is_null=False)).count() == BAD
        taken = []
        for _ in range(TURNS):
            begin = time.process_time()
            listing.list_site(data, now)
            taken.append(time.process_time() - begin)
        db.obj.close_all()
    table.add("the list of 1,000 fixes, from nothing", f"{1000 * first:.0f} ms of CPU")
    table.add("the same, a look at it", f"{1000 * sorted(taken)[TURNS // 2]:.1f} ms of CPU", target="10 ms")
