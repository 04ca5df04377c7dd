"""An ERP sends counts: new, corrected, repeated, late, charged elsewhere, wrong. Each row has its answer."""

import json

import pytest

from qc_service import audit
from qc_service.db import connected
from tests.plant import Plant, count, hour


def states(results):
    return [one["status"] for one in results]


def current(plant, count_id):
    return plant.call("GET", f"/v1/production-counts/{count_id}").json


def test_a_batch_keeps_its_good_rows_and_names_what_is_wrong_with_the_others(plant):
    rows = [
        count(0), count(1, defective=-1), count(2, defective=2.5), count(3, d=101), count(4, line="nowhere"),
        count(5, period_end="2025-01-01T00:00:00Z"), count(6, total=10, good=9, scrapped=5, reworked=0),
        count(7, period_start="2099-01-01T00:00:00Z", period_end="2099-01-01T01:00:00Z"), count(8, surprise=1),
        '{"source": "erp", "external_id": "JC-9", "li', count(10),
    ]  # fmt: skip

    answer = plant.send(rows)

    lines = [json.loads(line) for line in answer.text.splitlines()]
    results, summary = lines[:-1], lines[-1]["summary"]
    assert answer.status_code == 200
    assert states(results) == ["created"] + ["rejected"] * 9 + ["created"]
    assert [one["line"] for one in results] == list(range(1, 12))
    assert all(one["problem"]["errors"] for one in results if one["status"] == "rejected")
    assert results[4]["problem"]["code"] == "unknown_ref"
    assert results[4]["problem"]["errors"][0]["pointer"] == "/line"
    assert (summary["created"], summary["rejected"], summary["rows"]) == (2, 9, 11)


def test_a_document_is_revised_and_never_counted_twice(plant):
    [first] = plant.ingest([count(1)])

    assert states(plant.ingest([count(1)])) == ["unchanged"]
    assert states(plant.ingest([count(1, d=4)])) == ["rejected"]
    assert states(plant.ingest([count(1, d=4, external_version="2")])) == ["updated"]
    assert states(plant.ingest([count(1, d=9, external_version="1")])) == ["stale"]
    assert states(plant.ingest([count(1, d=5, external_version=None)])) == ["updated"]
    found = current(plant, first["id"])
    assert (found["defective"], found["revision"]) == (5, 3)
    revisions = plant.call("GET", f"/v1/production-counts/{first['id']}/revisions").json["data"]
    assert [one["defective"] for one in revisions] == [3, 4, 5]


def test_the_same_document_twice_in_one_batch_is_a_revision_of_itself(plant):
    results = plant.ingest([count(1), count(1), count(1, d=4, external_version="2"), count(1, d=5)])

    assert states(results) == ["created", "unchanged", "updated", "stale"]
    assert len({one["id"] for one in results}) == 1
    assert results[2]["revision"] == 2


@pytest.mark.parametrize("charge_first", [True, False])
def test_a_corrective_order_is_added_to_the_count_it_is_charged_to(plant, charge_first):
    made = count(1, None, None, total=480, good=468, scrapped=12, rework_in_good=True)
    rework = count(2, None, None, reworked=6, charged_to="JC-1", rework_in_good=True)

    results = [plant.ingest([row])[0] for row in ([rework, made] if charge_first else [made, rework])]

    target = next(one for one in results if one["external_id"] == "JC-1")
    assert current(plant, target["id"])["reworked"] == 6
    assert current(plant, target["id"])["total"] == 480


def test_a_charge_that_is_corrected_or_goes_elsewhere_leaves_no_trace_in_the_sum(plant):
    plant.ingest([count(n, None, None, total=100) for n in (1, 2)])
    results = plant.ingest([count(3, None, None, reworked=6, charged_to="JC-1")])
    one, two = (plant.ingest([count(n, None, None, total=100)])[0]["id"] for n in (1, 2))

    plant.ingest([count(3, None, None, reworked=4, charged_to="JC-1", external_version="2")])
    assert current(plant, one)["reworked"] == 4
    plant.ingest([count(3, None, None, reworked=4, charged_to="JC-2", external_version="3")])
    assert (current(plant, one)["reworked"], current(plant, two)["reworked"]) == (None, 4)
    plant.ingest([count(3, None, None, total=4, external_version="4")])
    assert (current(plant, two)["reworked"], current(plant, results[0]["id"])["total"]) == (None, 4)


def test_a_count_that_moves_to_another_line_leaves_the_first(plant):
    plant.line("L2")
    [made] = plant.ingest([count(1)])

    plant.ingest([count(1, line="L2", external_version="2")])

    assert current(plant, made["id"])["line"] == "L2"
    assert plant.call("GET", "/v1/production-counts?line=L1").json["data"] == []


def test_a_dry_run_says_everything_and_writes_nothing(plant):
    with connected():
        before = audit.Event.select().count()

    results = plant.ingest([count(1, product="NEW"), count(2, d=-1)], path="/v1/ingest/production-counts?dry_run=true")

    assert states(results) == ["created", "rejected"]
    assert results[0]["id"] is None
    assert plant.call("GET", "/v1/production-counts?line=L1").json["data"] == []
    assert plant.call("GET", "/v1/products").json["data"] == []
    with connected():
        assert audit.Event.select().count() == before


