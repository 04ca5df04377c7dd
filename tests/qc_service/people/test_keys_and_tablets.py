from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.audit import COMMAND
from qc_service.people import access, sessions
from qc_service.people.models import ApiKey, Device


def test_a_key_speaks_for_itself_with_its_scopes_and_its_site(plant):
    site = plant.site("S1")
    key, token = access.create_key(COMMAND, "ERP", ["counts:write", "lines:read", "counts:write"], site_id=site)
    actor = sessions.identify_bearer(token, clock.now())
    assert (actor.kind, actor.id, actor.name) == ("key", key.id, "ERP")
    assert (actor.scopes, actor.key_site) == ({"counts:write", "lines:read"}, site)
    assert actor.author.name == f"key:{key.id}"
    assert token.startswith("qck_" + key.id.removeprefix("key_") + "_")


def test_a_key_with_every_scope_may_never_act_as_a_person(plant):
    actor = sessions.identify_bearer(plant.key("*"), clock.now())
    assert actor.may("count.record")
    assert not actor.may("person.write")
    assert not actor.may("session.end")


def test_a_key_with_a_narrow_scope_may_only_that(plant):
    actor = sessions.identify_bearer(plant.key("counts:write"), clock.now())
    assert actor.may("count.record")
    assert not actor.may("count.read")


def test_two_keys_of_one_name_live_while_one_replaces_the_other(plant):
    assert (
        sessions.identify_bearer(plant.key(), clock.now()).id != sessions.identify_bearer(plant.key(), clock.now()).id
    )


def test_a_key_ends_on_its_day_and_within_a_year(plant):
    key, token = access.create_key(COMMAND, "ERP", ["*"], days=30)
    assert key.expires_at - key.created_at == timedelta(days=30)
    assert sessions.identify_bearer(token, key.expires_at - timedelta(seconds=1))
    assert sessions.identify_bearer(token, key.expires_at) is None
    for days in (0, 366):
        refused = plant.refusal(lambda d=days: access.create_key(COMMAND, "ERP", ["*"], days=d))
        assert refused.errors[0].pointer == "/days"


def test_a_revoked_key_is_nobody_and_revoking_it_again_is_no_event(plant):
    key, token = access.create_key(COMMAND, "ERP", ["*"])
    for _ in range(2):
        access.revoke_key(COMMAND, key.id)
    assert sessions.identify_bearer(token, clock.now()) is None
    assert len(plant.events("key.revoked")) == 1


@pytest.mark.parametrize("scopes", [[], ["counts:write", "everything"]])
def test_an_unknown_scope_is_refused_with_the_known_ones(plant, scopes):
    refused = plant.refusal(lambda: access.create_key(COMMAND, "ERP", scopes))
    assert refused.errors[0].pointer.startswith("/scopes")
    assert "counts:write" in refused.errors[0].detail
    assert ApiKey.select().count() == 0


def test_a_key_or_a_tablet_of_no_site_that_exists_is_refused(plant):
    assert plant.outcome(lambda: access.create_key(COMMAND, "ERP", ["*"], site_id="sit_none")) == "unknown_ref"
    assert plant.outcome(lambda: access.enrol_device(COMMAND, "T1", site_id="sit_none")) == "unknown_ref"


def test_only_hashes_of_tokens_are_kept(plant):
    tablet, key = plant.tablet(), plant.key()
    secrets = tablet.token.split("_", 2)[2], key.split("_", 2)[2]
    kept = f"{list(ApiKey.select().dicts())} {list(Device.select().dicts())}"
    assert not any(secret in kept for secret in secrets)


def test_a_tablet_is_withdrawn_once(plant):
    tablet = plant.tablet()
    for _ in range(2):
        access.revoke_device(COMMAND, tablet.device.id)
    assert len(plant.events("device.revoked")) == 1


def test_what_does_not_exist_cannot_be_withdrawn(plant):
    for action in (access.revoke_key, access.revoke_device, access.unlock_device):
        assert plant.outcome(lambda a=action: a(COMMAND, "dev_none")) == "not_found"
