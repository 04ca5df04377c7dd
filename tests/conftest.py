"""The harness: a service on a fresh database, on SQLite and on a real PostgreSQL, spoken to over HTTP.

A test that asks for `settings`, `database`, `app` or `client` runs on both engines. One that is about a
single engine says `@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)`.
"""

import contextlib
import gc
import itertools
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import peewee
import pytest

from qc_service import ddl
from qc_service.config import Settings
from qc_service.db import connected, db, init_db
from qc_service.desk import paper_press
from tests import servers
from tests.scenes import CAST, Databases, Files, Scene, Stage, asked_for, on_stage
from tests.witness import Witness

# A property that names no number of its own is tried so often; `make campaign` tries each a thousand times.
# How long it takes to make one says how busy the machine is, and nothing of the service.
hypothesis.settings.register_profile(
    "qc", max_examples=int(os.environ.get("QC_EXAMPLES") or 20), deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("qc")

LONGEST = "tests/kill/test_kills.py"

ENGINES = [pytest.param("sqlite"), pytest.param("pg", marks=pytest.mark.pg)]
# Words, pages and refusals, which ask nothing of the database that the slices below them do not: the other engine in a
# campaign, as of single tests that are marked so.
MOSTLY_SQLITE = (
    "tests/journeys/inspecting_at_the_desk/", "tests/journeys/translating_at_the_desk/",
    "tests/journeys/test_charts.py", "tests/journeys/test_desk", "tests/journeys/test_deviations.py",
    "tests/journeys/test_evidence_pack.py", "tests/journeys/test_procedures_refused.py",
    "tests/journeys/test_read_and_understood.py",
    "tests/journeys/test_step_reports.py", "tests/journeys/translations/", "tests/qc_service/alerts/test_acts.py",
    "tests/qc_service/desk/", "tests/qc_service/floor/test_conflict_rows.py",
    "tests/qc_service/floor/test_deeds_refused.py", "tests/qc_service/people/test_people_over_http.py",
    "tests/qc_service/people/test_sign_in_over_http.py",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before pytest chooses where the folders of its tests are
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.begin_run(on_disk=config.option.markexpr == "bench")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.end_run()


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what has the mark of a campaign
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("pg") and _is_mostly_sqlite(item):
            item.add_marker("campaign")
    # What takes longest begins first. What waits for processes is not done all at once, but beside what computes.
    items.sort(key=lambda item: [not item.nodeid.startswith(LONGEST), *_without(item, "volume", "kill", "waits")])


def _is_mostly_sqlite(item: pytest.Item) -> bool:
    return item.nodeid.startswith(MOSTLY_SQLITE) or item.get_closest_marker("mostly_sqlite") is not None


def _without(item: pytest.Item, *marks: str) -> list[bool]:
    return [item.get_closest_marker(name) is None for name in marks]


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what stands until the run ends need not be looked through again and again


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine of this test: `sqlite` or `pg`."""
    return request.param


@pytest.fixture
def stage(engine: str, request: pytest.FixtureRequest) -> Stage:
    return request.getfixturevalue(f"{engine}_stage")


@pytest.fixture
def scene(engine: str, stage: Stage, request: pytest.FixtureRequest) -> Scene:
    """What has happened before the test begins: everybody of the cast whom it asks for is there."""
    empty = request.getfixturevalue("postgres_template" if engine == "pg" else "sqlite_template")
    return stage.play(asked_for(request.fixturenames), str(empty), lambda: request.getfixturevalue("assembled"))


@pytest.fixture
def settings(stage: Stage, scene: Scene, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a service whose database is fresh and migrated, and holds what has happened before."""
    name = stage.store.copy(scene.name, tmp_path)
    yield servers.settings_for(tmp_path, stage.store.url(name))
    stage.store.drop(name)


@pytest.fixture
def database(settings: Settings) -> Iterator[peewee.Database]:
    init_db(settings)
    with connected():
        yield db
    db.obj.close_all()


@pytest.fixture(scope="session")
def assembled():
    """The application of all tests: its addresses are prepared once, its templates once in a run."""
    from jinja2 import FileSystemBytecodeCache

    from qc_service.app import assemble  # the web is loaded for its own tests only

    made, kept = assemble(), servers.run_dir() / "templates"
    kept.mkdir(exist_ok=True)
    made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(kept))
    return made


@pytest.fixture
def app(settings: Settings, assembled):
    from qc_service.app import bind

    yield bind(assembled, settings)
    assembled.test_client_class = None
    db.obj.close_all()


@pytest.fixture
def client(app):
    return app.test_client()


# --- the cast of a scene ---


def _cast(name: str) -> Any:
    @pytest.fixture(name=name)
    def enters(scene: Scene, app: Any) -> Any:
        app.test_client_class = Witness
        return on_stage(scene, name)

    return enters


floor, mia, ines, omar, boss, chief = map(_cast, CAST)


@pytest.fixture
def unique() -> str:
    return uuid.uuid4().hex[:8]


# --- databases ---


def _migrate(settings: Settings) -> None:
    init_db(settings)
    try:
        ddl.migrate(settings)
    finally:
        db.obj.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that others are copied from; its last connection has left no WAL beside it."""
    home = tmp_path_factory.mktemp("template")
    _migrate(replace(servers.settings_for(home, f"sqlite:///{home / 'qc.db'}"), sqlite_synchronous="OFF"))
    assert not (home / "qc.db-wal").exists()
    return home / "qc.db"


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The address of a PostgreSQL server."""
    return servers.postgres()


@pytest.fixture(scope="session")
def postgres_server(postgres_url: str) -> Iterator[Any]:
    """A connection that may make and drop databases."""
    with servers.connect(postgres_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, postgres_server: Any) -> str:
    """The name of a migrated database that others are copied from."""
    with servers.one_at_a_time("template") as done:
        if not done.exists():
            name = f"qc_template_{uuid.uuid4().hex[:8]}"
            postgres_server.execute(f"CREATE DATABASE {name}")
            _migrate(servers.settings_for(servers.run_dir(), servers.database_at(postgres_url, name)))
            done.write_text(name)
        return done.read_text()


@pytest.fixture(scope="session")
def postgres_kept(postgres_server: Any) -> Iterator[list[str]]:
    """Names of databases that tests keep for one another; they go when the run ends."""
    names: list[str] = []
    yield names
    for name in names:
        postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_database(pg_stage: Stage, postgres_template: str, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database, which goes when the test ends."""
    name = pg_stage.store.copy(postgres_template, tmp_path)
    yield pg_stage.store.url(name)
    pg_stage.store.drop(name)


@pytest.fixture(scope="session")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(Files(), tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="session")
def pg_stage(postgres_url: str, postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(Databases(postgres_url, postgres_server), tmp_path_factory.mktemp("scenes"))
    yield made
    made.close()


# --- a broker and a receiver of mail ---


@pytest.fixture(scope="session")
def valkey() -> Iterator[Any]:
    """A Valkey server of this worker; a test that stops it starts it again."""
    with servers.valkey() as server:
        yield server


@pytest.fixture
def broker_url(valkey: Any) -> str:
    """The address of an empty broker."""
    servers.empty(valkey)
    return valkey.connection_url


@pytest.fixture
def postbox() -> Iterator[servers.Postbox]:
    with servers.receiver() as box:
        yield box


# --- nothing is left running ---


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    """A process that a test starts ends with it: left alone, it would answer for the next one."""
    before = _children()
    yield
    for wait in itertools.chain((0.0,), itertools.repeat(0.05, 400)):
        time.sleep(wait)
        left = _children() - before
        if not left:
            return
    said = [_command(pid) for pid in left]
    if not all("resource_tracker" in line or "forkserver" in line for line in said):  # the interpreter's own
        pytest.fail(f"left running: {said}", pytrace=False)


def _children() -> set[int]:
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(pid) for pid in (thread / "children").read_text().split()}
    lasting = [server._process for server in servers.lasting] + [press.process for press in paper_press._idle.queue]
    return found - {process.pid for process in lasting if process}


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
