"""The desk in a real browser: clicked through, and printed."""

import pytest
from playwright.sync_api import Page

from tests.browser.looking import pictures_missing, resize
from tests.browser.walking import CLICK, confirm, fix, press, sign_in

pytestmark = pytest.mark.browser


def texts(page: Page, selector: str) -> list[str]:
    return [one.inner_text().split("\n")[0] for one in page.query_selector_all(selector)]


def every_picture_is_there(page: Page) -> bool:
    return page.locator("img").count() > 0 and pictures_missing(page) == []


def test_the_board_puts_first_what_needs_a_person(page):
    page.goto("/")

    assert page.inner_text("h1") == "1 line needs you. 2 fixes are being watched."
    assert texts(page, "table.board tbody th") == ["Label line", "Wave solder 2", "Cartoner 1", "Sandwich 3"]
    assert "Not holding" in page.query_selector("table.board tbody tr").inner_text()
    assert every_picture_is_there(page)


@pytest.mark.parametrize("width", [1280, 820, 390])
def test_a_fix_shows_the_chart_that_fits_its_window(page, width):
    resize(page, width)
    fix(page)

    assert every_picture_is_there(page)
    shown = page.evaluate("document.querySelector('img.chart').getBoundingClientRect().width")
    drawn = page.evaluate("document.querySelector('img.chart').naturalWidth")
    assert 0.85 < shown / drawn < 1.35, "letters as large as they were drawn"


def test_a_supervisor_goes_from_the_board_to_the_evidence_and_closes_the_alert(stranger):
    stranger.goto("/inbox")
    assert stranger.url.endswith("/sign-in?next=/inbox")
    sign_in(stranger)
    fix(stranger)
    assert "Not holding: never worked." in stranger.inner_text("h1")

    press(stranger, "text=Open alert")
    press(stranger, "text=I'm on it")
    assert stranger.is_visible("text=You are on it.")
    assert stranger.is_visible("text=Sofia Lindqvist is on it")
    press(stranger, "text=See the evidence")
    assert stranger.is_visible("text=Frozen on")
    press(stranger, "text=Where the fix stands now")
    press(stranger, "text=Open alert")
    stranger.fill("#text", "The nozzle is worn again.")
    press(stranger, "text=Add it")
    assert stranger.is_visible("text=The nozzle is worn again.")
    press(stranger, "text=Hand it back")
    assert stranger.is_visible("text=nobody yet")

    press(stranger, "nav >> text=Inbox")
    press(stranger, ".item__sentence")
    stranger.click("text=Close it")
    stranger.select_option("#reason", "cause_found")
    stranger.fill("#note", "Nozzle replaced, feeder cleaned.")
    press(stranger, "text=Close the alert")
    assert stranger.is_visible("text=Closed on")
    press(stranger, "nav >> text=Inbox")
    assert stranger.inner_text("h1") == "Nothing waits for you."
    press(stranger, "text=Closed")
    assert "Label line" in stranger.inner_text(".item__sentence")
    press(stranger, "text=Sign out")
    stranger.go_back()
    assert stranger.is_visible("#badge"), "nothing is left behind for whoever comes next"


def test_a_count_is_typed_in(page):
    page.goto("/")
    press(page, "nav >> text=Counts")
    page.select_option("#line", label="Sandwich 3")
    page.fill("#lot", "B-7")
    page.fill("#period_start", "2026-01-05T06:00")
    page.fill("#period_end", "2026-01-05T14:00")
    page.fill("#inspected", "125")
    page.fill("#defective", "5")
    page.click("text=Which defects")
    page.fill("#defect_code_1", "JAM")
    page.fill("#defect_units_1", "2")
    press(page, "text=Save the count")

    assert page.is_visible("text=Saved.")
    assert page.is_visible("text=Sandwich 3, B-7: 5 of 125 defective")


def test_what_is_missing_is_said_on_top_and_each_line_leads_to_its_field(page):
    page.goto("/fixes/new")
    press(page, CLICK)

    assert page.inner_text("#problem-title") == "There is a problem"
    assert page.query_selector("#title[aria-invalid=true]")
    page.click(".problem >> text=Give the fix a short name.")
    assert page.evaluate("document.activeElement.id") == "title"


def test_the_table_is_opened_by_the_button_that_leads_to_it(page):
    fix(page)
    assert not page.is_visible("#numbers")

    press(page, "text=Table")

    assert page.is_visible("#numbers")
    assert page.evaluate("document.querySelector('#numbers').getBoundingClientRect().top") < 400


def test_going_back_from_the_numbers_keeps_what_was_typed(page):
    confirm(page)

    press(page, "text=Change something")

    assert page.input_value("#title") == "Slicer guide replaced"
    assert page.input_value("#exclude") == "L4-3: a jam\nL4-4"
    assert page.input_value("#line") == "L4"


# --- on paper ---------------------------------------------------------------------------------------------------


def test_paper_carries_no_navigation_and_no_buttons(page):
    fix(page)
    page.emulate_media(media="print")
    assert not page.is_visible(".bar")
    assert not page.is_visible(".actions")
    assert page.is_visible("h1")
    assert page.is_visible("img.chart")
    page.emulate_media(media="screen")

    press(page, "text=Print")
    assert page.query_selector("nav") is None
    assert page.is_visible("#numbers")
    assert page.is_visible("text=Left out of the baseline: A new batch of cartons")
    assert every_picture_is_there(page)
    assert len(page.pdf(format="A4")) > 10_000
