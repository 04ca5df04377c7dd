"""A new version is read and signed by everybody who works by it, and nobody who has not may go on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.procedures.qualification import init_qualification
from tests.attacks import found as broken
from tests.plant import Plant
from tests.procedure_life import SIGNED, document

pytestmark = pytest.mark.usefixtures("lines")

VERSIONS = "/procedures/CAN/versions"
HOUR = timedelta(hours=1)


@pytest.fixture
def life(life):
    yield life
    init_qualification(life.app.config["QC"])


@pytest.fixture
def crew(life):
    """An operator and two inspectors of site S1, and an operator of S2."""
    return {
        "ODA": life.somebody("ODA", "operator", site="S1"), "IDA": life.somebody("IDA", "inspector", site="S1"),
        "IVO": life.somebody("IVO", "inspector", site="S1"), "UMI": life.somebody("UMI", "operator", site="S2"),
    }  # fmt: skip


def read(who, number=1, **more):
    return who("POST", f"{VERSIONS}/{number}/acknowledgements", {**SIGNED, **more})


def may(who, badge, line="L1", at=None, purpose="perform", **more):
    query = {
        "person": badge,
        **({"line": line} if line else {}),
        "for": purpose,
        **({"at": clock.iso(at)} if at else {}),
        **more,
    }
    return who.done("GET", "/procedures/CAN/qualification", query_string=query)


def pending(who, **query):
    if isinstance(query.get("at"), datetime):
        query["at"] = clock.iso(query["at"])
    return who.done("GET", "/procedures/CAN/pending", query_string=query)["data"]


def badges(who, **query):
    return [one["badge"] for one in pending(who, **query)]


def test_from_the_moment_of_a_check_change_whoever_has_not_read_it_may_not_go_on(life, anna, bo, crew):
    life.published(anna, bo)
    assert [read(who).status_code for who in (*crew.values(), anna, bo)] == [201] * 6
    six = datetime.now(UTC) + 6 * HOUR
    life.published(anna, bo, doc=document("344"), at=six)
    assert read(crew["IDA"], 2).status_code == 201  # before it is in force

    moment = timedelta(microseconds=1)
    for purpose in ("perform", "inspect"):
        for badge in crew:
            assert may(anna, badge, at=six - moment, purpose=purpose)["may"] is True
            after = may(anna, badge, at=six, purpose=purpose)
            assert (after["may"], after["version"]) == (badge == "IDA", 2)
            assert after["reasons"] == ([] if badge == "IDA" else ["not_acknowledged"])
    assert badges(anna, at=six - moment) == []
    assert badges(anna, at=six) == ["ANNA", "BO", "IVO", "ODA", "UMI"]
    [ivo] = [one for one in pending(anna, at=six) if one["badge"] == "IVO"]
    assert (ivo["name"], ivo["since"], ivo["version"], ivo["against"]) == ("Name of IVO", clock.iso(six), 2, 1)
    assert (ivo["change_class"], ivo["change_note"]) == ("check_changed", "as agreed")
    assert [one["sentence"] for one in ivo["changes"]] == ["Filled weight: upper limit 345 → 344 g."]
    assert may(anna, "IVO", at=six)["sentence"] == "Name of IVO has not read version 2 of CAN: read it and sign."


def test_a_change_of_wording_blocks_nobody_and_what_was_read_carries_over_it(life, anna, bo, crew):
    life.published(anna, bo)
    assert read(crew["ODA"]).status_code == 201
    words = document(purpose="Every can leaves tight, full and clean.")
    life.published(anna, bo, doc=words)

    assert may(anna, "ODA")["may"] is True
    assert may(anna, "ODA")["version"] == 2
    assert "ODA" not in badges(anna)
    assert [one["since"] for one in pending(anna) if one["badge"] == "IVO"] == [
        anna.done("GET", f"{VERSIONS}/1")["effective_at"]
    ]
    assert read(crew["IVO"], 2).status_code == 201
    assert may(anna, "IVO")["may"] is True


def test_a_wording_change_that_another_change_came_before_is_read_all_the_same(life, anna, bo, crew):
    """It was confirmed as wording when nothing was between; what was published since for before it was."""
    life.published(anna, bo)
    now = datetime.now(UTC)
    life.published(anna, bo, doc=document(purpose="Every can leaves tight and clean."), at=now + 2 * HOUR)
    life.published(anna, bo, doc=document("344"), at=now + HOUR)
    assert [read(crew["ODA"], number).status_code for number in (1, 3)] == [201, 201]

    assert may(anna, "ODA", at=now + HOUR + HOUR / 2)["may"] is True
    assert may(anna, "ODA", at=now + 3 * HOUR)["reasons"] == ["not_acknowledged"]


def test_a_variant_asks_the_people_of_its_line_or_site_and_nobody_else(life, anna, bo, crew):
    life.published(anna, bo)
    assert [read(who).status_code for who in (*crew.values(), anna, bo)] == [201] * 6
    life.published(anna, bo, doc=document("344"), site="S1")

    assert badges(anna) == ["ANNA", "BO", "IDA", "IVO", "ODA"]
    assert may(anna, "ODA", "L2")["may"] is False
    assert may(anna, "UMI", "M1")["may"] is True
    assert (may(anna, "ODA", None, site="S1")["version"], may(anna, "ODA", None)["version"]) == (2, 1)
    assert (badges(anna, site="S2"), badges(anna, site="S1")[-1]) == ([], "ODA")
    assert crew["UMI"].refused("POST", f"{VERSIONS}/2/acknowledgements", SIGNED) == (404, "not_found")
    assert all(read(crew[one], 2).status_code == 201 for one in ("ODA", "IDA", "IVO"))

    life.published(anna, bo, doc=document("343"), site="S1", line="L1")
    assert may(anna, "ODA", "L1")["reasons"] == ["not_acknowledged"]
    assert may(anna, "ODA", "L2")["may"] is True
    assert [one for one in badges(anna, line="L1") if one in crew] == ["IDA", "IVO", "ODA"]
    assert [one for one in badges(anna, line="L2") if one in crew] == []
    assert badges(crew["UMI"], line="M1") == []


def test_what_is_not_to_be_read_is_refused_with_what_to_do(life, anna, bo, crew):
    def says(number):
        answer = read(crew["ODA"], number)
        assert (answer.status_code, answer.json["code"]) == (409, "illegal_transition")
        return answer.json["detail"]

    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"))
    assert life.draft(anna, doc=document("343")) == 3
    assert says(1) == "Version 1 is superseded: read version 2 instead."
    assert says(3) == "Version 3 is not published yet: read it once it is."
    four = life.published(anna, bo, doc=document("342"))
    bo.done("POST", f"{VERSIONS}/{four}/withdraw", {**SIGNED, "reason": "It was the wrong limit."})
    assert says(4) == "Version 4 is withdrawn and nothing took its place: ask a supervisor."
    assert read(crew["ODA"], 9).status_code == 404
    assert crew["ODA"].refused("GET", f"{VERSIONS}/3/reading") == (409, "illegal_transition")
    assert may(anna, "ODA")["reasons"] == ["nothing_in_force"]


def test_to_sign_twice_is_to_sign_once_whichever_account_it_is_done_with(life, anna, bo, crew):
    life.published(anna, bo)
    life.somebody("ROOT", "admin").done("POST", "/people/IVO/same-as", {"badge": "IDA"})

    first, again, other = read(crew["IDA"]), read(crew["IDA"]), read(crew["IVO"])

    assert [one.status_code for one in (first, again, other)] == [201, 200, 200]
    assert first.json["id"] == again.json["id"] == other.json["id"]
    assert may(anna, "IVO")["may"] is True
    assert crew["ODA"].refused("POST", f"{VERSIONS}/1/acknowledgements", {}) == (422, "validation_failed")
    assert crew["ODA"]("POST", f"{VERSIONS}/1/acknowledgements", {"password": "no"}).status_code == 401
    assert may(anna, "ODA")["may"] is False
    with connected():
        assert broken() == []


def test_the_reader_sees_what_is_new_since_the_version_that_they_know(life, anna, bo, crew):
    life.published(anna, bo)
    everything = crew["ODA"].done("GET", f"{VERSIONS}/1/reading?lang=da")
    assert (everything["against"], everything["changes"], everything["acknowledged_at"]) == (None, [], None)
    assert everything["document"]["title"] == "Fill and seal a can"
    assert everything["marks"]["title"] == {"state": "missing", "language": "en"}
    signed = read(crew["ODA"], language="da").json
    assert (signed["language"], signed["person"]["badge"]) == ("da", "ODA")
    assert (signed["signature"]["meaning"], signed["signature"]["name"]) == ("read_and_understood", "Name of ODA")

    life.published(anna, bo, doc=document("344"))
    life.published(anna, bo, doc=document("344", purpose="Every can leaves tight."))
    reading = crew["ODA"].done("GET", f"{VERSIONS}/3/reading")
    assert reading["against"] == 1
    sentences = [one["sentence"] for one in reading["changes"]]
    assert "Filled weight: upper limit 345 → 344 g." in sentences
    assert len(sentences) == 2
    assert [one["sentence"] for one in read(crew["ODA"], 3).json["changes"]] == sentences
    assert crew["ODA"].done("GET", f"{VERSIONS}/3/reading")["acknowledged_at"] is not None


def test_the_period_of_grace_is_for_who_knew_the_version_before_and_never_for_safety(life, anna, bo, crew):
    init_qualification(replace(life.app.config["QC"], acknowledgement_grace_hours=24))
    life.published(anna, bo)
    assert may(anna, "ODA")["may"] is False
    assert read(crew["ODA"]).status_code == 201
    start = datetime.now(UTC) + HOUR
    life.published(anna, bo, doc=document("344"), at=start)
    safe = document("344", hazards=[{"id": "crush", "text": "Crushes fingers.", "control": "Guard closed."}])
    life.published(anna, bo, doc=safe, at=start + 48 * HOUR)

    during = may(anna, "ODA", at=start + 23 * HOUR)
    assert (during["may"], during["grace_until"]) == (True, clock.iso(start + 24 * HOUR))
    assert "may go on until" in during["sentence"]
    assert may(anna, "IVO", at=start + HOUR)["reasons"] == ["not_acknowledged"]
    listed = {one["badge"]: one["grace_until"] for one in pending(anna, at=start + 23 * HOUR)}
    assert (listed["ODA"], listed["IVO"]) == (clock.iso(start + 24 * HOUR), None)
    assert may(anna, "ODA", at=start + 24 * HOUR)["reasons"] == ["not_acknowledged"]
    assert read(crew["ODA"], 2).status_code == 201
    assert may(anna, "ODA", at=start + 48 * HOUR)["reasons"] == ["not_acknowledged"]


SKILL = {"text": "Ten cans sealed tight under supervision.", "valid_for_days": 30}


def show(who, badge, **more):
    return who("POST", "/procedures/CAN/skills", {**SIGNED, "person": badge, **more})


def test_a_demonstrated_skill_is_seen_by_somebody_else_and_ends_at_its_moment(life, anna, bo, crew):
    life.published(anna, bo, doc=document(skill=SKILL))
    assert read(crew["ODA"]).status_code == 201
    assert may(anna, "ODA")["reasons"] == ["skill_missing"]
    assert "show it to a supervisor" in may(anna, "ODA")["sentence"]
    assert show(crew["IDA"], "ODA").status_code == 403
    assert show(anna, "ANNA").json["code"] == "same_person"
    life.somebody("ROOT", "admin").done("POST", "/people/BO/same-as", {"badge": "ANNA"})
    assert show(bo, "ANNA").json["code"] == "same_person"
    shown_at = datetime.now(UTC) - 10 * 24 * HOUR
    assert show(anna, "ODA", shown_at=clock.iso(datetime.now(UTC) + HOUR)).status_code == 422
    assert show(anna, "ODA", shown_at=clock.iso(shown_at - 30 * 24 * HOUR)).status_code == 422
    made = show(anna, "ODA", shown_at=clock.iso(shown_at))
    assert made.status_code == 201
    end = shown_at + timedelta(days=30)
    assert (made.json["expires_at"], made.json["confirmed_by"]["badge"]) == (clock.iso(end), "ANNA")
    assert (made.json["person"]["badge"], made.json["signature"]["meaning"]) == ("ODA", "skill_shown")

    assert may(anna, "ODA", purpose="inspect")["may"] is True
    assert may(anna, "ODA", at=end - timedelta(microseconds=1))["may"] is True
    assert may(anna, "ODA", at=end)["reasons"] == ["skill_expired"]
    mine = crew["ODA"].done("GET", "/me/qualifications")
    assert [one["version"] for one in mine["acknowledgements"]] == [1]
    assert [one["expires_at"] for one in mine["skills"]] == [clock.iso(end)]


def test_a_skill_can_be_shown_before_the_version_that_asks_for_it_is_in_force(life, anna, bo, crew):
    life.published(anna, bo)
    assert show(anna, "ODA").json["code"] == "illegal_transition"
    start = datetime.now(UTC) + HOUR
    life.published(anna, bo, doc=document(skill=SKILL), at=start)

    assert show(anna, "ODA").json["version"] == 2
    assert read(crew["ODA"], 2).status_code == 201
    assert may(anna, "ODA", at=start)["may"] is True
    assert show(anna, "NOBODY").json["code"] == "unknown_ref"


def test_a_lead_sees_how_somebody_stands_on_the_lines_of_their_sites(life, anna, bo, crew):
    life.published(anna, bo)
    anna.done("PUT", "/procedures/CAN/lines", {"lines": ["L1", "M1"]})
    assert read(crew["ODA"]).status_code == 201
    lead = life.somebody("LEA", "supervisor", site="S1")

    told = lead.done("GET", "/people/ODA/qualifications")
    assert [(one["line"], one["may"], one["version"]) for one in told["standing"]] == [("L1", True, 1)]
    assert lead.refused("GET", "/people/UMI/qualifications") == (404, "not_found")
    assert crew["ODA"].refused("GET", "/people/IDA/qualifications") == (403, "scope_missing")
    assert badges(lead) == ["ANNA", "BO", "IDA", "IVO", "LEA"]
    assert {(one["line"], one["site"]) for row in pending(lead) for one in row["places"]} == {("L1", "S1")}
    with connected():
        key = Plant(life.app, ("procedures:read",)).key
    asked = replace(anna, token=key)
    assert may(asked, "ODA")["may"] is True
    assert asked.refused("GET", "/procedures/CAN/qualification") == (422, "validation_failed")
