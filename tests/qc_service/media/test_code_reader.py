"""Codes in photos: found as people hold them, and looked for by a process that a photo cannot turn against anybody."""

import json
import resource
import subprocess
import sys

import pytest
from PIL import Image

from qc_service import codes
from qc_service.errors import QCError
from qc_service.media import code_decoder, code_reader, pictures, rules
from tests.hostile import ACCEPTED, CORPUS
from tests.label_pictures import blurred, code128, gs1, qr, shot, table, turned
from tests.pictures import JPEG, PNG, jpeg, written

LOT = "https://qc.plant.example/c/l/S1/A-7"
READY = "import sys; sys.stdout.write('ready\\n'); sys.stdout.flush()\n"


def texts(image: Image.Image) -> list[str]:
    return sorted(one["text"] for one in code_reader.read(shot(image)))


PHOTOS = {
    "a QR code": (qr(LOT), [LOT]),
    "on something": (table(qr(LOT)), [LOT]),
    **{f"turned by {degrees} degrees": (turned(table(qr(LOT)), degrees), [LOT]) for degrees in (17, 45, 90, 180, 271)},
    "out of focus": (blurred(qr(LOT, 8), 3), [LOT]),
    "turned and out of focus": (blurred(turned(table(qr(LOT, 7)), 30), 2), [LOT]),
    "far away": (table(qr(LOT, 3), size=(2000, 1500)), [LOT]),
    "Code 128": (code128("A-7"), ["A-7"]),
    "Code 128, turned": (turned(table(code128("A-7", 4)), 90), ["A-7"]),
    "two at once": (table(qr(LOT, 5), code128("A-7", 3)), ["A-7", LOT]),
    "the same twice": (table(qr(LOT, 5), qr(LOT, 5)), [LOT]),
    "in another script": (qr("批次-42"), ["批次-42"]),
    "nothing": (table(), []),
    "nothing at all": (Image.new("L", (1, 1), "white"), []),
    "so blurred that nobody can read it": (blurred(qr(LOT, 4), 20), []),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_codes_are_found_as_people_hold_them(name):
    image, wanted = PHOTOS[name]

    assert texts(image) == wanted


def test_the_kind_of_code_is_told():
    assert code_reader.read(shot(code128("A-7"))) == [{"text": "A-7", "format": "Code 128"}]
    assert code_reader.read(shot(qr(LOT))) == [{"text": LOT, "format": "QR Code"}]


def test_gs1_is_told_so_that_lot_and_serial_number_are_known_in_it():
    [found] = texts(gs1("(01)09501101530003(10)A-7(21)0001"))

    assert codes.read(found) == codes.Said("unit", lot="A-7", unit="0001")


def test_a_photo_that_lies_on_its_side_is_read():
    held = Image.Exif()
    held[0x0112] = 6
    data = written(table(qr(LOT)), "JPEG", exif=held.tobytes())

    assert [one["text"] for one in code_reader.read(data)] == [LOT]


def test_a_photo_of_twelve_million_points_is_made_smaller_and_read():
    assert texts(table(qr(LOT, 12), size=(4000, 3000))) == [LOT]


# --- what means harm ---


def outcome(data: bytes) -> str:
    try:
        assert code_reader.read(data) == []
    except QCError as refused:
        reason = refused.details["reason"]
        return reason if (refused.code, refused.detail) == ("picture_refused", rules.REASONS[reason]) else refused.code
    return ACCEPTED


@pytest.mark.parametrize("file", [one for one in CORPUS if one.declared == JPEG], ids=lambda one: one.name)
def test_each_hostile_file_is_refused_with_its_reason_or_does_no_harm_within_a_second(file):
    data = file.make()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert outcome(data) == file.outcome
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_a_picture_of_another_type_is_no_photo():
    with pytest.raises(QCError) as refused:
        code_reader.read(written(table(qr(LOT)), "PNG"))

    assert refused.value.details == {"reason": "other_type"}


def test_a_code_that_says_very_much_is_cut_and_many_are_told_up_to_a_limit():
    assert len(texts(table(*(qr(str(n), 2) for n in range(30)), size=(4000, 500)))) <= code_reader.MOST_CODES
    assert code_decoder.MOST_CODES == code_reader.MOST_CODES


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Puts a script in the place of the decoder, and says how reading ends."""

    def run(code):
        script = tmp_path / "code_decoder.py"
        script.write_text(READY + code)
        monkeypatch.setattr(code_reader, "_DECODER", script)
        with pytest.raises(QCError) as ended:
            code_reader.read(jpeg())
        return ended.value.details.get("reason", ended.value.code)

    return run


ONE = {"text": "A", "format": "QR Code"}
LIES = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "none": "null",
    "a reason that nobody knows": '{"refused": "made up"}',
    "a reason that is a list": '{"refused": ["animated"]}',
    "a number for a text": '{"codes": [{"text": 1, "format": ""}]}',
    "a text alone": '{"codes": ["A"]}',
    "too many": json.dumps({"codes": [ONE] * 21}),
    "more than fits": "x" * 2_000_000,
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_decoder_says_is_not_believed(stand_in, lie):
    """A photo may have taken it over."""
    assert stand_in(f"sys.stdin.read(); sys.stdout.write({LIES[lie]!r})") == "crashed"


def test_a_decoder_that_dies_hangs_or_does_not_start_ends_in_a_clear_refusal(stand_in, monkeypatch):
    assert stand_in("import os; os.abort()") == "crashed"
    assert stand_in("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass") == "too_slow"
    monkeypatch.setattr(pictures, "WALL_SECONDS", 0.3)
    assert stand_in("import time; time.sleep(60)") == "too_slow"


def test_without_the_library_it_says_so(monkeypatch):
    monkeypatch.setattr(pictures.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(QCError, match="lacks zxing-cpp"):
        code_reader.read(jpeg())


CONFINED = """
import sys
from pathlib import Path
sys.path.extend(sys.argv[1:])
from qc_service.media import code_decoder, decoder
def look(data):
    found = []
    for what in (lambda: open("/etc/passwd"), lambda: __import__("socket").socket(), lambda: bytearray(200 << 20)):
        try:
            what()
            found.append("done")
        except BaseException as error:
            found.append(type(error).__name__)
    return [{"text": one, "format": ""} for one in found]
import socket
code_decoder.codes_in = look
code_decoder.main()
"""


def test_it_can_open_nothing_and_take_no_more_memory_than_a_picture_may(monkeypatch, tmp_path):
    script = tmp_path / "code_decoder.py"
    script.write_text(CONFINED)
    monkeypatch.setattr(code_reader, "_DECODER", script)

    assert [one["text"] for one in code_reader.read(jpeg())] == ["OSError", "OSError", "MemoryError"]


def test_it_knows_no_more_of_the_service_than_how_a_picture_is_opened():
    script = "import sys; import qc_service.media.code_decoder; print([n for n in sys.modules if n[:3] == 'qc_'])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout

    assert set(json.loads(told.replace("'", '"'))) == {
        "qc_service", "qc_service.media", "qc_service.media.code_decoder", "qc_service.media.decoder",
    }  # fmt: skip


def test_other_types_are_not_meant():
    assert code_reader.TYPE == JPEG != PNG
