"""The look that every page of the desk has to pass, in each of its states and in the longest languages."""

import functools
import os
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

LONGEST = ("fil", "da", "ca")  # in one page or another each of these is
# What holds in the longest holds in English; the others are asked in a campaign.
IN_EACH = [LONGEST[0], *(pytest.param(one, marks=pytest.mark.campaign) for one in ("en", *LONGEST[1:]))]
# What axe asks when it is asked for everything, and the size of targets besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A desk, two tablets, a phone, and a desk at 400 %. The widest and the narrowest are looked at in every run.
EVERY = bool(os.environ.get("QC_EVERY_WIDTH"))
WINDOWS = {1280: 900, 820: 900, 768: 900, 390: 900, 320: 700} if EVERY else {1280: 900, 320: 700}
# By axe, which takes longer than all else: the narrowest, in a campaign each that the styles tell apart.
EXAMINED = tuple(WINDOWS) if EVERY else (320,)

# Pictures that are broken, or not the ones meant for a window of this width when they had the time to come.
PICTURES = """async () => {
  const meant = one => [...one.parentElement.querySelectorAll('source')]
    .find(source => matchMedia(source.media).matches)?.srcset ?? one.getAttribute('src');
  const lacking = () => [...document.images].filter(one =>
    !one.complete || one.naturalWidth === 0 || one.currentSrc !== new URL(meant(one), document.baseURI).href);
  for (let tries = 0; lacking().length && tries < 100; tries++) await new Promise(done => setTimeout(done, 20));
  return lacking().map(one => `not there: ${meant(one)}`);
}"""

SIDEWAYS = """() => {
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return over > 0 ? [`${over} px wider than the window`] : [];
}"""

# What can be pressed and is under 24 pixels high or wide, but for links inside a sentence (WCAG 2.5.8).
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(one => {
    const box = one.getBoundingClientRect(), inline = getComputedStyle(one).display === 'inline';
    return one.type !== 'hidden' && box.width > 0 && !inline && !one.matches('.skip')
      && (box.width < 24 || box.height < 24);
  }).map(one => `too small to press: ${one.outerHTML.slice(0, 120)}`)"""

# Words that stand on one another: neither holds the other, and both are on screen.
OVERLAPS = """() => {
  const words = ['.chip', 'a', 'button', 'h1', 'h2', 'dt', 'dd', 'label'].map(one => `main ${one}`).join(', ');
  const seen = [...document.querySelectorAll(words)]
    .filter(one => one.getClientRects().length && !one.closest('.hidden-text, .skip, details:not([open])'))
    .map(one => ({one, box: one.getBoundingClientRect()}));
  return seen.flatMap((a, place) => seen.slice(place + 1)
    .filter(b => Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1
      && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 1
      && !a.one.contains(b.one) && !b.one.contains(a.one))
    .map(b => `on one another: ${a.one.textContent.trim()} / ${b.one.textContent.trim()}`));
}"""

FAULTS = f"async () => [await ({PICTURES})(), ({SIDEWAYS})(), ({TOO_SMALL})(), ({OVERLAPS})()].flat()"
LARGE_TEXT = "document.documentElement.style.fontSize = '200%'"
HEAD = "[document.querySelectorAll('h1').length, document.title.slice(-5), document.documentElement.lang]"
AXE_ADDRESS = "/axe.min.js"  # which the browser keeps compiled: to send the half megabyte to each page takes longer
IMPORT_AXE = f"import('{AXE_ADDRESS}').then(() => null)"
AXE = "options => axe.run(options).then(found => found.violations)"


def shuts_nobody_out(page: Page, language: str = "en") -> None:
    """The whole look: what `fits` asks, and axe finds nothing."""
    fits(page, language, EXAMINED if language == "en" else EXAMINED[-1:])


def fits(page: Page, language: str, examined: tuple[int, ...] = ()) -> None:
    """Every picture is there; nothing to press is too small; nothing stands on other words or beside the window,
    however narrow it is and however large the text; there is one heading, a title and the language."""
    page.wait_for_load_state("load")
    if examined:
        page.evaluate(IMPORT_AXE)
    found = []
    for width in WINDOWS:
        resize(page, width)
        found += [f"{width}: {fault}" for fault in page.evaluate(FAULTS)]
        found += [f"{width}: {fault}" for fault in (_by_axe(page) if width in examined else [])]
    page.evaluate(LARGE_TEXT)
    for width in (640, 1280):
        resize(page, width)
        found += [f"{width} with text at 200 %: {fault}" for fault in page.evaluate(SIDEWAYS)]
    head = page.evaluate(HEAD)
    found += [f"headings, end of the title and language: {head}"] if head != [1, " · QC", language] else []
    assert not found, "\n".join([page.url, *found])


def pictures_missing(page: Page) -> list[str]:
    return page.evaluate(PICTURES)


def resize(page: Page, width: int) -> None:
    """The window gets this width. Playwright's own way waits for each to be painted, which nobody looks at."""
    size = {"width": width, "height": WINDOWS.get(width, 900), "deviceScaleFactor": 1, "mobile": False}
    _devtools(page).send("Emulation.setDeviceMetricsOverride", size)


@functools.cache
def _devtools(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def _by_axe(page: Page) -> list[str]:
    violations = page.evaluate(AXE, {"runOnly": RULES, "resultTypes": ["violations"]})
    return [f"{one['help']} ({one['id']}): {_node(node)}" for one in violations for node in one["nodes"]]


def _node(node: dict[str, Any]) -> str:
    return f"{node['html'][:200]}: {'; '.join(one['message'] for one in node['all'] + node['any'] + node['none'])}"
