"""The page of a site: its list beside the alerts of single lines, and what it says where there is nothing."""

from tests.journeys.test_many_lines import lots, watched


def test_a_site_without_a_fix_says_that_nobody_is_on_the_list(plant, desk):
    text = desk.get("/sites/S1").text
    assert "No fix is on the list." in text
    assert "Nobody is on it" in text


def test_the_list_stands_beside_the_alerts_and_what_nobody_has_taken_is_counted(plant, desk):
    watched(plant, "L2", name="Filler 2")
    plant.ingest(lots("L2", [12] * 8))
    plant.work()
    text = desk.get("/sites/S1").text
    assert "Waiting for somebody: 1" in text
    assert "Filler 2, " in text
    assert "at most one in 10 is there by chance" in text
    assert "Every line with an alert about a fix is on the list." in text
    assert 'href="/sites/S1"' in desk.get("/").text


def test_an_alert_that_is_not_enough_for_the_list_stands_by_itself(plant, desk):
    """Among six fixes a single one needs 60; its own alert comes with 20."""
    for number in range(3, 8):
        watched(plant, f"L{number}")
    watched(plant, "L2", name="Filler 2")
    plant.ingest(lots("L2", [9] * 6))
    plant.work()
    text = desk.get("/sites/S1").text
    assert "No fix is on the list." in text
    assert text.index("Alerts of single lines") < text.index("Filler 2, ")


def test_another_sites_page_is_not_there(plant, desk):
    assert desk.get("/sites/nowhere").status_code == 404
