"""A second person's inspection on the tablet: few taps, none of them twice, and nothing that is saved is ever lost."""

from typing import Any

import pytest

from tests.browser.floor.working import (
    answer_all,
    armed,
    at_step,
    begin,
    keys,
    ready,
    scan,
    sent,
    state_of,
    submit,
    tap,
    taps,
    unlock,
)

pytestmark = [pytest.mark.browser, pytest.mark.waits]

# --- taps (as the page itself counts them) ---


def test_twelve_checks_that_are_all_right_take_thirteen_taps_and_count(station, page):
    begin(page, ready(station, page, "T-12", "TWELVE"))
    answer_all(page, 1, 12)
    uuid = submit(page)
    sent(page, uuid)

    assert taps(page) == 13
    [found] = station.records("T-12")
    assert (found["uuid"], found["unit"], found["state"], found["reasons"]) == (uuid, "T-12-1", "accepted", [])
    assert (found["counted"], found["second_person"], found["result"]) == (True, True, "pass")
    assert [one["method"] for one in found["signatures"]] == ["pin"]


@pytest.mark.campaign
def test_a_defect_takes_fifteen(station, page):
    begin(page, ready(station, page, "T-15", "TWELVE"))
    answer_all(page, 1, 4)
    at_step(page, 5)
    for name in ("defect", "code-LEAK", "what-rework"):
        tap(page, name)
    answer_all(page, 6, 12)
    uuid = submit(page)
    sent(page, uuid)

    assert taps(page) == 15
    [found] = station.records("T-15")
    assert found["result"] == "fail"
    [wrong] = found["nonconformities"]
    assert (wrong["check"], wrong["defect_code"], wrong["disposition"], wrong["units"]) == ("c5", "LEAK", "rework", 1)


@pytest.mark.campaign
def test_ten_checks_and_two_widths_of_three_digits_take_twenty_one(station, page):
    begin(page, ready(station, page, "T-21", "MEASURED"))
    answer_all(page, 1, 10)
    for number, value in ((11, "1.25"), (12, "1,30")):
        at_step(page, number)
        keys(page, value)
        tap(page, "save")
    uuid = submit(page)
    sent(page, uuid)

    assert taps(page) == 21
    [found] = station.records("T-21")
    assert {one["check"]: one["value"] for one in found["answers"]}["right"] == "1.3"
    assert found["result"] == "pass"


# --- none of them twice ---

DEAD_TIME = 440  # ms


# Two taps on one spot, so many ms apart; how many it came to be on a machine that has other things to do.
TWICE = """gap => new Promise(done => {
  const box = document.querySelector('[data-name=ok]').getBoundingClientRect();
  const tap = () => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).click();
  const began = performance.now();
  tap();
  setTimeout(() => { const came = performance.now() - began; tap(); done(came); }, gap);
})"""


def test_two_taps_on_ok_answer_one_check_however_quick_they_are(station, page):
    begin(page, ready(station, page, "D-2", "TWELVE"))
    number = 1
    for gap in (0, 40, 120, 250, 400):
        for _ in range(2):
            at_step(page, number)
            armed(page)
            if page.evaluate(TWICE, gap) < DEAD_TIME:
                break
            number = int(page.locator("#step").inner_text().split()[1])  # too late to be one tap's second half
        number += 1
        at_step(page, number)
        page.wait_for_timeout(600)
        at_step(page, number)


@pytest.mark.campaign
def test_five_taps_on_submit_are_one_record(station, page):
    begin(page, ready(station, page, "D-5", "THREE"))
    answer_all(page, 1, 3, 3)
    page.wait_for_selector("[data-name=submit]")
    armed(page)
    page.evaluate("for (let n = 0; n < 5; n++) document.querySelector('[data-name=submit]').click()")
    uuid = page.wait_for_selector("[data-uuid]").get_attribute("data-uuid")
    sent(page, uuid)

    assert page.locator("[data-uuid]").count() == 1
    assert len(station.records("D-5")) == 1


# --- without a network ---


