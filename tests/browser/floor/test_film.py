"""One whole job as a film strip for the documentation, by a shipped procedure and in two of the longest languages.

`QC_FILM=docs/floor/film pytest -m campaign tests/browser/floor/test_film.py` draws the strips anew.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures.shipping import publish_first
from sops.library import load
from tests.browser.floor.kinds import chosen, save_numbers
from tests.browser.floor.working import PHONE, TABLET, Station, armed, enrol, fetched, keys, scan, sign_in, tap
from tests.pictures import jpeg
from tests.procedure_life import SIGNED
from tests.tablet_life import set_pin

pytestmark = [pytest.mark.browser, pytest.mark.campaign]

FILM = os.environ.get("QC_FILM")
PIN = "605173"
CODE = "CAN-FILL"
PEOPLE = {"fil": ("P-17", "Maria Santos"), "da": ("P-21", "Lars Holm")}
NAMES = (
    "Ana Ortiz", "Ben Okafor", "Sofia Lindqvist", "Quang Tran", "Aisha Rahman", "Milan Novak", "Joana Ferrer",
    "Dewi Putri",
)  # fmt: skip
# As the browser answers an app that was installed.
INSTALLED = "if (navigator.storage) navigator.storage.persisted = async () => true"
SIZES = {"tablet": (TABLET, 5, 472), "phone": (PHONE, 8, 240)}  # window, pictures in a row, width of each

Look = Callable[[str], None]


@pytest.fixture(scope="module", autouse=True)
def plant(station: Station) -> None:
    """A plant with names that people have, and a procedure that is shipped, in all its languages."""
    shipped = next(one for one in load() if one.code == CODE)
    with connected():
        publish_first(audit.COMMAND, CODE, shipped.document, shipped.translations)
    boss = station.floor.life.somebody("BOSS", "supervisor")
    boss.done("PATCH", "/lines/L1", {"name": "Filling 1"})
    with connected():
        for name, person in zip(NAMES, Person.select().order_by(Person.code), strict=False):
            staff.change_person(audit.COMMAND, person.id, name=name)
    for language, (badge, name) in PEOPLE.items():
        station.floor.person(badge, "inspector", "supervisor", reads=False).done(
            "POST", f"/procedures/{CODE}/versions/1/acknowledgements", SIGNED
        )
        with connected():
            person = staff.person_with(badge)
            assert person is not None
            staff.change_person(audit.COMMAND, person.id, name=name, language=language)
        boss.done("POST", f"/procedures/{CODE}/skills", {**SIGNED, "person": badge})
        set_pin(badge, PIN)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", PEOPLE)
def test_a_whole_job_from_the_station_to_the_receipt(station: Station, browser: Any, language: str, size: str):
    window, in_a_row, width = SIZES[size]
    context = browser.new_context(base_url=station.url, viewport=window, locale=language, reduced_motion="reduce")
    context.add_init_script(INSTALLED)
    page = context.new_page()
    frames: list[bytes] = []

    def look(_: str) -> None:
        armed(page)
        frames.append(page.screenshot())

    number = 1 + list(SIZES).index(size) + 2 * list(PEOPLE).index(language)
    lot, unit = f"2611-{number}", f"00{number}7"
    enrol(page, station)
    station.lot(lot, CODE, unit)
    fetched(page)
    _begin(page, look, PEOPLE[language][0], unit)
    _measure(page, look)
    _leak(page, look)
    _finish(page, look)
    context.set_offline(offline=True)
    tap(page, "submit")
    page.wait_for_selector("[data-state=waiting]")
    look("saved on the tablet")
    context.set_offline(offline=False)
    page.wait_for_selector("[data-state=sent]")
    page.wait_for_selector("#waiting:has-text('✔')")
    look("sent")

    [found] = station.records(lot)

    assert (found["state"], found["reasons"], found["result"], len(found["nonconformities"])) == (
        "accepted",
        [],
        "fail",
        2,
    )
    if FILM:
        _strip(frames, in_a_row, width).save(Path(FILM) / f"{size}-{language}.png", optimize=True)
    context.close()


def _begin(page: Page, look: Look, badge: str, unit: str) -> None:
    look("home")
    tap(page, "inspect")
    page.wait_for_selector(f"[data-badge={badge}]")
    look("who")
    sign_in(page, badge, PIN)
    page.wait_for_selector("[data-name=lot]")
    look("unit")
    scan(page, unit)
    page.wait_for_selector("[data-check=lid-code]")
    look("choose")
    tap(page, "choice-agrees")


def _measure(page: Page, look: Look) -> None:
    page.wait_for_selector("[data-check=weight]")
    save_numbers(page, "345", "347")
    armed(page)
    keys(page, "344")
    look("within")
    tap(page, "save")
    save_numbers(page, "346", "348")
    page.wait_for_selector("[data-check=seam-thickness]")
    save_numbers(page, "1.15", "1.17")
    armed(page)
    keys(page, "1.26")
    look("outside")
    tap(page, "save")
    tap(page, "code-SEAM")
    look("what now")
    tap(page, "what-rework")
    page.wait_for_selector("[data-check=seam-length]")
    save_numbers(page, "2.40", "2.44", "2.50")


def _leak(page: Page, look: Look) -> None:
    page.wait_for_selector("[data-check=leak]")
    look("confirm")
    tap(page, "defect")
    page.wait_for_selector("[data-name=code-LEAK]")
    look("defect")
    tap(page, "code-LEAK")
    tap(page, "what-scrap")
    chosen(page, "take", jpeg(seed=3))
    look("photo")
    tap(page, "use")


def _finish(page: Page, look: Look) -> None:
    for check in ("code-complete", "code-readable"):
        page.wait_for_selector(f"[data-check={check}]")
        if check == "code-complete":
            look("group")
        armed(page)
        page.locator(f"[data-check={check}] [data-name=ok]").click()
    page.wait_for_selector("[data-check=dents]")
    save_numbers(page, "0")
    page.wait_for_selector("[data-check=release-run]")
    look("sign")
    tap(page, "sign")
    page.wait_for_selector("[data-name=submit]")
    look("review")


def _strip(frames: list[bytes], in_a_row: int, width: int) -> Image.Image:
    """The pictures in the order of the job, beside and under one another."""
    seen = [Image.open(io.BytesIO(one)).convert("RGB") for one in frames]
    height, gap = seen[0].height * width // seen[0].width, 12
    rows = -(-len(seen) // in_a_row)
    strip = Image.new("RGB", (in_a_row * (width + gap) + gap, rows * (height + gap) + gap), "#8a938c")
    for number, one in enumerate(seen):
        place = (gap + number % in_a_row * (width + gap), gap + number // in_a_row * (height + gap))
        strip.paste(one.resize((width, height), Image.Resampling.LANCZOS), place)
    return strip.quantize(128, dither=Image.Dither.NONE)
