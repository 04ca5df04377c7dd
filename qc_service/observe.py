"""What operators see: structured logs, request ids and metrics. None of it carries a secret or a record's content."""

import logging
import re
import secrets
import sys
from typing import Any

import structlog
from prometheus_client import REGISTRY as PROCESS_REGISTRY
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from qc_service.config import Settings

log = structlog.get_logger(__name__)

REQUESTS = Counter("qc_http_requests_total", "Requests by route and status", ["method", "route", "status"])
SECONDS = Histogram("qc_http_request_seconds", "Time to answer", ["method", "route"])

_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


def init_logging(settings: Settings) -> None:
    renderer: Any = structlog.processors.JSONRenderer()
    if settings.log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever standard error is now
        cache_logger_on_first_use=False,
    )


def request_id(offered: str | None) -> str:
    """The caller's own id where it is harmless, else a new one."""
    return offered if offered and _SAFE_ID.match(offered) else secrets.token_hex(8)


def request_done(request: Any, response: Any, seconds: float) -> None:
    route = request.url_rule.rule if request.url_rule else "none"
    REQUESTS.labels(request.method, route, response.status_code).inc()
    SECONDS.labels(request.method, route).observe(seconds)
    if response.status_code >= 500:
        log.error("request.failed", method=request.method, route=route, status=response.status_code)


def exposition(gauges: dict[str, tuple[str, float]], directory: str | None) -> bytes:
    """The metrics page: this process's (or, with a folder, all processes') counters, and gauges read just now."""
    registry = CollectorRegistry()
    if directory:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    for name, (text, value) in gauges.items():
        Gauge(name, text, registry=now).set(value)
    return generate_latest(registry if directory else PROCESS_REGISTRY) + generate_latest(now)
