"""A station on the floor: a plant with procedures in force, a tablet, and somebody who works on it."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Page

from qc_service.db import connected
from qc_service.inspections.models import InspectionRecord
from qc_service.media.models import MediaPlace
from tests.browser.conftest import FLAGS
from tests.floor_life import Floor
from tests.procedure_life import SIGNED, Somebody, document
from tests.tablet_life import Tablet, signed_in_again

PINS = {"INES": "739150", "OMAR": "482915", "MIA": "518264"}
TABLET = {"width": 1180, "height": 820}
PHONE = {"width": 390, "height": 844}


def confirm(name: str, **more: Any) -> dict[str, Any]:
    told = {"id": name, "step": "seal", "type": "confirm", "text": f"Is {name} as it should be?", "severity": "major"}
    return {**told, "defect_codes": ["LEAK", "DENT"], **more}


def measure(name: str) -> dict[str, Any]:
    return {
        "id": name, "step": "seal", "type": "measure", "text": f"Width of {name}", "unit": "mm", "min": "1.20",
        "max": "1.30", "decimals": 2, "severity": "major",
    }  # fmt: skip


def checks(*of: dict[str, Any], title: str) -> dict[str, Any]:
    return document(title=title, checks=list(of))


TWELVE = checks(*(confirm(f"c{n}") for n in range(1, 13)), title="Twelve checks")
PICTURED = checks(*(confirm(f"p{n}", photo_on_defect=True) for n in range(1, 13)), title="Twelve with pictures")
MEASURED = checks(*(confirm(f"m{n}") for n in range(1, 11)), measure("left"), measure("right"), title="Two widths")
THREE = checks(*(confirm(f"t{n}") for n in range(1, 4)), title="Three checks")
PROCEDURES = {"THREE": THREE, "TWELVE": TWELVE, "PICTURED": PICTURED, "MEASURED": MEASURED}


@dataclass
class Station:
    """The plant as a server, and what it was asked."""

    url: str
    floor: Floor
    tablet: Tablet
    author: Somebody
    chief: Somebody
    asked: list[tuple[str, str, int]] = field(default_factory=list)  # method, path, status

    def records(self, lot: str) -> list[dict[str, Any]]:
        """What arrived about a lot, as the API shows it, in the order in which it arrived."""
        self.floor.plant.work()
        with connected():
            order = InspectionRecord.select().order_by(InspectionRecord.received_at, InspectionRecord.uuid)
            found = [self.floor.get(row.uuid) for row in order]
        return [one for one in found if one["lot"] == lot]

    def lot(self, code: str, procedure: str, *units: str) -> str:
        self.floor.lot(code, "MIA", procedure=procedure, units=list(units))
        return code

    def publish(self, code: str, document: dict[str, Any], *readers: str) -> int:
        """A version of a procedure, in force from now on, which these people have read."""
        life = self.floor.life
        number = life.published(self.author, self.chief, code, document)
        for badge in readers:
            reader = signed_in_again(self.floor, badge)
            reader.done("POST", f"/procedures/{code}/versions/{number}/acknowledgements", SIGNED)
        return number

    def calls(self) -> list[dict[str, Any]]:
        """What was pressed on the floor, as the API shows it, in the order in which it arrived."""
        return self.floor.plant.call("GET", "/v1/calls").json["data"]

    def work(self) -> None:
        with connected():
            self.floor.plant.work()

    def arrived(self, sha256: str) -> bool:
        """Whether the picture is there."""
        with connected():
            return bool(MediaPlace.select().where(MediaPlace.sha256 == sha256).exists())

    def puts(self) -> list[tuple[str, int]]:
        """Records that were sent, and what was answered."""
        return [(path, status) for method, path, status in self.asked if method == "PUT" and "/inspections/" in path]


def launched(kind: BrowserType, station: Station, home: Path) -> BrowserContext:
    """A browser of its own, whose memory is in this folder and outlives it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    made: BrowserContext = kind.launch_persistent_context(
        home / "profile", executable_path=program, args=[*FLAGS, f"--qc-profile={home}"], base_url=station.url,
        viewport=TABLET,
    )  # fmt: skip
    return made


