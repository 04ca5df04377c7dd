"""Every kind of check answered on the tablet, and what arrives of it."""

import pytest
from playwright.sync_api import Page

from tests.browser.floor.kinds import EVERY_KIND, answer_group, answer_rest, chosen
from tests.browser.floor.working import (
    Station,
    answer_all,
    armed,
    at_step,
    begin,
    ready,
    scan,
    sent,
    sign_in,
    submit,
    tap,
    taps,
)
from tests.pictures import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.waits]


@pytest.fixture(scope="module", autouse=True)
def _published(station: Station) -> None:
    station.publish("KINDS", EVERY_KIND, "INES")


def begin_kinds(station: Station, page: Page, lot: str) -> None:
    begin(page, ready(station, page, lot, "KINDS"))
    at_step(page, 1, 9)
    answer_group(page)


@pytest.mark.campaign
def test_every_kind_is_answered_and_arrives_as_it_was_meant(station, page):
    begin_kinds(station, page, "KIND-1")
    tap(page, "choice-blue")
    answer_rest(page)
    sent(page, submit(page))
    page.wait_for_selector("#waiting:has-text('All sent')")

    [found] = station.records("KIND-1")
    given = {one["check"]: (one["value"], one["outcome"]) for one in found["answers"]}
    assert given["grouped-2"] == ("ok", "ok")
    assert given["lid"] == ("blue", "ok")
    assert given["marks"] == (["date", "lot"], "ok")
    assert given["dents"] == (["0", "3"], "ok")
    assert given["depth"] == (["1.4", "1.9"], "ok")  # one of two may be outside
    assert given["smell"] == ("Like paint,\nnot of solvent.", "recorded")
    assert given["drying"][1] == "ok"
    assert len(given["proof"][0]) == 2
    assert given["hand"] == ("signed", "recorded")
    assert "why-red" not in given
    assert (found["state"], found["result"], found["reasons"]) == ("accepted", "pass", [])


@pytest.mark.campaign
def test_a_wrong_choice_is_a_defect_and_brings_the_check_that_waits_for_it(station, page):
    begin_kinds(station, page, "KIND-2")
    tap(page, "choice-red")
    tap(page, "code-other")
    tap(page, "what-hold")
    page.wait_for_selector("[data-check=why-red]")
    tap(page, "ok")
    answer_rest(page)
    sent(page, submit(page))

    [found] = station.records("KIND-2")
    given = {one["check"]: (one["value"], one["outcome"]) for one in found["answers"]}
    assert (given["lid"], given["why-red"]) == (("red", "defect"), ("ok", "ok"))
    assert [(one["check"], one["disposition"]) for one in found["nonconformities"]] == [("lid", "hold")]
    assert found["result"] == "fail"


@pytest.mark.campaign
def test_an_answer_that_is_changed_afterwards_takes_its_defect_back(station, page):
    begin(page, ready(station, page, "CHANGE", "THREE"))
    tap(page, "defect")
    tap(page, "code-DENT")
    tap(page, "what-scrap")
    answer_all(page, 2, 3, 3)
    page.wait_for_selector("[data-name=submit]")
    armed(page)
    page.locator("[data-check=t1] [data-name=change]").click()
    tap(page, "ok")
    sent(page, submit(page))

    [found] = station.records("CHANGE")
    assert (found["result"], found["nonconformities"]) == ("pass", [])


@pytest.mark.campaign
def test_a_defect_with_a_photo_takes_seventeen_taps(station, page):
    begin(page, ready(station, page, "T-17", "PICTURED"))
    answer_all(page, 1, 11)
    for name in ("defect", "code-LEAK", "what-rework"):
        tap(page, name)
    chosen(page, "take", jpeg(seed=3))
    tap(page, "use")
    sent(page, submit(page))

    assert taps(page) == 17
    page.wait_for_selector("#waiting:has-text('All sent')")
    [found] = station.records("T-17")
    assert found["nonconformities"][0]["photo"]
    assert station.arrived(found["nonconformities"][0]["photo"])


@pytest.mark.campaign
def test_whoever_made_a_lot_is_told_before_they_begin(station, page):
    unit = ready(station, page, "MINE", "THREE")
    tap(page, "inspect")
    sign_in(page, "MIA")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    page.wait_for_selector("text=You made it: somebody else has to check it")

    assert page.locator("#step").count() == 0
