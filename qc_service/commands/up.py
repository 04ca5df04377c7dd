"""`qc up` and `qc demo`: the whole service on one machine with nothing else installed.

This process only looks after the others. It never touches the database and loads little.
"""

import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from qc_service.commands.up_tls import Secured, planned, secured
from qc_service.config import Settings
from qc_service.demo.sandbox import load
from qc_service.supervise import Child, Say, Supervisor, listen, only_one
from qc_service.tether import tethered
from qc_service.tls.names import ANYWHERE

HERE = "127.0.0.1"
PATIENCE = 20.0  # seconds until a service that is not ready is said to be so


def up(args: Namespace, settings: Settings, say: Say) -> None:
    plan = planned(args, settings.base_url if os.environ.get("QC_BASE_URL") else None)
    with _place(settings, args.host, args.port) as listener, secured(plan, settings.data_dir) as tls:
        _prepare("migrate", settings, "--procedures")
        _serve(settings, listener, args.host, say, tls=tls)


def demo(args: Namespace, settings: Settings, say: Say) -> None:
    with _place(settings, HERE, args.port) as listener:
        _prepare("demo", settings, "--fill-only")
        url = addresses(HERE, listener.getsockname()[1])[0]
        feeder = [sys.executable, "-m", "qc_service.demo.feeder", url, str(settings.data_dir)]
        live = Child("demo", feeder, once=True)
        _serve(settings, listener, HERE, say, also=[live], banner=_visitors(settings))


@contextlib.contextmanager
def _place(settings: Settings, host: str, port: int) -> Iterator[socket.socket]:
    """The folder and the port, for this service only."""
    with only_one(settings.data_dir), contextlib.closing(listen(host, port)) as listener:
        yield listener


def _prepare(command: str, settings: Settings, *options: str) -> None:
    """Work on the database in a process of its own, which says itself what is wrong: this one stays small."""
    words = [sys.executable, "-m", "qc_service.cli", command, *options, "--data", str(settings.data_dir)]
    done = subprocess.run(  # noqa: S603 - our own command
        tethered(words), check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def _visitors(settings: Settings) -> list[str]:
    sandbox = load(settings.data_dir)
    lines = sandbox.table() if sandbox else ()
    return [
        "The demonstration plant. Sign in with a badge and its password, or on the tablet with the PIN:",
        *(f"  {line}" for line in lines),
    ]


def _serve(
    settings: Settings,
    listener: socket.socket,
    host: str,
    say: Say,
    *,
    also: Iterable[Child] = (),
    banner: Sequence[str] = (),
    tls: Secured | None = None,
) -> None:
    """Run web, worker, beat and what comes `also` until a signal."""
    near, far = addresses(host, listener.getsockname()[1], tls)
    shown = settings.base_url if os.environ.get("QC_BASE_URL") else far
    children = [*_service(listener, settings.pool, tls), *also]
    told = environment(settings, far)
    if tls is not None:
        children.append(tls.child(settings.data_dir, shown))
        banner = [*banner, *tls.banner(shown)]
        told["QC_TRUST_URL"] = tls.trust_url(shown)
    with _announcing(near, (f"The QC service is ready: {shown}", *banner), say, tls):
        Supervisor(children, told, settings.data_dir, say).run()


def addresses(host: str, port: int, tls: Secured | None = None) -> tuple[str, str]:
    """Where this machine reaches the service, and where others do unless QC_BASE_URL says otherwise."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    far = socket.gethostname() if host in ANYWHERE else near
    if tls is not None:
        far = tls.name_for_others(far)
    return _url(near, port, tls), _url(far, port, tls)


def _url(host: str, port: int, tls: Secured | None) -> str:
    bare = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{bare}:{port}"


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
    told["QC_BASE_URL"] = told.get("QC_BASE_URL") or url
    return told


def _absolute(database_url: str) -> str:
    kind, _, path = database_url.partition("sqlite:///")
    return f"sqlite:///{Path(path).absolute()}" if not kind else database_url


def _service(listener: socket.socket, pool: str, tls: Secured | None) -> list[Child]:
    python = [sys.executable, "-m"]
    web = [*python, "gunicorn", "-c", "python:qc_service.gunicorn_conf", "-b", f"fd://{listener.fileno()}"]
    if tls is not None:
        web += ["--certfile", str(tls.certificate), "--keyfile", str(tls.certificate)]
    celery = [*python, "celery", "-q", "-A", "workers.app"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Child("web", [*web, "qc_service.app:create_app()"], pass_fds=(listener.fileno(),)),
        Child("worker", [*celery, "worker", "--pool", pool, "-c", "4", *quiet, "-l", "warning"]),
        Child("beat", [*celery, "beat", "-S", "workers.schedule:DatabaseTicks", "-l", "warning"]),
    ]


@contextlib.contextmanager
def _announcing(near: str, lines: Sequence[str], say: Say, tls: Secured | None) -> Iterator[None]:
    """Say the lines as soon as the service answers."""
    stop = threading.Event()
    trusted = tls.authority if tls else None
    thread = threading.Thread(target=_announce, args=(near, lines, stop, say, trusted), daemon=True, name="qc-ready")
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _announce(near: str, lines: Sequence[str], stop: threading.Event, say: Say, trusted: Path | None) -> None:
    complain_at = time.monotonic() + PATIENCE
    while not stop.wait(0.2):
        reason = not_ready(near, trusted)
        if reason is None:
            for line in lines:
                say(line)
            return
        if time.monotonic() >= complain_at:
            say(f"Not ready yet: {reason}")
            complain_at += PATIENCE


def not_ready(url: str, trusted: Path | None = None) -> str | None:
    """Why the service does not answer there; None once it is ready. By HTTPS, whom it trusts is in a file."""
    scheme, _, where = url.partition("://")
    connection = http.client.HTTPConnection(where, timeout=2)
    if scheme == "https":
        context = ssl.create_default_context(cafile=trusted)
        connection = http.client.HTTPSConnection(where, timeout=2, context=context)
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
