"""Every route asked by everybody, about their own site and about another.

A new route is walked by itself. Where nothing here knows what to send to it, the test names it and fails.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from qc_service.auth import public
from qc_service.db import connected
from qc_service.policy import POLICY, ROLES, SCOPES
from tests.matrix_exceptions import CONTENT, KEPT, NAMED_INSIDE, NAMELESS, NOBODYS, ONES_OWN, ONLY_EVERYWHERE
from tests.matrix_requests import (
    BODIES,
    PUBLIC,
    Caller,
    Route,
    effect,
    events,
    refusal,
    routes,
    unknown_to_this_test,
)
from tests.two_sites import Premises, Principal

pytestmark = pytest.mark.volume

# --- own site ---------------------------------------------------------------------------------------------------

SITE_A = [*ROLES, "key with the scope", "key with *", "anonymous"]
# Who may do anything that only somebody of every site may; for the others it is their own site once more.
LEADING = ("admin", "quality_manager")
EVERYBODY = [
    *SITE_A, "key without the scope", *(f"{role} everywhere" for role in LEADING),
    *(pytest.param(f"{role} everywhere", marks=pytest.mark.campaign) for role in ROLES if role not in LEADING),
]  # fmt: skip

# On the other engine the queries are the same; the campaign asks them of everybody there too.
LOOKING = ("quality_manager",)
ELSEWHERE = [
    *(("sqlite", name) for name in SITE_A),
    *(pytest.param("pg", name, marks=pytest.mark.pg) for name in SITE_A if name in LOOKING),
    *(pytest.param("pg", name, marks=(pytest.mark.pg, pytest.mark.campaign)) for name in SITE_A if name not in LOOKING),
]


def principal(town: Any, name: str, route: Route) -> Principal:
    if name == "anonymous":
        return town.anonymous
    if name == "key with *":
        return town.with_scope["*"]
    if name.startswith("key"):
        scope = (POLICY[route.action].scope if route.action else None) or SCOPES[0]
        return (town.with_scope if name == "key with the scope" else town.without_scope)[scope]
    return town.people[name] if name in town.people else town.everywhere[name.removesuffix(" everywhere")]


def as_the_table_says(who: Principal, route: Route) -> set[int | None]:
    """The statuses that are right in one's own site; None is success."""
    if who.kind == "anonymous" or (who.kind == "key" and route.desk):
        return {401}
    if not who.may(route.action or ""):
        return {403}
    if route.name in ONLY_EVERYWHERE and not who.everywhere:
        return {403}
    if route.name in ONES_OWN and who.roles == {"inspector"}:
        return {403}
    return {CONTENT.get(route.name)}


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_may_do_in_their_site_what_the_table_says_and_reads_nothing_of_another(kept, town, name):
    caller, wrong, before = Caller(kept.app), [], events()
    for route in routes(kept.app):
        who = principal(town, name, route)
        response = caller.send(who, route, town.a)
        found, asked = refusal(response), f"{route.name} as {who.name}"
        if not who.everywhere:
            said = (response.text + str(response.headers)).casefold()
            wrong += [f"{asked} gives away {word}" for word in town.b.secrets if word.casefold() in said]
        if not route.public:
            wrong += _not_as_the_table_says(route, who, response, town.a.word)
        if found is None and route.method != "GET":
            kept.restore()
        elif events() != before:
            wrong += [] if route.name in KEPT else [f"{asked} was refused and yet wrote something"]
            kept.restore()
    assert not wrong, "\n".join(wrong)


def _not_as_the_table_says(route: Route, who: Principal, response: Any, word: str) -> list[str]:
    found, right = refusal(response), as_the_table_says(who, route)
    if found not in right:
        return [f"{route.name} as {who.name}: {response.status_code}, not {right}: {response.text[:200]}"]
    if found is None and route.method == "GET" and route.rule not in NAMELESS and word not in response.text:
        return [f"{route.name} as {who.name}: nothing of the site is in it"]
    return []


# --- the other site ---------------------------------------------------------------------------------------------


def ghost(b: Premises) -> Premises:
    """Names and ids of the same form that nothing has."""
    ids = {
        name: re.sub(r"_.*", "_" + "0" * 26, value)
        for name, value in vars(b).items()
        if re.fullmatch(r"[a-z]{3}_[0-9a-z]{26}", value)
    }
    words = {name: value.replace(b.word, "phantom") for name, value in vars(b).items() if name not in ids}
    return replace(b, **{**words, **ids})


def without(text: str, names: Premises) -> str:
    """A reply without what the request itself named."""
    for value in sorted(names.secrets, key=len, reverse=True):
        text = text.replace(value, "…")
    return text


