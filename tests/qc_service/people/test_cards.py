"""A badge card lets its person in by a scan, on a tablet, until it is lost or another takes its place."""

import threading
from datetime import timedelta

import peewee
import pytest

from qc_service import codes
from qc_service.audit import COMMAND
from qc_service.db import connected
from qc_service.people import access, cards, credentials, sessions, signin, staff
from qc_service.people.models import BadgeCard, Session, Tries

MINUTE = timedelta(minutes=1)
WRONG = "A" * 32


@pytest.fixture
def inspector(plant):
    return plant.person("P-1", "inspector")


def scanned(plant, card, tablet, now=None):
    return signin.sign_in_with_card(card, tablet.token, now or plant.noon)


def outcome(plant, card, tablet, now=None):
    return plant.outcome(lambda: scanned(plant, card, tablet, now))


def issued(person):
    return cards.issue(COMMAND, person.id)[1]


# --- letting in ---


def test_a_card_on_an_enrolled_tablet_starts_a_session(plant, inspector):
    made = scanned(plant, issued(inspector), plant.tablet())

    assert made.person.id == inspector.id
    assert (made.session.kind, made.session.card_id) == ("tablet", BadgeCard.get().id)
    assert sessions.identify_bearer(made.token, plant.noon).by_card


def test_its_code_names_the_badge_and_a_secret_of_160_bits_that_is_another_each_time(plant, inspector):
    first, second = (codes.read(issued(inspector)) for _ in range(2))

    assert (first.kind, first.badge) == ("card", "P-1")
    assert len(first.secret) * 5 == 160
    assert first.secret != second.secret


def test_it_counts_on_an_enrolled_tablet_only(plant, inspector):
    card, tablet = issued(inspector), plant.tablet()
    access.revoke_device(COMMAND, tablet.device.id)

    assert outcome(plant, card, tablet) == "credentials_wrong"
    assert plant.outcome(lambda: signin.sign_in_with_card(card, plant.key(), plant.noon)) == "credentials_wrong"
    assert Tries.select().count() == 0


def test_a_wrong_a_lost_a_foreign_and_a_broken_card_get_the_reply_of_a_wrong_pin(plant, inspector):
    lost, left, tablet = issued(inspector), plant.person("LEFT"), plant.tablet()
    of_left = issued(left)
    cards.lose(COMMAND, inspector.id)
    staff.deactivate_person(COMMAND, left.id)
    tried = (lost, of_left, codes.card_of("P-1", WRONG), codes.card_of("NOBODY", WRONG), "QCB1:P-1:short", "P-1", "\0")
    refusals = [plant.refusal(lambda one=one: scanned(plant, one, tablet)) for one in tried]
    refusals.append(plant.refusal(lambda: plant.on_tablet("NOBODY", tablet)))

    assert len({(refused.code, refused.detail, refused.retry_after) for refused in refusals}) == 1


def test_an_unknown_badge_costs_the_same_statements(plant, inspector, statements):
    issued(inspector)
    tablet = plant.tablet()
    with statements() as wrong:
        outcome(plant, codes.card_of("P-1", WRONG), tablet)
    with statements() as unknown:
        outcome(plant, codes.card_of("NOBODY", WRONG), tablet)

    assert [sql.split()[:4] for sql in wrong] == [sql.split()[:4] for sql in unknown]


# --- throttled ---


def test_after_five_wrong_ones_the_card_waits_and_the_pin_does_not(plant, inspector):
    card, here, there = issued(inspector), plant.tablet("T1"), plant.tablet("T2")
    wrong = codes.card_of("P-1", WRONG)
    assert [outcome(plant, wrong, here) for _ in range(6)] == ["credentials_wrong"] * 5 + ["too_many_attempts"]

    assert outcome(plant, card, here) == "too_many_attempts"
    assert outcome(plant, card, there) == "in"
    assert plant.outcome(lambda: plant.on_tablet("P-1", here)) == "in"
    assert outcome(plant, card, here, plant.noon + 15 * MINUTE) == "in"


