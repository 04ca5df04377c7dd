"""Many workers and people at once: a lot is held once for a cause, and let go by one other person."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.lots.models import LotAgreement, LotHold, OpenHold
from qc_service.verify import verify
from tests.procedure_life import SIGNED
from workers.tasks import holds as task

pytestmark = pytest.mark.volume

AT_ONCE = 6


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do all of it from one moment on, each in a thread of its own."""
    barrier, said = threading.Barrier(len(acts)), []

    def act(one: Callable[[], Any]) -> None:
        barrier.wait(60)
        try:
            said.append(one())
        except Exception as error:  # noqa: BLE001 - what it was is what the test looks at
            said.append(error)

    threads = [threading.Thread(target=act, args=[one]) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(said) == len(acts)
    return said


@pytest.fixture(autouse=True)
def _inspected(floor, mia, ines):
    for lot in ("A", "B", "C"):
        floor.lot(lot, mia.badge)
        floor.inspect(ines, lot)


def test_workers_that_do_the_same_at_once_hold_each_lot_once(floor, boss):
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam opens."})

    def work() -> None:
        with connected():
            task.version_withdrawn({"procedure": "CAN", "version": 1}, clock.now())

    assert at_once([work] * AT_ONCE) == [None] * AT_ONCE
    floor.plant.work()
    with connected():
        assert sorted(Counter(row.lot_id for row in LotHold.select()).values()) == [1, 1, 1]
        assert OpenHold.select().count() == 3
        assert list(verify()) == []


def test_people_who_say_the_same_at_once_make_one_hold_and_one_of_many_agrees(floor):
    people = [floor.life.somebody(f"QM-{number}") for number in range(AT_ONCE)]
    why = {"reason": "The labels are wrong."}
    answers = at_once([lambda who=who: who("POST", "/lots/A/hold", why).status_code for who in people])
    assert Counter(answers) == {201: 1, 200: AT_ONCE - 1}
    people[0].done("POST", "/lots/A/release", {**SIGNED, "reason": "The labels were put right."})
    answers = at_once([lambda who=who: who("POST", "/lots/A/release/agree", SIGNED).status_code for who in people])
    assert Counter(answers) == {200: 1, 409: AT_ONCE - 1}
    with connected():
        assert (LotAgreement.select().count(), OpenHold.select().count()) == (1, 0)
        assert list(verify()) == []
    assert floor.release() == ("allow", [])


def test_a_maker_who_is_named_while_they_agree_lets_nothing_go(floor, boss, chief):
    for lot in ("A", "B", "C"):
        boss.done("POST", f"/lots/{lot}/hold", {"reason": "The labels are wrong."})
        boss.done("POST", f"/lots/{lot}/release", {**SIGNED, "reason": "The labels were put right."})
        at_once([
            lambda lot=lot: chief("POST", f"/lots/{lot}/release/agree", SIGNED).status_code,
            lambda lot=lot: floor.lot(lot, "HEAD"),
        ])  # fmt: skip
        assert floor.release(lot) == ("hold", ["held"])
    floor.plant.work()
    with connected():
        assert OpenHold.select().count() == 3
        assert list(verify()) == []
