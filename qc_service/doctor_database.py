"""What the doctor asks the database, and whether the work that waits in it is being done."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from qc_service import clock, ddl, health
from qc_service import routes as _routes  # noqa: F401 - brings in every slice, and with it every table
from qc_service.config import Settings
from qc_service.db import SQLITE_MINIMUM, Record, connected, db, init_db, is_postgres
from qc_service.doctor import Finding, ok
from qc_service.queue import Heartbeat, Outbox

SILENCE = timedelta(minutes=3)
PROCESSES = {
    "worker": "Without one nothing follows from what is recorded.",
    "beat": "Without one nothing happens by the clock: no reminders, no tidying up.",
}
CLOCKS_APART = timedelta(seconds=5)


def database(settings: Settings) -> Iterator[Finding]:
    """The database."""
    init_db(settings)
    path = settings.database_url.removeprefix("sqlite:///")
    if not is_postgres() and not Path(path).exists():
        yield Finding(
            "error",
            f"There is no database at {path} yet",
            "Nothing is recorded.",
            "Run qc up, or qc migrate.",
        )
        return
    with connected():
        yield from _postgres() if is_postgres() else _sqlite()
        yield from _schema()
        if not ddl.pending():
            yield from _work()


def _sqlite() -> Iterator[Finding]:
    version: str = db.execute_sql("SELECT sqlite_version()").fetchone()[0]
    wanted = ".".join(str(part) for part in SQLITE_MINIMUM)
    if tuple(int(part) for part in version.split(".")) >= SQLITE_MINIMUM:
        yield ok(f"SQLite {version} through {_driver()}")
    else:
        yield Finding(
            "error",
            f"SQLite {version} is older than {wanted}",
            "It can corrupt a database that several processes use.",
            "Install pysqlite3 0.6.1 or newer.",
        )
    mode = _pragma("journal_mode")
    if mode == "wal":
        yield ok("SQLite's journal mode is WAL")
    else:
        yield Finding("error", f"SQLite's journal mode is {mode}", "Readers and writers stop each other.", _LOCAL_DISK)
    levels = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
    level = levels[int(_pragma("synchronous"))]
    if level in ("FULL", "EXTRA"):
        yield ok(f"Every commit is on disk before it is acknowledged (synchronous {level})")
    else:
        yield Finding(
            "warning",
            f"SQLite runs with synchronous {level}",
            "The last acknowledged records can be lost when the power fails.",
            "Remove QC_SQLITE_SYNCHRONOUS, or set it to FULL.",
        )


_LOCAL_DISK = "Put the data folder on a local disk."


def _pragma(name: str) -> Any:
    return db.execute_sql(f"PRAGMA {name}").fetchone()[0]


def _driver() -> str:
    return type(db.connection()).__module__.partition(".")[0]


def _postgres() -> Iterator[Finding]:
    driver = _driver()
    version = _shown("server_version")
    if driver == "psycopg":
        yield ok(f"PostgreSQL {version} through {driver}")
    else:
        yield Finding(
            "error",
            f"PostgreSQL {version} through {driver}",
            "Only psycopg 3 is tested with this service.",
            "Install the extra: pip install 'qc-service[postgres]'",
        )
    for name in ("fsync", "full_page_writes"):
        if _shown(name) != "on":
            yield Finding(
                "error",
                f"PostgreSQL runs with {name} {_shown(name)}",
                "A crash of the machine can corrupt the database.",
                f"Set {name} = on in postgresql.conf.",
            )
    if _shown("synchronous_commit") == "off":
        yield Finding(
            "error",
            "PostgreSQL runs with synchronous_commit off",
            "The last acknowledged records can be lost in a crash.",
            "Set synchronous_commit = on in postgresql.conf, or for the service's user.",
        )
    if _shown("data_checksums") != "on":
        yield Finding(
            "warning",
            "PostgreSQL runs without data checksums",
            "A disk that returns wrong data goes unnoticed.",
            "Stop the server and run pg_checksums --enable, or make a new cluster with --data-checksums.",
        )
    apart = abs(db.obj.now() - clock.now())
    if apart > CLOCKS_APART:
        yield Finding(
            "error",
            f"The clocks of this machine and of the database are {apart.total_seconds():.0f} s apart",
            "Times of records and of work that is due contradict each other.",
            "Let both machines take their time from the same source (NTP).",
        )


def _shown(name: str) -> str:
    value: str = db.execute_sql(f"SHOW {name}").fetchone()[0]
    return value


def _schema() -> Iterator[Finding]:
    pending = ddl.pending()
    if pending:
        yield Finding(
            "error",
            f"{len(pending)} migration(s) are pending: {', '.join(pending)}",
            "The service does not start its work on an old schema.",
            "Run qc migrate.",
        )
        return
    yield ok("The schema is up to date")
    missing = ddl.wanted_triggers(_history(Record)) - ddl.triggers()
    if missing:
        yield Finding(
            "error",
            f"Triggers are missing or switched off: {', '.join(sorted(missing))}",
            "Without them the database lets history be changed.",
            "Find out who removed them, run qc audit verify, and restore the schema from a backup.",
        )
    else:
        yield ok("The database refuses changes of history")


def _history(model: type[Record]) -> set[str]:
    """The tables, of this model and of those made from it, whose rows are only ever added."""
    own = {model._meta.table_name} if model.history else set()  # noqa: SLF001
    return own.union(*(_history(one) for one in model.__subclasses__()))


def _work() -> Iterator[Finding]:
    dead = Outbox.select().where(Outbox.dead).count()
    if dead:
        yield Finding(
            "error",
            f"{dead} thing(s) failed for good and wait for a person",
            "What should have followed from a record did not: a verdict or an alert may be missing.",
            "See the column error of the table outbox, and the worker's log.",
        )
    lag = health.outbox_lag()
    if lag > health.LAG_BOUND:
        yield Finding(
            "error",
            f"Work has waited {_ago(lag)}",
            "Verdicts and alerts come late.",
            "Start a worker (qc up, or the Procfile's worker), and read its log.",
        )
    for name, why in PROCESSES.items():
        yield _alive(name, why)


def _alive(name: str, why: str) -> Finding:
    """A service that is switched off is no fault; work that waits too long for it is, and is found above."""
    todo = "Run qc up, or the Procfile's worker and beat."
    last = Heartbeat.get_or_none(Heartbeat.name == name)
    if last is None:
        return Finding("warning", f"No {name} has reported yet", why, todo)
    silent = clock.now() - last.at
    if silent > SILENCE:
        return Finding("warning", f"No {name} has reported for {_ago(silent)}", why, todo)
    return ok(f"A {name} is running")


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes else f"{span.total_seconds():.0f} s"
