import threading
from datetime import timedelta

import pytest
from argon2 import extract_parameters

from qc_service.audit import COMMAND
from qc_service.db import connected, write
from qc_service.people import access, credentials, signin, staff
from qc_service.people.models import Credential, Session, Tries

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_badge_and_pin_on_an_enrolled_tablet_start_a_session(plant):
    person, tablet = plant.person("P-1"), plant.tablet()
    made = plant.on_tablet("P-1", tablet)
    assert made.person.id == person.id
    assert (made.session.kind, made.session.device_id) == ("tablet", tablet.device.id)
    assert made.session.expires_at == plant.noon + timedelta(hours=12)


def test_badge_and_password_at_a_desk_start_a_session(plant):
    plant.person("P-1", password=plant.password)
    made = plant.at_desk("P-1")
    assert (made.session.kind, made.session.device_id) == ("desk", None)


def test_a_start_is_an_event_of_the_tablets_site_with_person_and_tablet(plant):
    site = plant.site("S1")
    person, tablet = plant.person("P-1"), plant.tablet(site=site)
    plant.on_tablet("P-1", tablet)
    [event] = plant.events("session.started")
    assert (event.stream, event.site_id) == (f"site/{site}", site)
    assert (event.actor, event.device_id) == (f"person:{person.id}", tablet.device.id)


@pytest.mark.parametrize("token", ["", "T1", "qcd_nothing", "qcd_" + "0" * 26 + "_" + "a" * 43])
def test_a_pin_without_an_enrolled_tablet_counts_for_nothing(plant, token):
    plant.person("P-1")
    refused = plant.refusal(lambda: signin.sign_in_on_tablet("P-1", plant.pin, token, plant.noon))
    assert refused.code == "credentials_wrong"
    assert Tries.select().count() == 0


def test_another_tablets_secret_does_not_fit(plant):
    one, two = plant.tablet("T1"), plant.tablet("T2")
    mixed = one.token[:31] + two.token[31:]
    assert signin.enrolled_device(mixed) is None
    assert signin.enrolled_device(one.token).id == one.device.id


def test_a_revoked_tablet_and_a_key_are_no_tablets(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    access.revoke_device(COMMAND, tablet.device.id)
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet)) == "credentials_wrong"
    assert signin.enrolled_device(plant.key()) is None


def test_a_pin_is_no_password_and_a_password_no_pin(plant):
    plant.person("P-1", password=plant.password)
    tablet = plant.tablet()
    assert plant.outcome(lambda: plant.at_desk("P-1", password=plant.pin)) == "credentials_wrong"
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.password)) == "credentials_wrong"


def test_unknown_badge_wrong_pin_no_pin_and_a_person_who_left_get_one_reply(plant):
    plant.person("WRONG")
    plant.person("LEFT")
    staff.add_person(COMMAND, "NONE", "No Pin", ["operator"])
    staff.deactivate_person(COMMAND, staff.person_with("LEFT").id)
    tablet = plant.tablet()
    refusals = [
        plant.refusal(lambda: plant.on_tablet("NOBODY", tablet)),
        plant.refusal(lambda: plant.on_tablet("WRONG", tablet, pin=plant.other_pin)),
        plant.refusal(lambda: plant.on_tablet("NONE", tablet)),
        plant.refusal(lambda: plant.on_tablet("LEFT", tablet)),
    ]
    assert len({(refused.code, refused.detail, refused.retry_after) for refused in refusals}) == 1


def test_an_unknown_badge_costs_the_same_statements_and_the_same_hash(plant, statements):
    plant.person("P-1")
    tablet = plant.tablet()
    with statements() as wrong:
        plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin))
    with statements() as unknown:
        plant.outcome(lambda: plant.on_tablet("NOBODY", tablet, pin=plant.other_pin))
    assert [sql.split()[:4] for sql in wrong] == [sql.split()[:4] for sql in unknown]
    kept, decoy = Credential.get().hash, credentials._vault().decoy
    assert extract_parameters(kept) == extract_parameters(decoy)


