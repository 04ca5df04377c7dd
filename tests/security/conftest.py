"""A plant that is built once for a module and put back as it was whenever a request has changed it."""

import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qc_service import audit
from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import connected, db
from qc_service.people import credentials, staff
from tests import servers, two_sites
from tests.plant import Plant
from tests.two_sites import PASSWORD, TwoSites


@dataclass
class Kept:
    """Two sites behind an application, and the way back to how they were."""

    app: Any
    town: TwoSites
    restore: Callable[[], None]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("pg", marks=[pytest.mark.pg, pytest.mark.campaign])])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    home = tmp_path_factory.mktemp("kept")
    make = _on_postgres if request.param == "pg" else _on_sqlite
    yield from make(request, home)


def _settings(home: Path, url: str) -> Settings:
    return Settings(
        data_dir=home, database_url=url, broker_url=None, secret_key="test-secret-key-of-no-worth",
        pin_pepper="test-pepper-of-no-worth", password_cost="low", sqlite_synchronous="OFF",
    )  # fmt: skip


def _on_sqlite(request: pytest.FixtureRequest, home: Path) -> Iterator[Kept]:
    live, kept = home / "qc.db", home / "kept.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), live)
    app = create_app(_settings(home, f"sqlite:///{live}"))
    town = two_sites.build(app)
    db.obj.close_all()
    with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(kept)) as target:
        source.backup(target)  # a copy of the file alone would lack what is still in its WAL

    def restore() -> None:
        db.obj.close_all()
        for leftover in home.glob("qc.db-*"):
            leftover.unlink()
        shutil.copyfile(kept, live)

    yield Kept(app, town, restore)
    db.obj.close_all()


def _on_postgres(request: pytest.FixtureRequest, home: Path) -> Iterator[Kept]:
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template")
    address = request.getfixturevalue("postgres_url")
    live, kept = (f"qc_{name}_{uuid.uuid4().hex[:8]}" for name in ("live", "kept"))
    server.execute(f"CREATE DATABASE {live} TEMPLATE {template} STRATEGY file_copy")
    app = create_app(_settings(home, servers.database_at(address, live)))
    town = two_sites.build(app)
    db.obj.close_all()
    server.execute(f"CREATE DATABASE {kept} TEMPLATE {live} STRATEGY file_copy")

    def restore() -> None:
        db.obj.close_all()
        server.execute(f"DROP DATABASE {live} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {live} TEMPLATE {kept} STRATEGY file_copy")

    yield Kept(app, town, restore)
    db.obj.close_all()
    for name in (live, kept):
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def town(kept: Kept) -> Iterator[TwoSites]:
    """The two sites as they were built."""
    yield kept.town
    kept.restore()


@pytest.fixture
def house(app):
    """A supervisor and a quality manager of the same plant, who sign in at the desk."""
    with connected():
        credentials.init_people(app.config["QC"])
        plant = Plant(app)
        for badge, role in (("P-3", "supervisor"), ("P-4", "quality_manager"), ("P-1", "operator")):
            staff.add_person(audit.COMMAND, badge, f"Name of {badge}", [role], password=PASSWORD)
    plant.line("L1", "S1")
    return plant
