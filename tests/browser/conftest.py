"""A real server and a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask, Response
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from qc_service import audit
from qc_service.app import bind
from qc_service.config import Settings
from qc_service.db import connected, db
from qc_service.people import staff
from tests import servers
from tests.browser.looking import AXE_ADDRESS, resize
from tests.browser.walking import PASSWORD, sign_in
from tests.plant import Plant, count, hour

MISSING = "Chromium is missing: apt-get install chromium, or set QC_SKIP_BROWSER=1 to leave these tests out"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
    "--disable-site-isolation-trials",  # there is one site
]  # fmt: skip
PEOPLE = {
    "P-3": ("Sofia Lindqvist", "supervisor"),
    "P-5": ("Aisha Rahman", "auditor"),
    "P-1": ("Ana Ortiz", "operator"),
}

# What the page itself would have to notice: the content policy was broken.
WATCH = """document.addEventListener('securitypolicyviolation',
    event => console.error(`breach of ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("QC_SKIP_BROWSER") == "1":
            pytest.skip("QC_SKIP_BROWSER=1")
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


# --- the plant ---


@dataclass
class Served:
    url: str
    app: Flask
    kept: dict[str, Any] = field(default_factory=dict)  # the cookies of who has signed in, by badge

    def speaking(self, languages: Iterable[str], *roles: str) -> None:
        """For each language somebody with these roles who set it for themselves; their badge is Q-da or the like."""
        with connected():
            for one in languages:
                staff.add_person(audit.COMMAND, f"Q-{one}", "Sofia Lindqvist", roles, password=PASSWORD, language=one)


@pytest.fixture(scope="session")
def grown(assembled, sqlite_template) -> Path:
    """The database of the plant, which is grown once in a run."""
    home = servers.run_dir() / "grown"
    with servers.one_at_a_time("grown") as done:
        if not done.exists():
            bind(assembled, _settings(home, sqlite_template))
            with connected():
                grow(Plant(assembled))
            db.obj.close_all()
            done.touch()
    return home / "qc.db"


@pytest.fixture(scope="module")
def served(assembled, grown, tmp_path_factory) -> Iterator[Served]:
    """A plant with a fix that holds, one that never worked, one too young to tell, and a line without any."""
    app = bind(assembled, _settings(tmp_path_factory.mktemp("served"), grown))
    axe = Response(AXE_SCRIPT, mimetype="text/javascript", headers={"Cache-Control": "max-age=3600"})
    server = make_server("127.0.0.1", 0, DispatcherMiddleware(app, {AXE_ADDRESS: axe}), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join()
    server.server_close()
    db.obj.close_all()


def _settings(home: Path, database: Path) -> Settings:
    """Settings of a service on a copy of that database."""
    home.mkdir(exist_ok=True)
    assert not database.with_name("qc.db-wal").exists()
    shutil.copyfile(database, home / "qc.db")
    return replace(servers.settings_for(home, f"sqlite:///{home / 'qc.db'}"), sqlite_synchronous="OFF")


def grow(plant: Plant) -> None:
    for code, name in (("L1", "Cartoner 1"), ("L2", "Label line"), ("L3", "Wave solder 2"), ("L4", "Sandwich 3")):
        plant.line(code, "Hall A", name)
        plant.ingest([count(i, 100, 10, line=code, external_id=f"{code}-{i}") for i in range(30)])
    for code, rate, lots in (("L1", 2, 30), ("L2", 12, 30), ("L3", 5, 4)):
        left_out = {"external_id": f"{code}-7", "why": "A new batch of cartons, of which half were damp."}
        plant.fix(
            line=code, in_effect_at=hour(30)[0], promise={"rate": 0.05}, title=f"New nozzle on {code}",
            cause="The nozzle had worn.", action="Nozzle replaced by maintenance.", baseline={"exclude": [left_out]},
        )  # fmt: skip
        plant.ingest([count(i, 100, rate, line=code, external_id=f"{code}-{i}") for i in range(30, 30 + lots)])
    plant.work()
    for badge, (name, role) in PEOPLE.items():
        staff.add_person(audit.COMMAND, badge, name, [role], password=PASSWORD)


# --- the pages ---


@dataclass
class Tab:
    page: Page
    complaints: list[str]

    def hears(self, message: ConsoleMessage) -> None:
        """Chromium also reports a page that was meant to answer with an error; that is no fault of the page."""
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def tab(browser, served) -> Iterator[Tab]:
    """One tab for all tests of a module: in a warm one a page costs a third of what it costs in a new one."""
    context = browser.new_context(base_url=served.url)
    context.add_init_script(WATCH)
    found = Tab(context.new_page(), [])
    context.on("console", found.hears)
    context.on("weberror", lambda error: found.complaints.append(str(error.error)))
    yield found
    context.close()


@pytest.fixture
def stranger(tab) -> Iterator[Page]:
    """A page before anybody signed in; the test fails on a script error or a breach of the content policy."""
    tab.page.context.clear_cookies()
    tab.page.emulate_media(media="null")
    tab.page.set_extra_http_headers({})
    resize(tab.page, 1280)
    yield tab.page
    tab.page.evaluate("document.body.replaceChildren()")  # nothing is left for the next test, and all was heard
    complaints = tab.complaints.copy()
    tab.complaints.clear()
    assert complaints == []


@pytest.fixture
def signed(stranger, served) -> Callable[[str], Page]:
    """The page with that badge signed in: through the form the first time, then with the cookie that it gave.

    Whoever is to sign out signs in through the form: their session ends for everybody.
    """

    def hand(badge: str) -> Page:
        stranger.context.clear_cookies()
        if badge in served.kept:
            stranger.context.add_cookies(served.kept[badge])
        else:
            served.kept[badge] = sign_in(stranger, badge).context.cookies()
        return stranger

    return hand


@pytest.fixture
def page(signed) -> Page:
    """A supervisor's page."""
    return signed("P-3")
