"""Attacks on history. Every one is named by a check, or, where none can know, by the anchor alone."""

import contextlib
import json
import random
import shutil
import threading
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qc_service import audit, clock, ddl
from qc_service.audit import Event, StreamHead
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.db import connected, db, init_db  # noqa
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.people import access, staff
from qc_service.people.models import RoleGrant
from qc_service.verify import models, verify, write_anchor
from tests import servers
from tests.attacks import Attacker, contents, edits, history, watched
from tests.plant import Plant, count, hour

FLIPS = 400


def grow(app) -> None:
    """A plant with a row in every table of the trail, and with every way in which a row can come and go."""
    with connected():
        plant = Plant(app)
        for line in ("L1", "L2"):
            plant.line(line)
        plant.ingest([count(i, 100, 3, product="P-1", defects=[{"code": "X", "units": 3}]) for i in range(30)])
        plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.01})
        plant.ingest([count(i, 100, 9, rework_in_good=False) for i in range(30, 60)])
        plant.ingest([count(3, 100, 4, external_version="2"), count(4, 100, 4, external_version="2", line="L2")])
        plant.ingest([count(900, 10, 1, charged_to="JC-5")])
        person = staff.add_person(
            audit.COMMAND, "P-7", "Dewi", ["supervisor", "auditor"], pin="739154", password="plum jam on the roof"
        )
        site = Site.get(Site.code == "S1")
        staff.add_person(audit.COMMAND, "P-8", "Umi", ["supervisor"], site_id=site.id, email="umi@example.com")
        grant = RoleGrant.get((RoleGrant.person_id == person.id) & (RoleGrant.role == "auditor"))
        with audit.change(audit.COMMAND, "role.revoked") as change:
            change.delete(RoleGrant, [{"id": grant.id}])
        access.enrol_device(audit.COMMAND, "T-1", site_id=site.id)
        line = Line.get(Line.code == "L2")
        with audit.change(audit.COMMAND, "line.changed", site_id=line.site_id, line_id=line.id) as change:
            change.update(line, name="Second line")
        plant.work()
        empty = [table for table in watched() if not db.execute_sql(f'SELECT 1 FROM "{table}"').fetchall()]
    assert not empty, f"no row in {', '.join(empty)}: let grow() above make one"


@pytest.fixture(scope="session")
def grown() -> dict[str, str]:
    """By engine: the file, or the name of the database, of a plant that was grown once."""
    return {}


@pytest.fixture
def settings(settings, engine, grown, request, tmp_path):
    """In place of an empty database, a copy of the grown plant."""
    from qc_service.app import create_app

    if engine == "sqlite":
        if engine not in grown:
            grow(create_app(settings))
            db.obj.close_all()
            kept = request.getfixturevalue("tmp_path_factory").mktemp("grown") / "qc.db"
            grown[engine] = str(shutil.copyfile(tmp_path / "qc.db", kept))
        shutil.copyfile(grown[engine], tmp_path / "qc.db")
        return settings
    server = request.getfixturevalue("postgres_server")
    if engine not in grown:
        grow(create_app(settings))
        db.obj.close_all()
        grown[engine] = f"qc_grown_{uuid.uuid4().hex[:8]}"
        request.getfixturevalue("postgres_kept").append(grown[engine])
        server.execute(f"CREATE DATABASE {grown[engine]} TEMPLATE {_name(settings)} STRATEGY file_copy")
    server.execute(f"DROP DATABASE {_name(settings)} WITH (FORCE)")
    server.execute(f"CREATE DATABASE {_name(settings)} TEMPLATE {grown[engine]} STRATEGY file_copy")
    return settings


def _name(settings) -> str:
    return urlsplit(settings.database_url).path[1:]


@pytest.fixture
def attacker(database, settings):
    with contextlib.closing(Attacker(settings)) as attacker:
        yield attacker


def found(anchor=None) -> list[str]:
    return [str(finding) for finding in verify(anchor)]


def kinds(anchor=None) -> set[str]:
    return {finding.kind for finding in verify(anchor)}


def some_stream() -> str:
    """A line's stream with several events."""
    return StreamHead.select().where(StreamHead.stream.contains("/line/")).order_by(StreamHead.seq.desc()).get().stream


# --- what is whole ---


def test_a_whole_history_gives_no_finding(database, tmp_path):
    write_anchor(tmp_path / "anchor")
    assert found(tmp_path / "anchor") == []


def test_a_stream_that_was_locked_and_never_written_to_is_whole(database):
    with audit.write():
        audit.lock_streams(["site/nowhere"])
    assert found() == []


def test_a_check_during_writing_sees_one_moment(database, settings):
    line = Line.get(Line.code == "L1")
    ready, done = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            with audit.change(audit.SYSTEM, "line.changed", site_id=line.site_id, line_id=line.id) as change:
                change.update(Line.get_by_id(line.id), name=f"Line {number}")
            lines.ensure_products(audit.SYSTEM, line.site_id, [f"P-{number}"], clock.now())
            ready.set()

    writer = threading.Thread(target=write)
    writer.start()
    ready.wait(10)
    before = Event.select().count()
    try:
        assert [found() for _ in range(8)] == [[]] * 8
    finally:
        done.set()
        writer.join()
    assert Event.select().count() > before


# --- each column of each table ---


def pytest_generate_tests(metafunc):
    if "table" in metafunc.fixturenames:
        metafunc.parametrize("table", watched())


def test_each_changed_column_is_named(table, attacker):
    """Read from the catalogue, so that a new table or column is included by itself."""
    attacker.drop_checks(table)
    model = models()[table]
    fields = model._meta.sorted_fields
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    row = db.execute_sql(f'SELECT {names} FROM "{table}" ORDER BY 1 LIMIT 1').fetchone()
    where = " AND ".join(f'"{field.column_name}" IS NOT DISTINCT FROM ?' for field in fields)
    unseen = []
    for place, field in enumerate(fields):
        for value in edits(field):
            changed = attacker.sql(f'UPDATE "{table}" SET "{field.column_name}" = {value} WHERE {where}', *row)
            assert changed == 1
            if not any(_names(finding, table, field.column_name) for finding in verify()):
                unseen.append(f"{field.column_name} = {value}")
            now = db.execute_sql(f'SELECT {names} FROM "{table}"').fetchall()
            new = next(other for other in now if [*other[:place], *other[place + 1 :]] == [*row[:place], *row[place + 1 :]] and other != row)
            attacker.sql(f'UPDATE "{table}" SET "{field.column_name}" = ? WHERE {where}', row[place], *new)
    assert unseen == []
    assert found() == []


def _names(finding, table, column) -> bool:
    """Does the finding name the table, and where the trail knows it the column?"""
    if table in ("event", "stream_head"):
        return finding.kind in ("hash", "order", "gap", "head", "body")
    key = column in {one.column_name for one in audit.key_columns(models()[table])}
    if models()[table].trail == "digest" or key:
        return finding.place.startswith(f"{table} ") and finding.kind in ("changed", "unknown", "missing")
    return finding.place.startswith(f"{table} ") and f"{column} " in finding.text