def test_a_product_is_made_on_first_use_unless_its_site_says_no(plant):
    plant.ingest([count(1, product="P1")])
    assert plant.call("GET", "/v1/products/P1").status_code == 200

    plant.call("PATCH", "/v1/sites/S1", {"create_on_first_use": False})
    [refused] = plant.ingest([count(2, product="P2")])

    assert refused["problem"]["errors"][0]["pointer"] == "/product"
    assert states(plant.ingest([count(2, product="P1")])) == ["created"]


def test_a_line_of_that_name_in_two_sites_must_be_told_apart(plant):
    plant.line("L1", "S2")

    [unclear] = plant.ingest([count(1)])
    [clear] = plant.ingest([count(1, site="S2")])

    assert unclear["problem"]["code"] == "ambiguous_ref"
    assert clear["status"] == "created"


def test_a_key_of_one_site_cannot_see_or_write_the_other(plant, app):
    plant.line("M1", "S2")
    [mine] = plant.ingest([count(1)])
    site = plant.call("GET", "/v1/sites/S2").json["id"]
    with connected():
        other = Plant(app, site_id=site)

    [refused] = other.ingest([count(2)])

    assert refused["problem"]["code"] == "unknown_ref"
    assert other.call("GET", f"/v1/production-counts/{mine['id']}").status_code == 404
    assert other.call("GET", "/v1/lines/L1").status_code == 404
    assert [one["code"] for one in other.call("GET", "/v1/lines").json["data"]] == ["M1"]


# Whole bodies ---


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/x-ndjson", 400),
        (b"\n\n", "application/x-ndjson", 400),
        (b"{", "application/x-ndjson", 400),
        (b'"x"', "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "text/csv", 400),
        (b"line,colour\nL1,red\n", "text/csv", 400),
        (b"<rows/>", "application/xml", 415),
        (b"x" * (5 * 1024 * 1024 + 1), "application/x-ndjson", 413),
        (b"{}\n" * 1001, "application/x-ndjson", 413),
    ],
    ids=["empty", "blank", "torn", "text", "object", "deep", "utf-16", "columns", "xml", "large", "many"],
)
def test_a_body_that_cannot_be_taken_is_refused_whole(plant, body, kind, status):
    answer = plant.call("POST", "/v1/ingest/production-counts", data=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert answer.json["code"]
    assert answer.json["detail"]


def test_two_gigabytes_are_refused_before_they_are_read(plant):
    answer = plant.call(
        "POST", "/v1/ingest/production-counts", data=b"{}",
        headers={"Content-Type": "application/x-ndjson"}, environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3)},
    )  # fmt: skip

    assert answer.status_code == 413
    assert "1,000 rows" in answer.json["detail"]


def test_a_thousand_rows_answer_with_a_thousand_results(plant):
    results = plant.ingest([count(n) for n in range(1000)])

    assert states(results) == ["created"] * 1000
    assert states(plant.ingest([count(n) for n in range(1000)])) == ["unchanged"] * 1000


def test_csv_and_a_json_array_are_taken_like_lines(plant):
    start, end = hour(1)
    table = (
        "source;external_id;line;period_start;period_end;inspected;defective;defects\r\n"
        f"x;1;L1;{start};{end};50;2;A:1 B:1\r\nx;2;L1;{start};{end};1.250;;\r\n"
    )

    answer = plant.call(
        "POST", "/v1/ingest/production-counts", data=table.encode(), headers={"Content-Type": "text/csv"}
    )
    first, second = [json.loads(line) for line in answer.text.splitlines()][:-1]

    assert first["status"] == "created"
    assert second["problem"]["errors"][0] == {
        "pointer": "/inspected", "code": "not_whole",
        "detail": "Send whole units as a number, or leave the field out if unknown.",
    }  # fmt: skip
    array = plant.call("POST", "/v1/ingest/production-counts", [count(3), count(4)])
    assert states([json.loads(line) for line in array.text.splitlines()][:-1]) == ["created"] * 2


# The same request again ---


def test_an_idempotency_key_gives_the_first_answer_and_has_one_effect(plant):
    head = {"Idempotency-Key": "batch-7"}
    first = plant.send([count(1)], **head)

    again = plant.send([count(1)], **head)

    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "created" in again.text  # not "unchanged": it was not done again
    other = plant.send([count(2)], **head)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_does_not_use_up_its_key(plant):
    head = {"Idempotency-Key": "fix-1"}
    body = {"line": "L1", "measure": "defective", "title": "x", "in_effect_at": "2026-01-05T00:00:00Z"}
    assert plant.call("POST", "/v1/fixes", body, headers=head).status_code == 422

    again = plant.call("POST", "/v1/fixes", {**body, "promise": {"rate": 0.1}}, headers=head)

    assert again.status_code == 201
