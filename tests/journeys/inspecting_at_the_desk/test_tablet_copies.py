"""The page at which a tablet's saved copy is brought in: one file, and what became of each record in it."""

import json

import pytest

from tests.copy_life import copy_of, kept, picture
from tests.desk_client import ONE_ENGINE, at_desk, page_token
from tests.floor_life import record
from tests.pictures import jpeg
from tests.reader import readable
from tests.tablet_life import set_pin, tablet_of

PIN = "739154"


@pytest.fixture
def tablet(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    set_pin("INES", PIN)
    return tablet_of(floor)


def brought(floor, file, badge="BOSS"):
    """The answer, and its words."""
    desk = at_desk(floor.life.app, badge)
    data = file if isinstance(file, bytes) else json.dumps(file).encode()
    token, head = page_token(desk, "/tablets/copies").encode(), b"--part\r\nContent-Disposition: form-data; name="
    form = b"".join((
        head, b'"csrf"\r\n\r\n', token, b"\r\n", head, b'"file"; filename="qc-tablet.json"\r\n\r\n', data,
        b"\r\n--part--\r\n",
    ))  # fmt: skip
    kind = "multipart/form-data; boundary=part"
    answer = desk.post("/tablets/copies", data=form, content_type=kind, base_url=desk.base)
    return answer, readable(answer.text.partition("<main")[2])


def unit(name):
    return record("INES", unit=name, units_inspected=1)


@ONE_ENGINE
def test_each_record_says_what_became_of_it_and_what_is_to_be_done(floor, tablet):
    good, bad = (kept(tablet, unit(f"U-{n}"), PIN, seq=n) for n in (1, 2))
    file = copy_of(tablet.token, tablet.id, good, bad, pictures=(picture(jpeg()),))
    file["records"][1] = {**bad, "body": bad["body"] + " "}
    answer, text = brought(floor, file)
    assert answer.status_code == 200
    assert "Brought in from Tablet 4: 1" in text
    assert "1 Lot A, unit U-1 INES ✔\ufe0e brought in –" in text
    assert "2 – – ✘\ufe0e damaged Its bytes are not those that the tablet kept." in text
    assert "pictures: 1, of them brought in: 1" in text
    assert f"/inspections/{good['uuid']}" in answer.text

    floor.plant.work()
    assert "already here: 1" in brought(floor, file)[1]
    assert floor.standing(good["uuid"]) == ("accepted", [], True, True)


@ONE_ENGINE
def test_a_file_that_is_no_copy_or_that_is_too_large_says_what_to_do(floor, tablet):
    for file, said in ((b"{", "The file ends too early."), (b"lot,unit", "This is no tablet's copy.")):
        answer, text = brought(floor, file)
        assert answer.status_code == 422
        assert said in text
    desk = at_desk(floor.life.app, "BOSS")
    size = {"CONTENT_LENGTH": str(65 * 1024 * 1024)}
    answer = desk.post("/tablets/copies", data={}, environ_overrides=size, base_url=desk.base)
    assert answer.status_code == 413
    assert "64 MB" in answer.text


@ONE_ENGINE
def test_a_file_of_more_than_other_pages_take_is_taken_here(floor, tablet):
    file = copy_of(tablet.token, tablet.id, kept(tablet, unit("U-1"), PIN))
    answer, text = brought(floor, json.dumps(file).encode() + b" " * 7_000_000)
    assert (answer.status_code, "Brought in from Tablet 4: 1" in text) == (200, True)


@ONE_ENGINE
def test_the_page_of_tablets_leads_there_for_who_may(floor, tablet):
    assert "/tablets/copies" in at_desk(floor.life.app, "BOSS").get("/tablets").text
    floor.life.somebody("WATCH", "auditor", site="S1")
    watcher = at_desk(floor.life.app, "WATCH")
    assert "/tablets/copies" not in watcher.get("/tablets").text
    assert watcher.get("/tablets/copies").status_code == 403