def enrol(page: Page, station: Station) -> None:
    """The tablet reads its code and is told where it stands."""
    page.goto(f"/floor#enrol={station.tablet.token}")
    tap(page, "line")
    page.wait_for_selector("[data-name=inspect]")
    page.wait_for_selector("body[data-kept]")


def sign_in(page: Page, badge: str = "INES", pin: str | None = None) -> None:
    page.wait_for_selector(f"[data-badge={badge}]")
    armed(page)
    page.click(f"[data-badge={badge}]")
    keys(page, pin or PINS[badge])
    page.wait_for_selector(".keypad", state="detached")


def keys(page: Page, text: str) -> None:
    for one in text:
        page.click("[data-name=key-decimal]" if one in ".," else f"[data-name=key-{one}]")


def scan(page: Page, code: str) -> None:
    """What a reader types: keys with Enter at their end, quicker than a busy machine would hand them on."""
    armed(page)
    page.evaluate(READER, [*code, "Enter"])


READER = """keys => {
  const typed = key => new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  for (const key of keys) document.dispatchEvent(typed(key));
}"""


def armed(page: Page) -> None:
    """Wait until what is shown takes taps, and no longer: Playwright itself would look again after half a second."""
    page.evaluate(TAKES_TAPS)


TAKES_TAPS = """() => new Promise((done, failed) => {
  const resting = () => document.body.classList.contains('resting');
  if (!resting()) return done();
  const watch = new MutationObserver(() => resting() || (watch.disconnect(), done()));
  watch.observe(document.body, { attributeFilter: ['class'] });
  setTimeout(() => failed(new Error('it rests for ever')), 30000);
})"""


def tap(page: Page, name: str) -> None:
    page.wait_for_selector(f"[data-name={name}]")
    armed(page)
    page.click(f"[data-name={name}]")


def begin(page: Page, unit: str, badge: str = "INES") -> None:
    """From the station to the first check of a unit whose label is scanned."""
    tap(page, "inspect")
    sign_in(page, badge)
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    page.wait_for_selector("#step")


def step(page: Page) -> str:
    return page.locator("#step").inner_text()


def at_step(page: Page, number: int, of: int = 12) -> None:
    page.wait_for_selector(f"#step:text-is('Check {number} of {of}')")


def answer_all(page: Page, first: int, last: int, of: int = 12) -> None:
    for number in range(first, last + 1):
        at_step(page, number, of)
        tap(page, "ok")


def submit(page: Page) -> str:
    """Send it; gives its address."""
    tap(page, "submit")
    return page.wait_for_selector("[data-uuid]").get_attribute("data-uuid")


def sent(page: Page, uuid: str) -> None:
    page.wait_for_selector(f"[data-uuid='{uuid}'][data-state=sent]")


def state_of(page: Page, uuid: str) -> str | None:
    return page.locator(f"[data-uuid='{uuid}']").get_attribute("data-state")


def taps(page: Page) -> int:
    """As the page itself counted them for the inspection in hand."""
    return int(page.locator("body").get_attribute("data-taps") or 0)


def fetched(page: Page) -> None:
    """The tablet has fetched what is new at its line."""
    page.reload()
    page.wait_for_selector("body[data-fetched]")


def unlock(page: Page, badge: str = "INES") -> None:
    """Say again who one is, after the tablet forgot."""
    sign_in(page, badge)


def ready(station: Station, page: Page, lot: str, procedure: str) -> str:
    """A unit that waits to be inspected, and that the tablet knows of."""
    unit = f"{lot}-1"
    station.lot(lot, procedure, unit)
    fetched(page)
    return unit
