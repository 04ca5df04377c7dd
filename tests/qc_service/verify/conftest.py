"""A plant with all that can be in a history, grown once and copied for each test; and one who means it harm."""

import contextlib
import shutil
import uuid

import pytest

from qc_service import audit
from qc_service.alerts.models import Alert
from qc_service.db import connected, db
from qc_service.lines.models import Line, Site
from qc_service.people import access, staff
from qc_service.people.models import RoleGrant
from qc_service.verify import models
from tests import servers
from tests.attacks import Attacker, watched
from tests.pictures import JPEG, photo, sha256, written
from tests.plant import Plant, count, hour
from tests.site_floor import floor_of
from tests.site_lots import lots_of
from tests.site_procedures import procedure_of
from tests.site_translations import translations_of


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
        data = written(photo(800, 600))
        for place in ("", "?site=S1"):
            plant.call("PUT", f"/v1/media/{sha256(data)}{place}", data=data, headers={"Content-Type": JPEG})
        made = procedure_of("fern", "S1", site.id, "L1")
        translations_of("fern", site.id, made["procedure"], made["approved"])
        floor_of("fern", site.id, "L1", made["procedure"], made["in_force"])
        lots_of("fern", site.id, "L1", made["procedure"], made["in_force"])
        plant.work()
        _got_worse(plant)
        empty = [table for table in watched() if not models()[table].select().exists()]
    assert not empty, f"no row in {', '.join(empty)}: let grow() above make one"


def _got_worse(plant: Plant) -> None:
    """A line that got worse without a fix, and of which somebody said that this is how it is now."""
    plant.line("L9")
    rows = [count(i, 3000, 30 if i < 22 else 120, line="L9", external_id=f"L9-{i}") for i in range(30)]
    plant.ingest(rows)
    plant.work()
    alert = Alert.get((Alert.line_id == Line.get(Line.code == "L9").id) & (Alert.state != "resolved"))
    said = {"reason": "A harder alloy since March.", "new_normal": True}
    answer = plant.call("POST", f"/v1/alerts/{alert.id}/resolve", said)
    assert answer.status_code == 200, answer.json
    plant.work()


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template, tmp_path_factory):
    """In place of an empty database, each test of this module gets a copy of the grown plant."""
    home = tmp_path_factory.mktemp("grown")
    shutil.copyfile(sqlite_template, home / "qc.db")
    return _grown(servers.settings_for(home, f"sqlite:///{home / 'qc.db'}")) or home / "qc.db"


@pytest.fixture(scope="session")
def postgres_template(postgres_template, postgres_url, postgres_server, postgres_kept, tmp_path_factory):
    name = f"qc_grown_{uuid.uuid4().hex[:8]}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    postgres_kept.append(name)
    home = tmp_path_factory.mktemp("grown")
    return _grown(servers.settings_for(home, servers.database_at(postgres_url, name))) or name


def _grown(settings) -> None:
    from qc_service.app import create_app

    grow(create_app(settings))
    db.obj.close_all()


@pytest.fixture
def attacker(database, settings):
    with contextlib.closing(Attacker(settings)) as attacker:
        yield attacker
