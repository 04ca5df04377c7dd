"""A tablet at a station: a real server, real Chromium, its service worker and its own database."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page
from werkzeug.serving import make_server

from qc_service.app import bind
from qc_service.db import db
from tests import servers
from tests.browser.floor.watching import Ear
from tests.browser.floor.working import PINS, PROCEDURES, TABLET, Station, enrol
from tests.floor_life import floor_of
from tests.tablet_life import set_pin, tablet_of


@pytest.fixture(scope="module")
def station(assembled, sqlite_template, tmp_path_factory) -> Iterator[Station]:
    """The floor with its procedures, its people and a tablet that is not set up yet."""
    home = tmp_path_factory.mktemp("station")
    (home / "qc.db").write_bytes(sqlite_template.read_bytes())
    app = bind(assembled, replace(servers.settings_for(home, f"sqlite:///{home / 'qc.db'}"), sqlite_synchronous="OFF"))
    floor = floor_of(app)
    author, chief = floor.life.somebody("WRITER"), floor.life.somebody("HEAD")
    made = Station("", floor, tablet_of(floor), author, chief)
    for badge in PINS:
        floor.person(badge)
    for code, document in PROCEDURES.items():
        made.publish(code, document, *PINS)
    for badge, pin in PINS.items():
        set_pin(badge, pin)
    server = make_server("127.0.0.1", 0, _Heard(app, made), threaded=True)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    db.obj.close_all()


class _Heard:
    """Notes what is asked, and what is answered."""

    def __init__(self, app: Any, station: Station) -> None:
        self._app, self._station = app, station

    def __call__(self, environ: Any, start_response: Any) -> Any:
        def answered(status: str, headers: Any, exc_info: Any = None) -> Any:
            told = environ["REQUEST_METHOD"], environ["PATH_INFO"], int(status.split(maxsplit=1)[0])
            self._station.asked.append(told)
            return start_response(status, headers, exc_info)

        return self._app(environ, answered)


@pytest.fixture(autouse=True)
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    """Whatever context a test makes, its pages are heard; the test fails on what they complain of."""
    found = Ear()
    monkeypatch.setattr(Browser, "new_context", found.listening(Browser.new_context))
    monkeypatch.setattr(
        BrowserType, "launch_persistent_context", found.listening(BrowserType.launch_persistent_context)
    )
    yield found
    assert found.heard == []


@pytest.fixture
def context(browser: Browser, station: Station, ear: Ear) -> Iterator[BrowserContext]:
    """A tablet of its own for each test."""
    made = browser.new_context(base_url=station.url, viewport=TABLET, device_scale_factor=1)
    station.asked.clear()
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, station: Station) -> Page:
    """The tablet, set up at its line."""
    made = context.new_page()
    enrol(made, station)
    return made
