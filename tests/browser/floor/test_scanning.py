"""Scanning on the tablet: what a code says is understood as the service understands it, by reader, photo and camera."""

import pytest
from playwright.sync_api import Page

from tests.browser.floor.camera import READS_ITSELF
from tests.browser.floor.working import Station, armed, fetched, scan, sign_in, tap
from tests.codes import EXAMPLES
from tests.label_pictures import code128, qr, shot, table
from tests.pictures import jpeg

HOST = "https://qc.plant.example"


def photo(page: Page, *codes, data: bytes | None = None) -> None:
    """Take a photo of these codes."""
    armed(page)
    picture = data or shot(table(*codes))
    page.set_input_files("#scan", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture})


def to_units(page: Page) -> None:
    """To “What do you inspect?”."""
    tap(page, "inspect")
    sign_in(page)
    page.wait_for_selector("[data-name=lot]")


def told(page: Page, text: str) -> None:
    page.wait_for_selector(f"#notices >> text={text}")


@pytest.fixture
def lots(station: Station, page: Page) -> Page:
    station.lot("S-1", "THREE", "S-1-1", "S-1-2")
    station.lot("S-2", "THREE")
    fetched(page)
    to_units(page)
    return page


def test_the_tablet_reads_every_example_as_the_service_does(page):
    read = page.evaluate(
        "async (texts) => { const { readCode } = await import('/floor/static/codes.js'); return texts.map(readCode); }",
        [text for text, _ in EXAMPLES],
    )

    wrong = [(text[:80], found, said) for (text, said), found in zip(EXAMPLES, read, strict=True) if found != said]
    assert wrong == []


# --- a reader ---


@pytest.mark.campaign
@pytest.mark.parametrize(
    "code", [f"{HOST}/c/u/S1/S-1/S-1-2", "S-1-2", "(01)09501101530003(10)S-1(21)S-1-2", "]d221S-1-2"]
)
def test_a_reader_reads_our_labels_and_what_erps_print(lots, code):
    scan(lots, code)

    lots.wait_for_selector("#step")
    assert "S-1-2" in lots.locator("body").inner_text()


REFUSED = {
    f"{HOST}/c/l/S9/S-1": "of another site: S9",
    f"{HOST}/c/b/INES": "This is a badge: INES",
    f"{HOST}/c/s/S1/L1": "label of a station: L1",
    "https://shop.example/toys": "opens a page of shop.example",
    "(21)NOWHERE": "The unit NOWHERE is in no lot",
    "(17)270101": "names no lot",
}


@pytest.mark.campaign
def test_a_code_that_is_of_no_use_is_said_to_be_what_it_is_and_the_next_one_is_read(lots):
    for code, why in REFUSED.items():
        scan(lots, code)
        told(lots, why)
    scan(lots, f"{HOST}/c/l/S1/S-1")

    lots.wait_for_selector("text=which unit")


@pytest.mark.campaign
def test_a_scanned_address_may_be_typed_into_the_field(lots):
    armed(lots)
    lots.fill("#lot", f"{HOST}/c/u/S1/S-1/S-1-2")
    lots.press("#lot", "Enter")

    lots.wait_for_selector("#step")


# --- a photo ---


def test_a_photo_of_a_units_label_begins_its_inspection(lots, station):
    photo(lots, qr(f"{HOST}/c/u/S1/S-1/S-1-2", 5))

    lots.wait_for_selector("#step")
    assert ("POST", "/v1/floor/decode", 200) in station.asked


@pytest.mark.campaign
def test_of_several_codes_that_fit_one_is_chosen_and_those_that_do_not_are_left_out(lots):
    photo(lots, qr("https://shop.example/toys", 3), code128("S-1-1"), qr(f"{HOST}/c/l/S1/S-1", 3))
    lots.wait_for_selector("text=There are several codes")
    armed(lots)
    tiles = lots.locator("[data-name=code]").all_inner_texts()
    lots.click("[data-name=code] >> text='S-1-1'")

    assert sorted(tiles) == ["S-1", "S-1-1"]
    lots.wait_for_selector("#step")


