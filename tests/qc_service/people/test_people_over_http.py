import pytest

from qc_service.audit import COMMAND, Event
from qc_service.idempotency import IdempotencyKey
from qc_service.people import staff
from qc_service.people.models import ApiKey, Credential, Device, Person, Session


@pytest.fixture
def sites(http):
    """Ids of the sites A and B."""
    return {"A": http.plant.site("A"), "B": http.plant.site("B")}


@pytest.fixture
def admin(http):
    return http.desk("ADM", "admin")


@pytest.fixture
def admin_a(http, sites):
    return http.desk("ADM-A", "admin", site=sites["A"])


def new(code, *roles, site=None, **more):
    return {"code": code, "name": f"Name of {code}", "roles": roles or ["operator"], "site": site, **more}


def codes(reply):
    return {one["code"] for one in reply[1]["data"]}


# --- people ---


def test_an_admin_adds_a_person_and_reads_it_back(http, admin, sites):
    status, made = http(
        "POST", "/v1/people", new("P-1", "operator", "inspector", site="A", email="p@example.com"), admin
    )
    assert (status, made["active"], made["language"], made["email"]) == (201, True, "en", "p@example.com")
    assert made["roles"] == [{"role": "inspector", "site": "A"}, {"role": "operator", "site": "A"}]
    assert http("GET", f"/v1/people/{made['id']}", token=admin) == (200, made)


def test_a_person_sent_twice_with_one_idempotency_key_is_added_once(http, admin):
    replies = [http("POST", "/v1/people", new("P-1"), admin, Idempotency_Key="k") for _ in range(2)]
    assert replies[0] == replies[1]
    assert http("POST", "/v1/people", new("P-1"), admin)[1]["code"] == "already_exists"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"roles": ["operator", "boss"]}, "/roles/1"),
        ({"roles": []}, "/roles"),
        ({"site": "NOWHERE"}, "/site"),
        ({"email": "nobody"}, "/email"),
        ({"language": "English"}, "/language"),
        ({"name": " "}, "/name"),
        ({"code": "a/b"}, "/code"),
        ({"pin": "739154"}, "/pin"),
        ({"id": "per_x"}, "/id"),
        ({"active": False}, "/active"),
    ],
)
def test_a_person_with_a_field_that_cannot_be_is_refused(http, admin, change, pointer):
    status, body = http("POST", "/v1/people", {**new("P-1"), **change}, admin)
    assert (status, body["errors"][0]["pointer"]) == (422, pointer)
    assert staff.person_with("P-1") is None


@pytest.mark.parametrize("role", ["operator", "inspector", "supervisor", "quality_manager", "auditor"])
def test_only_an_admin_adds_people(http, role):
    status, body = http("POST", "/v1/people", new("P-1"), http.desk("X-1", role))
    assert (status, body["code"]) == (403, "scope_missing")


def test_nobody_who_is_not_signed_in_reads_anything(http):
    for path in ("/v1/people", "/v1/people/per_1", "/v1/keys", "/v1/devices", "/v1/me"):
        assert http("GET", path)[0] == 401


def test_no_key_touches_people_keys_or_tablets(http):
    key = http.plant.key("*")
    for method, path in (
        ("GET", "/v1/people"),
        ("POST", "/v1/people"),
        ("GET", "/v1/keys"),
        ("POST", "/v1/devices"),
    ):
        assert http(method, path, {} if method == "POST" else None, key)[0] == 403


def test_people_are_listed_page_by_page_and_found_by_badge(http, admin):
    for number in range(5):
        http.plant.person(f"P-{number}")
    seen, cursor = [], ""
    while True:
        page = http("GET", f"/v1/people?limit=2{cursor}", token=admin)[1]
        seen += [person["code"] for person in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    # those of one millisecond are in no order, so only that each is there once
    assert sorted(seen) == ["ADM", "P-0", "P-1", "P-2", "P-3", "P-4"]
    assert codes(http("GET", "/v1/people?code=P-3", token=admin)) == {"P-3"}


def test_people_of_another_site_do_not_exist(http, sites, admin_a):
    here, there = http.plant.person("HERE", site=sites["A"]), http.plant.person("THERE", site=sites["B"])
    http.plant.person("ALL")
    assert codes(http("GET", "/v1/people", token=admin_a)) == {"HERE", "ALL", "ADM-A"}
    assert http("GET", f"/v1/people/{here.id}", token=admin_a)[0] == 200
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "X"}),
        ("POST", "/roles", {"role": "operator", "site": "A"}),
        ("DELETE", "/roles/operator?site=B", None),
        ("POST", "/pin", {"pin": "260483"}),
        ("POST", "/password", {"password": "eleven grey pigeons"}),
    ):
        assert http(method, f"/v1/people/{there.id}{path}", body, admin_a)[1]["code"] == "not_found", path


