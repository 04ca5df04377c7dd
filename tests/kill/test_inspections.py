"""Inspections arrive while processes are killed: what was acknowledged is kept, judged once, and counted once."""

import contextlib
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from qc_service import clock
from qc_service.app import bind
from qc_service.config import Settings
from qc_service.db import connected, db, init_db
from qc_service.inspections.models import Inspection
from qc_service.verify import verify
from tests import servers
from tests.kill import inspecting, outcome
from tests.kill.kills import EACH_ROUND, MANY, kill_while_streaming, streaming, victims
from tests.kill.service import Service, wait_for
from tests.kill.stream import Clients, Connection
from tests.races.second_person_outcome import violations
from tests.scenes import Scene, Stage

pytestmark = pytest.mark.kill

DRAIN_WITHIN = 120.0
NOTHING = {"lost": [], "of nobody": [], "changed": [], "variants": []}


class InProcess:
    """The service in this process, with its work done from time to time."""

    def __init__(self, plant: Any) -> None:
        self._plant = plant

    def send(self, steps: list[Any]) -> None:
        for number, step in enumerate(steps):
            kind = {"Content-Type": step.kind}
            answer = self._plant.call(step.method, step.path, token=step.token, data=step.body, headers=kind)
            assert answer.status_code in (200, 201), answer.text
            if number % 7 == 0:
                self._plant.work()
        self._plant.work()

    def get(self, path: str) -> Any:
        answer = self._plant.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def calm(stage: Stage, scene: Scene, assembled: Any, tmp_path: Path) -> Any:
    """`calm(lanes)` is what comes of them where nothing dies, on a copy of the same beginning."""
    home = tmp_path / "calm"
    home.mkdir()
    name = stage.store.copy(scene.name, home)

    def told(floor: Any, lanes: inspecting.Lanes) -> dict[str, Any]:
        bind(assembled, servers.settings_for(home, stage.store.url(name)))
        here = InProcess(floor.plant)
        here.send(inspecting.told(lanes))
        with connected():
            found = inspecting.outcome(here, lanes)
        db.obj.close_all()
        return found

    yield told
    stage.store.drop(name)


@pytest.mark.parametrize("kills", [pytest.param(MANY, marks=pytest.mark.campaign)])
def test_no_inspection_is_lost_doubled_or_misjudged_however_often_processes_are_killed(
    kills: int, seed: int, floor: Any, mia: Any, ines: Any, omar: Any, calm: Any, settings: Settings
) -> None:
    lanes, chance = inspecting.lanes(10 * kills, (mia, ines, omar), seed, clock.now()), random.Random(seed)
    expected = calm(floor, lanes)
    init_db(settings)
    with connected(), contextlib.closing(Service(settings)) as service:
        service.start()
        clients = Clients(service, floor.plant.key, lanes, seed)
        clients.database_dies = True  # PostgreSQL ends one of two that wait for each other: who is told so asks again
        doomed = victims(kills, EACH_ROUND["threads"], chance)
        with streaming(clients):
            killed = kill_while_streaming(service, clients, doomed, chance, judged=lambda: Inspection.select().count())
        story = f"killed {killed}, seed {seed}, {clients.sent.unknown} outcomes unknown, {clients.sent.again} again"
        sys.stdout.write(f"{story}\n")
        assert (clients.sent.faults, clients.answered) == ([], clients.total), story
        began = time.monotonic()
        wait_for(lambda: not outcome.still_to_do(), DRAIN_WITHIN, lambda: f"{outcome.still_to_do()} {service.said}")
        sys.stdout.write(f"everything was done {time.monotonic() - began:.0f} s later\n")
        with contextlib.closing(Connection(service, floor.plant.key)) as api:
            found = inspecting.outcome(api, lanes)
        assert set(service.stop()) == {0}, service.said
        assert {name: (found.get(name), one) for name, one in expected.items() if found.get(name) != one} == {}, story
        assert inspecting.lost_or_changed(lanes) == NOTHING
        assert violations() == []
        assert list(verify()) == []
        # of two that wait for each other PostgreSQL ends one, and it is done again; nothing else may fail
        said = service.everything_said
        assert said.count("reaction.failed") == said.count("peewee.OperationalError: deadlock detected"), story
    db.obj.close_all()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_stories_that_are_told_have_every_end(floor: Any, mia: Any, ines: Any, omar: Any, calm: Any) -> None:
    """Else nothing would be shown above."""
    found = calm(floor, inspecting.lanes(40, (mia, ines, omar), 1, clock.now()))
    states = {one[0] for name, one in found.items() if name not in ("made", "counted")}
    assert states >= {"accepted", "quarantined", "unconfirmed", "allow", "hold"}
    assert len(found["counted"]) > 20
