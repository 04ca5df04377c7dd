"""How quick the tablet is, as the page itself sees it, and the slow link and processor that it is measured with."""

import statistics
import sys
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import CDPSession, Page

KILOBIT = 1000 / 8
SLOW_LINK = {
    "offline": False, "latency": 400, "downloadThroughput": 400 * KILOBIT, "uploadThroughput": 400 * KILOBIT,
}  # fmt: skip

# When the first screen was drawn and takes taps, in ms since the page was asked for.
USABLE = """(() => {
  const seen = new MutationObserver(() => {
    if (!document.body || document.body.classList.contains('resting')) return;
    const first = document.querySelector('[data-name]');
    if (!first) return;
    seen.disconnect();
    requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { document.documentElement.dataset.usable = String(performance.now()); };
      port2.postMessage(null); });
  });
  seen.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] });
})()"""

# Of each tap: ms until the next check is there, until the screen was drawn with it, and until the draft is on the disk.
TAPS = """(() => {
  const kept = { shown: [], drawn: [], durable: [], events: [] };
  let tapped = null, step = null, written = null;
  const shown = () => document.getElementById('step')?.textContent;
  addEventListener('click', event => {
    step = shown();
    tapped = written = step ? event.timeStamp : null;
  }, { capture: true });
  const was = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    const made = was.call(this, names, mode, options);
    if (mode === 'readwrite' && [names].flat().includes('drafts') && written !== null) {
      const from = written;
      written = null;
      if (options?.durability !== 'strict') throw new Error('a draft that is not strictly kept');
      made.addEventListener('complete', () => kept.durable.push(performance.now() - from));
    }
    return made;
  };
  new MutationObserver(() => {
    const now = shown();
    if (tapped === null || !now || now === step) return;
    const from = tapped;
    tapped = null;
    kept.shown.push(performance.now() - from);
    requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => kept.drawn.push(performance.now() - from); port2.postMessage(null); });
  }).observe(document, { subtree: true, childList: true });
  new PerformanceObserver(list => kept.events.push(...list.getEntries().map(one => one.duration)))
    .observe({ type: 'event', durationThreshold: 16, buffered: true });
  globalThis.measured = kept;
})()"""


def figure(what: str, value: float, budget: float, unit: str) -> None:
    """One line of the campaign; and what was promised holds."""
    sys.stdout.write(f"\n{what}: {value:,.0f} {unit} (at most {budget:,.0f})")
    sys.stdout.flush()
    assert value <= budget, what


def each(found: Iterable[float]) -> None:
    sys.stdout.write(f"\n  each: {', '.join(f'{one:,.0f}' for one in found)}")


def slow(page: Page, processor: int, link: dict[str, Any] | None = None) -> CDPSession:
    """The page on a processor so many times slower, and behind that link."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": processor})
    if link is not None:
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", link)
    return session


def median_of(times: int, measured: Callable[[], float]) -> float:
    found = [measured() for _ in range(times)]
    each(found)
    return statistics.median(found)


def usable_after(page: Page, address: str = "/floor") -> float:
    """ms from asking for the page until its first screen takes taps."""
    page.goto(address)
    page.wait_for_selector("html[data-usable]")
    return float(page.locator("html").get_attribute("data-usable") or "nan")