@pytest.mark.parametrize(("kept", "name"), ELSEWHERE, indirect=["kept"])
def test_another_site_is_not_there(kept, town, name):
    """Each request for what is the other site's is answered as if there were no such thing, and changes nothing."""
    caller, wrong, before = Caller(kept.app), [], events()
    nothing = ghost(town.b)
    for route in routes(kept.app):
        if route.public or route.rule in NOBODYS or route.name in ONLY_EVERYWHERE:
            continue
        who = principal(town, name, route)
        with time_machine.travel(datetime.now(UTC), tick=False):
            response, empty = (caller.send(who, route, to) for to in (town.b, nothing))
        asked = f"{route.name} as {who.name}"
        if events() != before:
            wrong.append(f"{asked} changed something: {response.status_code}")
            kept.restore()
        found, signed_in = effect(response, route), who.kind == "person" or not route.desk
        right = NAMED_INSIDE.get(route.name, 404) if signed_in else 401
        if who.may(route.action or "") and route.parts and found != right:
            wrong.append(f"{asked}: {response.status_code}, not {right}")
        if route.method != "GET" and found is None:
            wrong.append(f"{asked}: {response.status_code}, and it should not be done")
        if (without(response.text, town.b), response.status_code) != (without(empty.text, nothing), empty.status_code):
            wrong.append(f"{asked} answers otherwise than for what does not exist: {response.text[:300]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_a_list_that_is_asked_for_nothing_in_particular_holds_ones_own_site_only(kept, town, role):
    client, leaks = kept.app.test_client(use_cookies=False), []
    for route in routes(kept.app):
        if route.method != "GET" or route.parts or route.public:
            continue
        who = town.people[role]
        reply = client.get(route.rule, headers=who.headers(desk=route.desk))
        leaks += [route.name for word in town.b.secrets if word in reply.text]
    assert not leaks, leaks


@pytest.mark.parametrize(
    "role", [pytest.param(one, marks=() if one in LEADING else pytest.mark.campaign) for one in ROLES]
)
def test_a_role_that_is_granted_everywhere_holds_in_each_site(kept, town, role):
    caller, wrong, who = Caller(kept.app), [], town.everywhere[role]
    for route in routes(kept.app):
        if route.public or route.method != "GET":
            continue
        response = caller.send(who, route, town.b)
        if refusal(response) != (None if who.may(route.action or "") else 403):
            wrong.append(f"{route.name}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


# --- the list of routes -----------------------------------------------------------------------------------------


def test_every_route_is_marked_and_the_public_ones_are_these(kept):
    found = routes(kept.app)

    assert [route.name for route in found if not route.marked] == []
    assert {route.name for route in found if route.public} == PUBLIC


def test_this_test_knows_what_to_send_to_every_route(kept):
    assert unknown_to_this_test(routes(kept.app)) == []


def test_a_route_that_is_new_and_unknown_here_is_named():
    new = Route("POST", "/v1/novelties/<novelty_id>", ("novelty_id",), "line.read", marked=True, desk=False)

    assert unknown_to_this_test([new]) == [new.name]


def test_a_view_without_a_mark_is_closed_and_one_that_is_public_is_open(kept, town):
    everything = town.with_scope["*"].headers(desk=False)
    app = kept.app.__class__("bare")
    for name in ("extensions", "config", "error_handler_spec", "before_request_funcs"):
        setattr(app, name, getattr(kept.app, name))
    app.add_url_rule("/v1/forgotten", "forgotten", lambda: "all of it")
    app.add_url_rule("/v1/given", "given", public(lambda: "what anybody may have"))

    with connected():
        assert app.test_client().get("/v1/forgotten", headers=everything).status_code == 403
        assert app.test_client().get("/v1/given").text == "what anybody may have"


def test_what_is_public_answers_to_anybody(kept, town):
    with connected():
        town.plant.work()  # work that had waited for minutes would be a reason not to be ready
    caller, public_ones = Caller(kept.app), [route for route in routes(kept.app) if route.public]
    answers = {route.name: caller.send(town.anonymous, route, town.a).status_code for route in public_ones}

    assert {name: status for name, status in answers.items() if status >= 400} == {
        "POST /sign-in": 401, "POST /v1/sessions": 401,  # nobody has that badge
    }  # fmt: skip


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "POST", "DELETE", "PATCH"])
def test_no_other_method_is_a_way_around_the_check(kept, town, method):
    caller, answered = Caller(kept.app), []
    for route in routes(kept.app):
        if route.public or route.method == method:
            continue
        response = caller.send(town.anonymous, route, town.a, method=method)
        if refusal(response) is None or town.a.word in response.text:
            answered.append(f"{method} {route.rule}: {response.status_code}")
    assert answered == []


# --- what no client may set -------------------------------------------------------------------------------------

FORBIDDEN = {
    "id": "fix_1", "site_id": "sit_1", "line_id": "lin_1", "person_id": "per_1", "actor": "person:per_1",
    "account": "a", "device_id": "dev_1", "recorded_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z",
    "declared_at": "2026-01-01T00:00:00Z", "declared_by": "person:per_1", "updated_at": "2026-01-01T00:00:00Z",
    "seq": 1, "hash": "00", "prev": "00", "sha256": "00", "episode": 7, "state": "resolved", "frozen": {},
    "meaning": "approved", "via": "desk", "revision": 9, "must_change": False, "active_from": None, "token": "qck_x",
}  # fmt: skip


def test_no_client_sets_what_the_service_itself_records(kept, town):
    """Who, where, when, which number and which state are the service's to say, in every body that it reads."""
    caller, wrong = Caller(kept.app), []
    for route in routes(kept.app):
        known = BODIES.get(route.name, lambda p: {})(town.a).get("json")
        if known is None:
            continue
        body = known[0] if isinstance(known, list) else known
        swollen = {**FORBIDDEN, **body}
        roles = POLICY[route.action].roles if route.action else ()
        who = town.everywhere[roles[-1]] if roles else town.anonymous
        response = caller.send(who, route, town.a, json=[swollen] if isinstance(known, list) else swollen)
        passed = {name for name in set(FORBIDDEN) - set(body) if f'/{name}"' not in response.text}
        if effect(response, route) != 422 or passed:
            wrong.append(f"{route.name}: {response.status_code}, lets pass {passed}")
    assert not wrong, "\n".join(wrong)
