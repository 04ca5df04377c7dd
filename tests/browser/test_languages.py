"""Every page of the desk in every language: nothing is cut off, nothing scrolls sideways, and axe finds nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from sops.languages import LANGUAGES
from tests.browser.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.browser
LONGEST = ("fil", "da", "ca")  # in one page or another each of these is
PAGES = ("/", "/inbox", "/inbox?tab=watching", "/inbox?tab=closed", "/fixes/new", "/counts/new", "/counts/upload",
         "/lines/new", "/nowhere")  # fmt: skip
WIDTHS = (1280, 768, 390, 320)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Words that stand on one another: neither holds the other, and both are on screen.
OVERLAPS = """() => {
  const words = ['.chip', 'a', 'button', 'h1', 'h2', 'dt', 'dd', 'label'].map(one => `main ${one}`).join(', ');
  const seen = [...document.querySelectorAll(words)]
    .filter(one => one.getClientRects().length && !one.closest('.hidden-text, .skip, details:not([open])'));
  const box = one => one.getBoundingClientRect();
  return seen.flatMap((one, place) => seen.slice(place + 1)
    .filter(other => !one.contains(other) && !other.contains(one))
    .filter(other => { const a = box(one), b = box(other);
      return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1; })
    .map(other => `${one.textContent.trim()} / ${other.textContent.trim()}`));
}"""


@pytest.fixture
def reader(stranger, served, language):
    """A supervisor who set a language of their own."""
    badge = f"L-{language}"
    with connected():
        if Person.get_or_none(Person.code == badge) is None:
            staff.add_person(
                audit.COMMAND, badge, "Sofia Lindqvist", ["supervisor"], password=PASSWORD, language=language
            )
    return sign_in(stranger, badge)


def pages_of(page):
    """The addresses of all pages, with those of a fix, of its evidence and of an alert."""
    page.goto("/")
    fixes = [link.get_attribute("href") for link in page.locator("table.board th a").all()]
    page.goto("/inbox")
    alert = page.locator("a.item__sentence").first.get_attribute("href")
    return [*PAGES, *fixes, f"{fixes[0]}?print", alert]


@pytest.mark.parametrize("language", LONGEST)
def test_no_page_scrolls_sideways_or_sets_words_on_words_in_the_longest_languages(reader, language):
    wrong = []
    for address in pages_of(reader):
        for width in WIDTHS:
            reader.set_viewport_size({"width": width, "height": 900})
            reader.goto(address)
            over = reader.evaluate(SIDEWAYS)
            wrong += [f"{address} at {width}: {over} px too wide"] if over > 0 else []
            wrong += [f"{address} at {width}: {pair}" for pair in reader.evaluate(OVERLAPS)]
    assert wrong == []


@pytest.mark.parametrize("language", LONGEST)
def test_axe_finds_nothing_in_the_longest_languages(reader, language):
    found = {}
    for address in pages_of(reader):
        reader.goto(address)
        violations = Axe().run(reader).response["violations"]
        if violations:
            found[address] = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in violations]
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_that_the_person_set_and_says_so(reader, language):
    reader.goto("/fixes/new")
    assert reader.locator("html").get_attribute("lang") == language
    titles = {"en": "Record a fix", "id": "Catat perbaikan", "ms": "Rekod pembaikan", "ca": "Nova solució",
              "fil": "Bagong solusyon", "da": "Ny rettelse"}  # fmt: skip
    assert reader.locator("h1").inner_text() == titles[language]


@pytest.mark.parametrize(("asked", "language"), [("da-DK,da;q=0.9", "da"), ("de-DE,de;q=0.9", "en"), ("tl", "fil")])
def test_a_stranger_is_asked_to_sign_in_in_the_language_of_their_browser(browser, served, asked, language):
    context = browser.new_context(base_url=served.url, extra_http_headers={"Accept-Language": asked})
    page = context.new_page()
    page.goto("/sign-in")
    assert page.locator("html").get_attribute("lang") == language
    context.close()
