"""An auditor's role that ends by itself."""

import json
from datetime import timedelta

import pytest
import time_machine
from peewee import IntegrityError

from qc_service.audit import COMMAND, Event
from qc_service.clock import iso, now
from qc_service.db import db, new_id
from qc_service.people import sessions, staff
from qc_service.people.models import RoleGrant
from qc_service.verify import verify


@pytest.fixture
def guest(plant):
    """Somebody who audits a site for an hour from noon, signed in at a desk."""
    site = plant.site("S1")
    person = plant.person("GUEST", "operator", password=plant.password)
    with time_machine.travel(plant.noon, tick=False):
        staff.grant_role(COMMAND, person.id, "auditor", site_id=site, expires_at=plant.noon + timedelta(hours=1))
    return site, person, plant.at_desk("GUEST").token


def roles_at(token, moment):
    return sessions.identify_bearer(token, moment).roles


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_it_is_gone_at_its_moment_in_the_session_that_had_it(plant, guest):
    site, _, token = guest
    end = plant.noon + timedelta(hours=1)
    assert roles_at(token, end - timedelta(microseconds=1))[site] == {"auditor"}
    assert roles_at(token, end) == {"*": {"operator"}}
    assert sessions.identify_cookie(token, end).roles == {"*": {"operator"}}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_holds_it_no_more_is_not_counted_among_those_who_do(plant, guest):
    site, person, _ = guest
    for moment, found in ((plant.noon, [person.id]), (plant.noon + timedelta(hours=1), [])):
        with time_machine.travel(moment, tick=False):
            assert [one.id for one in staff.people_with_role(["auditor"], site)] == found


def test_given_again_it_ends_when_it_was_said_last_and_given_the_same_nothing_happens(plant):
    site, person = plant.site("S1"), plant.person("GUEST")
    first, later = now() + timedelta(days=1), now() + timedelta(days=9)
    for until in (first, first, later, later, None, None):
        staff.grant_role(COMMAND, person.id, "auditor", site_id=site, expires_at=until)
    [grant] = RoleGrant.select().where(RoleGrant.role == "auditor")
    assert grant.expires_at is None
    said = [json.loads(bytes(event.body))["data"].get("expires_at") for event in plant.events("role.granted")]
    assert said == [iso(first), iso(later), None]
    assert [finding for finding in verify() if "role_grant" in finding.place] == []


@pytest.mark.parametrize(("role", "hours"), [("inspector", 1), ("admin", 1), ("auditor", -1), ("auditor", 0)])
def test_only_an_auditors_ends_and_only_in_times_to_come(plant, role, hours):
    person = plant.person("GUEST")
    until = now() + timedelta(hours=hours)
    refused = plant.refusal(lambda: staff.grant_role(COMMAND, person.id, role, expires_at=until))
    assert refused.errors[0].pointer == "/expires_at"
    assert Event.select().where(Event.type == "role.granted").count() == 0


def test_the_database_itself_lets_no_other_role_end(plant):
    person = plant.person("GUEST")
    values = {"id": new_id("rol"), "person_id": person.id, "role": "inspector", "created_at": now()}
    with pytest.raises(IntegrityError), db.atomic():
        RoleGrant.insert(**values, expires_at=now()).execute()


def test_an_admin_gives_it_over_http_and_sees_when_it_ends(http):
    admin, site = http.desk("ADM", "admin"), http.plant.site("S1")
    person = http.plant.person("GUEST", site=site)
    grant = {"role": "auditor", "site": "S1", "expires_at": iso(now() + timedelta(days=7))}
    status, shown = http("POST", f"/v1/people/{person.id}/roles", grant, admin)
    assert (status, shown["roles"]) == (200, [grant, {"role": "operator", "site": "S1"}])
    past = {**grant, "expires_at": iso(now() - timedelta(days=7))}
    status, refused = http("POST", f"/v1/people/{person.id}/roles", past, admin)
    assert (status, refused["errors"][0]["pointer"]) == (422, "/expires_at")
    assert http("DELETE", f"/v1/people/{person.id}/roles/auditor?site=S1", token=admin)[0] == 204
