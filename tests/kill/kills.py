"""Processes that are killed while clients send: which, and when."""

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence

from tests.kill.service import Service
from tests.kill.stream import Clients

MANY = int(os.environ.get("QC_KILLS") or 50)
STREAM_WITHIN = 120.0
WORK_WITHIN = 20.0
EACH_ROUND = {
    "threads": ("worker", "web worker", "worker", "web"),
    "prefork": ("worker", "web worker", "pool", "web", "pool"),
}


@contextlib.contextmanager
def streaming(clients: Clients) -> Iterator[None]:
    """The clients are stopped whatever happens; where nothing does, they come to their end."""
    clients.start()
    try:
        yield
        clients.limit = clients.total
        clients.join(STREAM_WITHIN)
    finally:
        clients.stop()


def _until_at_work(judged: Callable[[], int], before: int) -> None:
    """Or until it is plain that nothing is to be done: what was sent since may be nothing but repeats."""
    until = time.monotonic() + WORK_WITHIN
    while judged() <= before and time.monotonic() < until:
        time.sleep(0.05)


def kill_while_streaming(
    service: Service, clients: Clients, doomed: Sequence[str], chance: random.Random, judged: Callable[[], int]
) -> list[str]:
    """Kill them at moments spread over the stream; in words, what was killed.

    `judged` grows while a worker is at work.
    """
    killed, before = [], judged()
    for number, victim in enumerate(doomed):
        share = clients.total / (len(doomed) + 1)
        clients.limit = round((number + 1) * share)
        clients.wait_for(int((number + chance.random()) * share))
        if victim in ("everything", "worker"):  # one that has begun to work since the last was killed
            _until_at_work(judged, before)
            time.sleep(chance.random() * 0.3)
        if victim == "everything":
            killed.append(service.kill_everything())
            service.start()
        else:
            killed.append(service.kill(victim, chance))
        before = judged()
    return killed


def victims(kills: int, each_round: Sequence[str], chance: random.Random) -> list[str]:
    """Workers and web processes in any order, the beat now and then, and once everything."""
    found: list[str] = []
    while len(found) < kills - 1:
        found += chance.sample(each_round, len(each_round))
        found += ["beat"] if len(found) % 3 == 0 else []
    found = found[: kills - 1]
    found.insert(chance.randrange(kills), "everything")
    return found
