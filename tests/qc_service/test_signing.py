"""A signature stands in the event that it signs, names its signer as they were then, and needs their secret."""

from dataclasses import replace
from datetime import timedelta

import peewee
import pytest

from qc_service import audit, clock, signing
from qc_service.audit import Event
from qc_service.db import connected
from qc_service.errors import QCError
from qc_service.people import access, credentials, signin, staff
from qc_service.people.models import Person, Tries
from qc_service.signing import MEANINGS, Proof, Signature, sign
from tests.attacks import found as broken
from tests.procedure_life import PASSWORD, SIGNED, Life

PIN = "739154"


@pytest.fixture
def proof(database, settings) -> Proof:
    credentials.init_people(settings)
    person = staff.add_person(audit.COMMAND, "P-1", "Dewi", ["operator"])
    return Proof(person.id, person.id, person.name, person.code, "pin", None, clock.now())


def put(proof: Proof, meaning: str = "approved", record: str = "prv_1") -> Signature:
    with audit.change(audit.COMMAND, "test.signed") as change:
        return sign(change, proof, meaning, "procedure_version", record)


@pytest.mark.parametrize("meaning", MEANINGS)
def test_a_signature_says_who_what_when_and_how(proof, meaning):
    made = put(proof, meaning)
    shown = signing.shown(Signature.get_by_id(made.id))
    assert {name: shown[name] for name in ("name", "badge", "meaning", "method")} == {
        "name": "Dewi", "badge": "P-1", "meaning": meaning, "method": "pin",
    }  # fmt: skip
    assert made.event_id == Event.get(Event.type == "test.signed").id
    assert broken() == []


def test_a_meaning_that_nobody_knows_is_a_mistake_of_ours(proof):
    with pytest.raises(KeyError):
        put(proof, "liked")
    assert Signature.select().count() == 0


def test_one_event_holds_one_signature_of_a_record(proof):
    with pytest.raises(peewee.IntegrityError):
        _twice(proof)
    assert Signature.select().count() == 0


def _twice(proof: Proof) -> None:
    with audit.change(audit.COMMAND, "test.signed") as change:
        for _ in range(2):
            sign(change, proof, "approved", "procedure_version", "prv_1")


def test_the_printed_name_stays_as_it_was(proof):
    made = put(proof)
    staff.change_person(audit.COMMAND, proof.person_id, name="Dewi Santoso")
    assert Signature.get_by_id(made.id).printed_name == "Dewi"
    assert broken() == []


def test_a_proof_is_of_the_human_being_that_the_transaction_found(proof):
    assert proof.of_human("per_2") == replace(proof, human_id="per_2")


def test_without_a_proof_nobody_signs():
    signing.present(None)
    with pytest.raises(QCError) as caught:
        signing.signer()
    assert (caught.value.code, caught.value.errors[0].pointer) == ("validation_failed", "/pin")


# --- over HTTP ---


@pytest.fixture
def life(app) -> Life:
    return Life(app)


def on_tablet(life, badge):
    """The same person on a tablet, where a PIN signs."""
    with connected():
        credentials.set_pin(audit.COMMAND, Person.get(Person.code == badge).id, PIN)
        device, token = access.enrol_device(audit.COMMAND, "T1")
        signed = signin.sign_in_on_tablet(badge, PIN, token, clock.now())
    return device, replace(life.somebody(f"{badge}-2"), token=signed.token)


def test_a_pin_signs_on_a_tablet_and_the_signature_names_the_tablet(life):
    author, boss = life.somebody("A"), life.somebody("B")
    number = life.in_review(author)
    device, there = on_tablet(life, "B")
    path = f"/procedures/CAN/versions/{number}/approve"
    assert there.refused("POST", path, SIGNED) == (422, "validation_failed")
    assert there.done("POST", path, {"pin": PIN})["signatures"][0]["method"] == "pin"
    with connected():
        assert Signature.get().device_id == device.id
    assert boss("GET", "/me").status_code == 401  # a new PIN ended the session at the desk


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_wrong_tries_stay_counted_though_the_request_is_refused(life, headers):
    author, boss = life.somebody("A"), life.somebody("B")
    path = f"/procedures/CAN/versions/{life.in_review(author)}/approve"
    wrong = {"password": "not the one"}
    said = [boss("POST", path, wrong, headers=headers).status_code for _ in range(6)]
    assert said == [401] * 5 + [429]
    assert boss("POST", path, SIGNED, headers=headers).status_code == 429
    with connected():
        assert Tries.select().where(Tries.misses == 5).count() > 0
        assert Signature.select().count() == 0


def test_a_proof_serves_its_own_request_only(life):
    """Neither the next request on the same thread nor one that fails later is signed by it."""
    author, boss = life.somebody("A"), life.somebody("B")
    one, other = life.in_review(author), life.in_review(author)
    boss.done("POST", f"/procedures/CAN/versions/{one}/approve", SIGNED)
    assert boss.refused("POST", f"/procedures/CAN/versions/{other}/approve", {}) == (422, "validation_failed")


def test_who_has_left_signs_nothing(life):
    author, boss = life.somebody("A"), life.somebody("B")
    number = life.in_review(author)
    with connected():
        staff.deactivate_person(audit.COMMAND, Person.get(Person.code == "B").id)
    assert boss.refused("POST", f"/procedures/CAN/versions/{number}/approve", SIGNED) == (401, "unauthenticated")


def test_secrets_that_sign_are_kept_nowhere(life):
    author, boss = life.somebody("A"), life.somebody("B")
    number = life.in_review(author)
    headers = {"Idempotency-Key": "k"}
    answer = boss("POST", f"/procedures/CAN/versions/{number}/approve", SIGNED, headers=headers)
    with connected():
        bodies = b"".join(bytes(event.body) for event in Event.select())
    assert PASSWORD not in answer.text
    assert PASSWORD.encode() not in bodies
    assert clock.now() - clock.parse(answer.json["signatures"][0]["at"]) < timedelta(minutes=1)
