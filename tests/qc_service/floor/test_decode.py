"""A tablet whose browser reads no codes sends a photo of one, and is told what it says."""

import io

import pytest

from qc_service import audit
from qc_service.db import connected
from tests.desk_client import ONE_ENGINE
from tests.label_pictures import code128, qr, shot, table
from tests.pictures import JPEG, PNG, jpeg, written
from tests.tablet_life import tablet_of

LOT = "https://qc.plant.example/c/l/S1/A-7"
pytestmark = ONE_ENGINE


@pytest.fixture
def tablet(floor):
    return tablet_of(floor)


def decode(tablet, data, kind=JPEG, **more):
    return tablet.call("POST", "/v1/floor/decode", data=data, content_type=kind, **more)


def test_a_tablet_by_itself_is_told_what_the_codes_in_a_photo_say(tablet):
    answer = decode(tablet, shot(table(qr(LOT, 5), code128("A-7"))))

    assert answer.status_code == 200
    assert sorted((one["text"], one["format"]) for one in answer.json["codes"]) == [
        ("A-7", "Code 128"), (LOT, "QR Code"),
    ]  # fmt: skip


def test_somebody_who_is_signed_in_may_ask_too_and_nobody_else(floor, ines, client):
    photo = shot(qr(LOT))

    assert ines("POST", "/floor/decode", data=photo, content_type=JPEG).json["codes"][0]["text"] == LOT
    assert client.post("/v1/floor/decode", data=photo, content_type=JPEG).status_code == 401


def test_no_code_is_no_error_and_nothing_is_written(tablet):
    with connected():
        before = audit.Event.select().count()

    assert decode(tablet, jpeg()).json == {"codes": []}
    with connected():
        assert audit.Event.select().count() == before


def test_what_is_no_photo_is_refused_with_what_to_do(tablet):
    refused = {
        "another type": decode(tablet, written(qr(LOT), "PNG"), PNG),
        "no type": decode(tablet, shot(qr(LOT)), None),
        "another type under that name": decode(tablet, written(qr(LOT), "PNG")),
        "nothing": decode(tablet, b""),
        "a page": decode(tablet, b"<html></html>"),
        "too much": decode(tablet, bytes(4_000_001)),
    }

    assert {name: (answer.status_code, answer.json["code"]) for name, answer in refused.items()} == {
        "another type": (415, "unsupported_media_type"),
        "no type": (415, "unsupported_media_type"),
        "another type under that name": (422, "picture_refused"),
        "nothing": (422, "picture_refused"),
        "a page": (422, "picture_refused"),
        "too much": (413, "payload_too_large"),
    }
    assert refused["another type under that name"].json["reason"] == "other_type"


def test_what_does_not_say_how_long_it_is_is_cut_off(tablet):
    endless = {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(bytes(9_000_000))}
    answer = tablet.call("POST", "/v1/floor/decode", content_type=JPEG, environ_overrides=endless)

    assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")
