"""How gunicorn runs the web process, under `qc up` and the Procfile: `-c python:qc_service.gunicorn_conf`."""

import os
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


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    die_with_parent(worker.ppid)


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
