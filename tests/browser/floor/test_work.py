"""The work itself on the tablet: step by step with or without a network, and whoever made it is known to have."""

import json
from typing import Any

import pytest

from tests.browser.floor.jobs import (
    JOB,
    at_work_step,
    begin_work,
    bring_in,
    deed,
    deeds,
    finish,
    to_make,
    to_step,
)
from tests.browser.floor.kinds import chosen
from tests.browser.floor.test_floor import NO_RECEIPTS, TWICE
from tests.browser.floor.working import PINS, armed, at_step, fetched, keys, scan, sent, sign_in, state_of, tap
from tests.pictures import jpeg

WAKE = "import('/floor/static/sender.js').then(({ wake }) => { wake(); })"

pytestmark = [pytest.mark.browser, pytest.mark.waits]


@pytest.fixture(scope="module", autouse=True)
def job(station):
    bring_in(station)


def _makers(station: Any, lot: str) -> list[tuple[str, str | None]]:
    return [(one["badge"], one["unit"]) for one in station.floor.plant.call("GET", f"/v1/lots/{lot}").json["makers"]]


def test_work_goes_on_after_a_reload_without_a_network_and_its_maker_is_known_before_and_after_it_is_sent(
    station, page, context
):
    unit = to_make(station, page, "J-1")
    context.set_offline(True)
    begin_work(page, unit)
    to_step(page, 2)
    page.wait_for_selector("[data-kind=good] img")  # fetched ahead
    page.reload()
    sign_in(page, "OMAR")
    at_work_step(page, 2)
    made = finish(page)

    assert state_of(page, made) == "waiting"
    assert "Waiting: 1" in page.locator("#waiting").inner_text()
    tap(page, "back")
    tap(page, "inspect")  # now as an inspector
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    page.wait_for_selector("#notices:has-text('You made it: somebody else has to check it')")
    context.set_offline(False)
    tap(page, "back")
    tap(page, "sent")
    page.evaluate(WAKE)  # Chromium says that there is a network a moment before there is; the next try is in a while
    sent(page, made)
    assert _makers(station, "J-1") == [("OMAR", unit)]


@pytest.mark.campaign
def test_two_taps_on_next_are_one_step(station, page):
    begin_work(page, to_make(station, page, "J-2"))
    armed(page)
    page.evaluate(TWICE.replace("[data-name=ok]", "[data-name=next]"), 0)
    at_work_step(page, 1)
    page.wait_for_timeout(600)
    at_work_step(page, 1)
    page.evaluate("for (let n = 0; n < 5; n++) document.querySelector('[data-name=next]').click()")
    at_work_step(page, 2)
    page.wait_for_timeout(600)
    at_work_step(page, 2)


@pytest.mark.campaign
def test_five_taps_on_i_made_it_are_one_deed(station, page):
    begin_work(page, to_make(station, page, "J-3"))
    to_step(page, 3)
    tap(page, "next")
    page.wait_for_selector("[data-name=made]")
    armed(page)
    page.evaluate("for (let n = 0; n < 5; n++) document.querySelector('[data-name=made]').click()")
    sent(page, page.wait_for_selector("[data-deed=made]").get_attribute("data-uuid"))

    assert page.locator("[data-deed]").count() == 1
    assert _makers(station, "J-3") == [("OMAR", "J-3-1")]


@pytest.mark.campaign
def test_a_wrong_pin_counts_for_nothing_is_shown_with_its_reason_and_is_put_right_by_signing_again(
    station, page, context
):
    unit = to_make(station, page, "J-4")
    context.set_offline(True)
    begin_work(page, unit, pin="111111")
    made = finish(page)
    context.set_offline(False)
    tap(page, "now")
    page.wait_for_selector(f"[data-uuid='{made}'][data-state=refused]")

    assert "Sign in with your own badge and PIN" in page.locator(f"[data-uuid='{made}']").inner_text()
    assert "All sent" in page.locator("#waiting").inner_text()
    assert _makers(station, "J-4") == []
    tap(page, "who")
    sign_in(page, "OMAR")
    tap(page, "sent")
    tap(page, "sign-again")
    page.wait_for_selector("[data-deed=made][data-state=sent]")
    assert _makers(station, "J-4") == [("OMAR", unit)]
    assert page.locator("[data-name=sign-again]").count() == 0


@pytest.mark.campaign
def test_work_is_gone_on_with_by_who_began_it_and_another_begins_their_own(station, page):
    unit = to_make(station, page, "J-5")
    begin_work(page, unit)
    to_step(page, 2)
    tap(page, "who")
    sign_in(page, "INES")
    tap(page, "go-on")
    page.wait_for_selector("text=is doing this")
    tap(page, "back")
    tap(page, "work")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    sent(page, finish(page))
    tap(page, "who")
    sign_in(page, "OMAR")
    tap(page, "go-on")
    at_work_step(page, 2)
    sent(page, finish(page))

    assert sorted(_makers(station, "J-5")) == [("INES", unit), ("OMAR", unit)]


