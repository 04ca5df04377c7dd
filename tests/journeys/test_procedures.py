"""A procedure's whole life over HTTP: written, reviewed, approved by another, in force from a moment, withdrawn."""

import re
from datetime import UTC, datetime

import pytest

from qc_service import audit, clock
from qc_service.audit import Event
from qc_service.db import connected
from qc_service.lines.service import create_line, ensure_site
from sops.document import normal
from sops.workbook import read_xlsx, write_xlsx
from tests.attacks import found as broken
from tests.procedure_life import SIGNED, VERSIONS, document, in_force, later


@pytest.fixture(autouse=True)
def _whole(app):
    """Whatever a journey does, the trail is whole afterwards."""
    yield
    with connected():
        assert broken() == []


# --- the plain story ---


def test_a_version_lives_from_draft_to_superseded_and_the_past_stays_answerable(life, anna, bo):
    assert life.draft(anna) == 1
    one = anna.done("GET", f"{VERSIONS}/1")
    assert (one["state"], one["revision"], one["hands"][0]["badge"]) == ("draft", 1, "ANNA")
    assert anna.done("POST", f"{VERSIONS}/1/submit", {})["change_class"] == "check_changed"
    assert anna.refused("POST", f"{VERSIONS}/1/approve", SIGNED) == (409, "same_person")
    assert bo.done("POST", f"{VERSIONS}/1/approve", SIGNED)["state"] == "approved"
    assert in_force(anna) is None
    assert bo.done("POST", f"{VERSIONS}/1/publish", SIGNED)["state"] == "in_force"
    between = clock.iso(datetime.now(UTC))
    life.published(anna, bo, doc=document("344"))

    assert in_force(anna) == 2
    assert in_force(anna, f"?at={between}") == 1
    assert [one["state"] for one in anna.done("GET", VERSIONS)["data"]] == ["superseded", "in_force"]
    told = anna.done("GET", f"{VERSIONS}/2/diff?against=1")
    assert told["change_class"] == "check_changed"
    assert told["sentences"][0]["sentence"] == "Filled weight: upper limit 345 → 344 g."
    assert told["changed_checks"] == ["weight"]
    assert anna.done("GET", f"{VERSIONS}/2/diff") == told


def test_every_signature_is_shown_with_printed_name_meaning_time_and_method(life, anna, bo):
    cy = life.somebody("CY", "inspector")
    number = life.in_review(anna)
    cy.done("POST", f"{VERSIONS}/{number}/review", {**SIGNED, "note": "Tried on line 1."})
    bo.done("POST", f"{VERSIONS}/{number}/approve", SIGNED)
    bo.done("POST", f"{VERSIONS}/{number}/publish", SIGNED)
    bo.done("POST", f"{VERSIONS}/{number}/withdraw", {**SIGNED, "reason": "The seamer was changed."})

    shown = bo.done("GET", f"{VERSIONS}/{number}")
    said = [(one["name"], one["meaning"], one["method"]) for one in shown["signatures"]]
    assert said == [
        ("Name of CY", "reviewed", "password"), ("Name of BO", "approved", "password"),
        ("Name of BO", "published", "password"), ("Name of BO", "withdrawn", "password"),
    ]  # fmt: skip
    assert [one["kind"] for one in shown["decisions"]] == [
        "submitted", "reviewed", "approved", "published", "withdrawn"
    ]  # fmt: skip
    assert {one["role"]: one["badge"] for one in shown["hands"]} == {
        "author": "ANNA", "reviewer": "CY", "approver": "BO"
    }  # fmt: skip
    assert shown["decisions"][1]["reason"] == "Tried on line 1."


