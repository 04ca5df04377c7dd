"""A real server and a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from qc_service import audit
from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import connected, db
from qc_service.people import staff
from tests.plant import Plant, count, hour

MISSING = "Chromium is missing: apt-get install chromium, or set QC_SKIP_BROWSER=1 to leave these tests out"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PASSWORD = "plum jam on the roof"
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


@dataclass
class Served:
    url: str
    plant: Plant


@pytest.fixture(scope="module")
def served(sqlite_template, tmp_path_factory) -> Iterator[Served]:
    """A plant with a fix that holds, one that never worked, one too young to tell, and a line without any."""
    home = tmp_path_factory.mktemp("served")
    shutil.copyfile(sqlite_template, home / "qc.db")
    settings = Settings(
        data_dir=home, database_url=f"sqlite:///{home / 'qc.db'}", broker_url=None, secret_key="test-key",
        pin_pepper="test-pepper", password_cost="low", sqlite_synchronous="OFF",
    )  # fmt: skip
    app = create_app(settings)
    with connected():
        plant = Plant(app)
        grow(plant)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.server_port}", plant)
    server.shutdown()
    thread.join()
    server.server_close()
    db.obj.close_all()


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


def _is_complaint(message: ConsoleMessage) -> bool:
    """Chromium also reports a page that was meant to answer with an error; that is no fault of the page."""
    return message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text


@pytest.fixture
def stranger(browser, served) -> Iterator[Page]:
    """A page before anybody signed in; the test fails on a script error or a breach of the content policy."""
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=served.url)
    context.add_init_script(WATCH)
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert complaints == []


@pytest.fixture
def page(stranger) -> Page:
    """A supervisor's page."""
    return sign_in(stranger)


def sign_in(page: Page, badge: str = "P-3") -> Page:
    page.goto("/sign-in")
    page.fill("#badge", badge)
    page.fill("#password", PASSWORD)
    page.click("button.button--primary")
    page.wait_for_selector("h1")
    return page