def test_an_unknown_badge_is_throttled_like_a_known_one(plant):
    plant.person("P-1")
    for badge in ("P-1", "NOBODY"):
        tablet = plant.tablet(badge)
        tries = [plant.outcome(lambda b=badge, t=tablet: plant.on_tablet(b, t, pin=plant.other_pin)) for _ in range(7)]
        assert tries == ["credentials_wrong"] * 5 + ["too_many_attempts"] * 2


def test_five_misses_make_the_person_wait_fifteen_minutes_on_that_tablet_only(plant):
    plant.person("P-1")
    here, there = plant.tablet("T1"), plant.tablet("T2")
    for _ in range(5):
        assert plant.outcome(lambda: plant.on_tablet("P-1", here, pin=plant.other_pin)) == "credentials_wrong"
    refused = plant.refusal(lambda: plant.on_tablet("P-1", here, plant.noon + 5 * MINUTE))
    assert (refused.code, refused.retry_after) == ("too_many_attempts", 600)
    assert plant.outcome(lambda: plant.on_tablet("P-1", there)) == "in"
    assert plant.outcome(lambda: plant.on_tablet("P-1", here, plant.noon + 15 * MINUTE)) == "in"


def test_another_person_on_the_same_tablet_does_not_wait(plant):
    plant.person("P-1")
    plant.person("P-2")
    tablet = plant.tablet()
    for _ in range(6):
        plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin))
    assert plant.outcome(lambda: plant.on_tablet("P-2", tablet)) == "in"


def test_a_right_pin_starts_the_five_afresh(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    for _ in range(3):
        for _ in range(4):
            assert plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin)) == "credentials_wrong"
        assert plant.outcome(lambda: plant.on_tablet("P-1", tablet)) == "in"


def test_the_right_pin_does_not_help_while_one_must_wait(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    for _ in range(5):
        plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin))
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet)) == "too_many_attempts"
    assert Session.select().count() == 0


def twenty_misses(plant, badge, start):
    """Twenty misses on four tablets that the person never used."""
    for number in range(4):
        tablet = plant.tablet(f"foreign-{badge}-{number}")
        for _ in range(5):
            assert (
                plant.outcome(lambda t=tablet: plant.on_tablet(badge, t, start, pin=plant.other_pin))
                == "credentials_wrong"
            )


def test_twenty_misses_close_unused_tablets_and_never_the_usual_one(plant):
    plant.person("P-1", password=plant.password)
    usual, new = plant.tablet("usual"), plant.tablet("new")
    plant.on_tablet("P-1", usual, plant.noon - 29 * DAY)
    twenty_misses(plant, "P-1", plant.noon)
    refused = plant.refusal(lambda: plant.on_tablet("P-1", new))
    assert (refused.code, refused.retry_after) == ("too_many_attempts", 86400)
    assert plant.outcome(lambda: plant.on_tablet("P-1", usual)) == "in"
    assert plant.outcome(lambda: plant.at_desk("P-1")) == "in"


def test_a_tablet_last_used_31_days_ago_is_no_usual_one(plant):
    plant.person("P-1")
    old = plant.tablet("old")
    plant.on_tablet("P-1", old, plant.noon - 31 * DAY)
    twenty_misses(plant, "P-1", plant.noon)
    assert plant.outcome(lambda: plant.on_tablet("P-1", old)) == "too_many_attempts"


def test_unused_tablets_open_again_after_a_day(plant):
    plant.person("P-1")
    twenty_misses(plant, "P-1", plant.noon)
    new = plant.tablet("new")
    assert plant.outcome(lambda: plant.on_tablet("P-1", new, plant.noon + DAY)) == "in"


def test_a_new_pin_from_a_supervisor_opens_unused_tablets_at_once(plant):
    person = plant.person("P-1")
    twenty_misses(plant, "P-1", plant.noon)
    credentials.set_pin(COMMAND, person.id, plant.other_pin)
    assert plant.outcome(lambda: plant.on_tablet("P-1", plant.tablet("new"), pin=plant.other_pin)) == "in"