def test_a_scheduled_version_waits_for_its_moment_and_can_be_withdrawn_before_it(life, anna, bo):
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"), at=later(3600))
    life.published(anna, bo, doc=document("343"), at=later(7200))
    bo.done("POST", f"{VERSIONS}/2/withdraw", {**SIGNED, "reason": "Too tight."})

    assert [one["state"] for one in anna.done("GET", VERSIONS)["data"]] == ["in_force", "withdrawn", "scheduled"]
    assert in_force(anna) == 1
    assert in_force(anna, f"?at={clock.iso(later(5400))}") == 1
    assert in_force(anna, f"?at={clock.iso(later(7300))}") == 3


def test_what_is_withdrawn_leaves_nothing_in_force_unless_it_gives_way(life, anna, bo):
    with connected():
        site = ensure_site(audit.COMMAND, "S1")
        create_line(audit.COMMAND, site, "L1")
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"), line="L1")
    life.published(anna, bo, doc=document("343"), site="S1")
    assert [in_force(anna, query) for query in ("", "?site=S1", "?line=L1")] == [1, 3, 2]
    bo.done("POST", f"{VERSIONS}/2/withdraw", {**SIGNED, "reason": "No longer needed.", "gives_way": True})
    assert in_force(anna, "?line=L1") == 3
    bo.done("POST", f"{VERSIONS}/3/withdraw", {**SIGNED, "reason": "Dangerous.", "safety": True})
    assert [in_force(anna, query) for query in ("", "?site=S1", "?line=L1")] == [1, None, None]
    life.published(anna, bo, doc=document("342"), site="S1")
    assert [in_force(anna, query) for query in ("?site=S1", "?line=L1")] == [4, 4]


def test_a_draft_is_written_on_by_others_who_become_its_authors(life, anna, bo):
    number = life.draft(anna)
    path = f"{VERSIONS}/{number}"
    written = bo.done("PUT", path, {"document": document("341"), "change_note": "lighter", "revision": 1})
    assert (written["revision"], [one["badge"] for one in written["hands"]]) == (2, ["ANNA", "BO"])
    assert anna.refused("PUT", path, {"document": document("340"), "revision": 1}) == (409, "revision_conflict")
    bo.done("POST", f"{path}/submit", {})
    assert bo.refused("POST", f"{path}/approve", SIGNED) == (409, "same_person")
    assert bo.refused("PUT", path, {"document": document("340"), "revision": 2}) == (409, "illegal_transition")


def test_a_returned_version_is_written_again_and_its_reviewer_stays_its_reviewer(life, anna, bo):
    cy = life.somebody("CY", "inspector", "supervisor")
    path = f"{VERSIONS}/{life.in_review(anna)}"
    cy.done("POST", f"{path}/review", SIGNED)
    assert bo.done("POST", f"{path}/return", {"reason": "Step one is missing."})["state"] == "draft"
    assert cy.refused("PUT", path, {"document": document("344"), "revision": 1}) == (409, "same_person")
    anna.done("PUT", path, {"document": document("344"), "revision": 1})
    anna.done("POST", f"{path}/submit", {})
    cy.done("POST", f"{path}/review", SIGNED)
    approved = bo.done("POST", f"{path}/approve", SIGNED)
    assert [(one["kind"], one["revision"]) for one in approved["decisions"]] == [
        ("submitted", 1), ("reviewed", 1), ("returned", 1), ("submitted", 2), ("reviewed", 2), ("approved", 2),
    ]  # fmt: skip


def test_a_discarded_version_stays_to_be_read_and_its_number_is_never_given_again(life, anna, bo):
    number = life.approved(anna, bo)
    assert anna.refused("POST", f"{VERSIONS}/{number}/discard", {}) == (422, "validation_failed")
    discarded = anna.done("POST", f"{VERSIONS}/{number}/discard", {"reason": "Not needed."})
    assert (discarded["state"], discarded["document"]["title"]) == ("withdrawn", "Fill and seal a can")
    assert bo.refused("POST", f"{VERSIONS}/{number}/publish", SIGNED) == (409, "illegal_transition")
    assert life.draft(anna) == number + 1


# --- two accounts of one human being ---


