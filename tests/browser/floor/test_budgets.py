"""How quick the tablet is, in numbers: a slow link, a slow processor, and three days without a network."""

import base64
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.floor.kinds import chosen
from tests.browser.floor.making import MANY
from tests.browser.floor.measuring import SLOW_LINK, TAPS, USABLE, each, figure, median_of, slow, usable_after
from tests.browser.floor.serving import Served, web_process
from tests.browser.floor.working import (
    TABLET,
    answer_all,
    armed,
    at_step,
    begin,
    enrol,
    fetched,
    launched,
    ready,
    scan,
    sent,
    sign_in,
    submit,
    tap,
)
from tests.pictures import opened, taken

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


# --- working ---


def test_from_a_tap_to_the_next_check_and_to_the_disk_it_takes_fifty_ms(station, on_disk):
    measured = _job_measured(station, on_disk, "QUICK")
    for what in ("shown", "drawn", "durable"):
        each(measured[what])
        assert len(measured[what]) >= 11
        figure(f"from a tap until {NAMES[what]}, median", statistics.median(measured[what]), 50, "ms")
        figure("  the worst", max(measured[what]), 100, "ms")


NAMES = {"shown": "the next check is there", "drawn": "it is drawn", "durable": "the answer is on the disk"}


def test_no_event_of_a_whole_job_takes_longer_than_150_ms_on_a_slow_processor(station, on_disk):
    slow(on_disk, 6)
    measured = _job_measured(station, on_disk, "HEAVY")
    figure("longest event of a job, processor ÷6", max(measured["events"], default=0), 150, "ms")


def _job_measured(station: Served, page: Page, lot: str) -> Any:
    page.add_init_script(TAPS)
    begin(page, ready(station, page, lot, "TWELVE"))
    answer_all(page, 1, 12)
    sent(page, submit(page))
    return page.evaluate("measured")


