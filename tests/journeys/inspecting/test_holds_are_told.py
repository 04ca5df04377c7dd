"""A lot that is put on hold is told to whoever leads where it was made, once for each cause."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from qc_service.db import connected
from qc_service.people.models import Person
from tests.procedure_life import SIGNED


@pytest.fixture
def told(floor, postbox):
    """Lets the workers do what they have to, and gives to whom what was mailed since."""
    floor.plant.app.config["QC"] = replace(floor.plant.app.config["QC"], smtp_url=postbox.url)
    with connected():
        for badge in ("BOSS", "LEAD"):
            Person.update(email=f"{badge.lower()}@example.com").where(Person.code == badge).execute()

    def delivered():
        floor.plant.work()
        mails = [(one.rcpt_tos[0].partition("@")[0], _text(one.content)) for one in postbox.mails]
        postbox.mails.clear()
        return sorted(mails)

    return delivered


def _text(content: bytes) -> str:
    found = message_from_bytes(content, policy=policy.default)
    return found["Subject"] + " " + found.get_body(("plain",)).get_content()


@pytest.fixture
def head(floor):
    return floor.life.somebody("BOSS", "quality_manager", site="S1")


@pytest.fixture
def lead(floor):
    return floor.life.somebody("LEAD", "supervisor", site="S1")


def test_who_leads_hears_why_a_lot_stays_and_who_said_so_does_not(floor, head, lead, told):
    floor.lot("A", "BOSS")
    told()
    lead.done("POST", "/lots/A/hold", {"reason": "Two cans leaked on the pallet."})
    [(who, text)] = told()
    assert who == "boss"
    assert "A, line L1: on hold." in text
    assert "Two cans leaked on the pallet." in text


def test_of_many_lots_that_are_held_for_one_cause_one_is_told(floor, head, lead, mia, ines, told):
    everywhere = floor.life.somebody("QM", "quality_manager")
    for lot in ("A", "B", "C"):
        floor.lot(lot, "MIA")
        floor.inspect(ines, lot)
    told()
    everywhere.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam head is cracked."})
    mails = told()
    held = [who for who, text in mails if "on hold" in text]
    assert held == ["boss", "lead"]
    assert all(floor.release(lot)[0] == "hold" for lot in ("A", "B", "C"))
