"""A badge card on the tablet: a scan signs in, what it sealed is proved, and its secret is nowhere to be seen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from qc_service import codes
from tests.browser.floor.test_scanning import READS_ITSELF
from tests.browser.floor.working import (
    PINS,
    Station,
    answer_all,
    armed,
    fetched,
    keys,
    ready,
    scan,
    sent,
    sign_in,
    submit,
    tap,
    taps,
)
from tests.floor_life import record
from tests.label_pictures import qr, shot, table
from tests.tablet_life import card_of, lose_card

pytestmark = [pytest.mark.browser, pytest.mark.waits]

# All that the tablet keeps, and all that it shows.
KEPT = """async () => {
  const answer = asked => new Promise(done => { asked.onsuccess = () => done(asked.result); });
  const base = await answer(indexedDB.open('floor'));
  const names = [...base.objectStoreNames];
  const all = await Promise.all(names.map(name => answer(base.transaction(name).objectStore(name).getAll())));
  base.close();
  const fields = [...document.querySelectorAll('input, textarea')].map(one => one.value);
  const told = [all, fields, {...localStorage}, {...sessionStorage}, history.state, location.href, document.title];
  return JSON.stringify(told) + document.documentElement.outerHTML;
}"""


@pytest.fixture
def card(station: Station) -> Iterator[str]:
    yield card_of("INES")
    lose_card("INES")


def is_nowhere(page: Page, card: str) -> None:
    text, secret = page.evaluate(KEPT).upper(), codes.read(card).secret
    assert secret is not None
    assert secret not in text
    assert secret[:8] not in text


def signed_in(page: Page, badge: str = "INES") -> None:
    page.wait_for_selector(f"[data-name=who] >> text={badge}")


def inspected(page: Page, unit: str) -> str:
    tap(page, "inspect")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    answer_all(page, 1, 3, 3)
    return submit(page)


def test_a_scan_signs_in_without_a_tap_with_and_without_a_network_and_what_it_sealed_is_proved(
    station: Station, page: Page, context: BrowserContext, card: str
):
    unit = ready(station, page, "CARD-1", "THREE")
    before = taps(page)
    scan(page, card)
    signed_in(page)
    assert taps(page) == before
    assert ("POST", "/v1/sessions", 201) in station.asked
    context.set_offline(True)
    tap(page, "who")
    page.wait_for_selector("[data-badge=INES]")
    before = taps(page)
    scan(page, card)
    page.wait_for_selector("text=No network: your card is checked when the tablet sends.")
    signed_in(page)
    assert taps(page) == before
    waiting = inspected(page, unit)
    is_nowhere(page, card)
    context.set_offline(False)
    sent(page, waiting)

    [found] = station.records("CARD-1")
    assert (found["state"], found["reasons"], found["counted"]) == ("accepted", [], True)
    assert [(one["badge"], one["method"]) for one in found["signatures"]] == [("INES", "card")]


@pytest.mark.campaign
def test_a_card_that_is_scanned_in_the_wrong_place_is_neither_shown_nor_kept(station: Station, page: Page, card: str):
    unit = ready(station, page, "CARD-3", "MEASURED")
    scan(page, card)
    signed_in(page)
    tap(page, "inspect")
    page.wait_for_selector("#lot")
    told = "text=This is a badge card."
    ways = {
        "keys": lambda: page.keyboard.type(card + "\n"),
        "at once": lambda: page.keyboard.insert_text(card),
        "in the middle": lambda: page.keyboard.type(f"]Q1{card}\n"),
    }
    for way in ways.values():
        page.fill("#lot", "CARD")
        page.focus("#lot")
        way()
        page.keyboard.press("Enter")
        assert page.input_value("#lot") == "CARD"
        page.wait_for_selector(told)
        is_nowhere(page, card)
        page.evaluate("document.getElementById('notices').replaceChildren()")
    page.evaluate("document.activeElement.blur()")
    scan(page, card)
    page.wait_for_selector(told)
    page.wait_for_timeout(1100)
    page.fill("#lot", "")
    scan(page, unit)
    answer_all(page, 1, 10)
    armed(page)
    page.keyboard.type(card + "\n")
    page.wait_for_selector(told)
    assert page.locator(".number__value").inner_text().strip() in ("", "– mm", "mm", "–")
    is_nowhere(page, card)


@pytest.mark.campaign
def test_a_lost_card_lets_nobody_in_and_says_what_to_do(station: Station, page: Page, card: str):
    new = card_of("INES")
    for code in (card, codes.card_of("INES", "A" * 32)):
        scan(page, code)
        page.wait_for_selector("text=This card lets nobody in.")
        page.evaluate("document.getElementById('notices').replaceChildren()")
    assert page.locator("[data-name=who]").count() == 0
    scan(page, codes.card_of("NOBODY", "A" * 32))
    page.wait_for_selector("text=Nobody with the badge NOBODY")
    scan(page, new)
    signed_in(page)


@pytest.mark.campaign
def test_a_card_that_was_lost_before_is_found_out_when_the_tablet_sends(
    station: Station, page: Page, context: BrowserContext, card: str
):
    unit = ready(station, page, "CARD-4", "THREE")
    lose_card("INES")
    context.set_offline(True)
    scan(page, card)
    signed_in(page)
    uuid = inspected(page, unit)
    context.set_offline(False)
    sent(page, uuid)

    [found] = station.records("CARD-4")
    assert (found["state"], found["reasons"]) == ("unconfirmed", ["identity_unconfirmed"])


@pytest.mark.campaign
def test_a_photo_and_the_camera_read_a_card_too(station: Station, page: Page, context: BrowserContext, card: str):
    armed(page)
    page.wait_for_selector("#scan", state="attached")
    picture = shot(table(qr(card, 5)))
    page.set_input_files("#scan", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture})
    signed_in(page)
    context.add_init_script(READS_ITSELF)
    fetched(page)
    tap(page, "scan")
    page.wait_for_selector("#viewfinder")
    page.evaluate("code => { window.seen = [code] }", card)
    signed_in(page)
    is_nowhere(page, card)


# --- were these yours? ---


def doubtful(station: Station, *lots: str) -> None:
    """Inspections under INES's name with a PIN that is not hers."""
    for lot in lots:
        station.floor.lot(lot, "MIA")
        station.tablet.judged(record("INES", lot), "111213")


