"""What a tablet keeps and for how long, what it saves as a file, and what becomes of it in a newer release."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import access
from tests.browser.floor.test_never_lost import MANY
from tests.browser.floor.working import (
    answer_all,
    at_step,
    begin,
    enrol,
    fetched,
    ready,
    sent,
    sign_in,
    submit,
    tap,
)
from tests.copy_life import PATH
from tests.desk_client import at_desk
from tests.tablet_life import tablet_of

pytestmark = [pytest.mark.browser, pytest.mark.waits]

ROWS = """async () => {
  const { all } = await import('/floor/static/db.js');
  const found = [...await all('outbox'), ...await all('drafts')];
  return found.map(one => [one.uuid, one.state ?? 'draft', one.body !== null]);
}"""


def rows(page):
    """Everything that was answered on the tablet: its address, its state, and whether its body is still there."""
    return {uuid: (state, body) for uuid, state, body in page.evaluate(ROWS)}


# --- what is saved as a file ---


def saved(page) -> dict:
    with page.expect_download() as waiting:
        tap(page, "copy")
    page.wait_for_selector(".notice:has-text('Saved as a file')")
    assert waiting.value.suggested_filename.startswith("qc-Tablet-4-")
    return json.loads(Path(waiting.value.path()).read_text())


def carried(station, file) -> dict:
    answer = station.floor.people["BOSS"]("POST", PATH.removeprefix("/v1"), file)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture(scope="module")
def boss(station):
    station.floor.people["BOSS"] = station.floor.life.somebody("BOSS", "supervisor", site="S1")


def test_what_waits_is_saved_as_a_file_that_the_desk_takes_and_the_tablet_learns_it(station, page, context, boss):
    begin(page, ready(station, page, "COPY", "THREE"))
    context.set_offline(True)
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    page.evaluate(PICTURE, uuid)
    file = saved(page)

    told = carried(station, file)
    assert [(one["uuid"], one["status"]) for one in told["records"]] == [(uuid, "stored")]
    assert [one["status"] for one in told["pictures"]] == ["stored"]
    context.set_offline(False)
    tap(page, "now")
    sent(page, uuid)
    page.wait_for_selector("#waiting:has-text('All sent')")
    [found] = station.records("COPY")
    assert (found["uuid"], found["state"], found["reasons"]) == (uuid, "accepted", [])
    assert [status for path, status in station.puts() if path.endswith(uuid)] == [200]


PICTURE = """async uuid => {
  const { sha256 } = await import('/floor/static/outbox.js');
  const { put } = await import('/floor/static/db.js');
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext('2d').fillRect(5, 5, 9, 9);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
  await put('media', { sha256: await sha256(await blob.arrayBuffer()), blob, waiting: uuid });
}"""


@pytest.mark.campaign
def test_the_copy_of_a_tablet_that_was_withdrawn_is_taken_with_everything_it_holds(station, context, boss):
    station.lot("GONE", "THREE")
    other = tablet_of(station.floor, "Tablet 4")
    page = context.new_page()
    enrol(page, replace(station, tablet=other))
    fetched(page)
    context.set_offline(True)
    made = page.evaluate(MANY, ["GONE", 12])
    with connected():
        access.revoke_device(audit.COMMAND, other.id)
    context.set_offline(False)
    tap(page, "sent")
    file = saved(page)

    told = carried(station, file)
    assert (told["revoked"], [one["status"] for one in told["records"]]) == (True, ["stored"] * 12)
    assert sorted(one["uuid"] for one in station.records("GONE")) == sorted(made)
    assert [one["status"] for one in carried(station, file)["records"]] == ["here"] * 12
    assert at_desk(station.floor.life.app, "BOSS").get("/tablets/copies").status_code == 200


# --- for how long ---

TIDY = """async days => {
  const { tidy } = await import('/floor/static/tidy.js');
  await tidy(Date.now() + days * 86_400_000);
}"""
PUT = """async ([stores]) => {
  const { put } = await import('/floor/static/db.js');
  for (const [store, rows] of Object.entries(stores)) for (const row of rows) await put(store, row);
}"""


def entry(uuid, seq, state, **more):
    when = "2026-03-02T06:00:00.000Z"
    return {
        "uuid": uuid, "seq": seq, "state": state, "body": "{}", "sha256": "0" * 64, "seal": "s", "media": [],
        "lot": "A", "unit": None, "inspector": {"badge": "INES"}, "submitted_at": when, "tries": 0, "error": None,
        "receipt": uuid if state == "sent" else None, "sent_at": when if state == "sent" else None, **more,
    }  # fmt: skip


def test_what_was_sent_goes_by_and_by_and_what_was_not_never(station, page):
    tap(page, "sent")
    states = {"a": "sent", "b": "waiting", "c": "attention"}
    kept = [entry(uuid, 900 + n, state) for n, (uuid, state) in enumerate(states.items())]
    page.evaluate(PUT, [{"outbox": kept, "drafts": [{"uuid": "d", "updated_at": "2020-01-01T00:00:00Z"}]}])
    page.evaluate("""async () => {
      const { get, put } = await import('/floor/static/db.js');
      await put('outbox', { ...await get('outbox', 'a'), answered_at: Date.now() });
    }""")
    stays = {"b": ("waiting", True), "c": ("attention", True), "d": ("draft", True)}
    for days, a in ((6.9, ("sent", True)), (7.1, ("sent", False)), (89.9, ("sent", False)), (90.1, None), (4000, None)):
        page.evaluate(TIDY, days)
        assert rows(page) == {**({"a": a} if a else {}), **stays}


DAYS = """days => {
  const real = Date.now.bind(Date), shift = days * 86_400_000, Old = Date;
  globalThis.Date = class extends Old {
    constructor(...given) { given.length ? super(...given) : super(real() + shift); }
    static now() { return real() + shift; }
  };
}"""


@pytest.mark.campaign
def test_a_tablet_that_is_opened_a_week_later_tidies_up_and_keeps_what_it_did_not_send(station, page, context):
    begin(page, ready(station, page, "WEEK", "THREE"))
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    sent(page, uuid)
    context.set_offline(True)
    page.evaluate(PUT, [{"outbox": [entry("b", 901, "waiting")]}])
    assert rows(page) == {uuid: ("sent", True), "b": ("waiting", True)}
    for days, left in ((6, ("sent", True)), (8, ("sent", False)), (91, None)):
        later = context.new_page()
        later.add_init_script(f"({DAYS})({days})")
        later.goto("/floor")
        later.wait_for_selector("[data-name=sent]")
        for _ in range(50):
            if rows(later).get(uuid) == left:
                break
            later.wait_for_timeout(100)
        assert rows(later) == {**({uuid: left} if left else {}), "b": ("waiting", True)}
        later.close()
    context.set_offline(False)


# --- in a newer release ---

# The database as its first release made it, written down here once and never changed.
FIRST = """async ([token, device, line, draft, waiting, old]) => {
  const base = await new Promise((resolve, reject) => {
    const request = indexedDB.open('floor', 1);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
    request.onupgradeneeded = () => {
      const made = request.result;
      made.createObjectStore('meta', { keyPath: 'name' });
      made.createObjectStore('procedures', { keyPath: ['code', 'version'] });
      made.createObjectStore('roster', { keyPath: 'badge' });
      made.createObjectStore('lots', { keyPath: 'code' });
      made.createObjectStore('drafts', { keyPath: 'uuid' });
      const outbox = made.createObjectStore('outbox', { keyPath: 'uuid' });
      outbox.createIndex('seq', 'seq', { unique: true });
      outbox.createIndex('state', ['state', 'seq']);
      made.createObjectStore('media', { keyPath: 'sha256' }).createIndex('waiting', 'waiting');
      made.createObjectStore('events', { keyPath: ['uuid', 'n'] });
    };
  });
  const at = base.transaction(['meta', 'drafts', 'outbox'], 'readwrite');
  const put = (store, value) => at.objectStore(store).put(value);
  put('meta', { name: 'token', value: token });
  put('meta', { name: 'device', value: device });
  put('meta', { name: 'line', value: line });
  put('meta', { name: 'next_seq', value: 3 });
  put('drafts', draft);
  put('outbox', waiting);
  put('outbox', old);
  await new Promise(resolve => { at.oncomplete = resolve; });
  base.close();
}"""


@pytest.mark.campaign
def test_a_tablet_of_the_first_release_keeps_everything_and_goes_on(station, context):
    """Its draft is finished, its record is sent, its number goes on."""
    station.lot("FIRST", "THREE", "FIRST-1", "FIRST-2")
    tablet = tablet_of(station.floor, "Tablet 1")
    line = {"code": "L1", "name": "L1", "site": "S1"}
    person = {"badge": "INES", "name": "Ines", "language": "en"}
    about = {"lot": "FIRST", "procedure": "THREE", "version": 1, "line": line, "units_inspected": 1}
    body = json.dumps({
        "lot": "FIRST", "unit": "FIRST-2", "site": "S1", "procedure": "THREE", "version": 1, "inspector": "INES",
        "answers": {name: {"value": "ok"} for name in ("t1", "t2", "t3")}, "nonconformities": [],
        "units_inspected": 1, "observed_at": "2026-03-02T06:00:00.000Z", "clock_offset_ms": None, "device_seq": 1,
    })  # fmt: skip
    uuids = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
    draft = {
        **about, "uuid": uuids[0], "unit": "FIRST-1", "inspector": person, "nonconformities": {}, "at": 1, "taps": 1,
        "begun_at": "2026-03-02T06:00:00.000Z", "updated_at": "2026-03-02T06:00:05.000Z", "jumped": False,
        "answers": {"t1": {"value": "ok", "shown_at": "2026-03-02T06:00:00Z", "at": "2026-03-02T06:00:05Z"}},
    }  # fmt: skip
    waiting = {
        **about, "uuid": uuids[1], "seq": 1, "state": "waiting", "body": body, "seal": "", "inspector": person,
        "submitted_at": "2026-03-02T06:00:00.000Z", "unit": "FIRST-2", "tries": 2, "error": None, "receipt": None,
        "sent_at": None,
    }  # fmt: skip
    page = context.new_page()
    page.goto("/healthz")
    waiting["sha256"] = page.evaluate(HASH, body)
    old = {**waiting, "uuid": "old", "seq": 2, "state": "sent", "receipt": "old", "sent_at": "2026-03-02T06:00:00Z"}
    device = {"id": tablet.id, "name": "Tablet 1"}
    page.evaluate(FIRST, [tablet.token, device, line, draft, waiting, old])

    page.goto("/floor")
    fetched(page)
    page.wait_for_selector("#waiting:has-text('All sent')")
    tap(page, "resume")
    sign_in(page)
    at_step(page, 2, 3)
    answer_all(page, 2, 3, 3)
    sent(page, submit(page))
    assert sorted(one["uuid"] for one in station.records("FIRST")) == sorted(uuids)
    assert page.evaluate("import('/floor/static/db.js').then(({ meta }) => meta('next_seq'))") == 4
    assert rows(page)[uuids[1]] == ("sent", True)


HASH = """async text => [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))]
    .map(byte => byte.toString(16).padStart(2, '0')).join('')"""
