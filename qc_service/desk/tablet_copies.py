"""Bringing in what a tablet saved as a file: choose it, and read what became of each record."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.clock import parse
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import page, words
from qc_service.errors import QCError, status_of
from qc_service.floor import copies, copy_file
from qc_service.floor.copy_schemas import STATUSES
from qc_service.web import takes


@blp.get("/tablets/copies", endpoint="tablet_copy")
@allow("copy.import")
def form() -> ResponseReturnValue:
    return _page({})


@blp.post("/tablets/copies", endpoint="tablet_copy_post")
@allow("copy.import")
@takes(copy_file.MOST_BYTES, copy_file.TOO_LARGE)
def take() -> ResponseReturnValue:
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page({"file": words().say("Choose a file.")}, status=422)
    try:
        with closing(file.stream):  # what is larger than a page's fields lies on the disk meanwhile
            data = file.read()
        taken = copies.take(actor(), data, daily_mb=current_app.config["QC"].media_daily_mb)
    except QCError as error:
        if error.code != "copy_refused":
            raise
        return _page({"file": words().say(error.detail)}, status=status_of(error.code))
    return _page({}, _told(taken))


def _told(taken: copies.Taken) -> dict[str, Any]:
    return {
        "name": taken.device.name, "revoked": taken.device.revoked_at is not None, "made_at": _moment(taken.made_at),
        "records": taken.records, "deeds": taken.deeds, "pictures": taken.pictures,
        "count": _counted([*taken.records, *taken.deeds]),
        "count_pictures": _counted(taken.pictures),
    }  # fmt: skip


def _counted(rows: list[dict[str, Any]]) -> dict[str, int]:
    found = Counter(one["status"] for one in rows)
    return {status: found[status] for status in STATUSES}


def _moment(text: str) -> Any:
    """When the tablet made it, by its own clock; nothing where that is no time."""
    try:
        return parse(text)
    except ValueError:
        return None


def _page(errors: Mapping[str, str], told: dict[str, Any] | None = None, status: int = 200) -> ResponseReturnValue:
    return page("tablet_copy.html", nav="inspections", tab="tablets", status=status, errors=dict(errors), told=told)
