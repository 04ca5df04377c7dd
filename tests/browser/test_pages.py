"""Every page of the desk in each of its states, at a desk, on a tablet, on a phone, and with large text."""

import pytest
from playwright.sync_api import Page

from tests.browser.looking import shuts_nobody_out
from tests.browser.walking import CLICK, Walk, alert, confirm, fix, press, refused, sent_empty, sign_in, to

pytestmark = pytest.mark.browser
ROWS = (
    b"external_id;line;period_start;period_end;inspected;defective\n"
    b"A-1;L4;2026-01-05T06:00;2026-01-05T07:00;50;3\nA-2;L4;2026-01-05T07:00;2026-01-05T08:00;50;60\n"
)


def _alert_unfolded(page: Page) -> None:
    alert(page)
    page.click("text=Snooze it")
    page.click("text=Close it")
    refused(page, "text=Close the alert")


def _table(page: Page) -> None:
    fix(page)
    press(page, "text=Table")


def _paper(page: Page) -> None:
    fix(page)
    press(page, "text=Print")


def _frozen(page: Page) -> None:
    alert(page)
    press(page, "text=See the evidence")


def _checked(page: Page) -> None:
    page.goto("/counts/upload")
    page.set_input_files("#file", files=[{"name": "counts.csv", "mimeType": "text/csv", "buffer": ROWS}])
    page.check("#dry_run")
    press(page, CLICK)
    page.wait_for_selector("text=was checked")


def _signed_out(page: Page) -> None:
    sign_in(page)
    press(page, "text=Sign out")
    page.wait_for_selector("#badge")


def _wrong_password(page: Page) -> None:
    _signed_out(page)
    page.fill("#badge", "P-3")
    page.fill("#password", "wrong")
    refused(page)


def _tablet_code(page: Page) -> None:
    page.goto("/tablets/new")
    page.fill("#name", "Tablet 4")
    press(page, CLICK)
    page.wait_for_selector(".qr")


def _site_unfolded(page: Page) -> None:
    page.goto("/sites/Hall%20A")
    page.click("summary")


STATES: dict[str, Walk] = {
    "a tablet's code": _tablet_code, "no tablet": sent_empty("/tablets/new"), "trust": to("/tablets/trust"),
    "board": to("/"), "inbox": to("/inbox"), "inbox, closed": to("/inbox?tab=closed"), "alert": alert,
    "alert with a mistake": _alert_unfolded, "fix": fix, "fix that holds": lambda page: fix(page, "Cartoner 1"),
    "young fix": lambda page: fix(page, "Wave solder 2"),
    "table": _table, "paper": _paper, "frozen evidence": _frozen, "fix form": to("/fixes/new"),
    "fix form with mistakes": sent_empty("/fixes/new"), "fix to confirm": confirm, "count": to("/counts/new"),
    "count with mistakes": sent_empty("/counts/new"), "upload": to("/counts/upload"),
    "upload without a file": sent_empty("/counts/upload"), "upload checked": _checked, "new line": to("/lines/new"),
    "new line with mistakes": sent_empty("/lines/new"),
    "line": to("/lines/L1/edit"), "no such page": to("/nowhere"),
    "labels of stations": to("/lines/labels"), "a whole site": to("/sites/Hall%20A"),
    "a whole site, unfolded": _site_unfolded,
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_a_page_shuts_nobody_out(page, name):
    STATES[name](page)
    shuts_nobody_out(page)


@pytest.mark.parametrize(
    ("badge", "path"), [("P-5", "/"), ("P-1", "/"), ("P-1", "/fixes/new")], ids=["auditor", "operator", "refused"]
)
def test_a_page_for_another_role_shuts_nobody_out(signed, badge, path):
    page = signed(badge)
    page.goto(path)
    shuts_nobody_out(page)


@pytest.mark.parametrize("walk", [_signed_out, _wrong_password], ids=["signed out", "with a mistake"])
def test_the_page_to_sign_in_shuts_nobody_out(stranger, walk):
    walk(stranger)
    shuts_nobody_out(stranger)
