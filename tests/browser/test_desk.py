"""The desk in a real browser: clicked through, read aloud, made narrow, enlarged, printed."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/inbox",
    "/inbox?tab=closed",
    "/fixes/new",
    "/counts/new",
    "/counts/upload",
    "fix",
    "evidence",
    "alert",
    "/nowhere",
)
WIDTHS = (1280, 820, 390)


def visit(page, where):
    """Open a page by its address, or by what it is."""
    if where == "fix":
        page.goto("/")
        page.click("text=Label line")
    elif where == "evidence":
        visit(page, "fix")
        page.click("text=The evidence as it was") if page.query_selector("text=The evidence as it was") else None
    elif where == "alert":
        page.goto("/inbox")
        page.click(".item__sentence")
    else:
        page.goto(where, wait_until="load")
    page.wait_for_selector("h1")


@pytest.mark.parametrize("where", [one for one in PAGES if one != "/nowhere"])
def test_axe_finds_nothing_on_any_page_at_any_width(page, where):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        visit(page, where)
        found = Axe().run(
            page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        )
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("where", [one for one in PAGES if one != "/nowhere"])
def test_nothing_scrolls_sideways_on_a_phone_or_with_large_text(page, where):
    for width, zoom in ((320, 1), (390, 1), (640, 2), (820, 1)):
        page.set_viewport_size({"width": width, "height": 900})
        visit(page, where)
        page.evaluate("zoom => { document.documentElement.style.fontSize = (zoom * 16) + 'px' }", zoom)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width, zoom)


def test_the_board_puts_first_what_needs_a_person(page):
    page.goto("/")

    assert page.inner_text("h1") == "1 line needs you. 2 fixes are being watched."
    rows = page.query_selector_all("table.board tbody tr")
    assert [row.query_selector("th").inner_text().split("\n")[0] for row in rows] == [
        "Label line", "Wave solder 2", "Cartoner 1", "Sandwich 3",
    ]  # fmt: skip
    assert "Not holding" in rows[0].inner_text()
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")


def test_a_supervisor_goes_from_the_board_to_the_evidence_and_takes_the_alert(page):
    visit(page, "fix")
    assert "Not holding: never worked." in page.inner_text("h1")
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")

    page.click("text=Open alert")
    page.click("text=I'm on it")

    assert page.query_selector("text=Sofia Lindqvist is on it")
    page.goto("/inbox?tab=watching")
    assert "Label line" in page.inner_text("main")
    page.click(".item__sentence")
    page.click("text=Hand it back")
    assert page.query_selector("text=nobody yet")


def test_a_fix_is_recorded_with_the_keyboard_alone(page):
    page.goto("/fixes/new?line=L4")
    page.focus("#title")
    page.keyboard.type("Slicer guide replaced")
    page.fill("#in_effect_at", "2026-01-02T06:00")
    page.focus("#promise_rate")
    page.keyboard.type("2,5")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=frozen when you confirm")
    assert "2.5%" in page.inner_text("main")
    button = page.locator("main button.button--primary")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The fix is recorded")


def test_what_is_missing_is_said_beside_its_field(page):
    page.goto("/fixes/new")
    page.click("main button.button--primary")

    assert page.inner_text("#problem-title") == "There is a problem"
    assert page.query_selector("#title[aria-invalid=true]")
    assert page.query_selector("#line[aria-invalid=true]")


def test_paper_carries_no_navigation(page):
    visit(page, "fix")
    page.click("text=Print")
    assert page.query_selector("nav") is None

    visit(page, "fix")
    page.emulate_media(media="print")
    assert not page.is_visible(".bar")
    assert not page.is_visible(".actions")
