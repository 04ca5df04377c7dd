"""Badge cards at the desk: made and shown once, ended by a click, and only by who may hand them out."""

import re

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.desk.paper_pdf import qr_path
from qc_service.errors import QCError
from qc_service.people import cards, signin, staff
from qc_service.people.models import BadgeCard
from tests.reader import Desk
from tests.tablet_life import tablet_of


@pytest.fixture
def made(monkeypatch):
    """The texts of the cards that were made, which no page shows but as a picture."""
    texts = []
    issue = cards.issue

    def issued(*told):
        card, text = issue(*told)
        texts.append(text)
        return card, text

    monkeypatch.setattr(cards, "issue", issued)
    return texts


def make(desk, badge):
    with connected():
        person = staff.person_with(badge).id
    desk.get("/badges")
    return desk.post(f"/badges/{person}/card")


def lose(desk, badge):
    with connected():
        person = staff.person_with(badge).id
    desk.get("/badges")
    return desk.post(f"/badges/{person}/lost")


def test_a_card_is_drawn_once_signs_in_and_ends_when_it_is_said_to_be_lost(floor, ines, desk, made):
    tablet = tablet_of(floor)
    answer = make(desk, "INES")
    [text] = made
    assert qr_path(text)[1] in answer.text
    assert text.rpartition(":")[2] not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    with connected():
        assert signin.sign_in_with_card(text, tablet.token, clock.now()).person.code == "INES"
    assert re.search(r"INES</td>.*?since ", desk.get("/badges").text, re.DOTALL)

    lose(desk, "INES")
    with connected(), pytest.raises(QCError, match="badge"):
        signin.sign_in_with_card(text, tablet.token, clock.now())
    assert "lets nobody in any more" in desk.get("/badges").text


def test_nobody_hands_out_their_own_or_one_of_who_leads_beside_them(floor, boss, chief, desk):
    assert [make(desk, badge).status_code for badge in ("BOSS", "CHIEF")] == [409, 403]
    assert BadgeCard.select().count() == 0
    page = desk.get("/badges").text
    assert "Make a card" not in page.split("BOSS</td>")[1].split("</tr>")[0]


def test_an_inspector_sees_no_badges(floor, ines, desk):
    other = Desk(floor.life.app, "INES")

    assert other.get("/badges").status_code == 403


def test_somebody_is_found_by_a_part_of_the_name_or_the_badge(floor, ines, mia, desk):
    assert "MIA</td>" not in desk.get("/badges?q=ines").text
    assert "INES</td>" in desk.get("/badges?q=ines").text
    assert "Nobody found" in desk.get("/badges?q=zzz").text
