"""A paper on the wall: printed, scanned, superseded, and what the code then says; and the station's label."""

import copy
import re
from urllib.parse import urlsplit

import pytest

from qc_service.db import connected
from tests.desk_client import ONE_ENGINE, at_desk, browser, get, sign_in
from tests.plant import Plant
from tests.procedure_life import PASSWORD, Life, document


@pytest.fixture
def life(app):
    with connected():
        plant = Plant(app)
        plant.line("L1", "S1", "Filler 1")
        plant.line("L2", "S1", "Filler 2")
    return Life(app)


@pytest.fixture
def desk(life, anna):
    return at_desk(life.app, "ANNA")


def code_of(page):
    """What the code on a page opens, as a path of this service."""
    where = urlsplit(re.search(r"Code that opens ([^\"<]+)", page)[1].replace("&amp;", "&"))
    return f"{where.path}?{where.query}"


@ONE_ENGINE
def test_a_paper_is_good_until_another_version_takes_its_place(life, anna, bo, desk):
    life.published(anna, bo)
    scanned = code_of(get(desk, "/procedures/CAN/versions/1/print").text)
    assert "and that is in force" in get(desk, scanned).text

    life.published(anna, bo, doc=document("344"))
    told = get(desk, scanned).text
    assert "This paper is version 1, which is not in force: do not work by it." in told
    assert "Another version took its place." in told
    assert "In force is version 2" in told
    assert "and that is in force" in get(desk, code_of(get(desk, "/procedures/CAN/versions/2/print").text)).text


@ONE_ENGINE
def test_a_withdrawn_paper_says_that_nothing_is_in_force(life, anna, bo, desk):
    life.published(anna, bo)
    scanned = code_of(get(desk, "/procedures/CAN/versions/1/print").text)
    body = {"reason": "The seamer is gone.", "password": PASSWORD}
    bo.done("POST", "/procedures/CAN/versions/1/withdraw", body)
    told = get(desk, scanned).text
    assert "It was withdrawn. No version is in force: ask a supervisor." in told
    assert "No version of it is in force here" in told


@ONE_ENGINE
def test_a_draft_on_paper_says_that_nobody_may_work_by_it(life, anna, bo, desk):
    life.published(anna, bo)
    life.draft(anna, doc=document("340"))
    page = get(desk, "/procedures/CAN/versions/2/print").text
    assert "Not in force when it was printed: do not work by it." in page
    assert "It is a draft." in get(desk, code_of(page)).text


@ONE_ENGINE
def test_a_paper_of_one_line_is_no_good_on_another(life, anna, bo, desk):
    life.published(anna, bo)
    number = life.published(anna, bo, doc=document("344"), site="S1", line="L2")
    scanned = code_of(get(desk, f"/procedures/CAN/versions/{number}/print").text)
    there, elsewhere = get(desk, f"{scanned}&line=L2").text, get(desk, f"{scanned}&line=L1").text
    assert "and that is in force" in there
    assert "which is not for the line Filler 1: do not work by it there." in elsewhere
    assert "Must be 338 to 344 g" in there
    assert "Must be 338 to 345 g" in elsewhere


@ONE_ENGINE
def test_the_paper_says_who_signed_it_and_how(life, anna, bo, desk):
    life.published(anna, bo)
    page = get(desk, "/procedures/CAN/versions/1/print").text
    for word in ("Approved it", "Published it", "Name of BO (BO)", "signed with password", "Author", "Name of ANNA"):
        assert word in page


@ONE_ENGINE
def test_the_paper_names_who_let_it_pass_without_translations(life, anna, bo, desk):
    with connected():
        from qc_service import audit
        from qc_service.people import staff

        staff.add_person(audit.COMMAND, "DAN", "Dan", ["operator"], password=PASSWORD, language="da")
    number = life.approved(anna, bo)
    where = f"/procedures/CAN/versions/{number}"
    anna.done("POST", f"{where}/translation-override", {"reason": "Dan reads English.", "password": PASSWORD})
    bo.done("POST", f"{where}/translation-override/confirm", {"password": PASSWORD})
    bo.done("POST", f"{where}/publish", {"password": PASSWORD})
    page = get(desk, f"{where}/print", lang="en").text
    assert "Published without all translations (Dansk): Dan reads English." in page
    danish = get(desk, f"{where}/print", lang="da").text
    assert 'class="doc-words" lang="en"' in danish
    assert get(desk, f"{where}/print.pdf", lang="da").data.startswith(b"%PDF")


@ONE_ENGINE
def test_whoever_scans_without_a_session_signs_in_and_comes_back(life, anna, bo):
    life.published(anna, bo)
    phone = browser(life.app)
    sent = phone.get("/p/CAN?line=L1", base_url=phone.base)
    assert sent.status_code == 302
    form = phone.get(sent.headers["Location"], base_url=phone.base).text
    target = re.search(r'name="next" value="([^"]+)"', form)[1]
    back = sign_in(phone, "ANNA", PASSWORD, next=target)
    assert back.headers["Location"] == "/p/CAN?line=L1"
    assert "Filler 1" in phone.get("/p/CAN?line=L1", base_url=phone.base).text


@ONE_ENGINE
def test_the_label_opens_whatever_is_in_force_on_its_line(life, anna, bo, desk):
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"), site="S1", line="L2")
    label = get(desk, "/procedures/CAN/label.svg", line="L2")
    assert label.content_type.startswith("image/svg+xml")
    assert "Filler 2" in label.text
    assert code_of(label.text) == "/p/CAN?line=L2"
    assert "Must be 338 to 344 g" in get(desk, code_of(label.text)).text
    assert get(desk, "/procedures/CAN/label.pdf", line="L2").data.startswith(b"%PDF")
    assert get(desk, "/procedures/CAN/label.svg", line="L9").status_code == 404


@ONE_ENGINE
def test_the_longest_title_fits_on_the_label(life, anna, bo, desk):
    title = (
        "Wilhelminenhöfer Dosenverschließmaschinenbedienungsvorschrift "
        + "and what else there is to be said of it " * 2
    )
    life.published(anna, bo, doc={**copy.deepcopy(document()), "title": title[:120].strip()})
    label = get(desk, "/procedures/CAN/label.svg").text
    rows = re.findall(r'<text x="52.5" y="([\d.]+)"[^>]*>', label)
    assert all(float(y) < 148 for y in rows)
    assert max(float(y) for y in rows[1:-1]) < 60


@ONE_ENGINE
def test_a_procedure_without_a_version_in_force_has_a_label_and_a_page_that_says_so(life, anna, desk):
    life.draft(anna)
    assert "CAN" in get(desk, "/procedures/CAN/label.svg").text
    assert "No version of it is in force here" in get(desk, "/p/CAN").text
    assert get(desk, "/p/NONE").status_code == 404
