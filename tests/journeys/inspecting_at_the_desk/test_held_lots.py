"""The alert of lots on hold at the desk: in the inbox, on its page with the ways to lots and cause, and as evidence."""

import re
from html import unescape

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people.models import Person

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def gauge_alert(floor, mia, ines, boss):
    """Two lots were measured with a gauge that was found out of tolerance; the alert about them."""
    floor.measured_badly(ines, boss, "A", "B")
    [found] = boss.done("GET", "/alerts")["data"]
    return found


def ways(desk, ending):
    """The links of the page whose text ends so."""
    found = re.findall(r'<a href="([^"]+)">([^<]*)</a>', desk.answer.text)
    return [unescape(address) for address, text in found if text.endswith(ending)]


def test_it_is_read_taken_and_closed_and_leads_to_its_lots_and_its_cause(floor, gauge_alert, desk):
    desk.get("/inbox")
    assert desk.headline == "Waiting for somebody: 1"
    assert "On hold" in desk.text
    assert gauge_alert["sentence"] in desk.text
    address = f"/alerts/{gauge_alert['id']}"
    desk.get(address)
    assert "Gauge G-1 was found out of tolerance" in desk.text
    assert "/fixes/new?line=" not in desk.answer.text
    found = [way for text in ("Lot A", "Lot B", "Gauge G-1") for way in ways(desk, text)]
    assert len(found) == 3
    for way in found:
        assert desk.get(way).status_code == 200, way
    desk.post(f"{address}/ack")
    desk.follow()
    assert "You are on it." in desk.text
    desk.post(f"{address}/resolve", reason="looked_after", note="We weigh them again on the other scale.")
    desk.follow()
    assert "Somebody looks after these lots: We weigh them again on the other scale." in desk.text


def test_its_evidence_is_frozen_and_comes_as_a_file(floor, gauge_alert, desk):
    address = f"/evidence/{gauge_alert['evidence']['id']}"
    desk.get(address)
    assert desk.headline == gauge_alert["sentence"]
    assert "These numbers will not change." in desk.text
    assert gauge_alert["evidence"]["sha256"][:32] in desk.answer.text
    rows = desk.get(f"{address}/lots.csv").text.splitlines()
    assert rows[0] == "lot,line,product,held_at"
    assert [row[:6] for row in rows[1:]] == ["A,L1,P", "B,L1,P"]
    assert desk.get(f"{address}/chart.svg").status_code == 404


def test_it_is_told_in_the_readers_language_from_its_numbers(floor, gauge_alert, desk):
    with connected(), audit.change(audit.COMMAND, "person.changed", follow=False) as change:
        change.update(Person.get(Person.code == "BOSS"), language="da")
    for address in ("/inbox", f"/alerts/{gauge_alert['id']}", f"/evidence/{gauge_alert['evidence']['id']}"):
        desk.get(address)
        assert "L1, måleinstrument G-1 uden for tolerancen: 2 partier tilbageholdt." in desk.text, address