def test_an_approval_falls_away_when_the_approver_turns_out_to_be_the_author(life, anna, bo, admin):
    number = life.approved(anna, bo)
    outcome = admin.done("POST", "/people/BO/same-as", {"badge": "ANNA"})
    assert outcome["reopened"] == [{"procedure": "CAN", "version": number}]
    assert outcome["accounts"] == ["ANNA", "BO"]
    assert bo.refused("POST", f"{VERSIONS}/{number}/publish", SIGNED) == (409, "illegal_transition")
    assert bo.refused("POST", f"{VERSIONS}/{number}/approve", SIGNED) == (409, "same_person")
    cy = life.somebody("CY")
    assert cy.done("POST", f"{VERSIONS}/{number}/approve", SIGNED)["state"] == "approved"
    shown = cy.done("POST", f"{VERSIONS}/{number}/publish", SIGNED)
    assert [(one["badge"], one["voided_at"] is None) for one in shown["hands"]] == [
        ("ANNA", True), ("BO", False), ("CY", True)
    ]  # fmt: skip
    assert shown["hands_conflict"] is False


def test_a_published_version_stays_in_force_and_says_that_its_hands_are_one_humans(life, anna, bo, admin):
    number = life.published(anna, bo)
    outcome = admin.done("POST", "/people/ANNA/same-as", {"badge": "BO"})
    assert outcome["conflicts"] == [{"procedure": "CAN", "version": number}]
    assert in_force(anna) == number
    assert anna.done("GET", f"{VERSIONS}/{number}")["hands_conflict"] is True
    admin.done("POST", "/people/ANNA/same-as", {"badge": "ANNA"})
    assert anna.done("GET", f"{VERSIONS}/{number}")["hands_conflict"] is False


def test_accounts_that_were_parted_again_are_two_human_beings_with_their_own_hands(life, anna, bo, admin):
    number = life.draft(anna)
    admin.done("POST", "/people/BO/same-as", {"badge": "ANNA"})
    bo.done("PUT", f"{VERSIONS}/{number}", {"document": document("344"), "revision": 1})
    assert [one["badge"] for one in anna.done("GET", f"{VERSIONS}/{number}")["hands"]] == ["ANNA"]
    admin.done("POST", "/people/BO/same-as", {"badge": "BO"})
    assert {one["badge"] for one in anna.done("GET", f"{VERSIONS}/{number}")["hands"]} == {"ANNA", "BO"}
    anna.done("POST", f"{VERSIONS}/{number}/submit", {})
    assert bo.refused("POST", f"{VERSIONS}/{number}/approve", SIGNED) == (409, "same_person")


def test_nobody_says_it_of_themselves_and_nobody_but_an_administrator_says_it(anna, bo, admin):
    assert admin.refused("POST", "/people/ADMIN/same-as", {"badge": "ANNA"}) == (409, "same_person")
    assert admin.refused("POST", "/people/ANNA/same-as", {"badge": "ADMIN"}) == (409, "same_person")
    assert anna.refused("POST", "/people/BO/same-as", {"badge": "BO"}) == (403, "scope_missing")
    assert admin.refused("POST", "/people/BO/same-as", {"badge": "NOBODY"}) == (422, "unknown_ref")
    assert admin.refused("POST", "/people/NOBODY/same-as", {"badge": "BO"}) == (404, "not_found")


# --- the procedure itself ---