def test_twenty_misses_are_one_event_that_names_the_person(plant):
    person = plant.person("P-1")
    twenty_misses(plant, "P-1", plant.noon)
    [event] = plant.events("sign_in.limited")
    assert person.id in bytes(event.body).decode()


def test_fifty_misses_lock_the_tablet_until_a_supervisor_unlocks_it(plant):
    tablet = plant.tablet()
    plant.person("P-1")
    for number in range(50):
        badge = f"P-{number % 25 + 100}"
        assert plant.outcome(lambda b=badge: plant.on_tablet(b, tablet, pin=plant.other_pin)) == "credentials_wrong"
    refused = plant.refusal(lambda: plant.on_tablet("P-1", tablet, plant.noon + 3 * DAY))
    assert (refused.code, refused.retry_after) == ("too_many_attempts", None)
    [event] = plant.events("device.locked")
    assert tablet.device.id in bytes(event.body).decode()
    access.unlock_device(COMMAND, tablet.device.id)
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet, plant.noon + 3 * DAY)) == "in"
    assert len(plant.events("device.unlocked")) == 1


def test_ones_own_sign_ins_buy_no_guesses_at_others(plant):
    tablet = plant.tablet()
    plant.person("ME")
    checked = 0
    for number in range(70):
        checked += (
            plant.outcome(lambda n=number: plant.on_tablet(f"V-{n}", tablet, pin=plant.other_pin))
            == "credentials_wrong"
        )
        plant.outcome(lambda: plant.on_tablet("ME", tablet))
    assert checked == 50


def test_unlocking_an_open_tablet_keeps_its_count_and_is_no_event(plant):
    tablet = plant.tablet()
    for number in range(49):
        plant.outcome(lambda n=number: plant.on_tablet(f"V-{n}", tablet))
    access.unlock_device(COMMAND, tablet.device.id)
    assert plant.events("device.unlocked") == []
    assert plant.outcome(lambda: plant.on_tablet("V-50", tablet)) == "credentials_wrong"
    assert plant.outcome(lambda: plant.on_tablet("V-51", tablet)) == "too_many_attempts"


def test_a_desk_password_is_throttled_per_person_and_address(plant):
    plant.person("P-1", password=plant.password)
    for _ in range(5):
        assert plant.outcome(lambda: plant.at_desk("P-1", password="not this one")) == "credentials_wrong"
    refused = plant.refusal(lambda: plant.at_desk("P-1"))
    assert (refused.code, refused.retry_after) == ("too_many_attempts", 900)
    assert plant.outcome(lambda: plant.at_desk("P-1", client="10.0.0.8")) == "in"
    assert plant.outcome(lambda: plant.at_desk("P-1", plant.noon + 15 * MINUTE)) == "in"


def test_all_addresses_of_one_ipv6_network_count_as_one(plant):
    plant.person("P-1", password=plant.password)
    for number in range(5):
        plant.outcome(lambda n=number: plant.at_desk("P-1", password="not this one", client=f"2001:db8::{n}"))
    assert plant.outcome(lambda: plant.at_desk("P-1", client="2001:db8::ffff")) == "too_many_attempts"
    assert plant.outcome(lambda: plant.at_desk("P-1", client="2001:db8:0:1::1")) == "in"
    assert plant.outcome(lambda: plant.at_desk("P-1", client="somewhere")) == "in"


def test_an_address_that_tries_everybody_has_to_wait(plant):
    plant.person("P-1", password=plant.password)
    for number in range(50):
        plant.outcome(lambda n=number: plant.at_desk(f"V-{n}", password="not this one"))
    assert plant.outcome(lambda: plant.at_desk("P-1")) == "too_many_attempts"
    assert plant.outcome(lambda: plant.at_desk("P-1", client="10.0.0.8")) == "in"
    assert plant.outcome(lambda: plant.at_desk("P-1", plant.noon + 15 * MINUTE)) == "in"