def test_roles_in_sites_that_the_reader_does_not_see_are_left_out(http, sites, admin_a):
    person = http.plant.person("P-1", site=sites["A"])
    staff.grant_role(COMMAND, person.id, "auditor", site_id=sites["B"])
    assert http("GET", f"/v1/people/{person.id}", token=admin_a)[1]["roles"] == [{"role": "operator", "site": "A"}]


def test_the_admin_of_one_site_adds_and_grants_only_there(http, sites, admin_a):
    assert http("POST", "/v1/people", new("P-1", site="A"), admin_a)[0] == 201
    person = staff.person_with("P-1")
    assert http("POST", "/v1/people", new("P-2", site=None), admin_a)[1]["code"] == "scope_missing"
    unseen, unknown = (http("POST", "/v1/people", new("P-3", site=site), admin_a)[1] for site in ("B", "NOWHERE"))
    assert (unseen["errors"][0]["code"], unknown["errors"][0]["code"]) == ("unknown_ref", "unknown_ref")
    grant = f"/v1/people/{person.id}/roles"
    assert http("POST", grant, {"role": "inspector", "site": "A"}, admin_a)[0] == 200
    assert http("POST", grant, {"role": "inspector", "site": "B"}, admin_a)[0] == 422
    assert http("POST", grant, {"role": "admin"}, admin_a)[0] == 403


@pytest.mark.parametrize(
    "request_of",
    [
        ("PATCH", "", {"active": False}),
        ("POST", "/pin", {"pin": "260483"}),
        ("POST", "/password", {"password": "eleven grey pigeons"}),
    ],
)
def test_who_also_works_elsewhere_is_changed_only_by_who_commands_it_all(http, sites, admin, admin_a, request_of):
    method, path, body = request_of
    person = http.plant.person("P-1", site=sites["A"])
    staff.grant_role(COMMAND, person.id, "operator", site_id=sites["B"])
    everywhere = http.plant.person("P-2")
    for one in (person, everywhere):
        assert http(method, f"/v1/people/{one.id}{path}", body, admin_a)[1]["code"] == "scope_missing"
        assert http(method, f"/v1/people/{one.id}{path}", body, admin)[0] in (200, 204)


def test_a_role_is_granted_shown_and_taken_back(http, sites, admin):
    person = http.plant.person("P-1", site=sites["A"])
    status, body = http("POST", f"/v1/people/{person.id}/roles", {"role": "auditor"}, admin)
    assert (status, {"role": "auditor", "site": None} in body["roles"]) == (200, True)
    assert http("DELETE", f"/v1/people/{person.id}/roles/auditor", token=admin)[0] == 204
    assert http("DELETE", f"/v1/people/{person.id}/roles/auditor", token=admin)[0] == 404
    assert http("DELETE", f"/v1/people/{person.id}/roles/operator?site=A", token=admin)[0] == 204
    assert http("DELETE", f"/v1/people/{person.id}/roles/boss", token=admin)[0] == 422


def test_nobody_grants_themselves_anything(http, admin):
    own = staff.person_with("ADM").id
    for method, path, body in (
        ("POST", "/roles", {"role": "quality_manager"}),
        ("DELETE", "/roles/admin", None),
        ("PATCH", "", {"active": False}),
        ("POST", "/pin", {"pin": "260483"}),
        ("POST", "/password", {"password": "eleven grey pigeons"}),
    ):
        assert http(method, f"/v1/people/{own}{path}", body, admin)[1]["code"] == "same_person", path
    assert http("PATCH", f"/v1/people/{own}", {"name": "New Name"}, admin)[1]["name"] == "New Name"


@pytest.mark.parametrize("body", [{"code": "P-2"}, {"active": None}, {"active": "yes"}, {"id": "x"}, {"name": None}])
def test_a_change_that_cannot_be_changes_nothing(http, admin, body):
    person = http.plant.person("P-1")
    assert (
        http("PATCH", f"/v1/people/{person.id}", {"name": "New", **body} if "name" not in body else body, admin)[0]
        == 422
    )
    assert Person.get_by_id(person.id).name == "Name of P-1"


def test_a_person_comes_back_with_the_same_badge_and_roles(http, admin):
    person = http.plant.person("P-1")
    for active in (False, True):
        assert http("PATCH", f"/v1/people/{person.id}", {"active": active}, admin)[1]["active"] is active
    assert http("GET", f"/v1/people/{person.id}", token=admin)[1]["roles"] == [{"role": "operator", "site": None}]


@pytest.mark.parametrize("person_id", ["per_none", "key_1", "%00", "..", "x" * 300])
def test_a_person_that_is_not_there_is_not_found(http, admin, person_id):
    assert http("GET", f"/v1/people/{person_id}", token=admin)[0] == 404


