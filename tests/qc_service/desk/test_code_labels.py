"""Labels for lots, units and stations: what is printed is read back, by a person and by a reader of codes."""

import io
import re
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp

from qc_service import codes
from qc_service.words import LANGUAGES
from tests.desk_client import ONE_ENGINE, at_desk, browser, get, sign_in
from tests.procedure_life import PASSWORD

pytestmark = ONE_ENGINE
HERE = re.compile(r"https?://[^/]+")


@pytest.fixture
def desk(floor, boss):
    floor.lot("A-7", units=["0001", "0002", "Ünit 3"])
    return at_desk(floor.life.app, boss.badge)


def read(picture):
    """What the codes in a picture say, by their address."""
    return [codes.read(one.text) for one in zxingcpp.read_barcodes(picture)]


def pages(answer):
    assert (answer.status_code, answer.content_type) == (200, "application/pdf"), answer.text
    return list(pypdfium2.PdfDocument(io.BytesIO(answer.data)))


def words_of(page):
    """Without blanks: what is drawn has none, only letters further apart."""
    return re.sub(r"\s+", "", page.get_textpage().get_text_bounded())


def seen(page, dots_an_inch=203):
    return page.render(scale=dots_an_inch / 72).to_pil().convert("L")


LOT = codes.Said("lot", site="S1", lot="A-7")
UNITS = [codes.Said("unit", site="S1", lot="A-7", unit=one) for one in ("0001", "0002", "Ünit 3")]


def test_a_sheet_has_the_lot_and_each_unit_and_every_code_is_read_from_what_a_printer_makes_of_it(desk):
    [sheet] = pages(get(desk, "/lots/A-7/labels.pdf"))

    assert [round(side / 72 * 25.4) for side in sheet.get_size()] == [210, 297]
    assert sorted(read(seen(sheet)), key=str) == sorted([LOT, *UNITS], key=str)
    assert all(name in words_of(sheet) for name in ("LotA-7", "Unit0001", "Unit0002", "UnitÜnit3", "L1"))


def test_a_label_printer_gets_one_page_for_each(desk):
    found = pages(get(desk, "/lots/A-7/labels.pdf", form="small"))

    assert [[round(side / 72 * 25.4) for side in page.get_size()] for page in found] == [[50, 25]] * 4
    assert [read(seen(page)) for page in found] == [[LOT], *([one] for one in UNITS)]


def test_two_hundred_units_are_printed_at_once_and_the_others_after_them(floor, desk):
    floor.lot("MANY", units=[f"U-{number:03}" for number in range(1, 204)])

    first, second = (pages(get(desk, "/lots/MANY/labels.pdf", part=part)) for part in ("1", "2"))

    assert (len(first), len(second)) == (9, 1)
    assert [one.unit for one in read(seen(second[0]))] == ["U-201", "U-202", "U-203"]
    assert "U-200" in words_of(first[-1])
    page = get(desk, "/lots/MANY/labels").text
    assert "at most 200 units at once" in page
    assert "part=2" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_and_the_label_speak_the_language_that_is_asked_for(desk, language):
    page = get(desk, "/lots/A-7/labels", lang=language)
    label = get(desk, "/lots/A-7/label.svg", lang=language, unit="0001")

    assert f'<html lang="{language}"' in page.text
    assert f'lang="{language}"' in label.text
    assert "A-7" in label.text


def test_the_page_shows_labels_as_they_will_look_and_leads_to_both_sizes(desk):
    page = get(desk, "/lots/A-7/labels").text

    assert "/lots/A-7/labels" in get(desk, "/lots/A-7").text
    for picture in re.findall(r'<img[^>]*src="([^"]+)"', page):
        shown = desk.get(picture.replace("&amp;", "&"), base_url=desk.base)
        assert shown.content_type.startswith("image/svg+xml")
    assert "form=sheet" in page
    assert "form=small" in page


def test_a_unit_that_the_lot_does_not_have_has_no_label(desk):
    assert get(desk, "/lots/A-7/label.svg", unit="9999").status_code == 404
    assert get(desk, "/lots/NONE/labels").status_code == 404
    assert get(desk, "/lots/A-7/labels", part="x").status_code == 200


def test_names_too_long_for_a_label_are_said_to_be_and_not_printed_unreadable(floor, desk):
    floor.lot("漢" * 64, units=["字" * 64])

    page = get(desk, f"/lots/{'漢' * 64}/labels").text
    small = get(desk, f"/lots/{'漢' * 64}/labels.pdf", form="small")

    assert "too fine to be read" in page
    assert (small.status_code, "too fine to be read" in small.text) == (422, True)


# --- stations ---


def test_the_label_of_a_station_names_its_line(floor, desk):
    found = get(desk, "/lines/L1/label.pdf", site="S1")

    [page] = pages(found)
    assert read(seen(page)) == [codes.Said("line", site="S1", line="L1")]
    assert "L1" in words_of(page)
    listed = get(desk, "/lines/labels").text
    assert "/lines/L1/label.pdf?site=S1" in listed
    assert "/lines/labels" in get(desk, "/").text


def test_a_line_of_two_sites_is_named_with_its_site(floor, desk):
    floor.plant.line("L1", "S2")

    assert get(desk, "/lines/L1/label.svg", site="S1").status_code == 200
    assert get(desk, "/lines/L9/label.svg").status_code == 404


# --- what they open ---


def test_a_phone_that_scans_a_lot_or_a_unit_signs_in_and_sees_the_lot(floor, desk, boss):
    path = urlsplit(
        re.search(r"Code that opens ([^<]+)<", get(desk, "/lots/A-7/label.svg", unit="Ünit 3").text)[1]
    ).path
    phone = browser(floor.life.app)

    asked = phone.get(path, base_url=phone.base)
    assert "/sign-in" in asked.headers["Location"]
    target = re.search(r'name="next" value="([^"]+)"', phone.get(asked.headers["Location"], base_url=phone.base).text)[
        1
    ]
    back = sign_in(phone, boss.badge, PASSWORD, next=target)
    opened = phone.get(back.headers["Location"], base_url=phone.base)
    assert opened.headers["Location"] == "/lots/A-7?site=S1"
    assert phone.get(opened.headers["Location"], base_url=phone.base).status_code == 200
    assert get(desk, "/c/l/S1/NONE").status_code == 404
    assert get(desk, "/c/l/S9/A-7").status_code == 404


def test_a_station_or_a_badge_opens_the_floor_whatever_it_names(client):
    for path in ("/c/s/S1/L1", "/c/s/no/such", "/c/b/P-17"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/floor")
