"""Deviations at a desk: asking, deciding as another person, and ending."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from qc_service.db import connected
from qc_service.procedures.models import Deviation
from tests.desk_client import ONE_ENGINE, at_desk, get, post
from tests.plant import Plant
from tests.procedure_life import PASSWORD, Life


@pytest.fixture
def life(app):
    with connected():
        Plant(app).line("L1", "S1", "Filler 1")
    made = Life(app)
    anna, bo = made.somebody("ANNA"), made.somebody("BO")
    made.published(anna, bo)
    return made


@pytest.fixture
def oda(life):
    life.somebody("ODA", "operator", site="S1")
    return at_desk(life.app, "ODA")


@pytest.fixture
def anna(life):
    return at_desk(life.app, "ANNA")


def later(**span):
    return (datetime.now(UTC) + timedelta(**span)).strftime("%Y-%m-%dT%H:%M")


def wanted(**changes):
    form = {"procedure": "CAN", "line": "L1", "check": "weight", "reason": "The scale is =slow.", "quantity": "40",
            "expires_at": later(days=3)}  # fmt: skip
    return {**form, **changes}


def asked(desk):
    answer = post(desk, "/deviations/new", **wanted())
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def row():
    with connected():
        return Deviation.select().get()


@ONE_ENGINE
def test_somebody_asks_and_it_waits_to_be_decided(oda):
    first = get(oda, "/deviations/new", procedure="CAN", line="L1").text
    assert "Filled weight" in first
    where = asked(oda)
    assert "A quality manager decides." in get(oda, where).text
    listed = get(oda, "/deviations").text
    assert "Deviations to decide: 1" in listed
    assert "for 40 units" in listed


@ONE_ENGINE
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"check": ""}, "check"), ({"reason": ""}, "reason"), ({"quantity": "many"}, "quantity"),
        ({"quantity": "0"}, "quantity"), ({"expires_at": ""}, "expires_at"), ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00"}, "expires_at"), ({"expires_at": "2999-01-01T00:00"}, "expires_at"),
        ({"line": "L9"}, "line"), ({"procedure": "NONE"}, "procedure"), ({"check": "lid"}, "check"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(oda, change, field):
    answer = post(oda, "/deviations/new", **wanted(**change))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    if field not in ("line", "procedure"):
        assert f'id="{field}-error"' in answer.text
        assert field == "reason" or "The scale is =slow." in answer.text


@ONE_ENGINE
def test_who_did_not_ask_grants_it_and_signs(oda, anna):
    where = asked(oda)
    page = get(anna, where).text
    assert 'value="40"' in page
    answer = post(anna, f"{where}/decide", grant="yes", note="Fine.", quantity="30", expires_at="", password=PASSWORD)
    assert answer.status_code == 303, answer.text
    after = get(anna, where).text
    assert "Granted and signed." in after
    assert "30 units" in after
    assert "0 of 30" in after
    assert "Name of ANNA (ANNA)" in after
    assert row().state == "granted"


@ONE_ENGINE
def test_who_leaves_the_terms_as_they_were_asked_grants_just_these(oda, anna):
    where = asked(oda)
    found = row()
    typed = found.asked_until.strftime("%Y-%m-%dT%H:%M")
    post(anna, f"{where}/decide", grant="yes", note="Fine.", quantity="40", expires_at=typed, password=PASSWORD)
    assert (row().quantity, row().expires_at) == (40, found.asked_until)


@ONE_ENGINE
def test_more_than_was_asked_for_is_granted_only_if_that_is_meant(oda, anna):
    where = asked(oda)
    more = {"grant": "yes", "note": "Fine.", "quantity": "60", "password": PASSWORD}
    refused = post(anna, f"{where}/decide", **more)
    assert (refused.status_code, 'id="quantity-error"' in refused.text) == (422, True)
    assert post(anna, f"{where}/decide", **more, more_than_asked="1").status_code == 303
    assert row().quantity == 60


@ONE_ENGINE
def test_who_asked_cannot_decide_and_is_told_why(anna):
    where = asked(anna)
    page = get(anna, where).text
    assert "You asked for it yourself, so another quality manager decides." in page
    assert 'name="grant"' not in page
    forced = post(anna, f"{where}/decide", grant="yes", note="Fine.", password=PASSWORD)
    assert forced.status_code == 422
    assert "Who asked cannot decide" in forced.text
    assert row().state == "asked"


@ONE_ENGINE
@pytest.mark.parametrize(("form", "field"), [({"note": ""}, "note"), ({"password": "wrong"}, "password")])
def test_a_refusal_needs_a_reason_and_a_signature(oda, anna, form, field):
    where = asked(oda)
    answer = post(anna, f"{where}/decide", **{"grant": "no", "note": "Too risky.", "password": PASSWORD, **form})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert row().state == "asked"
    assert post(anna, f"{where}/decide", grant="no", note="Too risky.", password=PASSWORD).status_code == 303
    assert "Refused" in get(anna, "/deviations", tab="over").text


@ONE_ENGINE
def test_what_was_granted_is_ended_early_with_a_reason(oda, anna):
    where = asked(oda)
    post(anna, f"{where}/decide", grant="yes", note="Fine.", password=PASSWORD)
    assert 'id="end_reason-error"' in post(anna, f"{where}/end", end_reason="").text
    assert post(anna, f"{where}/end", end_reason="A new scale came.").status_code == 303
    assert "A new scale came." in get(oda, where).text
    assert row().state == "ended"


@ONE_ENGINE
def test_the_list_as_a_file_starts_no_formula(oda, anna):
    post(oda, "/deviations/new", **wanted(reason="=1+1", lot="@SUM(A1)"))
    answer = get(anna, "/deviations.csv")
    [head, cells] = csv.reader(io.StringIO(answer.text))
    found = dict(zip(head, cells, strict=True))
    assert (found["reason"], found["lot"], found["check"], found["line"]) == ("'=1+1", "'@SUM(A1)", "weight", "L1")


@ONE_ENGINE
def test_an_operator_sees_no_form_to_decide(oda):
    where = asked(oda)
    assert 'name="grant"' not in get(oda, where).text
    assert post(oda, f"{where}/decide", grant="yes", note="x", password=PASSWORD).status_code == 403
    assert get(oda, "/deviations/dev_nothing").status_code == 404
