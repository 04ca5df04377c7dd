"""What a tablet says is saved arrives once: over a link that spoils what is sent, and whatever ends the browser."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qc_service.db import connected
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from tests.browser.floor.faulty import FAULTS, Link
from tests.browser.floor.making import MANY
from tests.browser.floor.working import TABLET, answer_all, begin, checks, confirm, enrol, launched, submit, tap

pytestmark = [pytest.mark.browser, pytest.mark.waits]

STATES = """async () => {
  const { count } = await import('/floor/static/outbox.js');
  return [await count('waiting'), await count('sent'), await count('attention')];
}"""
# The pauses between tries are for networks; a test need not wait for them.
HURRY = """async () => {
  const { wake } = await import('/floor/static/sender.js');
  const { count } = await import('/floor/static/outbox.js');
  for (let tries = 0; tries < 20000 && await count('waiting'); tries++) await wake();
}"""


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.campaign)])
def test_over_a_link_that_spoils_every_third_request_none_is_lost_and_none_is_doubled(station, browser, count):
    lot = station.lot(f"MANY-{count}", "THREE")
    port = int(station.url.rpartition(":")[2])
    with closing(Link(port, 0.35, random.Random(1))) as link:
        context = browser.new_context(base_url=link.url, viewport=TABLET)
        page = context.new_page()
        enrol(page, station)
        context.set_offline(True)
        made = page.evaluate(MANY, [lot, count])
        context.set_offline(False)
        page.evaluate(HURRY)

        assert page.evaluate(STATES) == [0, count, 0]
        context.close()
    assert len(set(made)) == count
    arrived, variants = _arrived(made)
    assert sorted(arrived) == sorted(made)  # each once
    assert variants == 0
    assert len(link.spoiled) >= len(FAULTS) - 1  # all of them, where there is the time
    assert len(station.puts()) > count  # some came twice, and counted once


def test_two_tabs_send_each_record_once(station, page, context):
    lot = station.lot("TABS", "THREE")
    context.set_offline(True)
    made = page.evaluate(MANY, [lot, 30])
    other = context.new_page()
    other.goto("/floor")
    other.wait_for_selector("[data-name=sent]")
    context.set_offline(False)
    for one in (page, other):
        one.evaluate("import('/floor/static/sender.js').then(({ wake }) => { wake(); })")
    tap(page, "sent")
    page.wait_for_selector("#waiting:has-text('All sent')")

    assert page.evaluate(STATES) == [0, 30, 0]
    assert sorted(path.rpartition("/")[2] for path, _ in station.puts()) == sorted(made)


# --- what ends the browser ---


MANY_KILLS = pytest.param(100, marks=[pytest.mark.campaign, pytest.mark.kill])


@pytest.mark.parametrize("kills", [1, MANY_KILLS])
def test_whatever_was_said_to_be_saved_is_there_after_the_browser_was_killed(station, playwright_of, tmp_path, kills):
    station.publish("ONE", checks(confirm("only"), title="One check"), "INES")
    saved, began = [], time.monotonic()
    for number in range(kills):
        station.lot(f"KILL-{kills}-{number}", "ONE", f"K-{kills}-{number}")
        page = launched(playwright_of, station, tmp_path).pages[0]
        if number == 0:
            enrol(page, station)
        else:  # what the last one left is being sent meanwhile
            page.goto("/floor")
        page.wait_for_selector("body[data-fetched]")
        page.context.set_offline(True)
        begin(page, f"K-{kills}-{number}")
        answer_all(page, 1, 1, 1)
        saved.append(submit(page))
        _kill(tmp_path)
    sys.stdout.write(f"\nthe browser killed {kills} times: {(time.monotonic() - began) / kills:.1f} s each")

    with closing(launched(playwright_of, station, tmp_path)) as context:
        page = context.pages[0]
        page.goto("/floor")
        page.wait_for_selector("#waiting:has-text('All sent')", timeout=60_000)
    assert sorted(_arrived(saved)[0]) == sorted(saved)


def _arrived(uuids: list[str]) -> tuple[list[str], int]:
    with connected():
        found = [row.uuid for row in InspectionRecord.select().where(InspectionRecord.uuid.in_(uuids))]
        return found, InspectionVariant.select().where(InspectionVariant.uuid.in_(uuids)).count()


@pytest.fixture(scope="module")
def playwright_of(browser: Any) -> Any:
    """The driver behind the module's browser, to start others with a folder of their own."""
    return browser.browser_type


def _kill(home: Path) -> None:
    """Every process of the browser with this folder, at once and without a word."""
    found = subprocess.run(["pgrep", "-f", f"qc-profile={home}"], capture_output=True, text=True, check=False).stdout
    for pid in found.split():
        os.kill(int(pid), signal.SIGKILL)