@pytest.mark.campaign
def test_work_begun_by_mistake_is_left_and_says_nothing_of_anybody(station, page):
    begin_work(page, to_make(station, page, "J-6"))
    tap(page, "leave")
    page.wait_for_selector("[data-name=work]")

    assert page.locator("[data-name=go-on]").count() == 0
    assert _makers(station, "J-6") == []


@pytest.mark.campaign
def test_work_by_a_version_that_was_replaced_meanwhile_says_so_and_ends_by_the_version_it_was_begun_with(station, page):
    bring_in(station, "OLD")
    begin_work(page, to_make(station, page, "O-1", "OLD"))
    to_step(page, 1)
    station.publish("OLD", {**JOB, "purpose": "Every can leaves tight."})
    fetched(page)
    sign_in(page, "OMAR")
    at_work_step(page, 1)
    page.wait_for_selector(".notice--bad:has-text('Version 2 is in force now')")
    made = finish(page)
    sent(page, made)

    assert json.loads(deed(made).body)["version"] == 1
    assert "version 2 was in force" in page.locator(f"[data-uuid='{made}']").inner_text()


# --- read and understood ---


@pytest.mark.campaign
@pytest.mark.parametrize("offline", [False, True])
def test_what_changed_is_read_first_and_signed_and_who_then_inspects_is_qualified(station, page, context, offline):
    code = f"NEWS-{offline}".upper()
    bring_in(station, code)
    changed = {**JOB, "steps": [{**JOB["steps"][0], "text": "Put the lid on, notch first."}, *JOB["steps"][1:]]}
    changed["checks"] = [*JOB["checks"][:2], {**JOB["checks"][2], "max": "1.28"}]
    version = station.publish(code, changed)
    unit = to_make(station, page, f"{code}-L", code)
    context.set_offline(offline)
    tap(page, "inspect")
    sign_in(page, "INES")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    page.wait_for_selector("#main:has-text('You have not read the procedure in force')")
    tap(page, "read-now")
    page.wait_for_selector("[data-name=sign]")
    news = page.locator(".changed")
    assert "1.28" in news.inner_text()
    assert news.bounding_box()["y"] < page.locator(".whole").first.bounding_box()["y"]
    tap(page, "sign")
    page.wait_for_selector("#notices:has-text('Signed')")
    tap(page, "back")
    tap(page, "inspect")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    page.wait_for_selector("#step")  # nothing is in the way any more
    tap(page, "ok")
    at_step(page, 2, 3)
    tap(page, "ok")
    at_step(page, 3, 3)
    armed(page)
    keys(page, "1,25")
    tap(page, "save")
    tap(page, "submit")
    record = page.wait_for_selector("[data-uuid]:not([data-deed])").get_attribute("data-uuid")
    context.set_offline(False)
    tap(page, "now")
    sent(page, record)
    page.wait_for_selector("[data-deed=read][data-state=sent]")

    [read] = [one for one in deeds("read") if json.loads(one.body)["procedure"] == code]
    assert (read.badge, read.state, json.loads(read.body)["version"]) == ("INES", "done", version)
    [found] = station.records(f"{code}-L")
    assert "not_qualified" not in found["reasons"]


@pytest.mark.campaign
def test_the_station_says_how_much_there_is_to_read(station, page):
    bring_in(station, "UNREAD")
    to_make(station, page, "U-1", "UNREAD")
    tap(page, "read")
    sign_in(page, "MIA")
    page.wait_for_selector("[data-name=to-read][data-procedure=UNREAD]")
    count = page.locator("[data-name=to-read]").count()
    tap(page, "back")
    page.wait_for_selector(f"#unread:has-text('Procedures to read: {count}')")


# --- this does not work, and asking to deviate ---


@pytest.mark.campaign
def test_a_step_that_does_not_work_is_reported_with_a_photo_without_a_network(station, page, context):
    unit = to_make(station, page, "J-7")
    context.set_offline(True)
    begin_work(page, unit)
    to_step(page, 2)
    tap(page, "trouble")
    tap(page, "trouble-unsafe")
    page.wait_for_selector(".notice--bad:has-text('Call a supervisor')")
    chosen(page, "take", jpeg(seed=7))
    page.fill("#words", "The guard is off.")
    tap(page, "send")
    page.wait_for_selector("#notices:has-text('Reported')")
    at_work_step(page, 2)
    assert "Waiting: 2" in page.locator("#waiting").inner_text()  # the report and its picture
    context.set_offline(False)
    page.wait_for_selector("#waiting:has-text('All sent')")

    report = deeds("step_report")[-1]
    told = json.loads(report.body)
    assert (report.state, told["step"], told["text"]) == ("done", "seal", "It is not safe: The guard is off.")
    assert station.arrived(told["photo"])


