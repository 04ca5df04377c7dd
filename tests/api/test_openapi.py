"""The API's description of itself: valid, complete, and true of what is sent and answered."""

import json
import re

import pytest

from qc_service.errors import PROBLEMS
from qc_service.policy import POLICY
from tests.plant import count
from tests.witness import Witness

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
pytestmark = ONE_ENGINE


@pytest.fixture
def document(client):
    return client.get("/v1/openapi.json").json


def operations(document):
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def routes(app):
    """Every address of the API as the description would write it, with its view."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    }


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_it_is_a_valid_description_of_openapi_3_1(described):
    described.schema.validate()
    assert described.schema.specification.version.startswith("3.1")
    assert len(list(described.schema.get_all_operations())) == described.schema.statistic.operations.total >= 49


def test_every_reference_leads_somewhere(document):
    for reference in set(references(document)):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found, reference


def test_every_address_of_the_api_is_in_it_and_nothing_else_is(app, document):
    about_itself = {("GET", "/v1/openapi.json"), ("GET", "/v1/problems/{code}")}

    assert set(routes(app)) - about_itself == set(operations(document))


def test_every_operation_says_in_a_sentence_what_it_does_and_what_it_answers(document):
    for name, operation in operations(document).items():
        assert operation["summary"].endswith((".", "?")), name
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert good, name
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}, name


def test_errors_are_described_as_problem_documents(document):
    for response in document["components"]["responses"].values():
        assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problem = document["components"]["schemas"]["Problem"]
    assert problem["properties"]["code"]["enum"] == sorted(PROBLEMS)
    assert set(problem["required"]) == {"type", "title", "status", "code", "detail", "errors", "request_id"}


def test_what_needs_no_token_says_so_and_everything_else_needs_one(app, document):
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    for name, operation in operations(document).items():
        is_public = routes(app)[name].qc_action is None
        assert operation.get("security") == ([] if is_public else None), name
        assert is_public or routes(app)[name].qc_action in POLICY


def test_every_repeatable_post_tells_of_its_idempotency_key(app, document):
    for (method, path), operation in operations(document).items():
        named = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"]
        view = routes(app)[method, path]
        repeatable = method == "POST" and not hasattr(view, "qc_unrepeated")
        assert named == (["Idempotency-Key"] if repeatable else []), path


def test_the_rows_of_an_ingest_are_described_whichever_form_they_come_in(document):
    body = operations(document)["POST", "/v1/ingest/production-counts"]["requestBody"]["content"]

    assert set(body) == {"application/x-ndjson", "application/json", "text/csv"}
    for form in ("application/x-ndjson", "application/json"):
        assert body[form]["schema"]["items"] == {"$ref": "#/components/schemas/CountIn"}
    row = document["components"]["schemas"]["CountIn"]
    assert set(row["required"]) == {"source", "external_id", "line", "period_start", "period_end"}
    assert row["properties"]["inspected"]["maximum"] == 10**12
    assert row["properties"]["period_end"]["format"] == "date-time"
    assert row["additionalProperties"] is False


def test_unknown_fields_are_refused_in_every_body_and_expected_in_every_reply(document):
    for (method, path), operation in operations(document).items():
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media == "application/json":
                for reference in references(content):
                    schema = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
                    assert schema["additionalProperties"] is False, (method, path)
    for name in ("Line", "Fix", "Flag", "Alert", "EffectOut", "ProductionCount", "Person"):
        assert document["components"]["schemas"][name].get("additionalProperties") is not False


def test_no_secret_that_is_sent_is_described_as_part_of_an_answer(document):
    secret = {"pin", "password", "new_pin", "new_password", "hash"}
    sent = {
        reference
        for operation in operations(document).values()
        for reference in references(operation.get("requestBody"))
    }
    for name, schema in document["components"]["schemas"].items():
        if f"#/components/schemas/{name}" not in sent:
            assert not secret & set(schema.get("properties", ())), name


def test_what_no_count_could_name_is_no_code(described):
    for code in ("L\u200b1", "\u202eL1", "L1\u2028x", "L\ue0001", "L/1", "L\n1", "", "x" * 65):
        answer = described.town.plant.call("POST", "/v1/lines", {"code": code, "site": described.town.a.site})

        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/code"), code


def test_what_a_line_can_be_called_a_count_can_name(described):
    plant = described.town.plant
    for code in ("L 1", "Löt-Straße", "線１", "a.b:c", "=1", "'; DROP TABLE line;--", "x" * 64):
        assert plant.call("POST", "/v1/lines", {"code": code, "site": described.town.a.site}).status_code == 201

        assert [one["status"] for one in plant.ingest([count(1, line=code, external_id=code)])] == ["created"]
        assert plant.call("GET", f"/v1/lines/{code}").json["code"] == code


def test_a_problem_code_has_a_page_of_its_own(client):
    for code, (status, title) in PROBLEMS.items():
        assert client.get(f"/v1/problems/{code}").json == {"code": code, "status": status, "title": title}
    assert client.get("/v1/problems/none").status_code == 404


def test_the_witness_notices_an_answer_that_is_not_as_described(described, monkeypatch):
    """What holds the journeys' answers against the description is itself tried."""
    described.app.test_client_class = Witness
    described.town.plant.client = described.app.test_client()
    plant = described.town.plant
    assert plant.call("GET", "/v1/measures").status_code == 200

    from qc_service.counts import api

    monkeypatch.setattr(api, "_result", lambda one: {"line": "one", "status": "made"})
    with pytest.raises(BaseExceptionGroup, match="found"):
        plant.ingest([count(90, line=described.town.a.line)])


def test_what_the_description_weighs(document):
    """It is fetched by every client that starts."""
    operations = sum(len(path) for path in document["paths"].values())
    assert len(json.dumps(document)) < 1_800 * operations
