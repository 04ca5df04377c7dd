"""A plant for tests: an API key, lines, counts and fixes over HTTP, and the worker's work done in this process."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from qc_service import audit, clock
from qc_service.people import access

START = datetime(2026, 1, 1, tzinfo=UTC)


class Plant:
    """Speaks to the service as an ERP does. `work()` does what a worker would, until nothing is left."""

    def __init__(self, app: Any, scopes: tuple[str, ...] = ("*",), site_id: str | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        _, self.key = access.create_key(audit.COMMAND, "test", list(scopes), site_id=site_id)

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None, **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.key}", **kwargs.pop("headers", {})}
        if body is not None:
            kwargs["json"] = body
        return self.client.open(path, method=method, headers=headers, **kwargs)

    def line(self, code: str = "L1", site: str = "S1", name: str | None = None) -> None:
        answer = self.call("POST", "/v1/lines", {"code": code, "name": name, "site": site})
        assert answer.status_code == 201, answer.json

    def ingest(
        self, rows: list[Any], *, path: str = "/v1/ingest/production-counts", **headers: str
    ) -> list[dict[str, Any]]:
        """The results, without the summary."""
        answer = self.send(rows, path=path, **headers)
        assert answer.status_code == 200, answer.json
        return [json.loads(line) for line in answer.text.splitlines()][:-1]

    def send(self, rows: list[Any], *, path: str = "/v1/ingest/production-counts", **headers: str) -> Any:
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"
        return self.call("POST", path, data=text.encode(), headers={"Content-Type": "application/x-ndjson", **headers})

    def fix(self, **body: Any) -> dict[str, Any]:
        answer = self.call("POST", "/v1/fixes", {"line": "L1", "measure": "defective", "title": "New nozzle", **body})
        assert answer.status_code == 201, answer.json
        return answer.json

    def effect(self, fix_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/v1/fixes/{fix_id}/effect")
        assert answer.status_code == 200, answer.json
        return answer.json

    def work(self) -> int:
        """Follow every due outbox row; the number of rows done. Fails where a reaction failed."""
        from qc_service.db import connected
        from qc_service.queue import Outbox
        from workers import following

        settings = self.app.config["QC"]
        done = 0
        with connected():
            while True:
                due = list(Outbox.select().where((Outbox.due_at <= clock.now()) & ~Outbox.dead).order_by(Outbox.id))
                if not due:
                    break
                for row in due:
                    following.follow(row.id, settings)
                    done += 1
            failed = [row.error for row in Outbox.select().where(~Outbox.error.is_null())]
        assert not failed, failed
        return done


def hour(number: int) -> tuple[str, str]:
    """The period of the lot with that number: one lot an hour."""
    start = START + timedelta(hours=number)
    return clock.iso(start), clock.iso(start + timedelta(seconds=3599))


def count(number: int, n: int | None = 100, d: int | None = 3, **more: Any) -> dict[str, Any]:
    """A row with inspected and defective units."""
    start, end = hour(number)
    row = {
        "source": "erp", "external_id": f"JC-{number}", "external_version": "1", "line": "L1",
        "period_start": start, "period_end": end, "inspected": n, "defective": d, **more,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}
