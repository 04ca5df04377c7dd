"""The process that opens pictures: what it cannot do, and what becomes of one that goes wrong."""

import json
import time

import pytest

from qc_service.errors import QCError
from qc_service.media import decoder, pictures, rules
from tests.pictures import JPEG, jpeg, photo, written

READY = "import sys; sys.stdout.write('ready\\n'); sys.stdout.flush()\n"


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Puts a script in the place of the decoder, and says how looking at a picture ends."""

    def run(code, data=b"x"):
        script = tmp_path / "decoder.py"
        script.write_text(code)
        monkeypatch.setattr(pictures, "_DECODER", script)
        with pytest.raises(QCError) as ended:
            pictures.examine(data, JPEG)
        return ended.value.details.get("reason", ended.value.code)

    return run


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
        ("import os; os.abort()", "crashed"),
        ("raise SystemExit(1)", "crashed"),
        ("print('{}')", "crashed"),
        ("print('no JSON')", "crashed"),
        ("print('[]')", "crashed"),
        ("print('null')", "crashed"),
        ('print(\'{"refused": "made up"}\')', "crashed"),
        ('print(\'{"refused": "animated"}\')', "animated"),
        ('print(\'{"refused": ["animated"]}\')', "crashed"),
        ("sys.stdin.read()\nwhile True: print('x' * 100_000)", "crashed"),
        ("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "too_slow"),
    ],
)
def test_a_decoder_that_goes_wrong_ends_in_a_clear_refusal(stand_in, code, end):
    assert stand_in(READY + code, bytes(500_000)) == end


def test_a_decoder_that_hangs_is_ended(stand_in, monkeypatch):
    monkeypatch.setattr(pictures, "WALL_SECONDS", 0.5)

    assert stand_in(READY + "import time; time.sleep(60)", bytes(500_000)) == "too_slow"


def test_a_decoder_that_does_not_start_is_our_fault(stand_in):
    assert stand_in("import no_such_module") == "unavailable"
    assert stand_in("") == "unavailable"


def said(kind=JPEG, width=1, copies=((1600, JPEG, 1), (400, JPEG, 1)), content=b"ab"):
    """What a decoder would say."""
    described = [{"side": side, "width": 1, "height": 1, "type": form, "size": size} for side, form, size in copies]
    return json.dumps({"type": kind, "width": width, "height": 1, "copies": described}).encode() + b"\n" + content


LIES = {
    "a page": said(kind="text/html"),
    "a copy that is a page": said(copies=((1600, "text/html", 1), (400, JPEG, 1))),
    "no copies": said(copies=(), content=b""),
    "other copies": said(copies=((1600, JPEG, 1), (9000, JPEG, 1))),
    "an impossible size": said(width=-1),
    "a size that is none": said(width="1"),
    "fewer bytes than were said": said(copies=((1600, JPEG, 2), (400, JPEG, 9))),
    "more bytes than were said": said(content=b"abc"),
    "an empty copy": said(copies=((1600, JPEG, 2), (400, JPEG, 0))),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_decoder_says_is_not_believed(stand_in, lie):
    """A picture may have taken it over."""
    assert stand_in(f"{READY}sys.stdout.buffer.write({LIES[lie]!r})") == "crashed"


TRY = """
import sys
sys.path[:0] = [{here!r}, sys.argv[1]]
import decoder, os, socket, subprocess, json
decoder.confine()
def tries(what):
    try:
        what()
    except BaseException as error:
        return type(error).__name__
    return "done"
found = [
    tries(lambda: open("/etc/passwd")), tries(lambda: open("/tmp/qc-was-here", "w")), tries(socket.socket),
    tries(lambda: subprocess.run(["true"])), tries(lambda: bytearray(200 * 1024 * 1024)), tries(lambda: os.pipe()),
]
sys.stdout.write(json.dumps([found, dict(os.environ), os.getcwd()]) + chr(10))
"""


def test_the_process_can_open_nothing_start_nothing_and_knows_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("QC_SECRET_KEY", "canary")
    script = tmp_path / "attempt.py"
    script.write_text(TRY.format(here=str(pictures._DECODER.parent)))
    monkeypatch.setattr(pictures, "_DECODER", script)

    said, status = pictures._run(b"x")

    assert status == 0
    found, environment, folder = json.loads(said)
    assert found == ["OSError", "OSError", "OSError", "OSError", "MemoryError", "OSError"]
    assert not [name for name in environment if name.startswith("QC_")]
    assert "canary" not in said.decode()
    assert folder == "/"


def test_memory_and_time_are_limited_as_promised():
    assert decoder.MORE_MEMORY < 150_000_000
    assert decoder.CPU_SECONDS < pictures.WALL_SECONDS
    assert decoder.SIDES == rules.SIDES
    assert set(decoder.TYPES.values()) == set(rules.TYPES)


def test_only_so_many_are_opened_at_once(monkeypatch):
    monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.01)
    for _ in range(pictures.AT_ONCE):
        pictures._turn.acquire()
    try:
        with pytest.raises(QCError, match="Many pictures"):
            pictures.examine(jpeg(), JPEG)
    finally:
        for _ in range(pictures.AT_ONCE):
            pictures._turn.release()
    assert pictures.examine(jpeg(), JPEG).type == JPEG


def test_without_pillow_it_says_so(monkeypatch):
    monkeypatch.setattr(pictures.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(QCError, match="lacks Pillow"):
        pictures.examine(jpeg(), JPEG)


@pytest.mark.bench
def test_a_photo_of_twelve_million_points_is_ready_within_a_second():
    data = written(photo(4000, 3000), "JPEG", quality=90)
    started = time.perf_counter()
    pictures.examine(data, JPEG)
    took = time.perf_counter() - started
    print(f"12 million points, {len(data) / 1e6:.1f} MB: {took:.2f} s")  # noqa: T201
    assert took < 1
