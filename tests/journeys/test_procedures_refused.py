"""What a procedure's life refuses: wrong secrets, wrong turns, wrong documents, and what is not there for the asker."""

import pytest

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.lines.service import ensure_site
from qc_service.people import access
from qc_service.procedures.models import ProcedureHand
from tests.attacks import found as broken
from tests.procedure_life import PASSWORD, SIGNED, VERSIONS, document, in_force, later


@pytest.fixture(autouse=True)
def _whole(app):
    """Whatever a journey does, the trail is whole afterwards."""
    yield
    with connected():
        assert broken() == []


# --- signatures ---


def test_a_signature_needs_the_signers_own_secret_and_a_miss_leaves_nothing(life, anna, bo, app):
    number = life.in_review(anna)
    path = f"{VERSIONS}/{number}/approve"
    assert bo.refused("POST", path, {}) == (422, "validation_failed")
    assert bo.refused("POST", path, {"pin": "739154"}) == (422, "validation_failed")
    assert bo.refused("POST", path, {"password": "not the one"}) == (401, "credentials_wrong")
    assert bo.refused("POST", path, {"password": PASSWORD, "pin": "739154"}) == (422, "validation_failed")
    with connected():
        _, key = access.create_key(audit.COMMAND, "ERP", ["*"])
        bo_by_key = type(bo)(life, "key", key)
    assert bo_by_key.refused("POST", path, SIGNED) == (403, "scope_missing")
    assert bo.done("GET", f"{VERSIONS}/{number}")["state"] == "in_review"
    with connected():
        assert ProcedureHand.select().where(ProcedureHand.role == "approver").count() == 0


def test_a_repeated_key_gives_the_first_answer_and_signs_once(life, anna, bo):
    number = life.in_review(anna)
    headers = {"Idempotency-Key": "the same"}
    first = bo("POST", f"{VERSIONS}/{number}/approve", SIGNED, headers=headers)
    again = bo("POST", f"{VERSIONS}/{number}/approve", SIGNED, headers=headers)
    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    assert len(again.json["signatures"]) == 1
    wrong = bo("POST", f"{VERSIONS}/{number}/approve", {"password": "not the one"}, headers=headers)
    assert wrong.status_code == 401


def test_twice_and_late_and_out_of_turn(life, anna, bo):
    number = life.draft(anna)
    path = f"{VERSIONS}/{number}"
    assert bo.refused("POST", f"{path}/approve", SIGNED) == (409, "illegal_transition")
    assert bo.refused("POST", f"{path}/review", SIGNED) == (409, "illegal_transition")
    anna.done("POST", f"{path}/submit", {})
    assert anna.refused("POST", f"{path}/submit", {}) == (409, "illegal_transition")
    bo.done("POST", f"{path}/approve", SIGNED)
    assert bo.refused("POST", f"{path}/approve", SIGNED) == (409, "illegal_transition")
    past = {**SIGNED, "effective_at": clock.iso(later(-61))}
    assert bo("POST", f"{path}/publish", past).json["errors"][0]["pointer"] == "/effective_at"
    lately = {**SIGNED, "effective_at": clock.iso(later(-50))}
    assert bo.done("POST", f"{path}/publish", lately)["state"] == "in_force"
    assert bo.refused("POST", f"{path}/publish", SIGNED) == (409, "illegal_transition")
    assert anna.refused("PUT", path, {"document": document("344"), "revision": 1}) == (409, "immutable_version")
    assert anna.refused("POST", f"{path}/discard", {"reason": "No."}) == (409, "illegal_transition")


def test_two_versions_of_a_variant_cannot_begin_at_the_same_moment(life, anna, bo):
    moment = later(3600)
    life.published(anna, bo, at=moment)
    number = life.approved(anna, bo, doc=document("344"))
    again = {**SIGNED, "effective_at": clock.iso(moment)}
    assert bo.refused("POST", f"{VERSIONS}/{number}/publish", again) == (409, "already_exists")
    bo.done("POST", f"{VERSIONS}/1/withdraw", {**SIGNED, "reason": "The other one instead."})
    bo.done("POST", f"{VERSIONS}/{number}/publish", again)
    assert in_force(anna, f"?at={clock.iso(later(3700))}") == number


def test_what_changes_more_than_was_confirmed_is_not_published(life, anna, bo):
    life.published(anna, bo)
    wording = document("345", title="Fill and close a can")
    assert anna.refused("POST", f"{VERSIONS}/9/submit", {}) == (404, "not_found")
    number = life.approved(anna, bo, doc=wording)
    assert anna.done("GET", f"{VERSIONS}/{number}")["change_class"] == "wording"
    life.published(anna, bo, doc=document("340"))
    assert bo.refused("POST", f"{VERSIONS}/{number}/publish", SIGNED) == (409, "change_class_raised")


def test_the_class_may_be_confirmed_higher_and_never_lower(life, anna, bo):
    life.published(anna, bo)
    number = life.draft(anna, doc=document("344"))
    path = f"{VERSIONS}/{number}/submit"
    assert anna.refused("POST", path, {"change_class": "wording"}) == (422, "validation_failed")
    assert anna.done("POST", path, {"change_class": "safety"})["change_class"] == "safety"


