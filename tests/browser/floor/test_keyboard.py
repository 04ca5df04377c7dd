"""A whole inspection without touching the screen: for who works with keys or a switch."""

import pytest
from playwright.sync_api import Page

from tests.browser.floor.kinds import check
from tests.browser.floor.working import Station, armed, checks, confirm, fetched, measure, scan

pytestmark = [pytest.mark.browser, pytest.mark.waits, pytest.mark.campaign]

SHORT = checks(
    confirm("seated"), measure("gap"),
    check("lid", "choose", choices=[
        {"id": "blue", "text": "Blue", "ok": True}, {"id": "red", "text": "Red", "ok": False},
    ]),
    confirm("clean"), title="By keys",
)  # fmt: skip
FOCUS = "[document.activeElement.dataset.name, document.activeElement.dataset.badge]"
RING = """() => { const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; }"""


def reach(page: Page, name: str, key: str = "Enter", most: int = 40) -> None:
    """By the tab key alone, from wherever the focus is; it is seen where it stands."""
    armed(page)
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUS):
            assert page.evaluate(RING), f"nobody sees the focus on {name}"
            page.keyboard.press(key)
            return
    raise AssertionError(f"{name} cannot be reached: {page.evaluate(FOCUS)}")


def on_heading(page: Page) -> None:
    """Each new screen begins at its heading, and not somewhere before or behind it."""
    assert page.evaluate("document.activeElement.tagName") == "H1"


def test_an_inspection_with_a_measure_and_a_defect_is_made_and_sent_by_keys_alone(station: Station, page: Page):
    station.publish("KEYS", SHORT, "INES")
    station.lot("KEYED", "KEYS", "KEYED-1")
    fetched(page)
    reach(page, "inspect")
    page.wait_for_selector("[data-badge=INES]")
    on_heading(page)
    reach(page, "INES", "Space")
    page.wait_for_selector(".keypad")
    armed(page)
    for digit in "739150":
        page.keyboard.press(digit)
    page.wait_for_selector("[data-name=lot]")
    on_heading(page)
    scan(page, "KEYED-1")

    page.wait_for_selector("[data-check=seated]")
    on_heading(page)
    reach(page, "ok")
    page.wait_for_selector("[data-check=gap]")
    armed(page)
    for key in "1.25":
        page.keyboard.press(key)
    reach(page, "save")
    page.wait_for_selector("[data-check=lid]")
    reach(page, "choice-blue", "Space")
    page.wait_for_selector("[data-check=clean]")
    reach(page, "defect")
    page.wait_for_selector("[data-name=code-DENT]")
    reach(page, "code-DENT")
    page.wait_for_selector("[data-name=what-rework]")
    reach(page, "what-rework")
    page.wait_for_selector("[data-name=submit]")
    reach(page, "submit")
    page.wait_for_selector("[data-state=sent]")

    [found] = station.records("KEYED")
    assert (found["state"], found["result"]) == ("accepted", "fail")
    assert [one["value"] for one in found["answers"]] == ["ok", "1.25", "blue", "defect"]