@pytest.mark.campaign
def test_a_photo_without_a_code_and_a_file_that_is_none_are_said_to_be(lots):
    photo(lots, data=jpeg())
    told(lots, "No code is to be seen")
    photo(lots, data=b"no picture")
    told(lots, "This is no picture that can be read")


@pytest.mark.campaign
def test_a_photo_of_a_badge_is_as_good_as_scanning_it(station, page):
    tap(page, "inspect")
    page.wait_for_selector("[data-badge=INES]")
    photo(page, qr(f"{HOST}/c/b/NOBODY"))
    told(page, "Nobody with the badge NOBODY")
    photo(page, code128("INES", 4))

    page.wait_for_selector(".keypad")
    assert "INES" in page.locator("h1").inner_text()


def test_without_a_network_it_says_so_at_once_and_offers_typing(lots, context):
    context.set_offline(True)
    tap(lots, "scan")

    told(lots, "There is no network")
    assert lots.evaluate("document.activeElement.id") == "lot"


@pytest.mark.campaign
def test_a_service_that_cannot_be_reached_is_told_too(lots, context):
    context.route("**/v1/floor/decode", lambda route: route.abort())
    photo(lots, qr(f"{HOST}/c/l/S1/S-1"))

    lots.wait_for_selector("text=There is no network")
    assert lots.evaluate("document.activeElement.id") == "lot"


# --- the camera ---


@pytest.fixture
def reads_itself(context):
    context.add_init_script(READS_ITSELF)


def test_where_the_browser_reads_codes_the_camera_shows_what_it_sees(reads_itself, lots, station):
    tap(lots, "scan")
    lots.wait_for_selector("#viewfinder")
    lots.evaluate(f"window.seen = ['{HOST}/c/u/S1/S-1/S-1-2']")

    lots.wait_for_selector("#step")
    assert lots.evaluate("window.stopped") > 0
    assert not [path for _, path, _ in station.asked if path.endswith("/decode")]


@pytest.mark.campaign
def test_going_back_turns_the_camera_off(reads_itself, lots):
    tap(lots, "scan")
    lots.wait_for_selector("#viewfinder")
    tap(lots, "back")

    lots.wait_for_selector("#lot")
    lots.wait_for_timeout(300)
    assert lots.evaluate("window.stopped") > 0


@pytest.mark.campaign
def test_a_camera_that_is_not_allowed_is_said_to_be(reads_itself, lots):
    lots.evaluate("window.refuses = true")
    tap(lots, "scan")

    told(lots, "The camera cannot be used")


# --- setting up ---


@pytest.mark.campaign
def test_a_tablet_that_reads_codes_is_set_up_and_put_at_its_line_by_scanning(reads_itself, context, station):
    page = context.new_page()
    page.goto("/floor")
    tap(page, "scan")
    page.wait_for_selector("#viewfinder")
    page.evaluate(f"window.seen = ['{station.url}/floor#enrol={station.tablet.token}']")
    page.wait_for_selector("[data-name=line]")
    scan(page, f"{HOST}/c/s/S9/L1")
    told(page, "L1 is no line")
    scan(page, f"{HOST}/c/s/S1/L1")

    page.wait_for_selector("[data-name=inspect]")


@pytest.mark.campaign
def test_one_that_does_not_is_set_up_by_its_camera_app_or_by_typing(context, station):
    page = context.new_page()
    page.goto("/floor")
    page.wait_for_selector("#code")

    assert page.locator("[data-name=scan]").count() == 0
    scan(page, f"{HOST}/c/b/INES")
    page.wait_for_selector("text=This is a badge")
    page.fill("#code", f"{station.url}/floor#enrol={station.tablet.token}")
    tap(page, "enrol")
    page.wait_for_selector("[data-name=line]")
