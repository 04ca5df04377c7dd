"""The watcher finds what is due and hands it out, never more than the pool should hold."""

import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from qc_service import clock, queue
from qc_service.db import db, write
from workers import watcher
from workers.watcher import Watch


class Pool:
    """Takes rows, and gives them back when the test says so."""

    def __init__(self):
        self.held = {}

    def hand(self, row_id, done):
        assert row_id not in self.held, "handed out twice"
        self.held[row_id] = partial(done, None)

    def finish(self, *row_ids):
        """The rows are done, as a reaction does them: gone in its own transaction, then given back."""
        for row_id in row_ids:
            with write():
                queue.Outbox.delete().where(queue.Outbox.id == row_id).execute()
            self.held.pop(row_id)()


@pytest.fixture
def pool():
    return Pool()


@pytest.fixture
def watch(database, settings, pool):
    return Watch(pool.hand, ["deliver"], settings, threading.Event())


def put(times=1, reaction=None, after=0.0, *, rung=False):
    """Rows of the outbox that are due after so many seconds; a rung one was due when it was written."""
    now = clock.now()
    with write():
        return [
            queue.add(
                event_id=f"{reaction}-{after}-{number}",
                event_type="counts.recorded",
                site_id=None,
                data={},
                now=now + timedelta(seconds=after) if rung else now - timedelta(minutes=1),
                reaction=reaction,
                due_at=now + timedelta(seconds=after),
            )
            for number in range(times)
        ]


def test_what_is_due_is_handed_out_once(watch, pool):
    due, later = put(3), put(2, after=60)
    assert watch.hand_out() is False
    assert watch.hand_out() is False
    assert sorted(pool.held) == sorted(due)
    assert not set(later) & set(pool.held)


def test_what_failed_comes_again_when_it_is_due_again(watch, pool):
    (row_id,) = put()
    watch.hand_out()
    pool.held.pop(row_id)()  # given back, and still in the outbox
    watch.hand_out()
    assert list(pool.held) == [row_id]


def test_dead_rows_are_left_to_people(watch, pool):
    put()
    queue.Outbox.update(dead=True).execute()
    watch.hand_out()
    assert pool.held == {}


def test_the_pool_holds_no_more_than_it_should_and_gets_the_rest_as_room_comes(watch, pool):
    rows = put(watcher.MOST + 5)
    assert watch.hand_out() is True
    assert len(pool.held) == watcher.MOST
    assert watch.hand_out() is True
    done = list(pool.held)
    pool.finish(*done)
    assert watch.hand_out() is False
    assert sorted([*done, *pool.held]) == sorted(rows)


def test_a_mail_server_that_hangs_keeps_nothing_else_waiting(watch, pool):
    """Notices fill the outbox: only some of them are in the pool at a time, and all counts get through."""
    mails = put(watcher.MOST * 2, "deliver")
    counts = put(10)
    assert watch.hand_out() is True
    kinds = Counter("mail" if row_id in mails else "count" for row_id in pool.held)
    assert kinds == {"mail": watcher.SLOW_MOST, "count": len(counts)}
    pool.finish(next(row_id for row_id in pool.held if row_id in mails))
    watch.hand_out()
    assert sum(row_id in mails for row_id in pool.held) == watcher.SLOW_MOST


def test_a_row_that_never_comes_back_is_handed_out_again(watch, pool, monkeypatch):
    """As where a child of the pool was killed."""
    (row_id,) = put()
    watch.hand_out()
    pool.held.clear()
    watch.hand_out()
    assert pool.held == {}
    monkeypatch.setattr(watcher, "AGAIN", 0.0)
    watch.hand_out()
    assert list(pool.held) == [row_id]


def test_beside_a_broker_it_takes_only_what_the_broker_has_missed(database, settings, pool):
    put(1, after=-1, rung=True)
    missed = put(1, after=-watcher.SWEEP - 1, rung=True)
    missed += put(1, after=-0.5)  # it became due later, so nobody rang for it
    watch = Watch(pool.hand, ["deliver"], replace(settings, broker_url="redis://127.0.0.1:1"), threading.Event())
    watch.hand_out()
    assert list(pool.held) == missed


def test_no_fault_ends_it(watch, pool, monkeypatch):
    """A database that is away, or whatever else: it looks again."""
    (row_id,) = put()
    faults = iter([RuntimeError("away"), OSError("still away")])

    def hand_out():
        for fault in faults:
            raise fault
        watch._stop.set()
        return Watch.hand_out(watch)

    monkeypatch.setattr(watch, "hand_out", hand_out)
    monkeypatch.setattr(watch._stop, "wait", lambda seconds: watch._stop.is_set())
    db.close()
    watch.run()
    assert list(pool.held) == [row_id]


def test_a_commit_of_somebody_else_wakes_it(watch, monkeypatch):
    monkeypatch.setattr(watcher, "DUE_CHECK", 60.0)
    with watch._pausing() as pause:
        somebody = threading.Thread(target=put)
        somebody.start()
        somebody.join()
        began = time.monotonic()
        pause()
        assert time.monotonic() - began < 60
