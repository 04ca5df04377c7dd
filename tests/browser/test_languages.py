"""Every page of the desk in every language: it shuts nobody out, and it is in the language that was set."""

import pytest
from playwright.sync_api import Page

from sops.languages import LANGUAGES
from tests.browser.looking import LONGEST, shuts_nobody_out
from tests.browser.walking import Walk, alert, fix, press, to

pytestmark = pytest.mark.browser
PAGES = ("/", "/inbox", "/inbox?tab=watching", "/inbox?tab=closed", "/fixes/new", "/counts/new", "/counts/upload",
         "/lines/new", "/nowhere")  # fmt: skip


def _paper(page: Page) -> None:
    fix(page)
    press(page, "a[href$='?print=']")


STATES: dict[str, Walk] = {
    **{path: to(path) for path in PAGES}, "fix": fix, "fix that holds": lambda page: fix(page, "Cartoner 1"),
    "young fix": lambda page: fix(page, "Wave solder 2"), "paper": _paper, "alert": alert,
}  # fmt: skip


@pytest.fixture(scope="module")
def served(served):
    served.speaking(LANGUAGES, "supervisor")
    return served


@pytest.mark.campaign
@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", LONGEST)
def test_a_page_shuts_nobody_out_in_the_longest_languages(signed, language, name):
    page = signed(f"Q-{language}")
    STATES[name](page)
    shuts_nobody_out(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_that_the_person_set_and_says_so(signed, language):
    page = signed(f"Q-{language}")
    page.goto("/fixes/new")
    assert page.locator("html").get_attribute("lang") == language
    titles = {"en": "Record a fix", "id": "Catat perbaikan", "ms": "Rekod pembaikan", "ca": "Nova solució",
              "fil": "Bagong solusyon", "da": "Ny rettelse"}  # fmt: skip
    assert page.locator("h1").inner_text() == titles[language]


@pytest.mark.parametrize(("asked", "language"), [("da-DK,da;q=0.9", "da"), ("de-DE,de;q=0.9", "en"), ("tl", "fil")])
def test_a_stranger_is_asked_to_sign_in_in_the_language_of_their_browser(stranger, asked, language):
    stranger.set_extra_http_headers({"Accept-Language": asked})
    stranger.goto("/sign-in")
    assert stranger.locator("html").get_attribute("lang") == language
