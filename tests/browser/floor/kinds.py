"""A procedure with every kind of check, and how each is answered on the tablet."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.floor.working import armed, checks, confirm, keys, tap
from tests.pictures import jpeg

Look = Callable[[str], object]


def nobody_looks(name: str) -> None: ...


def check(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "step": "seal", "type": kind, "text": f"What of {name}?", "severity": "major", **more}


EVERY_KIND = checks(
    confirm("grouped-1", layout="group"),
    confirm("grouped-2", layout="group"),
    check("lid", "choose", choices=[
        {"id": "blue", "text": "Blue", "ok": True}, {"id": "red", "text": "Red", "ok": False},
    ]),
    confirm("why-red", show_if={"check": "lid", "equals": "red"}),
    check("marks", "choose", several=True, choices=[
        {"id": "date", "text": "Date", "ok": True}, {"id": "lot", "text": "Lot", "ok": True},
        {"id": "smudge", "text": "Smudge", "ok": False},
    ]),
    check("dents", "count", max=3, samples=2),
    check("depth", "measure", unit="mm", min="-1.5", max="1.5", decimals=1, samples=2, accept=1),
    check("smell", "text"),
    check("drying", "timer", within="600"),
    check("proof", "photo", at_least=2),
    check("hand", "sign", meaning="I looked at all of it"),
    title="Every kind",
)  # fmt: skip


def chosen(page: Page, name: str, *files: bytes) -> None:
    """Press what opens the camera, once for each picture."""
    for content in files:
        armed(page)
        with page.expect_file_chooser() as chooser:
            page.click(f"[data-name={name}]")
        chooser.value.set_files({"name": "one.jpg", "mimeType": "image/jpeg", "buffer": content})
        page.wait_for_selector("img.photo")


def save_numbers(page: Page, *numbers: str) -> None:
    for number in numbers:
        armed(page)
        keys(page, number)
        tap(page, "save")


def answer_group(page: Page, look: Look = nobody_looks) -> None:
    page.wait_for_selector("[data-check=grouped-1]")
    look("two checks on a screen")
    armed(page)
    page.locator("[data-check=grouped-1] [data-name=ok]").click()
    armed(page)
    page.locator("[data-check=grouped-2] [data-name=ok]").click()
    page.wait_for_selector("[data-check=lid]")
    look("choose one")


def answer_rest(page: Page, look: Look = nobody_looks) -> None:
    """From the second choice on."""
    page.wait_for_selector("[data-check=marks]")
    look("choose several")
    tap(page, "choice-date")
    tap(page, "choice-lot")
    tap(page, "next")
    page.wait_for_selector("[data-check=dents]")
    look("count")
    save_numbers(page, "0", "3")
    page.wait_for_selector("[data-check=depth]")
    look("measure with a sign")
    save_numbers(page, "1.4", "1.9")
    page.wait_for_selector("#text-smell")
    look("text")
    page.fill("#text-smell", "Like paint,\nnot of solvent.")
    tap(page, "next")
    page.wait_for_selector("[data-check=drying]")
    look("timer")
    tap(page, "timer")
    page.wait_for_timeout(700)
    tap(page, "timer")
    page.wait_for_selector("[data-check=proof]")
    look("photo")
    chosen(page, "take", jpeg(seed=1), jpeg(seed=2))
    page.wait_for_selector("img.photo >> nth=1")
    look("photos taken")
    tap(page, "use")
    page.wait_for_selector("[data-check=hand]")
    look("sign")
    tap(page, "sign")