def test_wrong_cards_use_up_the_tablets_budget_as_wrong_pins_do(plant, inspector):
    card, tablet = issued(inspector), plant.tablet()
    for number in range(50):
        assert outcome(plant, codes.card_of(f"V-{number}", WRONG), tablet) == "credentials_wrong"

    assert outcome(plant, card, tablet) == "too_many_attempts"
    assert len(plant.events("device.locked")) == 1


def test_a_new_card_is_not_made_to_wait_for_what_was_tried_on_the_old_one(plant, inspector):
    old, tablet = issued(inspector), plant.tablet()
    new = issued(inspector)
    for _ in range(6):
        outcome(plant, old, tablet)
    newest = issued(inspector)

    assert [outcome(plant, one, tablet) for one in (newest, new)] == ["in", "credentials_wrong"]


# --- ending ---


def test_a_lost_card_lets_nobody_in_and_ends_what_it_began_and_nothing_else(plant, inspector):
    card, tablet = issued(inspector), plant.tablet()
    by_card, by_pin = scanned(plant, card, tablet), plant.on_tablet("P-1", tablet)
    cards.lose(COMMAND, inspector.id)

    assert outcome(plant, card, tablet) == "credentials_wrong"
    assert sessions.identify_bearer(by_card.token, plant.noon) is None
    assert sessions.identify_bearer(by_pin.token, plant.noon) is not None


def test_a_new_card_ends_the_one_before_at_once(plant, inspector):
    old, tablet = issued(inspector), plant.tablet()
    before = scanned(plant, old, tablet)
    new = issued(inspector)

    assert sessions.identify_bearer(before.token, plant.noon) is None
    assert [outcome(plant, card, tablet) for card in (old, new)] == ["credentials_wrong", "in"]
    assert [row.ended for row in BadgeCard.select().order_by(BadgeCard.issued_at)] == ["replaced", None]


def test_a_card_that_is_lost_while_it_is_read_begins_nothing(plant, inspector, monkeypatch):
    card, tablet = issued(inspector), plant.tablet()
    fitting = cards.fitting

    def lost_meanwhile(*told):
        found = fitting(*told)
        cards.lose(COMMAND, inspector.id)
        return found

    monkeypatch.setattr(cards, "fitting", lost_meanwhile)
    assert outcome(plant, card, tablet) == "credentials_wrong"
    assert Session.select().count() == 0


def test_of_several_made_at_the_same_moment_one_lives(plant, inspector):
    def make():
        with connected():
            cards.issue(COMMAND, inspector.id)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert BadgeCard.select().count() == 6
    assert BadgeCard.select().where(BadgeCard.ended_at.is_null()).count() == 1


def test_who_left_gets_no_card(plant, inspector):
    staff.deactivate_person(COMMAND, inspector.id)

    assert plant.outcome(lambda: issued(inspector)) == "illegal_transition"


def test_each_is_an_event_and_losing_none_is_not(plant, inspector):
    cards.lose(COMMAND, inspector.id)
    issued(inspector)
    cards.lose(COMMAND, inspector.id)
    cards.lose(COMMAND, inspector.id)

    told = plant.events("person.card_issued", "person.card_lost")
    assert [event.type for event in told] == ["person.card_issued", "person.card_lost"]
    assert all(inspector.id in bytes(event.body).decode() for event in told)


@pytest.mark.parametrize("change", ["ended_at = NULL, ended = NULL", "hash = 'x'", "issued_at = '2020-01-01'"])
def test_the_database_itself_refuses_to_let_a_card_live_again(plant, inspector, database, change):
    issued(inspector)
    cards.lose(COMMAND, inspector.id)
    for statement in (f"UPDATE badge_card SET {change}", "DELETE FROM badge_card"):  # noqa: S608 - our own words
        with pytest.raises(peewee.DatabaseError, match="badge card"):
            database.execute_sql(statement)


# --- proving ---


