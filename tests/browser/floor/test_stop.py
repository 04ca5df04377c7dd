"""Stop the line from the tablet: two taps and a clock that runs; without a network it says so, and is history later."""

from datetime import timedelta

import pytest

from qc_service.calls import rules
from tests.browser.floor.working import Station, answer_all, at_step, begin, enrol, fetched, tap, taps

WHY = "The jam is cleared and the guard is back."


@pytest.fixture(scope="module")
def leader(station: Station):
    """Somebody who leads, and may be told."""
    return station.floor.life.somebody("LEAD", "supervisor", site="S1")


@pytest.fixture(scope="module", autouse=True)
def phone(station: Station, leader):
    leader.done("PATCH", "/lines/L1", {"phone": "1234"})


def standing(page, state):
    return page.wait_for_selector(f"#standing[data-state={state}]", timeout=15_000)


@pytest.mark.campaign
def test_two_taps_stop_the_line_and_the_tablet_shows_who_was_told_who_comes_and_when_it_runs_again(
    station, leader, page
):
    station.lot("S-1", "THREE", "S-1-1")
    fetched(page)
    begin(page, "S-1-1")
    answer_all(page, 1, 1, 3)
    at_step(page, 2, 3)
    before = taps(page)
    tap(page, "stop")
    tap(page, "confirm")
    standing(page, "open")
    assert taps(page) - before == 2
    [call] = [one for one in station.calls() if one["lot"] == "S-1"]
    assert (call["kind"], call["procedure"], call["check"]) == ("stop", "THREE", "t2")
    assert (call["who"]["badge"], call["tablet"], call["late"]) == ("INES", "Tablet 4", False)

    station.work()
    page.wait_for_selector("#standing:has-text('Name of LEAD')")
    first = page.inner_text("#clock")
    page.wait_for_selector(f"#clock:not(:text-is('{first}'))")
    leader.done("POST", f"/calls/{call['uuid']}/answer")
    page.wait_for_selector("#answered:has-text('Coming: Name of LEAD')")
    page.reload()
    page.wait_for_selector("#answered:has-text('Coming: Name of LEAD')")
    leader.done("POST", f"/calls/{call['uuid']}/end", {"reason": WHY})
    standing(page, "ended")
    assert WHY in page.inner_text("#standing")


@pytest.mark.campaign
def test_who_stops_is_asked_once_more_and_goes_on_where_they_were(station, leader, page):
    station.lot("S-2", "THREE", "S-2-1")
    fetched(page)
    begin(page, "S-2-1")
    before = len(station.calls())
    tap(page, "stop")
    tap(page, "cancel")
    at_step(page, 1, 3)
    assert len(station.calls()) == before
    tap(page, "help")
    assert "Name of LEAD" in page.inner_text(".leading")
    assert "Name of INES" not in page.inner_text(".leading")
    tap(page, "confirm")
    standing(page, "open")
    assert [one["kind"] for one in station.calls()[before:]] == ["help"]
    tap(page, "back")
    at_step(page, 1, 3)


def test_without_a_network_it_says_so_in_red_and_what_comes_later_is_history_and_no_alarm(
    station, leader, page, context, monkeypatch
):
    station.work()
    alarms = leader.done("GET", "/alerts?state=all")["data"]
    before = len(station.calls())
    fetched(page)
    context.set_offline(True)
    tap(page, "stop")  # nobody is signed in
    tap(page, "confirm")
    standing(page, "not_sent")
    red = page.locator("#standing .notice--bad")
    assert red.inner_text().endswith("Not sent, no network. Pull the cord or call 1234.")
    assert len(station.calls()) == before
    tap(page, "back")
    page.wait_for_selector("#waiting:has-text('Waiting: 1')")

    monkeypatch.setattr(rules, "LATE_AFTER", timedelta())  # the time has passed
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto("/floor")
    standing_calls(station, again, before + 1)
    call = station.calls()[-1]
    assert (call["late"], call["state"], call["who"]) == (True, "late", None)
    station.work()
    assert leader.done("GET", "/alerts?state=all")["data"] == alarms


def standing_calls(station, page, count):
    for _ in range(50):
        if len(station.calls()) >= count:
            return
        page.wait_for_timeout(200)
    raise AssertionError(station.calls())


OF_BEFORE = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("floor", 1);
  request.onupgradeneeded = () => {
    const base = request.result;
    for (const [name, key] of [["meta", "name"], ["procedures", ["code", "version"]], ["roster", "badge"],
      ["lots", "code"], ["drafts", "uuid"], ["events", ["uuid", "n"]]]) base.createObjectStore(name, { keyPath: key });
    const outbox = base.createObjectStore("outbox", { keyPath: "uuid" });
    outbox.createIndex("seq", "seq", { unique: true });
    outbox.createIndex("state", ["state", "seq"]);
    outbox.createIndex("unsettled", "unsettled");
    base.createObjectStore("media", { keyPath: "sha256" }).createIndex("waiting", "waiting");
    request.transaction.objectStore("meta").put({ name: "next_seq", value: 118 });
  };
  request.onsuccess = () => { request.result.close(); resolve(); };
  request.onerror = () => reject(request.error);
})"""
NEXT = """() => new Promise((resolve) => {
  const request = indexedDB.open("floor");
  request.onsuccess = () => {
    const asked = request.result.transaction("meta").objectStore("meta").get("next_seq");
    asked.onsuccess = () => { request.result.close(); resolve(asked.result.value); };
  };
})"""


@pytest.mark.campaign
def test_a_tablet_that_was_set_up_before_keeps_what_it_has_and_can_stop_its_line(station, leader, context):
    page = context.new_page()
    page.goto("/floor/texts/en.json")
    page.evaluate(OF_BEFORE)
    enrol(page, station)
    assert page.evaluate(NEXT) == 118
    tap(page, "stop")
    tap(page, "confirm")
    standing(page, "open")
