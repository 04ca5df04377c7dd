"""The processes that make PDFs (`paper_engine.py`): started when there is paper to make, kept for the next one.

To load the library takes three times as long as a page of paper. A process that was not asked for anything ends by
itself, and so does one whose web process is gone.
"""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, LifoQueue
from typing import IO, Any, cast

ENGINE = Path(__file__).with_name("paper_engine.py")

_idle: LifoQueue["_Press"] = LifoQueue()
os.register_at_fork(after_in_child=lambda: globals().update(_idle=LifoQueue()))  # they answer who started them


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a page: how its process ended (None: it was given up), and its PDF or what was said."""

    status: int | None
    content: bytes


class _Press:
    """One engine. It makes one page at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", str(ENGINE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd="/", env={"LANG": "C.UTF-8"}, start_new_session=True,
        )  # fmt: skip
        self.fresh, self.late = True, False

    def make(self, line: bytes, seconds: float) -> Made | None:
        """What came of the page within so many seconds; None where the engine had ended while it waited for one."""
        given_up = threading.Timer(seconds, self._give_up)
        given_up.start()
        try:
            found = self._ask(line)
        finally:
            given_up.cancel()
        if found is not None:
            self.fresh = False
            return found
        self.end()
        if self.late:
            return Made(None, b"it took too long")
        return Made(self.process.returncode, b"the engine ended") if self.fresh else None

    def _ask(self, line: bytes) -> Made | None:
        to, out = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        with contextlib.suppress(BrokenPipeError):
            to.write(line)
            to.flush()
        told = out.readline()
        if not told.endswith(b"\n"):
            return None
        about = json.loads(told)
        content = out.read(about["length"])
        return Made(about["status"], content) if len(content) == about["length"] else None

    def _give_up(self) -> None:
        self.late = True
        self._kill()

    def _kill(self) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)  # with the page that it is making

    def end(self) -> None:
        self._kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                cast("IO[bytes]", pipe).close()
        self.process.wait()


def make(asked: dict[str, Any], seconds: float) -> Made:
    """The PDF of a page: by an engine that waits for one, else by a new one."""
    line = json.dumps(asked).encode() + b"\n"
    made = None
    while made is None:
        press = _waiting() or _Press()
        made = press.make(line, seconds)
    if made.status is not None and not press.fresh:
        _idle.put(press)
    return made


def _waiting() -> _Press | None:
    with contextlib.suppress(Empty):
        return _idle.get_nowait()
    return None


@atexit.register
def end_all() -> None:
    """End the engines that wait for a page."""
    while press := _waiting():
        press.end()
