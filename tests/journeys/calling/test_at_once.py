"""One press that comes several times at once is one call, and what several workers weigh at once is one alert."""

import threading
import uuid

import pytest

from qc_service import clock
from qc_service.alerts.models import Alert
from qc_service.auth import Actor
from qc_service.calls import service as calls
from qc_service.calls.models import LineCall
from qc_service.db import connected
from qc_service.flags.models import Flag
from qc_service.lines.models import Site
from qc_service.verify import verify
from tests.tablet_life import tablet_of
from workers.tasks import calls as task

SIX = 6


def at_once(act):
    """What each of six gives that begin together."""
    found, faults, ready = [], [], threading.Barrier(SIX)

    def one():
        try:
            ready.wait(60)
            with connected():
                found.append(act())
        except Exception as error:  # noqa: BLE001 - the test tells it
            faults.append(error)

    threads = [threading.Thread(target=one) for _ in range(SIX)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    return found


@pytest.mark.volume
def test_six_times_at_once_is_one_call_and_one_alert(floor, ines):
    tablet, name, now = tablet_of(floor), str(uuid.uuid4()), clock.now()
    with connected():
        site_id = Site.get(Site.code == "S1").id
    actor = Actor("device", tablet.id, "Tablet 4", key_site=site_id, device_id=tablet.id, via="tablet")
    told = {"kind": "stop", "line": "L1", "site": None, "lot": None, "procedure": None, "check": None, "who": "INES",
            "pressed_at": now, "sent_at": now}  # fmt: skip

    assert sorted(new for _, new in at_once(lambda: calls.make(actor, name, told))) == [False] * (SIX - 1) + [True]
    with connected():
        line_id = LineCall.get().line_id
    at_once(lambda: task.weigh({"line_id": line_id, "kind": "stop"}, clock.now()))
    floor.plant.work()
    with connected():
        assert [model.select().count() for model in (LineCall, Flag, Alert)] == [1, 1, 1]
        assert list(verify()) == []
