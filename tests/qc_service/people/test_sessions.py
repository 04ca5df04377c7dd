from datetime import timedelta

import pytest

from qc_service.audit import COMMAND, Author
from qc_service.people import access, credentials, sessions, staff, tokens
from qc_service.people.models import Session, Tries

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def tablet_session(plant):
    plant.person("P-1", "operator")
    return plant.on_tablet("P-1", plant.tablet())


@pytest.fixture
def desk_session(plant):
    plant.person("P-1", "supervisor", password=plant.password)
    return plant.at_desk("P-1")


def test_a_session_speaks_for_its_person_with_the_roles_of_each_site(plant):
    one, two = plant.site("S1"), plant.site("S2")
    person, tablet = plant.person("P-1", "operator", "inspector", site=one), plant.tablet()
    staff.grant_role(COMMAND, person.id, "supervisor", site_id=two)
    staff.grant_role(COMMAND, person.id, "auditor")
    made = plant.on_tablet("P-1", tablet)
    actor = sessions.identify_bearer(made.token, plant.noon)
    assert (actor.kind, actor.id, actor.name) == ("person", person.id, person.name)
    assert actor.roles == {one: {"operator", "inspector"}, two: {"supervisor"}, "*": {"auditor"}}
    assert actor.author == Author(f"person:{person.id}", tablet.device.id, "tablet")
    assert actor.session_id == made.session.id


def test_a_person_without_roles_is_known_and_may_nothing(plant):
    person = plant.person("P-1", "operator")
    made = plant.on_tablet("P-1", plant.tablet())
    staff.revoke_role(COMMAND, person.id, "operator")
    actor = sessions.identify_bearer(made.token, plant.noon)
    assert (actor.roles, actor.may("me.read")) == ({}, False)


def test_a_tablet_session_ends_after_five_idle_minutes(plant, tablet_session):
    identify = sessions.identify_bearer
    assert identify(tablet_session.token, plant.noon + 5 * MINUTE - timedelta(seconds=1))
    assert identify(tablet_session.token, plant.noon + 10 * MINUTE) is None


def test_a_desk_session_ends_after_an_idle_hour(plant, desk_session):
    assert sessions.identify_cookie(desk_session.token, plant.noon + 59 * MINUTE)
    assert sessions.identify_cookie(desk_session.token, plant.noon + 2 * HOUR) is None


def test_use_keeps_a_session_alive_for_twelve_hours_at_most(plant, tablet_session):
    moment = plant.noon
    while sessions.identify_bearer(tablet_session.token, moment):
        moment += 4 * MINUTE
    assert moment == plant.noon + 12 * HOUR


def test_being_seen_is_written_once_a_minute_at_most(plant, tablet_session, statements):
    with statements() as soon:
        sessions.identify_bearer(tablet_session.token, plant.noon + timedelta(seconds=59))
    with statements() as later:
        sessions.identify_bearer(tablet_session.token, plant.noon + timedelta(seconds=60))
    assert [sql.split()[0] for sql in soon] == ["SELECT"]
    assert [sql.split()[0] for sql in later if sql.split()[0] in ("SELECT", "UPDATE")] == ["SELECT", "UPDATE"]


def test_identifying_takes_one_select_whatever_the_roles(plant, statements):
    person = plant.person("P-1", "operator", "inspector", "supervisor")
    for code in ("S1", "S2", "S3"):
        staff.grant_role(COMMAND, person.id, "auditor", site_id=plant.site(code))
    made, key = plant.on_tablet("P-1", plant.tablet()), plant.key("counts:write")
    for token in (made.token, key):
        with statements() as sent:
            assert sessions.identify_bearer(token, plant.noon)
        assert len(sent) == 1


def test_a_tablets_own_token_names_nobody(plant):
    assert sessions.identify_bearer(plant.tablet().token, plant.noon) is None


def test_only_a_desk_session_is_a_cookie(plant, tablet_session):
    assert sessions.identify_cookie(tablet_session.token, plant.noon) is None
    assert sessions.identify_cookie(plant.key(), plant.noon) is None


def test_a_desk_session_is_a_bearer_token_too(plant, desk_session):
    assert sessions.identify_bearer(desk_session.token, plant.noon).via == "desk"


@pytest.mark.parametrize("token", ["", "x", "qcs_", "qck_1_2", "qcs_\0", "Bearer", "é" * 80])
def test_what_is_no_token_is_nobody(plant, token):
    assert sessions.identify_bearer(token, plant.noon) is None
    assert sessions.identify_cookie(token, plant.noon) is None


def test_a_right_id_with_a_wrong_secret_is_nobody(plant, tablet_session):
    for token in (tablet_session.token, plant.key()):
        forged = token[:-1] + ("A" if token[-1] != "A" else "B")
        assert sessions.identify_bearer(forged, plant.noon) is None


def test_deactivation_ends_every_session_at_the_next_request(plant, tablet_session):
    staff.deactivate_person(COMMAND, tablet_session.person.id)
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None
    staff.reactivate_person(COMMAND, tablet_session.person.id)
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None


def test_a_session_that_began_while_the_person_was_deactivated_is_dead_too(plant, tablet_session):
    staff.deactivate_person(COMMAND, tablet_session.person.id)
    Session.update(ended_at=None).execute()
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None


def test_a_revoked_role_is_gone_at_the_next_request(plant, tablet_session):
    staff.revoke_role(COMMAND, tablet_session.person.id, "operator")
    assert not sessions.identify_bearer(tablet_session.token, plant.noon).roles


def test_revoking_a_tablet_ends_the_sessions_on_it(plant, tablet_session):
    access.revoke_device(COMMAND, tablet_session.session.device_id)
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None


def test_a_session_that_began_while_its_tablet_was_revoked_is_dead_too(plant, tablet_session):
    access.revoke_device(COMMAND, tablet_session.session.device_id)
    Session.update(ended_at=None).execute()
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None


def test_a_new_pin_ends_the_sessions_before_it(plant, tablet_session):
    credentials.set_pin(COMMAND, tablet_session.person.id, plant.other_pin)
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None


def test_signing_out_ends_the_session_and_is_one_event(plant, tablet_session):
    author = sessions.identify_bearer(tablet_session.token, plant.noon).author
    for _ in range(2):
        sessions.sign_out(author, tablet_session.session.id)
    assert sessions.identify_bearer(tablet_session.token, plant.noon) is None
    assert len(plant.events("session.ended")) == 1


def test_every_session_has_a_token_of_its_own_with_256_random_bits(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    made = [plant.on_tablet("P-1", tablet).token for _ in range(3)]
    assert len(set(made)) == 3
    assert all(len(token.split("_", 2)[2]) == 43 for token in made)


def test_tokens_are_read_back_as_their_records_id():
    for kind, prefix in (("qck", "key"), ("qcd", "dev"), ("qcs", "ses")):
        record_id, token = tokens.mint(kind)
        assert tokens.read(token) == (kind, record_id)
        assert record_id.startswith(f"{prefix}_")


def test_what_ended_long_ago_is_forgotten_and_what_still_matters_is_kept(plant, tablet_session):
    tablet = plant.tablet("locked")
    for number in range(50):
        plant.outcome(lambda n=number: plant.on_tablet(f"V-{n}", tablet))
    sessions.forget_old(plant.noon + timedelta(days=60))
    assert (Session.select().count(), Tries.select().where(Tries.kind == "pin_device").count()) == (1, 1)
    sessions.forget_old(plant.noon + timedelta(days=100))
    assert Session.select().count() == 0
    assert [row.place for row in Tries.select()] == [tablet.device.id]
