"""Storing a record costs the same few statements whatever it holds, and what is stored is what was sent."""

import json

import pytest

from qc_service.db import connected, db
from qc_service.inspections.models import InspectionRecord
from tests.floor_life import OK, record

MOST = 10


@pytest.fixture(autouse=True)
def _made(floor):
    floor.lot("A")


def statements(act) -> int:
    """How many statements the engine was given meanwhile, the transaction's own begin and end among them."""
    seen = []
    with connected():
        db.connection().set_trace_callback(seen.append)
        act()
        db.connection().set_trace_callback(None)
    return len(seen)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_record_with_many_answers_costs_as_few_statements_as_one_with_few(floor, ines):
    floor.send(ines, record("INES"))
    answers = {f"c{number}": {"value": "ok"} for number in range(400)}
    few, many = (statements(lambda body=body: floor.send(ines, body)) for body in (
        record("INES"), record("INES", answers={**OK, **answers})
    ))  # fmt: skip
    assert 5 < few == many <= MOST


def test_what_is_stored_is_what_was_sent_to_the_last_byte(floor, ines):
    body = json.dumps(record("INES"), indent=3, ensure_ascii=False).encode() + b"\n  "
    name, answer = floor.send(ines, body)
    with connected():
        kept = InspectionRecord.get_by_id(name)
        assert bytes(kept.body) == body
        assert kept.sha256 == answer.json["sha256"]


def test_a_record_is_received_until_somebody_judged_it(floor, ines):
    name, _ = floor.send(ines, record("INES"))
    assert floor.standing(name) == ("received", [], None, None)
    floor.plant.work()
    assert floor.standing(name)[0] == "accepted"
