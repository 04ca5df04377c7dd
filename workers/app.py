"""The Celery application. Every setting says why it is so.

Run as `celery -A workers.app worker` and `celery -A workers.app beat -S workers.schedule:DatabaseTicks`.
"""

import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from celery.signals import setup_logging, worker_process_init

from qc_service import observe
from qc_service.alerts.notifications import init_alerts
from qc_service.config import Settings, load
from qc_service.db import init_db
from qc_service.procedures.qualification import init_qualification
from qc_service.queue import init_queue
from workers.watcher import OutboxWatcher

# Running as root is advised against by the doctor, once and in words; not by every process at every start.
warnings.filterwarnings("ignore", category=SecurityWarning)

settings: Settings = load()

app = Celery("workers", broker=settings.broker_url or "memory://", set_as_current=True)
app.conf.update(
    task_default_queue="celery",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,  # what a task did is in our own tables
    task_acks_late=True,  # a task that dies with its worker comes again …
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,  # no fan-out queues
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options=(
        {"polling_interval": 1.0}  # nobody sends anything: the watcher hands out work without messages
        if settings.embedded
        else {"visibility_timeout": 120, "socket_keepalive": True}  # redis: what was lost returns after two minutes
    ),
    task_time_limit=30,  # honoured by prefork only; under threads every outside call has its own timeout
    timezone="UTC",
    imports=["workers.tasks.follow"],
)
app.steps["worker"].add(OutboxWatcher)


def _prepare() -> None:
    init_db(settings)
    init_queue(settings)
    init_alerts(settings)
    init_qualification(settings)


@setup_logging.connect
def _logging(**_kwargs: Any) -> None:
    observe.init_logging(settings)


@worker_process_init.connect
def _after_fork(**_kwargs: Any) -> None:
    _prepare()  # a connection is never carried over a fork


_prepare()
