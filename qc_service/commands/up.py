"""`qc up` and `qc demo`: the whole service on one machine with nothing else installed."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from qc_service import ddl
from qc_service.config import Settings
from qc_service.db import db, init_db
from qc_service.people.credentials import init_people
from qc_service.queue import init_queue
from qc_service.supervise import Child, Say, Supervisor, listen, only_one

Banner = Callable[[], Iterable[str]]

PATIENCE = 20.0  # seconds until a service that is not ready is said to be so
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not chosen


def serve(
    settings: Settings,
    host: str,
    port: int,
    say: Say,
    *,
    prepare: Callable[[], None] = lambda: None,
    also: Callable[[str], Iterable[Child]] = lambda _url: (),
    banner: Banner = tuple,
) -> None:
    """Run web, worker, beat and what comes `also` until a signal. `prepare` finds the database up to date."""
    with only_one(settings.data_dir), contextlib.closing(listen(host, port)) as listener:
        near, far = addresses(host, listener.getsockname()[1])
        make_ready(settings)
        prepare()
        db.obj.close_all()
        children = [*_service(listener), *also(near)]
        supervisor = Supervisor(children, environment(settings, far), settings.data_dir, say)
        with _announcing(near, far if "QC_BASE_URL" not in os.environ else settings.base_url, say, banner):
            supervisor.run()


def make_ready(settings: Settings) -> None:
    init_db(settings)
    init_queue(settings)
    init_people(settings)
    ddl.migrate(settings)


def addresses(host: str, port: int) -> tuple[str, str]:
    """Where this machine reaches the service, and where others do unless QC_BASE_URL says otherwise."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    far = socket.gethostname() if host in _ANYWHERE else near
    return _url(near, port), _url(far, port)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def environment(settings: Settings, url: str) -> dict[str, str]:
    """What the processes are told. They run in the data folder, where nobody else's modules lie about."""
    metrics = settings.data_dir / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)  # the last run's counters would be added to this one's
    metrics.mkdir()
    told = {
        **os.environ,
        "QC_DATA_DIR": str(settings.data_dir),
        "QC_DATABASE_URL": _absolute(settings.database_url),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
    }
    if "PYTHONPATH" in told:
        places = told["PYTHONPATH"].split(os.pathsep)
        told["PYTHONPATH"] = os.pathsep.join(str(Path(one).absolute()) for one in places)
    told.setdefault("QC_BASE_URL", url)
    return told


def _absolute(database_url: str) -> str:
    kind, _, path = database_url.partition("sqlite:///")
    return f"sqlite:///{Path(path).absolute()}" if not kind else database_url


def _service(listener: socket.socket) -> list[Child]:
    python = [sys.executable, "-m"]
    web = [*python, "gunicorn", "-c", "python:qc_service.gunicorn_conf", "-b", f"fd://{listener.fileno()}"]
    celery = [*python, "celery", "-q", "-A", "workers.app"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    pool = os.environ.get("QC_POOL") or "threads"
    return [
        Child("web", [*web, "qc_service.app:create_app()"], pass_fds=(listener.fileno(),)),
        Child("worker", [*celery, "worker", "--pool", pool, "-c", "4", *quiet, "-l", "warning"]),
        Child("beat", [*celery, "beat", "-S", "workers.schedule:DatabaseTicks", "-l", "warning"]),
    ]


@contextlib.contextmanager
def _announcing(near: str, url: str, say: Say, banner: Banner) -> Iterator[None]:
    """Print the address as soon as the service answers there."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_announce, args=(near, url, stop, say, banner), daemon=True, name="qc-ready"
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _announce(near: str, url: str, stop: threading.Event, say: Say, banner: Banner) -> None:
    complain_at = time.monotonic() + PATIENCE
    while not stop.wait(0.2):
        reason = not_ready(near)
        if reason is None:
            for line in (f"The QC service is ready: {url}", *banner()):
                say(line)
            return
        if time.monotonic() >= complain_at:
            say(f"Not ready yet: {reason}")
            complain_at += PATIENCE


def not_ready(url: str) -> str | None:
    """Why the service does not answer there; None once it is ready."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=2)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read()
        if response.status == http.HTTPStatus.OK:
            return None
        return "; ".join(json.loads(body).get("findings", [])) or f"status {response.status}"
    except (OSError, ValueError, AttributeError, http.client.HTTPException) as error:
        return f"the web process does not answer ({type(error).__name__})"
    finally:
        connection.close()
