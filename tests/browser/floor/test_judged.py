"""What the service makes of a record comes back to whoever made it, in their words, with what to do about it."""

import copy

import pytest

from tests.browser.floor.working import (
    PINS,
    THREE,
    answer_all,
    armed,
    at_step,
    begin,
    checks,
    confirm,
    keys,
    measure,
    ready,
    scan,
    sent,
    sign_in,
    submit,
    tap,
    taps,
)

pytestmark = [pytest.mark.browser, pytest.mark.waits]

WIDTH = checks(confirm("a"), confirm("b"), measure("w"), title="A width")


def told(page, uuid):
    return page.wait_for_selector(f"[data-uuid='{uuid}'] .sent__told").inner_text().strip()


def answer_width(page):
    answer_all(page, 1, 2, 3)
    at_step(page, 3, 3)
    armed(page)
    keys(page, "1.25")
    tap(page, "save")


def finished_late(station, page, context, code, first, second):
    """Begun by version 1 without a network, and finished after version 2 came into force."""
    station.publish(code, first, "INES")
    unit = ready(station, page, f"LOT-{code}", code)
    context.set_offline(True)
    begin(page, unit)
    station.publish(code, second, "INES")
    (answer_width if first is WIDTH else lambda one: answer_all(one, 1, 3, 3))(page)
    uuid = submit(page)
    context.set_offline(False)
    sent(page, uuid)
    station.floor.plant.work()
    tap(page, "now")
    return uuid


@pytest.mark.campaign
def test_words_that_changed_meanwhile_do_not_matter(station, page, context):
    other = copy.deepcopy(THREE)
    other["checks"][0]["help"] = "Look at the seam."

    uuid = finished_late(station, page, context, "WORDING", THREE, other)

    assert told(page, uuid) == "It counts, and it is a check by a second person."
    [found] = station.records("LOT-WORDING")
    assert (found["version"], found["reasons"], found["counted"]) == (1, ["old_version"], True)


@pytest.mark.campaign
def test_of_checks_that_changed_meanwhile_only_those_are_answered_again(station, page, context):
    tighter = copy.deepcopy(WIDTH)
    tighter["checks"][2]["max"] = "1.28"

    uuid = finished_late(station, page, context, "CHANGED", WIDTH, tighter)
    assert told(page, uuid) == "! Checks had changed since its version: only those are to be checked again."
    tap(page, "recheck")
    at_step(page, 1, 1)
    armed(page)
    keys(page, "1.26")
    tap(page, "save")
    again = submit(page)
    sent(page, again)

    assert taps(page) == 4 + 2  # four keys, saved, submitted
    first, second = station.records("LOT-CHANGED")
    assert (first["uuid"], second["amends"], second["version"]) == (uuid, uuid, 2)
    assert {one["check"]: one["value"] for one in second["answers"]} == {"a": "ok", "b": "ok", "w": "1.26"}
    assert page.locator("[data-name=recheck]").count() == 0


@pytest.mark.campaign
def test_whoever_turns_out_to_have_made_it_is_told_so_plainly(station, page):
    begin(page, ready(station, page, "OWN", "THREE"))
    station.floor.plant.call("POST", "/v1/lots/OWN/makers", {"makers": ["INES"]})
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    sent(page, uuid)
    station.floor.plant.work()
    tap(page, "now")

    assert told(page, uuid).endswith("it is kept as their own check, and another person inspects.")


@pytest.mark.campaign
def test_a_pin_that_was_mistyped_without_a_network_shows_when_it_is_sent(station, page, context):
    unit = ready(station, page, "PIN", "THREE")
    context.set_offline(True)
    tap(page, "inspect")
    sign_in(page, "INES", "111213")
    page.wait_for_selector("text=No network: your PIN is checked when the tablet sends.")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    answer_all(page, 1, 3, 3)
    uuid = submit(page)
    context.set_offline(False)
    sent(page, uuid)
    station.floor.plant.work()
    tap(page, "now")

    assert told(page, uuid) == "! It waits for a supervisor's word: it is not certain who inspected."
    [found] = station.records("PIN")
    assert (found["state"], found["reasons"]) == ("unconfirmed", ["identity_unconfirmed"])


@pytest.mark.campaign
def test_the_records_of_one_are_sent_while_another_is_signed_in_and_each_is_its_own(station, page, context):
    first, second = ready(station, page, "A-1", "THREE"), ready(station, page, "A-2", "THREE")
    context.set_offline(True)
    begin(page, first, "INES")
    answer_all(page, 1, 3, 3)
    of_ines = submit(page)
    tap(page, "who")
    sign_in(page, "OMAR")
    tap(page, "inspect")
    page.wait_for_selector("[data-name=lot]")
    scan(page, second)
    answer_all(page, 1, 3, 3)
    of_omar = submit(page)
    context.set_offline(False)
    sent(page, of_omar)

    found = {one["uuid"]: one for one in (*station.records("A-1"), *station.records("A-2"))}
    assert (found[of_ines]["inspector"], found[of_omar]["inspector"]) == ("INES", "OMAR")
    assert [one["state"] for one in found.values()] == ["accepted", "accepted"]
    assert PINS["INES"] not in str(found)