def test_title_owner_and_lines_are_kept_beside_the_versions(life, anna, bo):
    with connected():
        for name in ("L1", "L2"):
            create_line(audit.COMMAND, ensure_site(audit.COMMAND, "S1"), name)
    life.draft(anna)
    changed = anna.done("PATCH", "/procedures/CAN", {"title": "Cans", "owner": "BO"})
    assert (changed["title"], changed["owner"]) == ("Cans", "BO")
    assert anna.refused("PATCH", "/procedures/CAN", {"owner": "NOBODY"}) == (422, "unknown_ref")
    anna.done("PUT", "/procedures/CAN/lines", {"lines": ["L1", {"line": "L2", "site": "S1"}]})
    assert [one["line"] for one in anna.done("GET", "/procedures")["data"][0]["lines"]] == ["L1", "L2"]
    assert anna.done("PUT", "/procedures/CAN/lines", {"lines": ["L2"]})["lines"] == [{"line": "L2", "site": "S1"}]
    assert anna.refused("PUT", "/procedures/CAN/lines", {"lines": ["L3"]}) == (422, "unknown_ref")


def test_a_yaml_file_comes_in_and_goes_out_the_same_and_names_its_lines(life, anna):
    life.draft(anna)
    text = anna("GET", f"{VERSIONS}/1.yaml").text
    sent = anna("POST", f"{VERSIONS}?change_note=again", data=text.encode(), content_type="application/yaml")
    assert (sent.status_code, sent.json["change_note"]) == (201, "again")
    assert sent.json["digest"] == anna.done("GET", f"{VERSIONS}/1")["digest"]
    answer = anna("POST", VERSIONS, data=text.replace("345", "337").encode(), content_type="application/yaml")
    error = answer.json["errors"][0]
    assert (answer.status_code, error["code"], error["pointer"]) == (422, "min_above_max", "/document/checks/1/min")
    told = int(re.match(r"Line (\d+): ", error["detail"])[1])
    assert "338" in text.split("\n")[told - 1]


def test_a_workbook_comes_in_with_its_translations_and_goes_out_the_same(life, anna, bo):
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    life.draft(anna)
    told = [("title", "da", "Fyld og luk en dåse"), ("checks.tight.text", "da", "Lukket hele vejen rundt?")]
    sent = anna("POST", f"{VERSIONS}?change_note=x", data=write_xlsx(document(), told), content_type=kind)
    assert (sent.status_code, sent.json["digest"]) == (201, anna.done("GET", f"{VERSIONS}/1")["digest"])
    back, translations = read_xlsx(anna("GET", f"{VERSIONS}/2.xlsx").data)
    assert (back, sorted(map(tuple, translations))) == (normal(document()), sorted(told))
    anna.done("POST", f"{VERSIONS}/2/submit", {})
    bo.done("POST", f"{VERSIONS}/2/approve", SIGNED)
    bo.done("POST", f"{VERSIONS}/2/publish", SIGNED)
    danish = anna.done("GET", "/procedures/CAN?lang=da")
    assert (danish["title"], danish["marks"]["title"]) == (
        "Fyld og luk en dåse", {"state": "draft", "language": "da"}
    )  # fmt: skip
    assert danish["marks"]["checks.weight.text"]["state"] == "missing"
    assert anna.refused("POST", VERSIONS, data=b"PK no workbook", content_type=kind) == (422, "validation_failed")


def test_the_events_of_a_version_stand_in_its_stream_and_a_reader_of_the_queue_knows_which(life, anna, bo):
    with connected():
        site = ensure_site(audit.COMMAND, "S1")
        line = create_line(audit.COMMAND, site, "L1")
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"), line="L1")
    with connected():
        kinds = {
            stream: [
                one.type
                for one in Event.select().where(Event.stream == stream).order_by(Event.seq)
                if one.type.startswith("procedure.v")
            ]
            for stream in ("plant", f"site/{site.id}/line/{line.id}")
        }
    told = [f"procedure.version.{what}" for what in ("started", "submitted", "approved", "published")]
    assert list(kinds.values()) == [told, told]


def test_time_alone_brings_a_version_into_force_without_any_worker(life, anna, bo):
    life.published(anna, bo, at=later(600))
    with connected():
        before = Event.select().count()
    moment = clock.iso(later(601))
    assert (in_force(anna), in_force(anna, f"?at={moment}")) == (None, 1)
    with connected():
        assert Event.select().count() == before
