"""A POST with an Idempotency-Key has one effect and one answer, however often and however closely it is sent."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from qc_service import audit, clock
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.db import connected
from qc_service.fixes.models import Fix
from qc_service.idempotency import KEPT_DAYS, IdempotencyKey
from qc_service.people import access, credentials, staff
from tests.plant import count, hour

AT_ONCE, KEYS = 16, 20
PASSWORD = "three plums on a shed roof"


def fix_body(number=50, title="New nozzle"):
    return {"line": "L1", "measure": "defective", "title": title, "in_effect_at": hour(number)[0],
            "promise": {"rate": 0.02}}  # fmt: skip


def post(plant, path, body, key, *, token=None):
    """Sent by a client of its own, as every thread has one."""
    headers = {"Authorization": f"Bearer {token or plant.key}", "Idempotency-Key": key}
    return plant.app.test_client().post(path, json=body, headers=headers)


def rows(model):
    with connected():
        return model.select().count()


def at_once(call, *, times=AT_ONCE):
    """The same call in so many threads that all start together."""
    start = threading.Barrier(times)

    def run(_):
        start.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def said(response):
    """What a client can tell two replies apart by."""
    return response.status_code, response.content_type, response.headers.get("Location"), response.data


@pytest.mark.parametrize("kind", ["fix", "counts", "line"])
def test_the_same_key_sent_sixteen_times_at_once_has_one_effect_and_one_answer(plant, kind):
    sent = {
        "fix": lambda n: ("/v1/fixes", fix_body(50 + n, f"Nozzle {n}")),
        "counts": lambda n: ("/v1/ingest/production-counts", [count(n), count(n, surprise=1)]),
        "line": lambda n: ("/v1/lines", {"code": f"line-{n}", "name": f"Line {n}", "site": "S1"}),
    }[kind]
    events = rows(audit.Event)

    for number in range(KEYS):
        path, body = sent(number)
        replies = at_once(lambda path=path, body=body, key=f"{kind}-{number}": post(plant, path, body, key))

        assert len({said(reply) for reply in replies}) == 1, [reply.text for reply in replies]
        assert replies[0].status_code in (200, 201)
        replayed = [reply.headers.get("Idempotency-Replayed") for reply in replies]
        assert replayed.count("true") == AT_ONCE - 1

    made = {"fix": rows(Fix), "counts": rows(CountRevision), "line": rows(audit.Event) - events}[kind]
    assert made == KEYS
    assert rows(audit.Event) - events == KEYS
    assert rows(IdempotencyKey) == KEYS


def test_keys_that_are_sent_among_each_other_do_not_mix_their_answers(plant):
    bodies = {f"key-{n}": fix_body(50 + n, f"Nozzle {n}") for n in range(8)}

    def send(name):
        return name, post(plant, "/v1/fixes", bodies[name], name)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(pool.map(send, list(bodies) * 6))

    assert {reply.status_code for _, reply in replies} == {201}
    assert all(reply.json["title"] == bodies[name]["title"] for name, reply in replies)
    ids = {name: {reply.json["id"] for other, reply in replies if other == name} for name in bodies}
    assert {len(found) for found in ids.values()} == {1}
    assert len(set().union(*ids.values())) == rows(Fix) == len(bodies)


def test_an_answer_that_was_lost_is_given_again_to_the_byte(plant):
    first = post(plant, "/v1/fixes", fix_body(), "k-1")
    plant.ingest([count(i) for i in range(60)])
    plant.work()

    again = post(plant, "/v1/fixes", fix_body(), "k-1")

    assert said(again) == said(first)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]


def test_the_answer_to_a_batch_is_given_again_with_its_rejected_rows(plant):
    batch = [count(1), count(2, surprise=1), count(3)]

    first, again = (post(plant, "/v1/ingest/production-counts", batch, "b-1") for _ in range(2))

    assert said(again) == said(first)
    assert [json.loads(line).get("status") for line in again.text.splitlines()] == [
        "created",
        "rejected",
        "created",
        None,
    ]
    assert rows(ProductionCount) == 2


@pytest.mark.parametrize(
    "other",
    [
        ("/v1/fixes", {"title": "Another"}), ("/v1/fixes", {"cause": "new"}), ("/v1/fixes?x=1", {}), ("/v1/lines", {}),
    ],
)  # fmt: skip
def test_a_key_that_was_used_for_something_else_is_refused_and_does_nothing(plant, other):
    path, change = other
    post(plant, "/v1/fixes", fix_body(), "k-1")
    before = rows(audit.Event)

    answer = post(plant, path, {**fix_body(), **change}, "k-1")

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert rows(audit.Event) == before
    assert said(post(plant, "/v1/fixes", fix_body(), "k-1"))[0] == 201


def test_bodies_that_differ_only_in_their_bytes_are_other_bodies(plant):
    """Nobody has to agree on what is the same JSON: a client that sends again sends the same bytes."""
    headers = {"Authorization": f"Bearer {plant.key}", "Idempotency-Key": "k-1", "Content-Type": "application/json"}
    tight, wide = (json.dumps(fix_body(), separators=between) for between in ((",", ":"), (", ", ": ")))
    client = plant.app.test_client()

    assert client.post("/v1/fixes", data=tight, headers=headers).status_code == 201
    assert client.post("/v1/fixes", data=wide, headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/fixes", {**fix_body(), "line": "later"}, 422),
        ("/v1/fixes", {**fix_body(), "surprise": 1}, 422),
        ("/v1/alerts/alr_none/ack", {}, 404),
        ("/v1/lines", {"code": "L1", "site": "S1"}, 409),
        ("/v1/ingest/production-counts", "no rows", 400),
    ],
)
def test_a_refusal_is_not_kept(plant, path, body, status):
    for _ in range(2):
        answer = post(plant, path, body, "k-1")
        assert answer.status_code == status, answer.text
        assert "Idempotency-Replayed" not in answer.headers
    assert rows(IdempotencyKey) == 0


def test_what_was_refused_can_be_mended_and_sent_again_under_its_key(plant):
    body = {**fix_body(), "line": "L2"}
    assert post(plant, "/v1/fixes", body, "k-1").status_code == 422

    plant.line("L2", "S1")

    assert post(plant, "/v1/fixes", body, "k-1").status_code == 201


def test_sixteen_refusals_at_once_keep_nothing_and_make_nothing(plant):
    replies = at_once(lambda: post(plant, "/v1/fixes", {**fix_body(), "line": "nowhere"}, "k-1"))

    assert {reply.status_code for reply in replies} == {422}
    assert (rows(IdempotencyKey), rows(Fix)) == (0, 0)


def test_a_key_belongs_to_whoever_sent_it(plant):
    with connected():
        credentials.init_people(plant.app.config["QC"])
        _, second = access.create_key(audit.COMMAND, "second", ["*"])
        staff.add_person(audit.COMMAND, "P-3", "Name of P-3", ["supervisor"], password=PASSWORD)
    signed = plant.app.test_client().post("/v1/sessions", json={"badge": "P-3", "password": PASSWORD})
    tokens = [plant.key, second, signed.json["token"]]

    replies = [
        post(plant, "/v1/fixes", fix_body(50 + n, f"Nozzle {n}"), "the same key", token=token)
        for n, token in enumerate(tokens)
    ]

    assert [reply.status_code for reply in replies] == [201, 201, 201]
    assert len({reply.json["id"] for reply in replies}) == 3


def test_another_session_of_the_same_person_finds_the_first_ones_answer(plant):
    """A tablet that was restarted has a new session, and sends again what it does not know the answer of."""
    with connected():
        credentials.init_people(plant.app.config["QC"])
        staff.add_person(audit.COMMAND, "P-3", "Name of P-3", ["supervisor"], password=PASSWORD)
    client = plant.app.test_client()
    tokens = [client.post("/v1/sessions", json={"badge": "P-3", "password": PASSWORD}).json["token"] for _ in range(2)]

    first, again = (post(plant, "/v1/fixes", fix_body(), "k-1", token=token) for token in tokens)

    assert said(again) == said(first)


def test_a_person_who_may_no_longer_do_it_is_not_shown_the_answer(plant):
    with connected():
        key, token = access.create_key(audit.COMMAND, "second", ["*"])
    assert post(plant, "/v1/fixes", fix_body(), "k-1", token=token).status_code == 201

    with connected():
        access.revoke_key(audit.COMMAND, key.id)

    assert post(plant, "/v1/fixes", fix_body(), "k-1", token=token).status_code == 401


def test_a_dry_run_is_kept_as_one_and_writes_nothing(plant):
    path = "/v1/ingest/production-counts?dry_run=true"
    first, again = (post(plant, path, [count(1)], "k-1") for _ in range(2))

    assert said(again) == said(first)
    assert rows(ProductionCount) == 0
    assert post(plant, "/v1/ingest/production-counts", [count(1)], "k-1").status_code == 422


def test_a_sign_in_shows_a_new_token_each_time_whatever_the_key(plant):
    with connected():
        credentials.init_people(plant.app.config["QC"])
        staff.add_person(audit.COMMAND, "P-3", "Name of P-3", ["supervisor"], password=PASSWORD)
    headers = {"Idempotency-Key": "k-1"}
    body = {"badge": "P-3", "password": PASSWORD}

    tokens = {plant.app.test_client().post("/v1/sessions", json=body, headers=headers).json["token"] for _ in range(2)}

    assert len(tokens) == 2
    assert rows(IdempotencyKey) == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("key", ["", '""', "x" * 256, "tab\there", "a\x7fb"])
def test_a_key_that_cannot_be_one_is_refused_before_anything_happens(plant, key):
    answer = post(plant, "/v1/fixes", fix_body(), key)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/Idempotency-Key")
    assert rows(Fix) == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_key_may_stand_in_quotes_as_the_standard_has_it(plant):
    first, again = (post(plant, "/v1/fixes", fix_body(), key) for key in ('"8e03978e-40d5-43dd"', "8e03978e-40d5-43dd"))

    assert said(again) == said(first)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_without_a_key_every_post_is_its_own(plant):
    answers = [plant.call("POST", "/v1/fixes", fix_body(50 + n)) for n in range(2)]

    assert len({answer.json["id"] for answer in answers}) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_kept_answer_outlives_ninety_days_and_no_more(plant):
    from workers.tasks.housekeeping import clean_up

    post(plant, "/v1/fixes", fix_body(), "k-1")
    with connected():
        clean_up({}, clock.now() + timedelta(days=KEPT_DAYS - 1))
        assert rows(IdempotencyKey) == 1
        clean_up({}, clock.now() + timedelta(days=KEPT_DAYS + 1))
        assert rows(IdempotencyKey) == 0


@pytest.mark.campaign
def test_three_hundred_keys_thirty_two_at_once(plant):
    for number in range(300):
        body = fix_body(50 + number, f"Nozzle {number}")
        replies = at_once(lambda body=body, key=f"k-{number}": post(plant, "/v1/fixes", body, key), times=32)
        assert len({said(reply) for reply in replies}) == 1
    assert rows(Fix) == 300