@pytest.fixture
def on_disk(browser, station) -> Iterator[Page]:
    """A tablet that writes on a disk, and not into memory as a browser's private window does."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        closing(launched(browser.browser_type, station, Path(home))) as context,
    ):
        page = context.pages[0]
        enrol(page, station)
        yield page


# --- pictures ---

SHRINK = """async () => {
  const { keepPhoto } = await import('/floor/static/photos.js');
  const { get } = await import('/floor/static/db.js');
  const [file] = document.getElementById('picture').files;
  const began = performance.now();
  const { sha256 } = await keepPhoto(file);
  const took = performance.now() - began;
  const bytes = new Uint8Array(await (await get('media', sha256)).blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return [took, btoa(text)];
}"""


@pytest.mark.parametrize(("what", "grain"), [("a part on a bench", 6.0), ("gravel, which is hardest", 60.0)])
def test_a_picture_of_twelve_megapixels_is_small_and_quick_and_says_nothing_of_where_it_was_taken(on_disk, what, grain):
    page = on_disk
    original = taken(grain)
    assert opened(original).getexif().get_ifd(0x8825)  # where it was taken
    page.evaluate("""() => { const made = document.createElement('input');
      Object.assign(made, { type: 'file', id: 'picture' }); document.body.append(made); }""")
    page.set_input_files("#picture", {"name": "one.jpg", "mimeType": "image/jpeg", "buffer": original})

    found = [page.evaluate(SHRINK) for _ in range(5)]
    each(took for took, _ in found)
    small = base64.b64decode(found[0][1])
    figure(f"a picture of {what}, of {len(original) // 1000:,} KB", len(small) / 1000, 350, "KB")
    figure("  made in (median)", statistics.median(took for took, _ in found), 500, "ms")
    picture = opened(small)
    assert max(picture.size) <= 1600
    assert dict(picture.getexif()) == {}
    assert {"exif", "comment"} & set(picture.info) == set()
    assert b"Exif" not in small


# --- three days without a network ---


def test_two_hundred_that_wait_are_sent_in_fifteen_seconds_with_two_tabs_open_and_each_once(station, page, context):
    lot = station.lot("DRAIN", "THREE")
    fetched(page)
    context.set_offline(True)
    made = page.evaluate(MANY, [lot, 200])
    other = context.new_page()
    other.goto("/floor")
    for one in (page, other):
        tap(one, "sent")
    before = len(station.seen())
    began = time.monotonic()
    context.set_offline(False)
    for one in (page, other):
        one.wait_for_selector("#waiting:has-text('All sent')", timeout=60_000)
    figure("200 records sent, with two tabs open", time.monotonic() - began, 15, "s")
    assert sorted(station.seen()[before:]) == sorted(made)


# As the page keeps them: the same record and the same picture, each under a name and with bytes of its own.
THREE_DAYS = """async ([records, pictures]) => {
  const { all, run } = await import('/floor/static/db.js');
  const { sha256 } = await import('/floor/static/outbox.js');
  const [like] = (await all('outbox')).slice(-1);
  const [seen] = await all('media');
  const { value } = (await all('meta')).find(one => one.name === 'next_seq');
  const images = [];
  for (let n = 0; n < pictures; n++) {
    const blob = new Blob([seen.blob, crypto.getRandomValues(new Uint8Array(16))], { type: 'image/jpeg' });
    images.push({ sha256: await sha256(await blob.arrayBuffer()), blob, waiting: like.uuid });
  }
  await run(['outbox', 'media', 'meta'], 'readwrite', at => {
    for (let n = 0; n < records; n++) {
      const body = like.body.replace(/"device_seq":\\d+/, `"device_seq":${value + n}`);
      at('outbox').add({ ...like, uuid: crypto.randomUUID(), seq: value + n, body });
    }
    for (const one of images) at('media').put(one);
    at('meta').put({ name: 'next_seq', value: value + records });
  });
}"""
COUNTED = """async () => {
  const { count } = await import('/floor/static/outbox.js');
  const found = await count('waiting');
  const times = [];
  for (let n = 0; n < 5; n++) {
    const began = performance.now();
    await count('waiting');
    times.push(performance.now() - began);
  }
  return [found, times];
}"""
OPENED = """() => new Promise(done => {
  const began = performance.now();
  new MutationObserver((_, seen) => {
    if (!document.querySelector('[data-uuid]')) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  }).observe(document, { subtree: true, childList: true });
  document.querySelector('[data-name=sent]').click();
})"""
HELD, PICTURES = 5000, 300


def test_three_days_without_a_network_fit_and_are_at_hand(station, on_disk):
    page = on_disk
    _one_with_a_picture(station, page)
    page.evaluate(THREE_DAYS, [HELD - 1, PICTURES - 1])
    page.reload()
    page.wait_for_selector("#waiting:has-text('5300')")
    held = page.evaluate("navigator.storage.estimate().then(found => found.usage)")
    figure("5,000 records and 300 pictures on the tablet", held / 1e6, 150, "MB")
    (count, took), opening = page.evaluate(COUNTED), []
    assert count == HELD
    each(took)
    figure("  counted in (median)", statistics.median(took), 100, "ms")
    for _ in range(5):
        tap(page, "back")
        page.wait_for_selector("[data-name=sent]")
        armed(page)
        opening.append(page.evaluate(OPENED))
    each(opening)
    figure("  the list of them opens in (median)", statistics.median(opening), 200, "ms")
    tap(page, "next")
    sign_in(page)
    page.wait_for_selector("[data-name=lot]")
    scan(page, "HELD-2")
    answer_all(page, 1, 12)
    began = time.monotonic()
    submit(page)
    figure("  the next is saved in, with the test's own pauses", (time.monotonic() - began) * 1000, 1500, "ms")
    assert page.evaluate(COUNTED)[0] == HELD + 1


def _one_with_a_picture(station: Served, page: Page) -> None:
    """The first of them is made by hand: twelve checks, a defect, and a picture as heavy as any."""
    station.lot("HELD", "PICTURED", "HELD-1", "HELD-2")
    fetched(page)
    page.context.set_offline(True)
    begin(page, "HELD-1")
    at_step(page, 1)
    for name in ("defect", "code-LEAK", "what-rework"):
        tap(page, name)
    chosen(page, "take", taken(60.0))
    tap(page, "use")
    answer_all(page, 2, 12)
    submit(page)


# --- the whole job behind a slow link ---


@pytest.mark.parametrize("processor", [4, 6])
def test_a_whole_job_is_done_behind_a_slow_link_and_on_a_slow_processor(station, on_disk, processor):
    page, lot = on_disk, f"SLOW{processor}"
    unit = ready(station, page, lot, "TWELVE")
    slow(page, processor, SLOW_LINK)
    page.reload()
    began = time.monotonic()
    begin(page, unit)
    answer_all(page, 1, 12)
    saved = submit(page)
    what = f"twelve checks from the station to 'saved', slow link, processor ÷{processor}"
    figure(what, time.monotonic() - began, 60, "s")
    sent(page, saved)
    figure("  to the receipt", time.monotonic() - began, 75, "s")
    [found] = station.records(lot)
    assert (found["uuid"], found["state"], found["counted"]) == (saved, "accepted", True)