def test_what_is_begun_offline_is_gone_on_with_and_sent_once(station, page, context):
    unit = ready(station, page, "O-1", "TWELVE")
    context.set_offline(True)
    begin(page, unit)
    answer_all(page, 1, 7)
    at_step(page, 8)
    page.reload()
    unlock(page)
    at_step(page, 8)
    answer_all(page, 8, 12)
    uuid = submit(page)

    assert state_of(page, uuid) == "waiting"
    assert page.locator("#safe").inner_text() == "Saved on this tablet. It sends itself."
    assert "Waiting: 1" in page.locator("#waiting").inner_text()
    page.close()
    again = context.new_page()
    again.goto("/floor")
    again.wait_for_selector("[data-name=sent]")
    context.set_offline(False)
    tap(again, "sent")
    sent(again, uuid)
    assert station.puts() == [(f"/v1/inspections/{uuid}", 201)]
    [found] = station.records("O-1")
    assert (found["state"], found["counted"]) == ("accepted", True)


def test_a_reply_that_is_lost_after_the_commit_is_asked_for_again_and_there_is_one_record(station, page, context):
    begin(page, ready(station, page, "O-2", "THREE"))
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    context.route("**/v1/inspections/*", lose)
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    tap(page, "now")
    sent(page, uuid)

    assert lost == [201]
    assert [status for _, status in station.puts()] == [201, 200]
    assert len(station.records("O-2")) == 1


OURS = {"X-Request-Id": "x"}
NO_RECEIPTS: dict[str, dict[str, Any]] = {
    "a Wi-Fi's login page": {"status": 200, "content_type": "text/html", "body": "<h1>Guest Wi-Fi</h1>"},
    "a fault": {"status": 500, "headers": OURS, "json": {}},
    "a tablet that is not known": {"status": 401, "headers": OURS, "json": {}},
    "too many": {"status": 429, "headers": {**OURS, "Retry-After": "60"}, "json": {}},
    "the receipt of another": {"status": 201, "headers": OURS, "json": {"receipt": "another", "sha256": "0"}},
}


def test_nothing_but_the_services_own_receipt_counts_as_sent(station, page, context):
    begin(page, ready(station, page, "N-1", "THREE"))
    told, asked = list(NO_RECEIPTS.values()), []

    def mock(route):
        asked.append(route.request.url)
        route.fulfill(**told[0])

    context.route("**/v1/inspections/*", mock)
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    for number in range(1, len(NO_RECEIPTS) + 1):
        page.wait_for_timeout(300)
        assert len(asked) == number  # and it does not ask again and again
        assert state_of(page, uuid) == "waiting"
        told.pop(0)
        if told:
            tap(page, "now")
    assert station.records("N-1") == []
    context.unroute("**/v1/inspections/*")
    tap(page, "now")
    sent(page, uuid)


@pytest.mark.campaign
def test_a_record_that_cannot_be_taken_asks_for_help_and_the_others_go_on(station, page, context):
    first = ready(station, page, "N-2", "THREE")
    second = ready(station, page, "N-3", "THREE")
    context.set_offline(True)
    begin(page, first)
    answer_all(page, 1, 3, 3)
    refused = submit(page)
    tap(page, "next")
    scan(page, second)
    answer_all(page, 1, 3, 3)
    taken = submit(page)
    context.route(f"**/v1/inspections/{refused}", lambda route: route.fulfill(
        status=413, headers=OURS, json={"code": "payload_too_large"}
    ))  # fmt: skip
    context.set_offline(False)
    tap(page, "now")
    sent(page, taken)

    assert state_of(page, refused) == "attention"
    assert "needs help" in page.locator(f"[data-uuid='{refused}']").inner_text()
    assert [one["uuid"] for one in station.records("N-3")] == [taken]


# --- two tabs ---


@pytest.mark.campaign
def test_a_draft_is_open_in_one_tab_only(station, page, context):
    begin(page, ready(station, page, "W-1", "THREE"))
    other = context.new_page()
    other.goto("/floor")
    tap(other, "resume")
    unlock(other)

    other.wait_for_selector("text=This inspection is open in another tab.")
    answer_all(page, 1, 1, 3)
    at_step(page, 2, 3)
