"""The screens of the work, of what is to be read and of what does not work, looked at as all others of the floor."""

import os
from typing import Any

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.words import LANGUAGES
from tests.browser.floor.jobs import bring_in, to_make
from tests.browser.floor.kinds import chosen
from tests.browser.floor.test_looks import PIN, Looker
from tests.browser.floor.working import TABLET, Station, armed, enrol, keys, scan, sign_in, tap
from tests.pictures import jpeg
from tests.tablet_life import set_pin

pytestmark = [pytest.mark.browser, pytest.mark.waits]


@pytest.fixture(scope="module", autouse=True)
def job(station: Station) -> None:
    bring_in(station)


@pytest.fixture
def badge(station: Station, language: str) -> str:
    """Somebody who speaks it, and has read nothing yet."""
    name = f"W-{language}"
    station.floor.person(name, reads=False)
    with connected():
        staff.change_person(audit.COMMAND, staff.person_with(name).id, language=language)  # type: ignore[union-attr]
    set_pin(name, PIN)
    return name


@pytest.fixture
def page(browser: Any, station: Station, language: str) -> Any:
    made = browser.new_context(base_url=station.url, viewport=TABLET, locale=language, reduced_motion="reduce")
    yield made.new_page()
    made.close()


# For a look at some of them only.
SPOKEN = os.environ.get("QC_FILM_IN", " ".join(LANGUAGES)).split()


@pytest.mark.campaign
@pytest.mark.parametrize("language", SPOKEN)
def test_every_screen_of_the_work_shuts_nobody_out_and_is_made_for_gloves(station, page, badge, language):
    look = Looker(page, language)
    enrol(page, station)
    unit = to_make(station, page, f"W-{language}")
    _begin(look, badge, unit)
    _in_the_middle(look)
    _made(look)
    _read(look)

    assert not look.wrong, "\n".join(look.wrong)


def _begin(look: Looker, badge: str, unit: str) -> None:
    page = look.page
    look("home")
    tap(page, "work")
    sign_in(page, badge, PIN)
    page.wait_for_selector("[data-name=lot]")
    look("what do you make")
    scan(page, unit)
    page.wait_for_selector("[data-name=read-now]")
    look("not read")
    tap(page, "continue")
    page.wait_for_selector("[data-name=leave]")
    look("before the first step")
    for number in (1, 2, 3):
        tap(page, "next")
        page.wait_for_selector("#step")
        if number == 2:
            page.wait_for_selector("[data-kind=bad] img")
        look(f"step {number}")
    tap(page, "back")
    page.wait_for_selector("[data-step=seal]")


def _in_the_middle(look: Looker) -> None:
    page = look.page
    tap(page, "trouble")
    page.wait_for_selector("[data-name=trouble-unsafe]")
    look("what does not work")
    tap(page, "trouble-unsafe")
    chosen(page, "take", jpeg(seed=7))
    look("not safe")
    tap(page, "send")
    page.wait_for_selector(".notice--good")
    look("reported")
    tap(page, "deviate")
    page.wait_for_selector("[data-name=check-seam]")
    look("deviate from which")
    tap(page, "check-seam")
    page.wait_for_selector("[data-name=reason-other]")
    look("deviate why")
    tap(page, "reason-other")
    page.wait_for_selector(".keypad")
    armed(page)
    keys(page, "12")
    look("deviate how many")
    tap(page, "continue")
    page.wait_for_selector("[data-name=days-3]")
    look("deviate how long")
    tap(page, "days-3")
    page.wait_for_selector("#words")
    look("deviate")
    page.fill("#words", "…")
    tap(page, "send")
    page.wait_for_selector("[data-step=seal]")
    tap(page, "help")
    page.wait_for_selector("[data-name=cancel]")
    look("call from a step")
    tap(page, "cancel")
    page.wait_for_selector("[data-step=seal]")


def _made(look: Looker) -> None:
    page = look.page
    armed(page)
    tap(page, "next")
    page.wait_for_selector("[data-step=rest]")
    armed(page)
    tap(page, "next")
    page.wait_for_selector("[data-name=made]")
    look("made")
    page.context.set_offline(True)
    tap(page, "made")
    page.wait_for_selector("[data-deed=made]")
    look("sent offline")
    page.context.set_offline(False)
    tap(page, "now")
    page.wait_for_selector("[data-deed=made][data-state=sent]")
    look("sent")
    tap(page, "back")


def _read(look: Looker) -> None:
    page = look.page
    page.wait_for_selector("#unread")
    look("home with what is to be read")
    tap(page, "read")
    page.wait_for_selector("[data-procedure=JOB]")
    look("to read")
    armed(page)
    page.click("[data-procedure=JOB]")
    page.wait_for_selector("[data-name=sign]")
    page.wait_for_selector("[data-kind=bad] img")
    look("read")
    tap(page, "sign")
    page.wait_for_selector(".notice--good")
    look("read and signed")
