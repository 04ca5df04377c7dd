"""How quick the tablet is, in numbers: a slow link, a slow processor, and three days without a network."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.floor.measuring import SLOW_LINK, USABLE, figure, median_of, slow, usable_after
from tests.browser.floor.serving import Served, web_process
from tests.browser.floor.working import TABLET

# Nothing else may run meanwhile: `make campaign` runs what is marked so by itself.
pytestmark = [pytest.mark.browser, pytest.mark.campaign, pytest.mark.kill]


@pytest.fixture(scope="module")
def station(station, tmp_path_factory) -> Iterator[Served]:
    """The plant, as `qc up` serves it."""
    with web_process(station, tmp_path_factory.mktemp("web") / "access.log") as served:
        yield served


# --- beginning ---


def test_cold_and_behind_a_slow_link_the_station_is_usable_within_three_seconds(page, context):
    def cold() -> float:
        with closing(_without_what_is_kept(page, context)) as fresh:
            slow(fresh, 4, SLOW_LINK)
            return usable_after(fresh)

    context.add_init_script(USABLE)
    figure("cold to usable, 400 kbit/s, 400 ms, processor ÷4", median_of(5, cold), 3000, "ms")


def test_so_is_the_first_screen_of_a_tablet_that_never_saw_the_form(browser, station):
    def cold() -> float:
        with closing(browser.new_context(base_url=station.url, viewport=TABLET)) as context:
            context.add_init_script(USABLE)
            fresh = context.new_page()
            slow(fresh, 4, SLOW_LINK)
            return usable_after(fresh)

    figure("a new tablet's first screen, the same", median_of(5, cold), 3000, "ms")


def test_what_the_tablet_has_kept_is_usable_within_a_second_without_a_network_too(page, context):
    def warm(processor: int) -> float:
        with closing(context.new_page()) as fresh:
            slow(fresh, processor)
            return usable_after(fresh)

    context.add_init_script(USABLE)
    figure("warm to usable", median_of(5, lambda: warm(1)), 1000, "ms")
    context.set_offline(True)
    figure("warm to usable, offline", median_of(5, lambda: warm(1)), 1000, "ms")
    figure("warm to usable, offline, processor ÷4", median_of(5, lambda: warm(4)), 1000, "ms")


def _without_what_is_kept(page: Page, context: BrowserContext) -> Page:
    """A tablet that knows its line, and has nothing of the form itself any more."""
    page.evaluate("""async () => {
      for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
      for (const name of await caches.keys()) await caches.delete(name);
    }""")
    fresh = context.new_page()
    fresh.context.new_cdp_session(fresh).send("Network.clearBrowserCache")
    return fresh
