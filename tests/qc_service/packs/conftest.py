"""One pack of an eventful lot, made once; each test spoils a copy of it."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qc_service.db import connected, db
from qc_service.verify import write_anchor
from tests import servers
from tests.floor_life import floor_of
from tests.pack_life import copied, eventful_lot, pack_of, unpack


@dataclass
class Home:
    """What an auditor took home: a pack, an anchor of the moment before, and what the lot's records are called."""

    folder: Path
    anchor: Path
    told: dict[str, Any]


@pytest.fixture(scope="module")
def taken(tmp_path_factory, sqlite_template, assembled) -> Home:
    from qc_service.app import bind

    place = tmp_path_factory.mktemp("taken")
    shutil.copyfile(sqlite_template, place / "qc.db")
    settings = servers.settings_for(place, f"sqlite:///{place / 'qc.db'}")
    app = bind(assembled, replace(settings, sqlite_synchronous="OFF"))
    floor = floor_of(app)
    told = eventful_lot(floor)
    auditor = floor.life.somebody("AUDITOR", "auditor", site="S1")
    with connected():
        write_anchor(place / "now.txt")
    folder = unpack(pack_of(auditor, lot="A"), place / "pack")
    db.obj.close_all()
    return Home(folder, place / "now.txt", told)


@pytest.fixture
def home(taken, tmp_path) -> Home:
    """A copy that may be spoilt."""
    shutil.copyfile(taken.anchor, tmp_path / "heads.txt")
    return Home(copied(taken.folder, tmp_path / "pack"), tmp_path / "heads.txt", taken.told)
