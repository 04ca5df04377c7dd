""" "This step does not work": somebody says so, the owner hears of it and answers, and they hear of that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from qc_service.db import connected
from qc_service.people.models import Person
from qc_service.procedures.reports import reports_for
from tests.attacks import found as broken
from tests.plant import Plant
from tests.procedure_life import PASSWORD, document

pytestmark = pytest.mark.usefixtures("lines")

VERSIONS = "/procedures/CAN/versions"
ANSWER = {"outcome": "will_change", "answer": "The next version says which lid."}


def reported(who, number=1, **body):
    return who("POST", f"{VERSIONS}/{number}/reports", {"step": "seal", "text": "The lid slips.", **body})


@pytest.fixture
def post(life, postbox):
    """Lets the workers do what they have to, and gives what was mailed since."""
    life.app.config["QC"] = replace(life.app.config["QC"], smtp_url=postbox.url)
    with connected():
        plant = Plant(life.app)

    def delivered():
        plant.work()
        mails = [(one.rcpt_tos[0], letter(one)) for one in postbox.mails]
        postbox.mails.clear()
        return mails

    return delivered


def letter(envelope):
    found = message_from_bytes(envelope.content, policy=policy.default)
    return found["Subject"] + "\n" + found.get_body(("plain",)).get_content()


def reachable(*badges):
    with connected():
        for badge in badges:
            Person.update(email=f"{badge.lower()}@example.com").where(Person.code == badge).execute()


def inbox(badge):
    with connected():
        return [row.id for row in reports_for(Person.get(Person.code == badge).id)]


def test_a_step_is_reported_to_the_owner_who_answers_and_the_reporter_sees_it(life, anna, bo, oda):
    life.published(anna, bo)
    anna.done("PATCH", "/procedures/CAN", {"owner": "BO"})
    made = reported(oda)
    assert made.status_code == 201
    one = made.json
    assert (one["state"], one["step"], one["check"], one["site"], one["line"]) == ("open", "seal", None, "S1", None)
    assert (one["version"], one["reported_by"]["badge"], one["answer"]) == (1, "ODA", None)
    assert (inbox("BO"), inbox("ANNA")) == ([one["id"]], [])
    path = f"/step-reports/{one['id']}/answer"
    assert oda.refused("POST", path, ANSWER) == (403, "scope_missing")
    refused = anna("POST", path, ANSWER).json
    assert (refused["code"], refused["detail"]) == ("scope_missing", "The procedure's owner answers: Name of BO.")
    assert bo.refused("POST", path, {**ANSWER, "outcome": "shrug"}) == (422, "validation_failed")

    answered = bo.done("POST", path, ANSWER)
    assert (answered["state"], answered["answered_by"]["badge"]) == ("answered", "BO")
    assert bo.done("POST", path, ANSWER) == answered
    assert bo.refused("POST", path, {**ANSWER, "outcome": "explained"}) == (409, "illegal_transition")
    seen = oda.done("GET", f"/step-reports/{one['id']}")
    assert (seen["outcome"], seen["answer"]) == ("will_change", "The next version says which lid.")
    assert inbox("BO") == []
    with connected():
        assert broken() == []


def test_where_there_is_no_owner_who_could_a_supervisor_of_the_site_answers(life, anna, bo, oda):
    life.published(anna, bo)
    lea, stranger = (
        life.somebody("LEA", "supervisor", site="S1"),
        life.somebody("SAM", "supervisor", site="S2"),
    )
    one = reported(oda, line="L1").json["id"]
    assert (inbox("LEA"), inbox("SAM")) == ([one], [])
    assert stranger.refused("POST", f"/step-reports/{one}/answer", ANSWER) == (404, "not_found")
    anna.done("PATCH", "/procedures/CAN", {"owner": "SAM"})
    assert lea.done("POST", f"/step-reports/{one}/answer", ANSWER)["line"] == "L1"  # SAM has no say in that site


def test_only_an_item_of_a_version_in_force_can_be_reported(life, anna, bo, oda):
    life.published(anna, bo)
    assert reported(oda, step="nothing").status_code == 422
    assert reported(oda, check="tight").status_code == 422  # both a step and a check
    assert oda.refused("POST", f"{VERSIONS}/1/reports", {"text": "It slips."}) == (422, "validation_failed")
    check = oda.done("POST", f"{VERSIONS}/1/reports", {"check": "tight", "text": "Cannot be seen."})
    assert (check["check"], check["step"]) == ("tight", None)
    two = life.published(anna, bo, doc=document("344"), at=datetime.now(UTC) + timedelta(hours=1))
    assert reported(oda, two).json["code"] == "illegal_transition"
    assert reported(oda, 9).status_code == 404
    assert reported(anna).json["errors"][0]["pointer"] == "/line"  # who is everywhere says where
    assert reported(anna, site="S2").json["site"] == "S2"
    assert reported(anna, line="M1").json["line"] == "M1"
    assert reported(oda, line="M1").status_code == 422
    assert reported(life.somebody("AUD", "auditor", site="S1")).status_code == 201
    assert reported(life.somebody("ADA", "admin", site="S1")).status_code == 403


def test_reports_are_listed_by_state_procedure_and_whose_they_are(life, anna, bo, oda):
    life.published(anna, bo)
    life.published(anna, bo, code="TIN")
    umi = life.somebody("UMI", "operator", site="S2")
    one, two = reported(oda).json["id"], reported(umi).json["id"]
    three = oda.done("POST", "/procedures/TIN/versions/1/reports", {"step": "seal", "text": "Too hot."})["id"]
    anna.done("POST", f"/step-reports/{one}/answer", ANSWER)

    def ids(who, **query):
        return [row["id"] for row in who.done("GET", "/step-reports", query_string=query)["data"]]

    assert ids(anna) == [one, two, three]
    assert ids(oda) == [one, three]
    assert (ids(oda, state="open"), ids(oda, state="answered"), ids(oda, procedure="TIN")) == ([three], [one], [three])
    assert (ids(umi, mine="true"), ids(bo, mine="true"), ids(bo, waiting="true")) == ([two], [], [two, three])


def test_the_owner_is_mailed_of_a_report_and_the_reporter_of_its_answer(life, anna, bo, oda, post):
    life.published(anna, bo)
    anna.done("PATCH", "/procedures/CAN", {"owner": "BO"})
    post()
    reachable("ANNA", "BO", "ODA")
    one = reported(oda).json["id"]

    [(to, text)] = post()
    assert to == "bo@example.com"
    for part in ("CAN: step seal does not work, says Name of ODA.", "The lid slips.", "you can answer it"):
        assert part in text
    bo.done("POST", f"/step-reports/{one}/answer", ANSWER)
    [(to, text)] = post()
    assert to == "oda@example.com"
    for part in ("CAN: Name of BO answered what you reported of step seal.", ANSWER["answer"]):
        assert part in text


def test_who_must_read_a_new_version_is_mailed_when_it_is_published_and_nobody_for_its_wording(
    life, anna, bo, oda, post
):
    umi = life.somebody("UMI", "operator", site="S2")
    reachable("ODA", umi.badge)
    life.published(anna, bo)
    assert sorted(to for to, _ in post()) == ["oda@example.com", "umi@example.com"]
    life.published(anna, bo, doc=document(purpose="Every can leaves tight and clean."))
    assert post() == []
    life.published(anna, bo, doc=document("344"), site="S1", at=datetime.now(UTC) + timedelta(hours=1))
    [(to, text)] = post()
    assert to == "oda@example.com"
    assert text.startswith("CAN: read version 3 before ")
    assert "as agreed" in text


def test_whoever_can_decide_on_a_deviation_and_whoever_asked_for_it_are_mailed(life, anna, bo, oda, post):
    life.published(anna, bo)
    post()
    reachable("ANNA", "ODA")
    body = {
        "procedure": "CAN", "check": "weight", "line": "L1", "reason": "The new cans are lighter.", "quantity": 100,
        "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    one = oda.done("POST", "/deviations", body)["id"]
    [(to, text)] = post()
    assert to == "anna@example.com"
    assert "CAN, line L1: Name of ODA asks for a deviation from weight, 100 units." in text
    decision = {"password": PASSWORD, "grant": True, "note": "For this lot."}
    anna.done("POST", f"/deviations/{one}/decide", decision)
    [(to, text)] = post()
    assert to == "oda@example.com"
    assert "Name of ANNA granted the deviation from weight, 100 units." in " ".join(text.split())