@pytest.mark.campaign
def test_to_ask_to_deviate_permits_nothing_and_reaches_who_decides(station, page):
    begin_work(page, to_make(station, page, "J-8"))
    to_step(page, 2)
    tap(page, "deviate")
    page.wait_for_selector(".notice:has-text('This only asks')")
    tap(page, "check-seam")
    tap(page, "reason-other")
    page.wait_for_selector(".keypad")
    armed(page)
    keys(page, "12")
    tap(page, "continue")
    tap(page, "days-3")
    tap(page, "send")
    page.wait_for_selector("#notices:has-text('Say why')")
    page.fill("#words", "Thicker lids came.")
    tap(page, "send")
    page.wait_for_selector("#notices:has-text('until somebody approves')")
    page.wait_for_selector("#waiting:has-text('All sent')")

    assert deeds("deviation")[-1].state == "done"
    [asked] = [one for one in station.chief.done("GET", "/deviations?procedure=JOB")["data"] if one["lot"] == "J-8"]
    assert (asked["check"], asked["asked_quantity"], asked["reason"], asked["state"]) == (
        "seam", 12, "Thicker lids came.", "asked",
    )  # fmt: skip


# --- nothing is lost ---


@pytest.mark.campaign
def test_nothing_but_the_services_own_receipt_counts_as_sent(station, page, context):
    unit = to_make(station, page, "J-9")
    told, asked = [*NO_RECEIPTS.values()], []

    def mock(route):
        asked.append(route.request.url)
        route.fulfill(**told[0])

    context.route("**/v1/floor/deeds/*", mock)
    begin_work(page, unit)
    made = finish(page)
    for number in range(1, len(NO_RECEIPTS) + 1):
        page.wait_for_timeout(300)
        assert len(asked) == number
        assert state_of(page, made) == "waiting"
        told.pop(0)
        if told:
            tap(page, "now")
    assert deed(made) is None
    context.unroute("**/v1/floor/deeds/*")
    tap(page, "now")
    sent(page, made)


@pytest.mark.campaign
def test_a_saved_copy_holds_what_was_done_and_not_the_pin(station, page, context):
    unit = to_make(station, page, "J-10")
    context.set_offline(True)
    begin_work(page, unit)
    made = finish(page)
    armed(page)
    with page.expect_download() as download:
        page.click("[data-name=copy]")

    saved = download.value.path().read_text()
    [kept] = json.loads(saved)["deeds"]
    assert (kept["uuid"], json.loads(kept["body"])["unit"]) == (made, unit)
    assert PINS["OMAR"] not in saved


# What a tablet of the release before holds: its database in the schema before this one, with a record that waits.
BEFORE = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.open('floor', 2);
  asked.onupgradeneeded = () => {
    const base = asked.result;
    base.createObjectStore('meta', {keyPath: 'name'});
    base.createObjectStore('procedures', {keyPath: ['code', 'version']});
    base.createObjectStore('roster', {keyPath: 'badge'});
    base.createObjectStore('lots', {keyPath: 'code'});
    base.createObjectStore('drafts', {keyPath: 'uuid'});
    const outbox = base.createObjectStore('outbox', {keyPath: 'uuid'});
    outbox.createIndex('seq', 'seq', {unique: true});
    outbox.createIndex('state', ['state', 'seq']);
    outbox.createIndex('unsettled', 'unsettled');
    base.createObjectStore('media', {keyPath: 'sha256'}).createIndex('waiting', 'waiting');
    base.createObjectStore('events', {keyPath: ['uuid', 'n']});
    base.createObjectStore('calls', {keyPath: 'uuid'}).createIndex('state', 'state');
    outbox.put({uuid: 'a', seq: 1, state: 'waiting', body: '{}', sha256: '0', seal: '', inspector: {badge: 'INES'}});
  };
  asked.onsuccess = () => { asked.result.close(); resolve(); };
  asked.onerror = () => reject(asked.error);
})"""
STORES = """async () => {
  const { all } = await import('/floor/static/db.js');
  const waiting = await all('outbox');
  const asked = indexedDB.open('floor');
  await new Promise(done => { asked.onsuccess = done; });
  const here = [...asked.result.objectStoreNames];
  return [asked.result.version, waiting.map(one => one.uuid), here.filter(one => /deeds|works|pictures/.test(one))];
}"""


def test_a_tablet_of_the_release_before_keeps_what_waits_and_can_keep_deeds(context, station):
    page = context.new_page()
    page.goto("/floor/static/icon.svg")
    page.evaluate(BEFORE)
    page.goto("/floor")
    page.wait_for_selector("#code")

    assert page.evaluate(STORES) == [3, ["a"], ["deeds", "pictures", "works"]]