def test_forty_tries_at_the_same_moment_get_five_checks(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    outcomes = []

    def guess():
        with connected():
            outcomes.append(plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin)))

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["credentials_wrong"] * 5 + ["too_many_attempts"] * 35


def test_a_miss_is_counted_although_the_process_dies_before_the_check(plant, monkeypatch):
    plant.person("P-1")
    tablet = plant.tablet()

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(credentials, "verified", die)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            plant.on_tablet("P-1", tablet)
    monkeypatch.undo()
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet)) == "too_many_attempts"


def test_nothing_is_hashed_or_tried_inside_a_transaction(plant):
    person, tablet = plant.person("P-1"), plant.tablet()
    with write():
        for action in (
            lambda: plant.on_tablet("P-1", tablet),
            lambda: credentials.set_pin(COMMAND, person.id, plant.other_pin),
            lambda: signin.confirm(person.id, plant.noon, pin=plant.pin, device_id=tablet.device.id),
        ):
            with pytest.raises(RuntimeError):
                action()


def test_a_pin_that_another_person_chose_lets_in_only_with_a_new_one(plant):
    person, tablet = plant.person("P-1"), plant.tablet()
    credentials.set_pin(COMMAND, person.id, plant.other_pin, must_change=True)
    refused = plant.refusal(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin))
    assert (refused.errors[0].pointer, refused.errors[0].code) == ("/new_pin", "must_change")
    same = plant.refusal(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin, new_pin=plant.other_pin))
    assert same.errors[0].pointer == "/new_pin"
    weak = plant.refusal(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin, new_pin="123456"))
    assert weak.errors[0].pointer == "/new_pin"
    plant.on_tablet("P-1", tablet, pin=plant.other_pin, new_pin="904718")
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin="904718")) == "in"
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin)) == "credentials_wrong"


def test_anyone_may_change_their_password_where_they_sign_in(plant):
    person = plant.person("P-1", password=plant.password)
    plant.at_desk("P-1", new_password=plant.other_password)
    assert plant.outcome(lambda: plant.at_desk("P-1", password=plant.other_password)) == "in"
    assert plant.outcome(lambda: plant.at_desk("P-1")) == "credentials_wrong"
    [event] = plant.events("person.password_set")
    assert event.actor == f"person:{person.id}"


def test_a_wrong_pin_changes_nothing_whatever_the_new_one(plant):
    plant.person("P-1")
    tablet = plant.tablet()
    refused = plant.refusal(lambda: plant.on_tablet("P-1", tablet, pin=plant.other_pin, new_pin="123456"))
    assert refused.code == "credentials_wrong"


def test_who_is_signed_in_proves_it_again_with_the_pin_and_misses_count(plant):
    person, tablet = plant.person("P-1"), plant.tablet()
    proof = {"device_id": tablet.device.id}
    signin.confirm(person.id, plant.noon, pin=plant.pin, **proof)
    for _ in range(5):
        refused = plant.refusal(lambda: signin.confirm(person.id, plant.noon, pin=plant.other_pin, **proof))
        assert refused.code == "credentials_wrong"
    assert plant.outcome(lambda: signin.confirm(person.id, plant.noon, pin=plant.pin, **proof)) == "too_many_attempts"
    assert plant.outcome(lambda: plant.on_tablet("P-1", tablet)) == "too_many_attempts"


def test_at_a_desk_the_proof_is_the_password(plant):
    person, tablet = plant.person("P-1", password=plant.password), plant.tablet()
    signin.confirm(person.id, plant.noon, password=plant.password, client="10.0.0.7")
    for proof in ({"pin": plant.pin}, {}, {"password": plant.password, "device_id": tablet.device.id}):
        refused = plant.refusal(lambda p=proof: signin.confirm(person.id, plant.noon, **p))
        assert refused.code == "validation_failed"