def test_what_was_sealed_before_the_card_ended_was_theirs_and_what_came_after_was_not(plant, inspector):
    secret, device = codes.read(issued(inspector)).secret, plant.tablet().device
    cards.lose(COMMAND, inspector.id)
    ended = BadgeCard.get().ended_at
    tried = [
        signin.sealed_by(inspector, ("card", told), device, at, ended)
        for told, at in ((secret, ended - MINUTE), (secret, ended), (secret, ended + MINUTE), (WRONG, ended - MINUTE))
    ]

    assert tried == [True, False, False, False]


def test_a_card_proves_its_own_person_only_and_misses_count(plant, inspector):
    tablet = plant.tablet()
    mine, other = issued(inspector), issued(plant.person("P-2"))
    told = {"device_id": tablet.device.id}
    signin.confirm(inspector.id, plant.noon, card=mine, **told)

    for _ in range(5):
        refused = plant.outcome(lambda: signin.confirm(inspector.id, plant.noon, card=other, **told))
        assert refused == "credentials_wrong"
    assert plant.outcome(lambda: signin.confirm(inspector.id, plant.noon, card=mine, **told)) == "too_many_attempts"
    assert plant.refusal(lambda: signin.confirm(inspector.id, plant.noon, card=mine)).errors[0].pointer == "/pin"


# --- what is kept ---


def test_only_a_keyed_hash_is_kept(plant, inspector, settings):
    secret = codes.read(issued(inspector)).secret

    assert BadgeCard.get().hash == credentials.keyed(secret, "card")
    assert secret not in repr(codes.read(codes.card_of("P-1", secret)))


# --- over HTTP ---


def test_a_supervisor_makes_one_for_the_floor_and_nobody_for_themselves(http):
    site = http.plant.site("S1")
    boss = http.desk("BOSS", "supervisor", site=site)
    worker, lead = (
        http.plant.person(one, role, site=site) for one, role in (("P-1", "inspector"), ("P-2", "supervisor"))
    )
    status, made = http("POST", f"/v1/people/{worker.id}/card", None, boss)
    assert (status, made["badge"], codes.read(made["card"]).badge) == (201, "P-1", "P-1")
    assert http.last.headers["Cache-Control"] == "no-store"

    assert http("POST", f"/v1/people/{lead.id}/card", None, boss)[0] == 403
    own = staff.person_with("BOSS").id
    assert http("POST", f"/v1/people/{own}/card", None, boss)[1]["code"] == "same_person"
    assert http("DELETE", f"/v1/people/{lead.id}/card", None, boss)[0] == 204  # what takes away may not wait
    assert http("POST", "/v1/people/per_nobody/card", None, boss)[0] == 404


def test_it_signs_in_over_http_and_opens_the_floors_work_only(http):
    site = http.plant.site("S1")
    admin = http.desk("ADMIN", "admin")
    boss, tablet = http.plant.person("BOSS", "supervisor", site=site), http.plant.tablet(site=site)
    card = http("POST", f"/v1/people/{boss.id}/card", None, admin)[1]["card"]
    status, inside = http("POST", "/v1/sessions", {"card": card, "device": tablet.token})
    assert (status, inside["person"]["code"]) == (201, "BOSS")

    worker = http.plant.person("P-1", "inspector", site=site)
    assert http("GET", "/v1/me", None, inside["token"])[0] == 200
    for method, path, body in (
        ("POST", f"/v1/people/{worker.id}/pin", {"pin": "260483"}),
        ("POST", f"/v1/people/{worker.id}/card", None),
        ("POST", "/v1/devices", {"name": "T9", "site": "S1"}),
        ("GET", "/v1/people", None),
    ):
        status, told = http(method, path, body, inside["token"])
        assert (status, told["code"]) == (403, "scope_missing")
        assert "PIN" in told["detail"]


@pytest.mark.parametrize("more", [{}, {"badge": "P-1"}, {"pin": "739154"}, {"password": "x"}, {"new_pin": "260483"}])
def test_a_card_comes_with_a_tablet_and_nothing_else(http, more):
    card = codes.card_of("P-1", WRONG)
    body = {"card": card, **more, **({"device": "T1"} if more else {})}
    status, told = http("POST", "/v1/sessions", body)

    assert (status, told["code"]) == (422, "validation_failed")
    assert WRONG not in http.last.get_data(as_text=True)