# --- PINs and passwords ---


def test_a_supervisor_resets_the_pin_of_the_floor_and_of_nobody_above(http, sites):
    supervisor = http.desk("SUP", "supervisor", site=sites["A"])
    for role, expected in (
        ("operator", 204),
        ("inspector", 204),
        ("supervisor", 403),
        ("quality_manager", 403),
        ("admin", 403),
    ):
        person = http.plant.person(f"P-{role}", role, site=sites["A"])
        assert http("POST", f"/v1/people/{person.id}/pin", {"pin": "260483"}, supervisor)[0] == expected, role
    assert http("POST", f"/v1/people/{person.id}/password", {"password": "eleven grey pigeons"}, supervisor)[0] == 403


def test_an_admin_resets_the_pin_of_a_manager_and_the_password_too(http, admin):
    person = http.plant.person("QM", "quality_manager")
    assert http("POST", f"/v1/people/{person.id}/pin", {"pin": "260483"}, admin)[0] == 204
    assert http("POST", f"/v1/people/{person.id}/password", {"password": "eleven grey pigeons"}, admin)[0] == 204
    assert {row.must_change for row in Credential.select().where(Credential.person_id == person.id)} == {True}
    sent = {"badge": "QM", "password": "eleven grey pigeons"}
    assert http("POST", "/v1/sessions", sent)[1]["errors"][0]["pointer"] == "/new_password"
    assert http("POST", "/v1/sessions", {**sent, "new_password": "a hat full of rain"})[0] == 201


@pytest.mark.parametrize("pin", ["123456", "12345", "", "73915x"])
def test_a_weak_pin_is_refused(http, admin, pin):
    person = http.plant.person("P-1")
    status, body = http("POST", f"/v1/people/{person.id}/pin", {"pin": pin}, admin)
    assert (status, body["errors"][0]["pointer"]) == (422, "/pin")


def test_a_reset_is_an_event_with_who_did_it(http, admin):
    person = http.plant.person("P-1")
    http("POST", f"/v1/people/{person.id}/pin", {"pin": "260483"}, admin)
    event = Event.get(Event.type == "person.pin_set")
    assert event.actor == f"person:{staff.person_with('ADM').id}"


# --- keys ---


def test_an_admin_makes_a_key_uses_it_and_withdraws_it(http, admin, sites):
    status, made = http("POST", "/v1/keys", {"name": "ERP", "scopes": ["me:read"], "site": "A", "days": 90}, admin)
    assert (status, made["site"], made["revoked_at"]) == (201, "A", None)
    assert http("GET", "/v1/me", token=made["token"])[1]["name"] == "ERP"
    assert http("DELETE", f"/v1/keys/{made['id']}", token=admin)[0] == 204
    assert http("GET", "/v1/me", token=made["token"])[0] == 401
    [listed] = http("GET", "/v1/keys", token=admin)[1]["data"]
    assert listed["revoked_at"]
    assert "token" not in listed


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"scopes": ["everything"]}, "/scopes/0"), ({"scopes": []}, "/scopes"), ({"days": 366}, "/days"),
     ({"days": "30"}, "/days"), ({"site": "NOWHERE"}, "/site"),
     ({"expires_at": "2099-01-01T00:00:00Z"}, "/expires_at")],
)  # fmt: skip
def test_a_key_that_cannot_be_is_refused(http, admin, change, pointer):
    status, body = http("POST", "/v1/keys", {"name": "ERP", "scopes": ["me:read"], **change}, admin)
    assert (status, body["errors"][0]["pointer"]) == (422, pointer)


def test_keys_of_another_site_do_not_exist_and_those_of_all_are_seen_only(http, sites, admin_a):
    for site in (sites["A"], sites["B"], None):
        http.plant.key("*", site=site)
    keys = {key.site_id: key.id for key in ApiKey.select()}
    listed = {key["id"] for key in http("GET", "/v1/keys", token=admin_a)[1]["data"]}
    assert listed == {keys[sites["A"]], keys[None]}
    replies = [http("DELETE", f"/v1/keys/{keys[site]}", token=admin_a)[0] for site in (sites["A"], sites["B"], None)]
    assert replies == [204, 404, 403]


def test_the_admin_of_one_site_makes_keys_for_that_site_only(http, admin_a):
    for site, expected in (("A", 201), ("B", 422), (None, 403)):
        assert http("POST", "/v1/keys", {"name": "ERP", "scopes": ["*"], "site": site}, admin_a)[0] == expected


