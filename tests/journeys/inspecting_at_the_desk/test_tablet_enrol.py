"""Taking a tablet into use at the desk: its code is shown once, works at once, and ends when it is withdrawn."""

import re
from dataclasses import replace

import pytest

from qc_service import clock
from qc_service.people.models import Device
from qc_service.tls.folder import keep
from qc_service.tls.names import asked_for
from tests.reader import Desk


@pytest.fixture
def desk(floor, boss):
    return Desk(floor.life.app, "BOSS")


def enrolled(desk, name="Tablet 9"):
    """The token that the page shows."""
    desk.get("/tablets/new")
    answer = desk.post("/tablets/new", name=name, site="S1")
    assert answer.status_code == 200
    return re.search(r"<code>([^<]+)</code>", answer.text)[1]


def fetch(floor, token, path="/v1/floor"):
    return floor.plant.call("GET", path, token=token)


def test_the_code_lets_a_tablet_fetch_what_is_at_its_line(floor, desk):
    token = enrolled(desk)

    assert fetch(floor, token).json["name"] == "Tablet 9"
    assert fetch(floor, token, "/v1/floor/station?line=L1").status_code == 200
    assert "Tablet 9" in desk.get("/tablets").text


def test_the_code_is_shown_this_once_and_kept_nowhere(floor, desk):
    token = enrolled(desk)

    assert desk.answer.headers["Cache-Control"] == "no-store"
    assert token not in desk.get("/tablets").text
    assert token.rpartition("_")[2] not in Device.get(Device.name == "Tablet 9").hash


def test_a_tablet_without_a_name_is_refused_and_what_was_typed_stays(desk):
    desk.get("/tablets/new")
    answer = desk.post("/tablets/new", name="", site="S1")

    assert answer.status_code == 422
    assert desk.errors == {"name": "Give the tablet a name that people read on it."}
    assert desk.post("/tablets/new", name="x" * 201, site="S1").status_code == 422
    assert desk.post("/tablets/new", name="Tablet 9", site="NOWHERE").status_code in (404, 422)
    assert Device.select().count() == 0


def test_a_withdrawn_tablet_is_refused_from_then_on(floor, desk):
    token = enrolled(desk)
    device = Device.get(Device.name == "Tablet 9")

    desk.get("/tablets")
    answer = desk.post(f"/tablets/{device.id}/revoke")

    assert answer.status_code == 303
    assert fetch(floor, token).status_code == 401
    assert "Tablet 9 is no longer in use: no PIN counts on it." in desk.follow().text.replace("&#39;", "'")


def test_whoever_may_not_enrol_sees_no_way_to_it(floor, ines):
    floor.person("LOOK", "auditor")
    desk = Desk(floor.life.app, "LOOK")

    assert "/tablets/new" not in desk.get("/tablets").text
    assert desk.get("/tablets/new").status_code == 403


# --- the plant's own certificate ----------------------------------------------------------------------------------

ADDRESS = "http://qc.plant.example:8001/trust"


@pytest.fixture
def authority(floor, monkeypatch, tmp_path):
    """The service runs with a certificate of its own."""
    config = floor.life.app.config
    monkeypatch.setitem(config, "QC", replace(config["QC"], data_dir=tmp_path, trust_url=ADDRESS))
    return keep(tmp_path, asked_for(["qc.plant.example"]), clock.now())


def test_a_supervisor_compares_the_certificate_before_a_tablet_is_taken_into_use(desk, authority):
    assert 'href="/tablets/trust"' in desk.get("/tablets/new").text
    page = desk.get("/tablets/trust").text

    for told in (ADDRESS, authority.words, authority.digits, authority.title, "qc.plant.example, "):
        assert told in page
    assert "<path d=" in page


def test_the_page_with_the_code_leads_there_without_losing_the_code(desk, authority):
    enrolled(desk)

    assert re.search(r'<a href="/tablets/trust" target="_blank"', desk.answer.text)


def test_where_somebody_else_vouches_for_the_service_the_page_says_so(desk):
    assert "/tablets/trust" not in desk.get("/tablets/new").text
    enrolled(desk)
    assert "/tablets/trust" not in desk.answer.text
    page = desk.get("/tablets/trust").text
    assert "makes no certificate of its own" in page
    assert "SHA-256" not in page


def test_whoever_may_not_enrol_sees_no_certificate(floor, authority, ines):
    floor.person("LOOK", "auditor")

    assert Desk(floor.life.app, "LOOK").get("/tablets/trust").status_code == 403
