"""What happens to a tablet meanwhile: its clock is set, a release comes, its memory is full, its database is shut."""

from datetime import datetime

import pytest

from qc_service.floor import shell, words
from tests.browser.floor.working import (
    READER,
    answer_all,
    armed,
    at_step,
    begin,
    fetched,
    ready,
    sent,
    submit,
    tap,
)

pytestmark = [pytest.mark.browser, pytest.mark.waits]

AHEAD = """hours => {
  const real = Date.now.bind(Date), shift = hours * 3600_000, Old = Date;
  globalThis.Date = class extends Old {
    constructor(...given) { given.length ? super(...given) : super(real() + shift); }
    static now() { return real() + shift; }
  };
}"""


@pytest.mark.campaign
@pytest.mark.parametrize("hours", [25, pytest.param(-25, marks=pytest.mark.campaign)])
def test_a_clock_that_is_a_day_off_changes_neither_the_order_nor_the_time(station, page, hours):
    unit = ready(station, page, f"CLOCK{hours}", "THREE")
    page.add_init_script(f"({AHEAD})({hours})")
    fetched(page)
    begin(page, unit)
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    sent(page, uuid)

    [found] = station.records(f"CLOCK{hours}")
    assert (found["state"], found["reasons"], found["counted"]) == ("accepted", ["time_estimated"], True)
    assert abs(seconds(found["received_at"]) - seconds(found["happened_at"])) < 30


@pytest.mark.campaign
def test_a_clock_that_is_set_while_somebody_works_makes_the_time_an_estimate(station, page):
    begin(page, ready(station, page, "JUMP", "THREE"))
    answer_all(page, 1, 1, 3)
    at_step(page, 2, 3)
    page.evaluate(AHEAD, 3)
    answer_all(page, 2, 3, 3)
    sent(page, submit(page))

    [found] = station.records("JUMP")
    assert (found["state"], found["reasons"]) == ("accepted", ["time_estimated"])


@pytest.mark.campaign
def test_a_new_release_leaves_an_open_draft_alone_and_begins_when_the_app_is_opened_anew(
    station, page, context, monkeypatch
):
    begin(page, ready(station, page, "RELEASE", "THREE"))
    answer_all(page, 1, 1, 3)
    before = page.locator("meta[name=release]").get_attribute("content")
    monkeypatch.setitem(words.TEXTS, "check.ok", words.TEXTS["check.next"])
    _forget()
    page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => null)")
    page.wait_for_timeout(1500)
    at_step(page, 2, 3)
    assert page.locator("[data-name=ok]").inner_text().endswith("OK")
    answer_all(page, 2, 3, 3)
    sent(page, submit(page))
    page.close()
    again = context.new_page()
    for _ in range(20):  # the browser lets the old one go a moment after its last page
        again.goto("about:blank")
        again.wait_for_timeout(300)
        again.goto("/floor")
        if again.locator("meta[name=release]").get_attribute("content") == shell.release():
            break
    now = again.locator("meta[name=release]").get_attribute("content")
    monkeypatch.undo()
    _forget()
    assert now != before


@pytest.mark.campaign
def test_a_new_release_begins_by_itself_where_it_disturbs_nobody(station, page, monkeypatch):
    begin(page, ready(station, page, "RENEW", "THREE"))
    answer_all(page, 1, 1, 3)
    at_step(page, 2, 3)
    before = page.locator("meta[name=release]").get_attribute("content")
    monkeypatch.setitem(words.TEXTS, "check.ok", words.TEXTS["check.next"])
    _forget()
    page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => null)")
    page.go_back()
    page.wait_for_selector("[data-name=resume]")
    page.wait_for_timeout(4000)  # a draft is open, and somebody signed in
    assert page.locator("meta[name=release]").get_attribute("content") == before
    tap(page, "resume")
    answer_all(page, 2, 3, 3)
    sent(page, submit(page))
    tap(page, "back")
    tap(page, "who")  # whoever leaves signs out
    tap(page, "back")
    page.wait_for_selector(f"meta[name=release][content='{shell.release()}']", state="attached")
    page.wait_for_selector("[data-name=inspect]")
    monkeypatch.undo()
    _forget()


@pytest.mark.campaign
def test_a_database_that_the_browser_shuts_is_opened_again(station, page):
    begin(page, ready(station, page, "SHUT", "THREE"))
    answer_all(page, 1, 1, 3)
    page.evaluate("""import('/floor/static/db.js').then(({ run }) => run(['meta'], 'readonly', (at) => {
        const base = at('meta').transaction.db; setTimeout(() => base.close()); }))""")
    page.wait_for_timeout(200)
    answer_all(page, 2, 3, 3)
    sent(page, submit(page))

    assert len(station.records("SHUT")) == 1


@pytest.mark.campaign
def test_an_answer_that_cannot_be_kept_is_not_taken_for_one(station, page):
    begin(page, ready(station, page, "FULL", "THREE"))
    page.evaluate("""() => { IDBObjectStore.prototype.put_ = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); }; }""")
    tap(page, "ok")
    page.wait_for_selector(".notice--bad")
    at_step(page, 1, 3)
    page.evaluate("() => { IDBObjectStore.prototype.put = IDBObjectStore.prototype.put_; }")
    answer_all(page, 1, 3, 3)
    sent(page, submit(page))

    assert len(station.records("FULL")) == 1


@pytest.mark.campaign
def test_a_reader_is_told_from_somebody_who_types(station, page):
    unit = ready(station, page, "READER", "THREE")
    tap(page, "inspect")
    page.wait_for_selector("[data-badge=INES]")
    armed(page)
    for key in "INES":
        page.keyboard.press(key)
        page.wait_for_timeout(130)
    page.keyboard.press("Enter")
    assert page.locator(".keypad").count() == 0
    page.evaluate(READER, [*"INES", "Enter"])
    page.wait_for_selector(".keypad")
    assert unit


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _forget() -> None:
    words.catalogue.cache_clear()
    shell.release.cache_clear()
