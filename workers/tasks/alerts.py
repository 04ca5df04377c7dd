"""Sending notices: take one, hand it to its channel, write down what came of it."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from qc_service.alerts import delivery
from qc_service.alerts.delivery import Job, Result
from qc_service.config import Settings
from workers.channels import registry
from workers.channels.message import Message, NotSent, Permanent, Unknown

log = structlog.get_logger(__name__)

BUDGET = 20.0  # seconds after which no try is begun: this and a try must fit into the outbox row's lease
PATIENCE = 2.0  # seconds to wait for another worker that sends an earlier notice to the same address
GLANCE = 0.05
LATER = timedelta(seconds=2)


def deliver(data: Mapping[str, Any], settings: Settings, now: datetime) -> None:
    """Send a notification, and first whatever must reach the same address before it."""
    started = waited = time.monotonic()
    while True:
        elapsed = time.monotonic() - started
        moment = now + timedelta(seconds=elapsed)
        if elapsed > BUDGET or time.monotonic() - waited > PATIENCE:
            delivery.put_off(data["notification_id"], moment + LATER, moment)
            return
        turn = delivery.claim(data["notification_id"], moment)
        if turn.busy:
            time.sleep(GLANCE)
            continue
        if turn.job is None:
            return
        result = _try(turn.job, settings)
        delivery.settle(turn.job, result, now + timedelta(seconds=time.monotonic() - started))
        waited = time.monotonic()


def _try(job: Job, settings: Settings) -> Result:
    label = registry.label(job.channel)
    try:
        outcome = registry.sender(job.channel)(message_of(job, settings), job.address, settings)
    except NotSent as error:
        log.warning("notification.not_sent", notification=job.id, attempt=job.attempt, error=str(error))
        kinds = {Permanent: "permanent", Unknown: "unknown"}
        return Result(kinds.get(type(error), "retryable"), str(error), label)
    except Exception as error:
        log.exception("notification.broke", notification=job.id, attempt=job.attempt)
        return Result("retryable", f"the channel broke: {type(error).__name__}", label)
    return Result("sent", outcome.detail, label, outcome.message_id)


def message_of(job: Job, settings: Settings) -> Message:
    told = job.message
    return Message(
        id=job.id, alert_id=job.alert_id, reason=job.reason, sentence=told["sentence"],
        explanation=told["explanation"], severity=told["severity"], line=told["line"], site=told["site"],
        resolve_reason=told["resolve_reason"], name=job.name, language=told["language"],
        url=f"{settings.base_url}/alerts/{job.alert_id}", asked_at=job.asked_at, thread=job.thread,
    )  # fmt: skip
