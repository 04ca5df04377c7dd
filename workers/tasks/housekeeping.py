"""Keeping the house: what is old and no record goes; the service says that it is alive."""

import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from qc_service import idempotency
from qc_service.config import Settings
from qc_service.people import sessions
from qc_service.queue import JobSlot

TIMEOUT = 10


def clean_up(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    idempotency.forget_old(now)
    sessions.forget_old(now)
    JobSlot.delete().where(JobSlot.slot < now - timedelta(days=7)).execute()


def report_alive(data: Mapping[str, Any], settings: Settings, now: datetime) -> None:  # noqa: ARG001
    """Call the address that watches us, so that our silence is noticed by somebody else."""
    if settings.heartbeat_url and settings.heartbeat_url.startswith(("http://", "https://")):
        with urllib.request.urlopen(settings.heartbeat_url, timeout=TIMEOUT):  # noqa: S310 - the scheme is checked
            pass
