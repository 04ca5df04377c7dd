"""A real server and a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from qc_service import audit
from qc_service.app import create_app
from qc_service.config import Settings
from qc_service.db import connected, db
from qc_service.people import staff
from tests.plant import Plant, count, hour

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
BADGE, PASSWORD = "P-3", "plum jam on the roof"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("QC_SKIP_BROWSER") == "1":
            pytest.skip("QC_SKIP_BROWSER=1")
        pytest.fail("Chromium is missing: apt-get install chromium (or set QC_SKIP_BROWSER=1)", pytrace=False)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def served(sqlite_template, tmp_path_factory) -> Iterator[str]:
    """A plant with a fix that holds, one that never worked, one too young to tell, and a line without any."""
    home = tmp_path_factory.mktemp("served")
    shutil.copyfile(sqlite_template, home / "qc.db")
    app = create_app(
        Settings(
            data_dir=home,
            database_url=f"sqlite:///{home / 'qc.db'}",
            broker_url=None,
            secret_key="test-key",
            pin_pepper="test-pepper",
            password_cost="low",
        )
    )
    with connected():
        grow(Plant(app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    db.obj.close_all()


def grow(plant: Plant) -> None:
    for code, name in (("L1", "Cartoner 1"), ("L2", "Label line"), ("L3", "Wave solder 2"), ("L4", "Sandwich 3")):
        plant.line(code, "Hall A", name)
        plant.ingest([count(i, 100, 10, line=code, external_id=f"{code}-{i}") for i in range(30)])
    for code, rate, lots in (("L1", 2, 30), ("L2", 12, 30), ("L3", 5, 4)):
        plant.fix(line=code, in_effect_at=hour(30)[0], promise={"rate": 0.05}, title=f"New nozzle on {code}")
        plant.ingest([count(i, 100, rate, line=code, external_id=f"{code}-{i}") for i in range(30, 30 + lots)])
    plant.work()
    staff.add_person(audit.COMMAND, BADGE, "Sofia Lindqvist", ["supervisor"], password=PASSWORD)


@pytest.fixture
def page(browser, served) -> Iterator[Page]:
    """A signed-in supervisor's page that fails the test on a script error or a breach of the content policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=served)
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(made)
    yield made
    context.close()
    assert complaints == []


def _is_complaint(message) -> bool:
    """Chromium also reports a page that was meant to answer 422; that is no fault of the page."""
    return message.type == "error" and "status of 422" not in message.text


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#badge", BADGE)
    page.fill("#password", PASSWORD)
    page.click("button.button--primary")
    page.wait_for_selector("h1")
