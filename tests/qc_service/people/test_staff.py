import dataclasses
import json

import pytest
from argon2 import extract_parameters
from peewee import IntegrityError

from qc_service.audit import COMMAND, Author
from qc_service.db import db, new_id
from qc_service.people import credentials, staff
from qc_service.people.models import Credential, Person, RoleGrant


def test_a_person_has_the_code_as_badge_and_the_roles_asked_for(plant):
    site = plant.site("S1")
    person = plant.person("P-1", "operator", "inspector", site=site)
    assert staff.person_with("P-1").id == person.id
    assert {(grant.role, grant.site_id) for grant in RoleGrant.select()} == {
        ("operator", site),
        ("inspector", site),
    }


def test_a_badge_that_was_given_is_never_given_again_even_after_its_person_left(plant):
    person = plant.person("P-1")
    staff.deactivate_person(COMMAND, person.id)
    assert plant.outcome(lambda: plant.person("P-1")) == "already_exists"
    assert Person.select().count() == 1


def test_an_unknown_role_is_refused_with_the_known_ones(plant):
    refused = plant.refusal(lambda: plant.person("P-1", "operator", "boss"))
    assert refused.errors[0].pointer == "/roles/1"
    assert "quality_manager" in refused.errors[0].detail


def test_a_person_needs_a_role_and_a_site_that_exists(plant):
    assert plant.outcome(lambda: staff.add_person(COMMAND, "P-1", "N", [])) == "validation_failed"
    refused = plant.refusal(lambda: plant.person("P-1", "operator", site="sit_none"))
    assert (refused.errors[0].pointer, refused.errors[0].code) == ("/site", "unknown_ref")


@pytest.mark.parametrize(("secrets", "pointer"), [({"pin": "123456"}, "/pin"), ({"password": "short"}, "/password")])
def test_a_weak_secret_adds_nobody(plant, secrets, pointer):
    refused = plant.refusal(lambda: plant.person("P-1", **secrets))
    assert refused.errors[0].pointer == pointer
    assert Person.select().count() == 0


def test_a_role_given_twice_is_one_grant_and_one_event(plant):
    site = plant.site("S1")
    person = plant.person("P-1")
    for site_id in (site, None):
        for _ in range(2):
            staff.grant_role(COMMAND, person.id, "inspector", site_id=site_id)
    assert RoleGrant.select().where(RoleGrant.role == "inspector").count() == 2
    assert len(plant.events("role.granted")) == 2


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_database_itself_refuses_a_second_grant(plant, everywhere):
    person = plant.person("P-1", site=None if everywhere else plant.site("S1"))
    row = {**RoleGrant.get(RoleGrant.person_id == person.id).__data__, "id": new_id("rol")}
    with pytest.raises(IntegrityError), db.atomic():
        RoleGrant.insert(row).execute()


def test_taking_back_a_role_that_is_not_held_is_not_found(plant):
    person = plant.person("P-1", "operator", site=plant.site("S1"))
    assert plant.outcome(lambda: staff.revoke_role(COMMAND, person.id, "operator")) == "not_found"


def test_nobody_changes_their_own_roles_or_activity(plant):
    person = plant.person("P-1", "admin")
    author = Author(f"person:{person.id}")
    for action in (
        lambda: staff.grant_role(author, person.id, "quality_manager"),
        lambda: staff.revoke_role(author, person.id, "admin"),
        lambda: staff.deactivate_person(author, person.id),
        lambda: staff.reactivate_person(author, person.id),
    ):
        assert plant.outcome(action) == "same_person"


def test_what_changes_nothing_is_no_event(plant):
    person = plant.person("P-1")
    staff.reactivate_person(COMMAND, person.id)
    staff.change_person(COMMAND, person.id, name=person.name)
    staff.deactivate_person(COMMAND, person.id)
    staff.deactivate_person(COMMAND, person.id)
    assert [event.type for event in plant.events()] == ["person.added", "person.deactivated"]


def test_a_change_of_name_keeps_the_old_one_in_the_trail(plant):
    person = plant.person("P-1")
    staff.change_person(COMMAND, person.id, name="New Name", email="new@example.com")
    [event] = plant.events("person.changed")
    data = json.loads(bytes(event.body))["data"]
    assert (data["before"]["name"], data["after"]["name"]) == ("Name of P-1", "New Name")


def test_a_person_that_does_not_exist_is_not_found(plant):
    for action in (staff.deactivate_person, staff.reactivate_person, staff.change_person):
        assert plant.outcome(lambda a=action: a(COMMAND, "per_none")) == "not_found"
    assert plant.outcome(lambda: credentials.set_pin(COMMAND, "per_none", plant.pin)) == "not_found"


def test_whom_an_alert_of_a_site_concerns(plant):
    one, two = plant.site("S1"), plant.site("S2")
    plant.person("HERE", "supervisor", site=one)
    plant.person("THERE", "supervisor", site=two)
    plant.person("ALL", "quality_manager", "supervisor")
    plant.person("OTHER", "operator", site=one)
    staff.deactivate_person(COMMAND, plant.person("LEFT", "supervisor", site=one).id)

    def codes(site):
        return [person.code for person in staff.people_with_role(["supervisor", "quality_manager"], site)]

    assert codes(one) == ["ALL", "HERE"]
    assert codes(two) == ["ALL", "THERE"]
    assert codes(None) == ["ALL"]


def test_there_is_one_pin_and_one_password_at_most(plant):
    person = plant.person("P-1", password=plant.password)
    credentials.set_pin(COMMAND, person.id, plant.other_pin)
    assert sorted(row.kind for row in Credential.select()) == ["password", "pin"]


def test_a_hash_is_argon2id_and_useless_without_the_pepper(plant, settings):
    person, tablet = plant.person("P-1"), plant.tablet()
    kept = Credential.get(Credential.person_id == person.id).hash
    assert kept.startswith("$argon2id$")
    credentials.init_people(dataclasses.replace(settings, pin_pepper="another"))
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet)) == "credentials_wrong"


def test_at_normal_cost_a_hash_takes_19_mebibytes_and_two_passes(plant, settings):
    credentials.init_people(dataclasses.replace(settings, password_cost="normal"))
    found = extract_parameters(credentials.hashed(plant.pin))
    assert (found.memory_cost, found.time_cost, found.parallelism) == (19456, 2, 1)
