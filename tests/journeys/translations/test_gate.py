"""What a version needs in the languages of the people who work by it before it is published."""

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from sops.translations import texts
from tests.attacks import found as broken
from tests.procedure_life import SIGNED, document
from tests.translating_api import DANISH, VERSIONS, publish, safer, speaking, translated


def test_a_safety_change_with_an_outdated_danish_text_is_refused_naming_field_and_language(life, anna, bo, danes):
    first = document()
    number = life.approved(anna, bo, doc=first)
    translated(anna, bo, number, first)
    assert publish(bo, number).status_code == 200
    second = safer()
    number = life.approved(anna, bo, doc=second)
    words = {"hazards.crush.text": "Hovedet klemmer fingre.", "hazards.crush.control": "To hænder på knapperne."}
    translated(anna, bo, number, second, words)

    answer = publish(bo, number)

    assert (answer.status_code, answer.json["code"]) == (409, "translation_gaps")
    [gap] = answer.json["gaps"]
    assert (gap["path"], gap["language"], gap["state"]) == ("checks.tight.text", "da", "outdated")
    assert "checks.tight.text (da: outdated)" in answer.json["detail"]
    assert anna.done("GET", f"{VERSIONS}/{number}")["state"] == "approved"
    assert [one["path"] for one in anna.done("GET", f"{VERSIONS}/{number}")["gaps"]] == ["checks.tight.text"]

    translated(anna, bo, number, second, {"checks.tight.text": "Lukket og tæt hele vejen rundt?"})
    assert publish(bo, number).status_code == 200
    assert broken() == []


def test_with_an_override_of_two_people_it_goes_through_and_the_override_stands_in_the_answer(life, anna, bo, danes):
    number = life.approved(anna, bo, doc=safer())
    assert publish(bo, number).status_code == 409
    path = f"{VERSIONS}/{number}/translation-override"

    asked = anna.done("POST", path, {**SIGNED, "reason": "The old seamer hurts people; words follow today."})
    assert (asked["confirmed"], asked["languages"]) == (None, ["da"])
    assert publish(bo, number).status_code == 409  # nobody has agreed yet
    assert anna.refused("POST", f"{path}/confirm", SIGNED) == (409, "same_person")
    bo.done("POST", f"{path}/confirm", SIGNED)
    published = publish(bo, number)

    assert published.status_code == 200
    override = anna.done("GET", f"{VERSIONS}/{number}")["override"]
    assert override["reason"].startswith("The old seamer")
    assert {(override[who]["name"], override[who]["meaning"]) for who in ("asked", "confirmed")} == {
        ("Name of ANNA", "translation_override"), ("Name of BO", "translation_override_confirmed"),
    }  # fmt: skip
    assert len(override["gaps"]) == len(texts(safer()))
    assert broken() == []


def test_a_wording_change_publishes_with_outdated_texts_and_readers_see_that_they_are(life, anna, bo, danes):
    first = document()
    number = life.approved(anna, bo, doc=first)
    translated(anna, bo, number, first)
    assert publish(bo, number).status_code == 200
    second = document(purpose="Each can leaves tight and full.")
    number = life.approved(anna, bo, doc=second)

    assert publish(bo, number).status_code == 200
    read = danes.done("GET", "/procedures/CAN", query_string={"lang": "da"})
    assert read["document"]["purpose"] == DANISH["purpose"]
    assert read["marks"]["purpose"] == {"state": "outdated", "language": "da"}
    assert read["marks"]["title"] == {"state": "reviewed", "language": "da"}


def test_the_gate_asks_for_the_languages_of_active_floor_people_of_the_versions_sites_only(life, anna, bo):
    for badge, language, role, site in (
        ("SIRI", "ms", "supervisor", "S1"), ("OLA", "da", "operator", "S1"), ("IWAN", "id", "inspector", "S2"),
        ("GONE", "ca", "operator", "S1"), ("ENA", "en", "operator", "S1"),
    ):  # fmt: skip
        speaking(life, badge, language, role, site=site)
    with connected():
        staff.deactivate_person(audit.COMMAND, Person.get(Person.code == "GONE").id)
    number = life.approved(anna, bo)

    def asked_for():
        return {gap["language"] for gap in publish(bo, number).json["gaps"]}

    assert asked_for() == {"da", "id"}  # no line is named, so all sites count
    anna.done("PUT", "/procedures/CAN/lines", {"lines": [{"line": "L1", "site": "S1"}]})
    assert asked_for() == {"da"}
    anna.done("PUT", "/procedures/CAN/lines", {"lines": [{"line": "M1", "site": "S2"}]})
    assert asked_for() == {"id"}
    other = life.approved(anna, bo, doc=document("344"), site="S1")
    assert {gap["language"] for gap in publish(bo, other).json["gaps"]} == {"da"}


def test_an_override_covers_only_the_gaps_that_were_agreed_upon(life, anna, bo, danes):
    number = life.approved(anna, bo)
    path = f"{VERSIONS}/{number}/translation-override"
    anna.done("POST", path, {**SIGNED, "reason": "Urgent."})
    bo.done("POST", f"{path}/confirm", SIGNED)
    speaking(life, "IWAN", "id", "inspector", site="S2")

    answer = publish(bo, number)
    assert (answer.status_code, {gap["language"] for gap in answer.json["gaps"]}) == (409, {"id"})

    anna.done("POST", path, {**SIGNED, "reason": "Urgent, in Indonesian too."})
    assert publish(bo, number).status_code == 409
    bo.done("POST", f"{path}/confirm", SIGNED)
    assert publish(bo, number).status_code == 200
    assert anna.done("GET", f"{VERSIONS}/{number}")["override"]["languages"] == ["da", "id"]


def test_nobody_agrees_to_what_has_more_gaps_than_were_asked_about(life, anna, bo, danes):
    number = life.approved(anna, bo)
    path = f"{VERSIONS}/{number}/translation-override"
    anna.done("POST", path, {**SIGNED, "reason": "Urgent."})
    speaking(life, "IWAN", "id", "inspector", site="S2")

    assert bo.refused("POST", f"{path}/confirm", SIGNED) == (409, "revision_conflict")


def test_who_asked_by_another_account_does_not_agree_with_themselves(life, anna, bo, danes):
    admin, other = life.somebody("ADA", "admin"), life.somebody("ANNA-2")
    number = life.approved(anna, bo)
    path = f"{VERSIONS}/{number}/translation-override"
    anna.done("POST", path, {**SIGNED, "reason": "Urgent."})
    admin.done("POST", "/people/ANNA-2/same-as", {"badge": "ANNA"})

    assert other.refused("POST", f"{path}/confirm", SIGNED) == (409, "same_person")


def test_an_override_is_signed_and_only_where_something_is_in_the_way(life, anna, bo, danes):
    doc = document()
    number = life.approved(anna, bo, doc=doc)
    path = f"{VERSIONS}/{number}/translation-override"

    assert anna.refused("POST", path, {"reason": "Urgent."})[0] == 422
    assert anna.refused("POST", path, {"password": "wrong plums everywhere", "reason": "Urgent."})[0] == 401
    assert bo.refused("POST", f"{path}/confirm", SIGNED) == (409, "illegal_transition")
    translated(anna, bo, number, doc)
    assert anna.refused("POST", path, {**SIGNED, "reason": "Urgent."}) == (409, "illegal_transition")