def states(station: Station, *lots: str) -> list[tuple[str, list[str]]]:
    return [(one["state"], one["reasons"]) for lot in lots for one in station.records(lot)]


@pytest.mark.campaign
def test_whoever_signs_in_next_is_asked_whether_they_were_theirs_and_one_tap_says_so(station: Station, page: Page):
    doubtful(station, "YOURS-1", "YOURS-2")
    tap(page, "inspect")
    sign_in(page)
    page.wait_for_selector("text=Were these yours?")
    for lot in ("YOURS-1", "YOURS-2"):
        assert page.locator(f"[data-asked] >> text={lot}").count() == 1
    tap(page, "yours")
    page.wait_for_selector("#lot")

    assert states(station, "YOURS-1", "YOURS-2") == [("accepted", [])] * 2
    tap(page, "who")
    sign_in(page)
    page.wait_for_selector("[data-name=inspect]")


@pytest.mark.campaign
def test_later_blocks_nothing_and_of_each_it_may_be_said_that_it_was_not(
    station: Station, page: Page, context: BrowserContext, card: str
):
    doubtful(station, "YOURS-3", "YOURS-4")
    tap(page, "inspect")
    sign_in(page)
    tap(page, "later")
    page.wait_for_selector("#lot")
    tap(page, "who")
    page.wait_for_selector("[data-badge=INES]")
    scan(page, card)
    page.wait_for_selector("[data-asked]")
    armed(page)
    page.locator("[data-asked]", has_text="YOURS-4").locator("[data-name=not]").click()
    assert page.locator("[data-name=yours]").inner_text() == "Send my answer"
    context.set_offline(True)
    tap(page, "yours")
    page.wait_for_selector("text=Your answer was not sent.")
    context.set_offline(False)
    tap(page, "yours")
    page.wait_for_selector("[data-name=inspect]")

    assert states(station, "YOURS-3", "YOURS-4") == [
        ("accepted", []), ("unconfirmed", ["disowned", "identity_unconfirmed"]),
    ]  # fmt: skip


@pytest.mark.campaign
def test_none_of_them_is_one_tap_too(station: Station, page: Page):
    doubtful(station, "YOURS-5")
    tap(page, "inspect")
    sign_in(page)
    tap(page, "not-yours")
    page.wait_for_selector("#lot")

    assert states(station, "YOURS-5") == [("unconfirmed", ["disowned", "identity_unconfirmed"])]
    assert PINS["INES"] not in page.evaluate(KEPT)


@pytest.mark.campaign
def test_a_pin_is_nowhere_either(station: Station, page: Page, context: BrowserContext):
    unit = ready(station, page, "PIN-1", "THREE")
    context.set_offline(True)
    tap(page, "inspect")
    page.wait_for_selector("[data-badge=INES]")
    armed(page)
    page.click("[data-badge=INES]")
    keys(page, PINS["INES"])
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    answer_all(page, 1, 3, 3)
    submit(page)

    assert f'"{PINS["INES"]}"' not in page.evaluate(KEPT)
