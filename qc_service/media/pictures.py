"""What a picture is and how it is shown, found out by a process of its own for each one.

A fresh process takes a twelfth of a second to start, and a photo of 12 million points a third of one in all: a pool of
waiting processes would spare little, and each would have to be watched, limited anew and replaced.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from qc_service.errors import QCError
from qc_service.media import rules
from qc_service.texts import later

log = structlog.get_logger(__name__)

WALL_SECONDS = 10  # the kernel ends the process after two seconds of work; the rest is for a busy machine
AT_ONCE = 2  # of each web process: what they need together is then known
WAIT_SECONDS = 15
MOST_OUT = 8_000_000  # both copies; a photo's are half a megabyte

_DECODER = Path(__file__).with_name("decoder.py")
_turn = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy for screens: no metadata, upright, no side longer than `side`."""

    side: int
    width: int
    height: int
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """What the bytes turned out to be; width and height as one looks at it."""

    type: str
    width: int
    height: int
    copies: tuple[Copy, ...]


def examine(data: bytes, declared: str) -> Picture:
    """Look at the bytes of a picture; what cannot be accepted is refused with a reason."""
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise QCError("unavailable", later("Many pictures come in at once. Try again in a moment."), retry_after=5)
    try:
        said, status = _run(data)
    finally:
        _turn.release()
    picture = _read(said, status)
    if picture.type != declared:
        raise refused("other_type")
    return picture


def refused(reason: str) -> QCError:
    return QCError("picture_refused", rules.REASONS[reason], reason=reason)


def _run(data: bytes) -> tuple[bytes, int]:
    """What the decoder said, and how it ended: below zero, by which signal."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-I", "-S", str(_DECODER), _place_of_pillow()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", env=_environment(),
    ) as process:  # fmt: skip
        timer = threading.Timer(WALL_SECONDS, process.kill)
        timer.start()
        try:
            said = _exchange(process, data)
            if len(said) > MOST_OUT:
                process.kill()
            return said, process.wait()
        finally:
            process.kill()
            timer.cancel()


def _exchange(process: Any, data: bytes) -> bytes:
    """The decoder reads to the end before it writes, so neither waits for the other."""
    with suppress(BrokenPipeError):
        process.stdin.write(data)
        process.stdin.close()
    said: bytes = process.stdout.read(MOST_OUT + 1)
    return said


def _place_of_pillow() -> str:
    found = importlib.util.find_spec("PIL")
    if found is None or found.origin is None:
        raise QCError("unavailable", later("The service lacks Pillow, which opens pictures."))
    return str(Path(found.origin).parents[1])


def _environment() -> dict[str, str]:
    """Nothing: the service's own holds secrets. Some interpreters need to be told where their library lies."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def _read(said: bytes, status: int) -> Picture:
    """What came out of the process, which a picture may have taken over: none of it is trusted."""
    ready, _, rest = said.partition(b"\n")
    if ready != b"ready":
        log.error("media.decoder_does_not_start", status=status)
        raise QCError("unavailable", later("Pictures cannot be opened right now. Try again later."), retry_after=60)
    line, _, content = rest.partition(b"\n")
    if status == 0:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return _picture(json.loads(line), content)
    log.warning("media.decoder_ended", status=status, bytes=len(said))
    stopped = status in (-signal.SIGKILL, -signal.SIGXCPU) and len(said) <= MOST_OUT  # by the timer or by the kernel
    raise refused("too_slow" if stopped else "crashed")


def _picture(about: dict[str, Any], content: bytes) -> Picture:
    reason = about.get("refused")
    if reason is not None:
        raise refused(reason if reason in rules.REASONS else "crashed")
    copies, at = [], 0
    for one in about["copies"]:
        part = content[at : at + one["size"]]
        copies.append(Copy(_size(one["side"]), _size(one["width"]), _size(one["height"]), one["type"], part))
        at += len(part)
    whole = (
        [copy.side for copy in copies] == list(rules.SIDES) and at == len(content) and all(c.content for c in copies)
    )
    if not whole or about["type"] not in rules.TYPES or any(copy.type not in rules.COPY_TYPES for copy in copies):
        raise ValueError(about)
    return Picture(about["type"], _size(about["width"]), _size(about["height"]), tuple(copies))


def _size(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= 100_000:
        raise ValueError(value)
    return value
