"""The desk without a mouse."""

import pytest

from tests.browser.walking import PASSWORD, tab_to

pytestmark = pytest.mark.browser


def test_somebody_without_a_mouse_signs_in_and_records_a_fix(stranger):
    stranger.goto("/fixes/new?line=L4")
    tab_to(stranger, "#badge")
    stranger.keyboard.type("P-3")
    stranger.keyboard.press("Tab")
    stranger.keyboard.type(PASSWORD)
    stranger.keyboard.press("Enter")
    stranger.wait_for_selector("#title")

    tab_to(stranger, ".skip", most=1)
    stranger.keyboard.press("Enter")
    tab_to(stranger, "#line", most=1)
    assert stranger.input_value("#line") == "L4"
    tab_to(stranger, "#title")
    stranger.keyboard.type("Slicer guide replaced")
    tab_to(stranger, "#in_effect_at")
    stranger.keyboard.type("01022026")
    stranger.keyboard.press("Tab")
    stranger.keyboard.type("0600AM")
    tab_to(stranger, "#promise_rate")
    stranger.keyboard.type("2,5")
    stranger.keyboard.press("Enter")
    stranger.wait_for_selector("text=frozen when you confirm")
    assert "2.5%" in stranger.inner_text("main")
    tab_to(stranger, "button[value=confirm]")
    stranger.keyboard.press("Enter")

    stranger.wait_for_selector("text=The fix is recorded")


def test_an_alert_is_taken_and_handed_back_without_a_mouse(page):
    page.goto("/inbox")
    tab_to(page, ".item__sentence")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/*")
    tab_to(page, "main .button--primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You are on it.")
    tab_to(page, "form[action$=unack] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=It is open to everybody again.")
