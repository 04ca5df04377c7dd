"""Inspections that were received become what they are worth."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service.inspections import judging, pictures


def judge(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001 - every reaction is given the time
    judging.judge(data["uuid"])


def judge_awaiting(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """A record is judged: those that name it, and came before it, can be judged too; so can it, if it waited."""
    judging.judge_all(judging.awaiting(data["uuid"]))


def judge_waiting(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """A lot is known now: what was inspected of it before can be judged."""
    judging.judge_all(judging.waiting_for(data["lot_id"]))


def pictures_arrived(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    pictures.arrived()
