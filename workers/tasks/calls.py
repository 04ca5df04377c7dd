"""Calls from the floor: the flag of each line and kind is brought to where its calls stand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service.flags import called


def weigh(data: Mapping[str, Any], now: datetime) -> None:
    called.weigh(data["line_id"], data["kind"], now)
