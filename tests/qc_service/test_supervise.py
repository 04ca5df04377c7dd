"""The supervisor with small children: what it starts again, what it stops, what it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qc_service.supervise import CannotStart, Child, Patience, Supervisor, listen, only_one

SOON = 25.0  # seconds: less than the children here would live if nobody ended them
QUICK = Patience(first=0.05, longest=0.2, healthy=60.0, stop=1.0)
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def stop_self() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + SOON
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(alive(pid) for pid in pids)


class Run:
    """A supervisor run in this process; it is stopped once a line says what is waited for."""

    def __init__(self, tmp_path: Path, *children: Child, until: str, times: int = 1, patience: Patience = QUICK):
        self.lines: list[tuple[float, str]] = []
        self._until, self._left = until, times
        began = time.monotonic()
        Supervisor(children, os.environ, tmp_path, self._say, patience).run()
        self.took = time.monotonic() - began

    def _say(self, line: str) -> None:
        self.lines.append((time.monotonic(), line))
        if self._until in line:
            self._left -= 1
            if self._left == 0:
                stop_self()

    @property
    def text(self) -> list[str]:
        return [line for _, line in self.lines]


def test_output_passes_through_with_a_prefix(tmp_path):
    noisy = "import sys; sys.stderr.write('oops\\n'); sys.stdout.write('two\\nlast words'); sys.stdout.flush()"
    run = Run(tmp_path, Child("web", python(noisy)), Child("worker", python(SLEEPER)), until="ended")
    mine = [line for line in run.text if line.startswith("web ")]
    assert mine[:3] == ["web    | oops", "web    | two", "web    | last words"]
    assert "worker | up" in run.text


def test_children_get_no_input_and_run_in_the_data_folder(tmp_path):
    code = "import os, sys; print(repr(sys.stdin.read()), os.getcwd()); raise SystemExit(1)"
    run = Run(tmp_path, Child("web", python(code)), until="ended")
    assert run.text[0] == f"web | '' {tmp_path}"


def test_a_line_without_end_is_passed_on_in_pieces(tmp_path):
    code = "import sys; sys.stdout.write('x' * 300_000); sys.stdout.flush(); raise SystemExit(1)"
    run = Run(tmp_path, Child("web", python(code)), until="ended")
    pieces = [line.removeprefix("web | ") for line in run.text if line.startswith("web | x")]
    assert len(pieces) > 1
    assert "".join(pieces) == "x" * 300_000


def test_a_child_that_dies_is_started_again_ever_more_slowly(tmp_path):
    run = Run(tmp_path, Child("web", python("raise SystemExit(3)")), until="ended", times=5)
    said = [line for line in run.text if "ended" in line]
    assert [line.partition("again in ")[2] for line in said] == ["0.05 s", "0.1 s", "0.2 s", "0.2 s", "0.2 s"]
    assert all("status 3" in line for line in said)
    moments = [moment for moment, line in run.lines if "ended" in line]
    assert moments[3] - moments[2] >= 0.2


def test_a_child_that_was_healthy_starts_at_the_shortest_pause_again(tmp_path):
    patience = Patience(first=0.05, longest=0.4, healthy=0.0, stop=1.0)
    run = Run(tmp_path, Child("web", python("raise SystemExit(3)")), until="ended", times=3, patience=patience)
    assert all(line.endswith("in 0.05 s") for line in run.text if "ended" in line)


def test_the_signal_that_killed_a_child_is_named(tmp_path):
    run = Run(tmp_path, Child("web", python("import os; os.kill(os.getpid(), 9)")), until="ended")
    assert "web ended (signal SIGKILL); starting it again in 0.05 s" in run.text


def test_a_child_that_runs_once_is_left_alone_when_it_is_done(tmp_path):
    tried, done = tmp_path / "tried", tmp_path / "done"
    failing_first = (
        f"import pathlib; tried, done = pathlib.Path({str(tried)!r}), pathlib.Path({str(done)!r});"
        "(done if tried.exists() else tried).touch(); exit(not done.exists())"
    )
    ticker = (
        f"import pathlib, time\nwhile not pathlib.Path({str(done)!r}).exists(): time.sleep(0.02)\n"
        "for _ in range(8): time.sleep(0.1); print('tick', flush=True)\ntime.sleep(60)"
    )
    run = Run(
        tmp_path,
        Child("demo", python(failing_first), once=True),
        Child("web", python(ticker)),
        until="tick",
        times=8,
    )
    assert [line for line in run.text if line.startswith("demo ")] == [
        "demo ended (status 1); starting it again in 0.05 s"
    ]


def test_what_a_dead_child_left_running_is_cleared_away_before_the_next_one(tmp_path):
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print('pid', p.pid, flush=True); raise SystemExit(1)"
    )
    run = Run(tmp_path, Child("web", python(code)), until="ended")
    assert gone([int(line.split()[-1]) for line in run.text if "pid" in line])


def test_a_polite_child_ends_at_once(tmp_path):
    run = Run(tmp_path, Child("web", python(SLEEPER)), until="up", patience=Patience(stop=60.0))
    assert run.took < SOON


def test_a_stubborn_child_is_killed_after_a_while(tmp_path):
    code = "import os; print(os.getpid(), flush=True);" + STUBBORN
    run = Run(tmp_path, Child("web", python(code)), until="up")
    assert 1.0 <= run.took < SOON
    assert not alive(int(run.text[0].split()[-1]))


def test_a_second_signal_ends_the_waiting(tmp_path):
    patience = Patience(first=0.05, stop=60.0)
    asker = "import time; print('up', flush=True); time.sleep(0.4); print('up', flush=True); time.sleep(60)"
    stubborn = asker.replace("import time;", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);")
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        if "up" in line:
            stop_self()

    began = time.monotonic()
    Supervisor([Child("web", python(stubborn))], os.environ, tmp_path, say, patience).run()
    assert time.monotonic() - began < SOON
    assert len(lines) == 2


# -- the supervisor as a process of its own ------------------------------------------------------------------

ALONE = """
import sys, os
from pathlib import Path
from qc_service.supervise import Child, Supervisor
code = sys.argv[1]
children = [Child(name, [sys.executable, "-c", code]) for name in ("web", "worker")]
Supervisor(children, os.environ, Path.cwd(), lambda line: print(line, flush=True)).run()
"""
FAMILY = (
    "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(os.getpid(), flush=True); time.sleep(60)"
)


@pytest.fixture
def alone(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ALONE, FAMILY], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def pids_of(process: subprocess.Popen[str], count: int) -> list[int]:
    return [int(process.stdout.readline().split()[-1]) for _ in range(count)]


@pytest.mark.kill
def test_a_killed_supervisor_leaves_no_process_behind(alone):
    pids = pids_of(alone, 2)
    assert all(alive(pid) for pid in pids)
    os.kill(alone.pid, signal.SIGKILL)
    assert gone(pids)


@pytest.mark.kill
def test_a_terminal_that_closes_stops_everything(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", ALONE, SLEEPER.replace("'up'", "__import__('os').getpid()")],
        cwd=tmp_path, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    pids = pids_of(process, 2)
    process.send_signal(signal.SIGHUP)
    assert process.wait(SOON) == 0
    process.stdout.close()
    assert gone(pids)


def test_a_process_whose_parent_has_gone_already_does_not_start():
    command = [sys.executable, "-m", "qc_service.tether", "1", *python("print('started')")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")


# -- one service a folder, one program a port ----------------------------------------------------------------


def test_a_folder_has_one_service(tmp_path):
    with only_one(tmp_path), pytest.raises(CannotStart, match=f"process {os.getpid()}"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_taken_port_is_named_soon():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(CannotStart, match=f"Port {port} of 127.0.0.1 is taken"):
            listen("127.0.0.1", port)
        assert time.monotonic() - began < SOON


def test_a_port_that_is_given_back_in_time_is_taken(monkeypatch):
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]
    monkeypatch.setattr(time, "sleep", lambda _seconds: other.close())
    with listen("127.0.0.1", port) as ours:
        assert ours.getsockname()[1] == port


@pytest.mark.parametrize(("host", "text"), [("no.such.host.invalid", "Cannot listen"), ("192.0.2.1", "Cannot listen")])
def test_an_address_that_is_not_here_is_named(host, text):
    with pytest.raises(CannotStart, match=text):
        listen(host, 0)
