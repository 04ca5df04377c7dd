"""How a person gets to a page: by its address, by what they press, and without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.procedure_life import PASSWORD

Walk = Callable[[Page], object]
CLICK = "main button.button--primary"


def sign_in(page: Page, badge: str = "P-3") -> Page:
    """Through the form; a test that only needs somebody's page asks for `signed`."""
    page.goto("/sign-in")
    page.fill("#badge", badge)
    page.fill("#password", PASSWORD)
    press(page, CLICK)
    page.wait_for_selector("h1")
    return page


def press(page: Page, what: str) -> None:
    """Click what leads on, and wait until all of what it leads to is there."""
    with page.expect_navigation():
        page.click(what)


def refused(page: Page, button: str = CLICK) -> None:
    """Press it, and be told of a mistake."""
    press(page, button)
    page.wait_for_selector("#problem-title")


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the element has the focus, which must be seen to be there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style not in ("none", ""), f"the focus on {selector} is not seen"
            return
    pytest.fail(f"{selector} is not reached with the keyboard")


# --- ways to a page in one of its states ---


def to(path: str) -> Walk:
    return lambda page: page.goto(path)


def sent_empty(path: str) -> Walk:
    """The form at that address, as it answers when it is sent as it stands."""

    def walk(page: Page) -> None:
        page.goto(path)
        refused(page)

    return walk


def first_of(path: str, then: Walk | None = None) -> Walk:
    """The first item of the list at that address."""

    def walk(page: Page) -> None:
        page.goto(path)
        press(page, ".item__sentence")
        if then is not None:
            then(page)

    return walk


def fix(page: Page, line: str = "Label line") -> None:
    page.goto("/")
    press(page, f"text={line}")


alert = first_of("/inbox")


def confirm(page: Page) -> None:
    """A fix as it is shown before it is recorded."""
    page.goto("/fixes/new?line=L4")
    page.fill("#title", "Slicer guide replaced")
    page.fill("#in_effect_at", "2026-01-02T06:00")
    page.fill("#promise_rate", "2.5")
    page.fill("#exclude", "L4-3: a jam\nL4-4")
    press(page, CLICK)
    page.wait_for_selector("text=frozen when you confirm")
