"""Every page of the desk in each of its states, at a desk, on a tablet, on a phone, and with large text."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

WIDTHS = (1280, 820, 390)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ROWS = (
    b"external_id;line;period_start;period_end;inspected;defective\n"
    b"A-1;L4;2026-01-05T06:00;2026-01-05T07:00;50;3\nA-2;L4;2026-01-05T07:00;2026-01-05T08:00;50;60\n"
)
CLICK = "main button.button--primary"


def _to(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path)


def _sent_empty(path: str) -> Callable[[Page], None]:
    def send(page: Page) -> None:
        page.goto(path)
        page.click(CLICK)
        page.wait_for_selector("#problem-title")

    return send


def fix(page: Page, line: str = "Label line") -> None:
    page.goto("/")
    page.click(f"text={line}")


def alert(page: Page) -> None:
    page.goto("/inbox")
    page.click(".item__sentence")


def _alert_unfolded(page: Page) -> None:
    alert(page)
    page.click("text=Snooze it")
    page.click("text=Close it")
    page.click("text=Close the alert")
    page.wait_for_selector("#problem-title")


def _table(page: Page) -> None:
    fix(page)
    page.click("text=Table")


def _paper(page: Page) -> None:
    fix(page)
    page.click("text=Print")


def _frozen(page: Page) -> None:
    alert(page)
    page.click("text=See the evidence")


def confirm(page: Page) -> None:
    page.goto("/fixes/new?line=L4")
    page.fill("#title", "Slicer guide replaced")
    page.fill("#in_effect_at", "2026-01-02T06:00")
    page.fill("#promise_rate", "2.5")
    page.fill("#exclude", "L4-3: a jam\nL4-4")
    page.click(CLICK)
    page.wait_for_selector("text=frozen when you confirm")


def _checked(page: Page) -> None:
    page.goto("/counts/upload")
    page.set_input_files("#file", files=[{"name": "counts.csv", "mimeType": "text/csv", "buffer": ROWS}])
    page.check("#dry_run")
    page.click(CLICK)
    page.wait_for_selector("text=was checked")


def _as(badge: str, path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.click("text=Sign out")
        sign_in(page, badge)
        page.goto(path)

    return go


def _signed_out(page: Page) -> None:
    page.click("text=Sign out")
    page.wait_for_selector("#badge")


def _wrong_password(page: Page) -> None:
    _signed_out(page)
    page.fill("#badge", "P-3")
    page.fill("#password", "wrong")
    page.click(CLICK)
    page.wait_for_selector("#problem-title")


STATES: dict[str, Callable[[Page], None]] = {
    "board": _to("/"), "board of an auditor": _as("P-5", "/"), "inbox": _to("/inbox"),
    "inbox, closed": _to("/inbox?tab=closed"), "alert": alert, "alert with a mistake": _alert_unfolded,
    "fix": fix, "fix that holds": lambda page: fix(page, "Cartoner 1"),
    "young fix": lambda page: fix(page, "Wave solder 2"),
    "table": _table, "paper": _paper, "frozen evidence": _frozen, "fix form": _to("/fixes/new"),
    "fix form with mistakes": _sent_empty("/fixes/new"), "fix to confirm": confirm, "count": _to("/counts/new"),
    "count with mistakes": _sent_empty("/counts/new"), "upload": _to("/counts/upload"),
    "upload without a file": _sent_empty("/counts/upload"), "upload checked": _checked, "new line": _to("/lines/new"),
    "new line with mistakes": _sent_empty("/lines/new"), "no such page": _to("/nowhere"), "refused": _as("P-1", "/"),
    "sign in": _signed_out, "sign in with a mistake": _wrong_password,
}  # fmt: skip


def too_small(page: Page) -> list[str]:
    """What can be pressed and is under 24 pixels high or wide, but for links inside a sentence (WCAG 2.5.8)."""
    return page.evaluate(
        """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(one => {
            const box = one.getBoundingClientRect(), inline = getComputedStyle(one).display === 'inline'
            return one.type !== 'hidden' && box.width > 0 && !inline && !one.matches('.skip')
                && (box.width < 24 || box.height < 24)
        }).map(one => one.outerHTML.slice(0, 120))"""
    )


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("name", STATES)
def test_a_page_shuts_nobody_out(page, name):
    """axe at three widths; nothing to press that is too small; nothing beside the window, however narrow or large."""
    STATES[name](page)
    page.wait_for_load_state("networkidle")

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{width}: {found.generate_report()}"
        assert too_small(page) == [], width
        assert sideways(page) <= 0, width
        assert page.evaluate("[...document.images].every(one => !one.complete || one.naturalWidth > 0)")
    page.set_viewport_size({"width": 320, "height": 700})
    assert sideways(page) <= 0
    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sideways(page) <= 0, f"{width} with text at 200 %"
    assert page.locator("h1").count() == 1
    assert page.title().endswith(" · QC")
    assert page.evaluate("document.documentElement.lang") == "en"
