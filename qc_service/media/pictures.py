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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    with turn():
        said, status = _run(data)
    picture = _read(said, status)
    if picture.type != declared:
        raise refused("other_type")
    return picture


def refused(reason: str) -> QCError:
    return QCError("picture_refused", rules.REASONS[reason], reason=reason)


# --- a process of its own -----------------------------------------------------------------------------------------


@contextmanager
def turn() -> Iterator[None]:
    """Wait until one more picture may be opened."""
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise QCError("unavailable", later("Many pictures come in at once. Try again in a moment."), retry_after=5)
    try:
        yield
    finally:
        _turn.release()


def run_alone(script: Path, places: list[str], data: bytes, most_out: int) -> tuple[bytes, int]:
    """What the script said, and how it ended: below zero, by which signal. It finds libraries at `places` only."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-I", "-S", str(script), *places],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", env=_environment(),
    ) as process:  # fmt: skip
        timer = threading.Timer(WALL_SECONDS, process.kill)
        timer.start()
        try:
            said = _exchange(process, data, most_out)
            if len(said) > most_out:
                process.kill()
            return said, process.wait()
        finally:
            process.kill()
            timer.cancel()


def _exchange(process: Any, data: bytes, most_out: int) -> bytes:
    """The script reads to the end before it writes, so neither waits for the other."""
    with suppress(BrokenPipeError):
        process.stdin.write(data)
        process.stdin.close()
    said: bytes = process.stdout.read(most_out + 1)
    return said


def place_of(library: str) -> str | None:
    """The folder in which a library lies; None where it is not installed."""
    found = importlib.util.find_spec(library)
    return str(Path(found.origin).parents[1]) if found is not None and found.origin else None


def _environment() -> dict[str, str]:
    """Nothing: the service's own holds secrets. Some interpreters need to be told where their library lies."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def said_after_ready(said: bytes, status: int) -> bytes:
    """What the script said about the picture; it is our fault where it did not even begin."""
    ready, _, rest = said.partition(b"\n")
    if ready != b"ready":
        log.error("media.decoder_does_not_start", status=status)
        raise QCError("unavailable", later("Pictures cannot be opened right now. Try again later."), retry_after=60)
    return rest


def why_ended(said: bytes, status: int, most_out: int) -> str:
    """The reason of a refusal where the process came to no good end; below zero the timer or the kernel ended it."""
    stopped = status in (-signal.SIGKILL, -signal.SIGXCPU) and len(said) <= most_out
    return "too_slow" if stopped else "crashed"


# --- the picture --------------------------------------------------------------------------------------------------


def _run(data: bytes) -> tuple[bytes, int]:
    return run_alone(_DECODER, [_place_of_pillow()], data, MOST_OUT)


def _place_of_pillow() -> str:
    found = place_of("PIL")
    if found is None:
        raise QCError("unavailable", later("The service lacks Pillow, which opens pictures."))
    return found


def _read(said: bytes, status: int) -> Picture:
    """What came out of the process, which a picture may have taken over: none of it is trusted."""
    line, _, content = said_after_ready(said, status).partition(b"\n")
    if status == 0:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return _picture(json.loads(line), content)
    log.warning("media.decoder_ended", status=status, bytes=len(said))
    raise refused(why_ended(said, status, MOST_OUT))


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
