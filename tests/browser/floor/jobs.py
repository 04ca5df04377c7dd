"""A procedure to work by, with hazards, tools, pictures and values, and the ways through it on the tablet."""

from typing import Any

from playwright.sync_api import Page

from qc_service.db import connected
from qc_service.floor.models import Deed
from tests.browser.floor.working import Station, armed, confirm, fetched, measure, scan, sign_in, tap
from tests.pictures import JPEG, photo, sha256, written
from tests.procedure_life import document

GOOD, BAD = written(photo(800, 600, seed=3)), written(photo(800, 600, seed=9))
JOB: dict[str, Any] = document(
    title="Crimp a can",
    hazards=[
        {"id": "pinch", "text": "The jaws close by themselves.", "control": "Keep both hands on the handles."},
        {"id": "edge", "text": "The rim of the lid is sharp.", "control": "Wear cut-resistant gloves."},
    ],
    tools=[{"id": "crimper", "text": "Crimper no. 4"}, {"id": "gauge", "text": "Seam gauge"}],
    steps=[
        {"id": "place", "text": "Put the lid on.", "detail": "The notch points to the seam.\nIt must lie flat."},
        {"id": "seal", "type": "measure", "text": "Set the crimper, then crimp the lid all round.", "unit": "mm",
         "nominal": "1.25", "tolerance": "0.05", "decimals": 2, "hazards": ["pinch"], "tools": ["crimper"],
         "photos": [
             {"id": sha256(GOOD), "kind": "good", "text": "The seam is even all round."},
             {"id": sha256(BAD), "kind": "bad", "text": "A fold: the lid was not flat."},
         ]},
        {"id": "rest", "type": "timer", "text": "Let it rest.", "at_least": "30"},
    ],
    checks=[confirm("even"), confirm("clean"), measure("seam")],
)  # fmt: skip


def bring_in(station: Station, code: str = "JOB") -> None:
    """The procedure with its pictures, in force and read by those who work by it."""
    for picture in (GOOD, BAD):
        path = f"/media/{sha256(picture)}?site=S1"
        station.author.done("PUT", path, data=picture, content_type=JPEG)
    station.publish(code, JOB, "OMAR", "INES")


def to_make(station: Station, page: Page, lot: str, procedure: str = "JOB") -> str:
    """A unit that nobody has made yet, and that the tablet knows of."""
    station.floor.lot(lot, procedure=procedure, units=[f"{lot}-1"])
    fetched(page)
    return f"{lot}-1"


def begin_work(page: Page, unit: str, badge: str = "OMAR", pin: str | None = None) -> None:
    """From the station to what stands before the first step."""
    tap(page, "work")
    sign_in(page, badge, pin)
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    page.wait_for_selector("[data-name=next]")


def at_work_step(page: Page, number: int, of: int = 3) -> None:
    page.wait_for_selector(f"#step:text-is('Step {number} of {of}')")
    armed(page)


def to_step(page: Page, number: int) -> None:
    """From before the first step, or any earlier one."""
    while not page.locator(f"#step:text-is('Step {number} of 3')").count():
        was = page.locator("#step").inner_text() if page.locator("#step").count() else ""
        tap(page, "next")
        page.wait_for_selector(f"#step:not(:text-is('{was}'))" if was else "#step")


def finish(page: Page) -> str:
    """Say that it is made; gives the deed's address."""
    to_step(page, 3)
    tap(page, "next")
    tap(page, "made")
    return page.wait_for_selector("[data-deed=made]").get_attribute("data-uuid") or ""


def deed(uuid: str) -> Deed | None:
    with connected():
        return Deed.get_or_none(Deed.uuid == uuid)


def deeds(kind: str) -> list[Deed]:
    """In the order in which they arrived."""
    with connected():
        return list(Deed.select().where(Deed.kind == kind).order_by(Deed.received_at, Deed.uuid))
