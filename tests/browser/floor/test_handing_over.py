"""A tablet that several use: one goes on with what another began, and it locks itself with everything kept."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.floor.working import (
    Station,
    answer_all,
    armed,
    at_step,
    begin,
    enrol,
    ready,
    scan,
    sent,
    sign_in,
    step,
    submit,
    tap,
)
from tests.reader import Desk
from tests.tablet_life import card_of, lose_card

pytestmark = [pytest.mark.browser, pytest.mark.waits]


@pytest.mark.campaign
def test_who_takes_over_from_check_6_says_so_signs_and_is_named_in_the_record(station: Station, page: Page):
    begin(page, ready(station, page, "HAND", "TWELVE"), "INES")
    answer_all(page, 1, 5)
    at_step(page, 6)
    tap(page, "who")
    sign_in(page, "OMAR")
    tap(page, "resume")
    page.wait_for_selector("text=takes over from")
    assert page.locator("[data-name=ok]").count() == 0
    tap(page, "take-over")
    answer_all(page, 6, 12)
    sent(page, submit(page))

    [found] = station.records("HAND")
    assert (found["inspector"], found["state"], found["counted"]) == ("OMAR", "accepted", True)
    [handed] = [one for one in found["events"] if one["what"] == "handed_over"]
    assert (handed["from"], handed["to"], handed["check"]) == ("INES", "OMAR", "c6")
    assert [one["badge"] for one in found["signatures"]] == ["OMAR"]
    station.floor.life.somebody("LEAD", "supervisor")
    text = Desk(station.floor.life.app, "LEAD").get(f"/inspections/{found['uuid']}").text
    assert "OMAR took over from INES" in text


@pytest.mark.campaign
def test_nobody_is_said_to_have_taken_over_what_they_go_on_with_themselves(station: Station, page: Page):
    begin(page, ready(station, page, "ALONE", "THREE"), "INES")
    answer_all(page, 1, 1, 3)
    at_step(page, 2, 3)
    tap(page, "who")
    sign_in(page, "INES")
    tap(page, "resume")
    answer_all(page, 2, 3, 3)
    sent(page, submit(page))

    [found] = station.records("ALONE")
    assert "handed_over" not in [one["what"] for one in found["events"]]


@pytest.mark.campaign
def test_an_idle_tablet_warns_a_minute_before_locks_and_keeps_the_work_for_a_card_or_a_pin(
    station: Station, context: BrowserContext
):
    context.clock.install()
    page = context.new_page()
    enrol(page, station)
    card = card_of("INES")
    unit = ready(station, page, "IDLE", "THREE")
    scan(page, card)
    page.wait_for_selector("[data-name=who]")
    begin_again(page, unit)
    page.clock.fast_forward("03:55")
    assert page.locator("#idle").count() == 0
    page.clock.fast_forward("00:10")
    page.wait_for_selector("#idle >> text=This tablet locks itself in a minute.")
    page.click("#idle button")
    page.wait_for_selector("#idle", state="detached")
    page.clock.fast_forward("04:05")
    page.wait_for_selector("#idle")
    page.clock.fast_forward("01:00")
    page.wait_for_selector("[data-badge=INES]")
    assert page.locator("[data-name=who]").count() == 0
    scan(page, card)
    at_step(page, 2, 3)
    lose_card("INES")


def begin_again(page: Page, unit: str) -> None:
    """From the station to the second check, by who is signed in."""
    tap(page, "inspect")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    answer_all(page, 1, 1, 3)
    at_step(page, 2, 3)
    armed(page)
    assert step(page) == "Check 2 of 3"
