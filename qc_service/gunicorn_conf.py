"""How gunicorn runs the web process, under `qc up` and the Procfile: `-c python:qc_service.gunicorn_conf`."""

import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

from qc_service.tether import die_with_parent

bind = os.environ.get("QC_BIND") or "127.0.0.1:8000"
workers = int(os.environ.get("QC_WEB") or 2)
worker_class = "gthread"
threads = 4
graceful_timeout = 5
max_requests = 5000  # whatever a library leaks is given back now and then
max_requests_jitter = 500
loglevel = "warning"
control_socket_disable = True  # one socket for all installations of a user: nothing of ours uses it

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes an unnamed file in it
if os.access(_SHARED_MEMORY, os.W_OK):
    worker_tmp_dir = str(_SHARED_MEMORY)  # a slow disk must not look like a worker that hangs


HANDSHAKE_WITHIN = 10.0  # seconds


class _Prompt(ssl.SSLSocket):
    """A tablet that leaves the network in the middle of a handshake must not keep a thread waiting for ever."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        self.settimeout(HANDSHAKE_WITHIN)
        try:
            super().do_handshake(block)
        except TimeoutError as error:
            raise ssl.SSLError(ssl.SSL_ERROR_EOF, "no handshake") from error  # gunicorn closes these without a word
        self.settimeout(None)


def ssl_context(config: Any, default_ssl_context_factory: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:  # noqa: ARG001 - gunicorn's signature
    """Asked for each connection, so that a certificate that was renewed is used at once."""
    context = default_ssl_context_factory()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _Prompt
    return context


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    die_with_parent(worker.ppid)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