def test_a_check_of_another_type_under_the_same_id_is_refused(life, anna, bo):
    life.published(anna, bo)
    life.published(anna, bo, doc={**document(), "checks": document()["checks"][:1]})
    changed = document()
    changed["checks"][1] = {
        "id": "weight", "step": "seal", "type": "confirm", "text": "Is it heavy?", "severity": "major",
    }  # fmt: skip
    number = life.draft(anna, doc=changed)
    answer = anna("POST", f"{VERSIONS}/{number}/submit", {})
    assert (answer.status_code, answer.json["code"]) == (409, "check_type_changed")
    assert answer.json["errors"][0]["pointer"] == "/document/checks/1/type"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"document": document("337")}, 422, "/document/checks/1"),
        ({"document": {**document(), "hazard": []}}, 422, "/document/hazard"),
        ({"document": "fill it"}, 422, "/document"),
        ({"document": None}, 422, "/document"),
        ({}, 422, "/document"),
        ({"document": document(), "base": 7}, 422, "/base"),
        ({"document": document(), "site": "nowhere"}, 422, "/site"),
        ({"document": document(), "line": "nowhere"}, 422, "/line"),
    ],
)
def test_a_document_that_cannot_be_is_refused_with_the_place(life, anna, body, status, pointer):
    life.draft(anna)
    answer = anna("POST", VERSIONS, body)
    assert answer.status_code == status
    assert any(one["pointer"].startswith(pointer) for one in answer.json["errors"]), answer.json


def test_what_is_no_document_at_all_is_refused_before_it_is_read(life, anna):
    life.draft(anna)
    post = {"content_type": "application/json"}
    assert anna.refused("POST", VERSIONS, data=b"{broken", **post) == (400, "unreadable_body")
    assert anna.refused("POST", VERSIONS, data=b"[1]", **post) == (400, "unreadable_body")
    assert anna.refused("POST", VERSIONS, data=b'{"document":NaN}', **post) == (400, "unreadable_body")
    assert anna.refused("POST", VERSIONS, data=b" " * 50_000_000, **post) == (413, "payload_too_large")
    assert anna.refused("POST", VERSIONS, data=b"a", content_type="text/plain") == (415, "unsupported_media_type")
    large = document(purpose="p" * 4000)
    large["steps"] = [{"id": f"s{i}", "text": "t" * 500, "detail": "d" * 4000} for i in range(200)]
    large["checks"] = [
        {"id": f"c{i}", "step": "s1", "type": "text", "text": "t" * 500, "help": "h" * 4000, "severity": "minor"}
        for i in range(200)
    ]
    answer = anna("POST", VERSIONS, {"document": large})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "too_large")


def test_versions_and_procedures_that_are_not_there(life, anna):
    life.draft(anna)
    for path in ("/procedures/NONE", "/procedures/NONE/versions", f"{VERSIONS}/2", f"{VERSIONS}/0",
                 f"{VERSIONS}/99999999999999999999", f"{VERSIONS}/2.yaml", f"{VERSIONS}/1/diff?against=2"):  # fmt: skip
        assert anna.refused("GET", path) == (404, "not_found"), path
    assert anna.refused("POST", f"{VERSIONS}/2/submit", {}) == (404, "not_found")
    assert anna.refused("POST", "/procedures", {"code": "CAN", "title": "Again"}) == (409, "already_exists")


# --- who sees what ---


def test_drafts_and_old_versions_are_for_those_who_work_on_them(life, anna, bo):
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"))
    life.draft(anna, doc=document("343"))
    operator = life.somebody("OP", "operator")
    assert [operator("GET", f"{VERSIONS}/{n}").status_code for n in (1, 2, 3)] == [404, 200, 404]
    assert [one["version"] for one in operator.done("GET", VERSIONS)["data"]] == [2]
    assert operator.refused("GET", f"{VERSIONS}/2/diff?against=1") == (404, "not_found")
    assert in_force(operator) == 2
    assert [one["versions"][0]["version"] for one in operator.done("GET", "/procedures?q=CA")["data"]] == [2]


def test_another_sites_variant_is_not_there_and_the_plants_is_read_only(life, anna, bo):
    for code in ("S1", "S2"):
        with connected():
            ensure_site(audit.COMMAND, code)
    life.published(anna, bo)
    theirs = life.published(anna, bo, doc=document("344"), site="S2")
    one = life.somebody("ONE", site="S1")
    two = life.somebody("TWO", site="S1")
    for method, path, body in (
        ("GET", f"{VERSIONS}/{theirs}", None), ("GET", f"{VERSIONS}/{theirs}.yaml", None),
        ("GET", f"{VERSIONS}/1/diff?against={theirs}", None), ("GET", "/procedures/CAN?site=S2", None),
        ("POST", f"{VERSIONS}/{theirs}/submit", {}),
        ("POST", f"{VERSIONS}/{theirs}/withdraw", {**SIGNED, "reason": "-"}),
    ):  # fmt: skip
        assert one.refused(method, path, body) == (404, "not_found"), path
    assert one.refused("POST", VERSIONS, {"document": document()}) == (403, "scope_missing")
    assert one.refused("POST", f"{VERSIONS}/1/withdraw", {**SIGNED, "reason": "-"}) == (403, "scope_missing")
    ours = life.published(one, two, doc=document("343"), site="S1", base=1)
    assert (in_force(one), in_force(one, "?site=S1")) == (1, ours)
    assert {found["version"] for found in one.done("GET", VERSIONS)["data"]} == {1, ours}


def test_a_sites_own_procedure_is_nobody_elses(life, anna):
    for code in ("S1", "S2"):
        with connected():
            ensure_site(audit.COMMAND, code)
    one, other = life.somebody("ONE", site="S1"), life.somebody("OTHER", site="S2")
    assert one.refused("POST", "/procedures", {"code": "OWN", "title": "Own"}) == (403, "scope_missing")
    one.done("POST", "/procedures", {"code": "OWN", "title": "Own", "site": "S1"})
    assert one.done("POST", "/procedures/OWN/versions", {"document": document()})["site"] == "S1"
    assert other.refused("GET", "/procedures/OWN/versions") == (404, "not_found")
    assert other.done("GET", "/procedures")["data"] == []
    assert anna.done("GET", "/procedures?state=draft")["data"][0]["code"] == "OWN"