def test_making_keys_and_tablets_keeps_no_token_for_a_retry(http, admin):
    http("POST", "/v1/keys", {"name": "ERP", "scopes": ["*"]}, admin, Idempotency_Key="k1")
    http("POST", "/v1/devices", {"name": "T1"}, admin, Idempotency_Key="k2")
    assert IdempotencyKey.select().count() == 0


# --- tablets ---


def test_a_supervisor_enrols_a_tablet_in_the_own_site_and_withdraws_it(http, sites):
    supervisor = http.desk("SUP", "supervisor", site=sites["A"])
    assert http("POST", "/v1/devices", {"name": "T1"}, supervisor)[0] == 403
    assert http("POST", "/v1/devices", {"name": "T1", "site": "B"}, supervisor)[0] == 422
    status, made = http("POST", "/v1/devices", {"name": "T1", "site": "A"}, supervisor)
    assert (status, made["locked"]) == (201, False)
    http.plant.person("P-1", site=sites["A"])
    signed = {"badge": "P-1", "pin": "739154", "device": made["token"]}
    token = http("POST", "/v1/sessions", signed)[1]["token"]
    assert http("DELETE", f"/v1/devices/{made['id']}", token=supervisor)[0] == 204
    assert http("GET", "/v1/me", token=token)[0] == 401
    assert http("POST", "/v1/sessions", signed)[0] == 401


def test_a_locked_tablet_is_shown_as_such_and_unlocked_by_a_supervisor_of_any_of_its_sites(http, sites):
    supervisor, tablet = http.desk("SUP", "supervisor", site=sites["A"]), http.plant.tablet()
    for number in range(51):
        reply = http("POST", "/v1/sessions", {"badge": f"V-{number}", "pin": "739154", "device": tablet.token})
    assert reply[0] == 429
    assert "Retry-After" not in http.last.headers
    assert http("GET", "/v1/devices", token=supervisor)[1]["data"][0]["locked"] is True
    status, body = http("POST", f"/v1/devices/{tablet.device.id}/unlock", token=supervisor)
    assert (status, body["locked"]) == (200, False)
    assert http("POST", "/v1/sessions", {"badge": "V-1", "pin": "739154", "device": tablet.token})[0] == 401


def test_tablets_of_another_site_do_not_exist(http, sites):
    supervisor = http.desk("SUP", "supervisor", site=sites["A"])
    there, everywhere = http.plant.tablet("T-B", sites["B"]), http.plant.tablet("T")
    assert [one["id"] for one in http("GET", "/v1/devices", token=supervisor)[1]["data"]] == [everywhere.device.id]
    assert http("POST", f"/v1/devices/{there.device.id}/unlock", token=supervisor)[0] == 404
    assert http("DELETE", f"/v1/devices/{there.device.id}", token=supervisor)[0] == 404
    assert http("DELETE", f"/v1/devices/{everywhere.device.id}", token=supervisor)[0] == 403


# --- all of it ---


def test_every_address_of_the_slice_carries_its_rule(app):
    found = {
        (method, rule.rule): app.view_functions[rule.endpoint].qc_action
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("people.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert len(found) == 20
    assert [where for where, action in found.items() if action is None] == [("POST", "/v1/sessions")]


def test_no_secret_and_no_hash_stands_in_any_event_or_reply(http, admin):
    person = http.plant.person("P-1", password="plum jam on the roof")
    made = [
        http("POST", "/v1/keys", {"name": "ERP", "scopes": ["*"]}, admin)[1]["token"],
        http("POST", "/v1/devices", {"name": "T1"}, admin)[1]["token"],
    ]
    http.said.clear()  # those two and a sign-in's token are shown once
    for path, body in (("pin", {"pin": "260483"}), ("password", {"password": "eleven grey pigeons"})):
        http("POST", f"/v1/people/{person.id}/{path}", body, admin)
    sign_in = {"badge": "P-1", "pin": "260483", "device": made[1]}
    http("POST", "/v1/sessions", sign_in)
    http("POST", "/v1/sessions", {**sign_in, "pin": "739154"})
    token = http("POST", "/v1/sessions", {**sign_in, "new_pin": "904718"})[1]["token"]
    http.said.pop()
    for path in ("people", "keys", "devices", "me", f"people/{person.id}"):
        http("GET", f"/v1/{path}", token=admin)
    http("DELETE", f"/v1/keys/{ApiKey.get().id}", token=admin)
    bodies = [bytes(event.body).decode() for event in Event.select()]
    said = "\n".join([*bodies, *http.said])
    hashes = [row.hash for model in (Credential, ApiKey, Device, Session) for row in model.select()]
    secrets = ["739154", "260483", "904718", "plum jam", "grey pigeons", "$argon2", *hashes]
    secrets += [one.split("_", 2)[2] for one in (*made, token, admin)]
    assert len(bodies) > 8
    assert [secret for secret in secrets if secret in said] == []
