"""The engines that make PDFs: kept for the next page, replaced when they are gone, ended with what they make."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from qc_service.desk import paper_press

PAGE = {"html": "<html lang=en><title>x</title><p>y</p></html>", "address": "/x", "files": {}}
LONG = {**PAGE, "html": "<html lang=en><title>x</title>" + "<p>y</p>" * 200_000}
NOT_A_PAGE = {"html": None, "address": "/x", "files": {}}


@pytest.fixture(autouse=True)
def _no_engine_waits():
    paper_press.end_all()
    yield
    paper_press.end_all()


def waiting():
    return [press.process for press in paper_press._idle.queue]


def made(page=PAGE, seconds=20):
    return paper_press.make(page, seconds)


def is_pdf(answer):
    return answer.status == 0 and answer.content.startswith(b"%PDF")


def test_pages_one_after_another_are_made_by_one_engine():
    assert is_pdf(made())
    first = waiting()
    assert is_pdf(made())
    assert waiting() == first


def test_pages_that_are_asked_for_at_once_are_made_at_once():
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(made())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [is_pdf(one) for one in answers] == [True] * 3
    assert 1 <= len(waiting()) <= 3


def test_an_engine_that_is_gone_is_replaced_and_nobody_notices():
    made()
    gone = waiting()[0]
    gone.kill()
    gone.wait()
    assert is_pdf(made())
    assert gone not in waiting()


def test_a_page_that_takes_too_long_is_ended_with_its_engine():
    made()
    engine = waiting()[0]
    answer = made(LONG, seconds=0.5)
    assert answer.status is None
    assert engine.poll() == -signal.SIGKILL
    assert waiting() == []
    assert _until(lambda: not _of_group(engine.pid))  # killed at once, gone a moment later
    assert is_pdf(made())


def test_a_page_that_breaks_the_library_breaks_its_own_process_alone():
    made()
    before = waiting()
    answer = made(NOT_A_PAGE)
    assert (answer.status, b"Traceback" in answer.content) == (1, True)
    assert waiting() == before
    assert is_pdf(made())


def test_an_engine_ends_when_whoever_started_it_is_killed(tmp_path):
    started = tmp_path / "pid"
    script = (
        "import time; from qc_service.desk import paper_press as p; "
        f"p.make({PAGE!r}, 20); open({str(started)!r}, 'w').write(str(p._idle.queue[0].process.pid)); time.sleep(60)"
    )
    asker = subprocess.Popen([sys.executable, "-c", script])
    assert _until(lambda: started.exists() and started.read_text())
    engine = int(started.read_text())
    assert _of_group(engine)
    asker.kill()
    asker.wait()
    assert _until(lambda: not _of_group(engine))


def test_an_engine_that_cannot_load_its_library_says_so(monkeypatch, tmp_path):
    engine = tmp_path / "engine.py"
    engine.write_text(paper_press.ENGINE.read_text().replace("import weasyprint", "import no_such_library"))
    monkeypatch.setattr(paper_press, "ENGINE", engine)
    assert made().status == 3


def _of_group(leader: int) -> list[str]:
    """The processes of that group which are still at work."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rsplit(") ", 1)[1].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state != "Z":
            found.append(stat.parent.name)
    return found


def _until(found, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.05)
    return False
