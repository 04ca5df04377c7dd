"""The service's processes on one machine: started together, restarted when they die, stopped together.

Whatever happens to this process, none of the others stays behind: they are tethered to it, and each leads a
process group of its own that is cleared away after it.
"""

import contextlib
import errno
import fcntl
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from qc_service.tether import tethered

Say = Callable[[str], None]

LOCK_FILE = "up.lock"
PORT_PATIENCE = 0.5  # seconds: who held the port before may be ending just now
TICK = 0.2
LONGEST_LINE = 64 * 1024
LAST_WORDS = 32  # reads from the pipe of a process that has ended: more than a pipe holds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(Exception):
    """Why the service does not start here, in one line."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to look after. `once`: it ends by itself, and is only started again if it failed."""

    name: str
    command: Sequence[str]
    once: bool = False
    pass_fds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A child that dies is started again after `first`, then after twice that, up to `longest`."""

    first: float = 0.5
    longest: float = 15.0
    healthy: float = 60.0  # who has run this long starts at `first` again
    stop: float = 8.0  # from the polite signal to the other one


@dataclass
class _Care:
    """A child as it stands."""

    child: Child
    pause: float
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    text: bytes = b""
    done: bool = False

    @property
    def output(self) -> IO[bytes]:
        assert self.process is not None  # noqa: S101 - asked for only while there is a process
        assert self.process.stdout is not None  # noqa: S101 - it was started with a pipe
        return self.process.stdout

    def has_ended(self) -> bool:
        """Ended, but not reaped yet: until then its process group's number is nobody else's."""
        if self.process is None:
            return False
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def signal_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


@dataclass
class Supervisor:
    """Runs the children until a signal to stop comes. `say` takes each line that they write."""

    children: Sequence[Child]
    env: Mapping[str, str]
    directory: Path
    say: Say
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self._cares = [_Care(child, self.patience.first) for child in self.children]
        self._outputs = selectors.DefaultSelector()
        self._signals = 0
        self._width = max(len(child.name) for child in self.children)

    def run(self) -> None:
        """Start everything, look after it, and return when all of it has ended after a signal."""
        with self._listening():
            try:
                while not self._signals:
                    for care in self._cares:
                        self._look_after(care)
                    self._pass_on(TICK)
            finally:
                self._stop()

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._asked_to_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _look_after(self, care: _Care) -> None:
        now = time.monotonic()
        if care.process is None:
            if not care.done and now >= care.start_at:
                self._start(care, now)
        elif care.has_ended():
            status = self._clear_away(care)
            if care.child.once and status == 0:
                care.done = True
                return
            if now - care.started_at >= self.patience.healthy:
                care.pause = self.patience.first
            self.say(f"{care.child.name} ended ({_ending(status)}); starting it again in {care.pause:g} s")
            care.start_at = now + care.pause
            care.pause = min(care.pause * 2, self.patience.longest)

    def _start(self, care: _Care, now: float) -> None:
        care.process = subprocess.Popen(  # noqa: S603 - our own command lines
            tethered(list(care.child.command)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=care.child.pass_fds,
            env=dict(self.env),
            cwd=self.directory,
        )
        care.started_at = now
        os.set_blocking(care.output.fileno(), False)
        self._outputs.register(care.output, selectors.EVENT_READ, care)

    def _clear_away(self, care: _Care) -> int:
        """The rest of its group, its last words, and its exit status."""
        assert care.process is not None  # noqa: S101 - only for one that has ended
        care.signal_group(signal.SIGKILL)
        status = care.process.wait()
        with contextlib.suppress(KeyError):
            self._outputs.unregister(care.output)
            for _ in range(LAST_WORDS):
                if not self._read(care):
                    break
        self._write(care, rest=True)
        care.output.close()
        care.process = None
        return status

    def _pass_on(self, seconds: float) -> None:
        """Wait a little, and pass on what the children write meanwhile."""
        if not self._outputs.get_map():
            time.sleep(seconds)
        for key, _ in self._outputs.select(seconds):
            if not self._read(key.data):
                self._outputs.unregister(key.fileobj)

    def _read(self, care: _Care) -> bool:
        """Take what is there, a bite of one that never stops talking; False at the end of the stream."""
        try:
            found = os.read(care.output.fileno(), LONGEST_LINE)
        except BlockingIOError:
            return True
        care.text += found
        self._write(care, rest=len(care.text) > LONGEST_LINE)
        return bool(found)

    def _write(self, care: _Care, *, rest: bool) -> None:
        *lines, care.text = care.text.split(b"\n")
        if rest and care.text:
            lines, care.text = [*lines, care.text], b""
        for line in lines:
            self.say(f"{care.child.name:<{self._width}} | {line.decode(errors='replace').rstrip()}")

    def _stop(self) -> None:
        """Ask everybody to end, and end whoever has not after a while or at a second signal."""
        asked = self._signals
        running = [care for care in self._cares if care.process is not None]
        for care in running:
            if care.process is not None:
                care.process.terminate()
        deadline = time.monotonic() + self.patience.stop
        while running and time.monotonic() < deadline and self._signals == asked:
            self._pass_on(TICK / 4)
            for care in [care for care in running if care.has_ended()]:
                self._clear_away(care)
                running.remove(care)
        for care in running:
            self._clear_away(care)
        self._outputs.close()


def _ending(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


@contextlib.contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """One service a data folder: a second one would work through the same things."""
    with (directory / LOCK_FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            raise CannotStart(
                f"The service already runs on {directory} (process {holder or 'unknown'}): stop it first, "
                "or name another folder with --data"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def listen(host: str, port: int, option: str = "--port") -> socket.socket:
    """A socket to serve on. It is held here, so that a restart of the process that serves refuses nobody."""
    give_up_at = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            return socket.create_server(found[4][:2], family=found[0], backlog=1024)
        except OSError as error:
            if time.monotonic() >= give_up_at or isinstance(error, socket.gaierror):
                raise CannotStart(_refusal(host, port, option, error)) from error
            time.sleep(0.1)


def _refusal(host: str, port: int, option: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"Port {port} needs more rights than this user has: choose another with {option}"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is taken by another program: stop it, or choose another with {option}"
    return f"Cannot listen on {host} port {port}: {error.strerror}"
