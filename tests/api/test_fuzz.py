"""Thousands of requests that the description allows or forbids, right, wrong and mangled: never a failure of ours.

Every answer must be one that the description tells of, in status, media type and form.
"""

import os
from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed
from hypothesis import settings as effort
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from werkzeug.test import Client

from qc_service.policy import ROLES
from tests.api.conftest import Described, real_parts
from tests.two_sites import PASSWORD, Principal

pytestmark = pytest.mark.volume

INGEST = "POST /v1/ingest/production-counts"
SIGN_OUT = "DELETE /v1/sessions/current"
ROWS_HAVE_OWN_ANSWERS = ("negative_data_rejection", "positive_data_acceptance")
# What stands at these addresses is another's name as well, of an inspection or of a language: its methods are there too
SHARED = {
    "GET /v1/inspections/own", "POST /v1/inspections/own",
    *(f"GET /v1/procedures/{{code}}/versions/{{number}}/translations/{{language}}.{kind}" for kind in ("xliff", "csv")),
}  # fmt: skip
METHODS_ARE_OWN = ("unsupported_method", "allow_header_conformance")
SLOWEST = 1.0  # seconds; measured in the campaign only
A_ROUND = 1  # right and as many wrong requests of each operation; a campaign has hundreds
SUCCEEDS = {
    INGEST, "POST /v1/fixes", "POST /v1/lines", "POST /v1/sites", "GET /v1/fixes/{fix_id}",
    "GET /v1/evidence/{evidence_id}", "GET /v1/production-counts/{count_id}", "GET /v1/lines",
    "POST /v1/alerts/{alert_id}/comment",
}  # fmt: skip
LONGER = 8  # of those that must be seen to succeed


class Closing(Client):
    """Reads an answer to its end and closes it, as a server does: a pack is a file until then."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return super().open(*args, buffered=True, **kwargs)


class Sender:
    """Sends what was made up, as somebody, and keeps each answer that is not as the description says."""

    def __init__(self, described: Described, who: Principal) -> None:
        load_all_checks()
        self.described, self.who = described, who
        self.sent: Counter[tuple[str, int]] = Counter()
        self.wrong: dict[tuple[str, str], str] = {}
        self.slowest = 0.0
        named = {check.__name__: check for check in CHECKS.get_all()}
        # a row that is wrong is rejected in a good answer, beside rows that are right
        self.excluded = {label: [named[name] for name in METHODS_ARE_OWN] for label in SHARED}
        self.excluded[INGEST] = [named[name] for name in ROWS_HAVE_OWN_ANSWERS]

    def __call__(self, case: Any) -> None:
        label = case.operation.label
        headers = self.fresh() if label == SIGN_OUT else self.who.headers(desk=False)
        if self.number % 5:  # made-up keys are often equal, and would stop most requests
            case.headers.pop("Idempotency-Key", None)
        if case.meta.generation.mode is GenerationMode.POSITIVE and self.number % 3:
            self.name_what_is_there(case)
        headers["Accept-Encoding"] = "identity"  # the checks read the body as it came
        response = case.call(headers=headers, session=Closing(self.described.app))
        self.sent[label, response.status_code] += 1
        self.slowest = max(self.slowest, response.elapsed)
        try:
            case.validate_response(response, headers=headers, excluded_checks=self.excluded.get(label, []))
        except FailureGroup as group:
            for failure in group.exceptions:
                self.wrong.setdefault((label, type(failure).__name__), str(group)[:2000])

    def name_what_is_there(self, case: Any) -> None:
        """Made-up names are refused at once: what is behind them would never be reached."""
        here = self.described.town.a
        real = {"line": here.line, "site": here.site, "measure": "defective"}
        for values in (case.query, *(case.body if isinstance(case.body, list) else [case.body])):
            if isinstance(values, dict):
                values.update({name: real[name] for name in values if name in real})

    @property
    def number(self) -> int:
        return sum(self.sent.values())

    @property
    def succeeded(self) -> set[str]:
        return {label for label, status in self.sent if status < 300}

    def fresh(self) -> dict[str, str]:
        """A session of its own for a request that ends it."""
        if self.who.kind != "person":
            return self.who.headers(desk=False)
        body = {"badge": self.who.badge, "password": PASSWORD}
        signed = self.described.app.test_client().post("/v1/sessions", json=body)
        return {"Authorization": f"Bearer {signed.json['token']}"}

    def assert_all_as_described(self) -> None:
        assert not self.wrong, "\n\n".join(self.wrong.values())
        assert not [one for one in self.sent if one[1] >= 500]


def fuzz(send: Sender, examples: int, number: int = 1, *, longer: Collection[str] = ()) -> None:
    """So many right and so many wrong requests for every operation, most of them about what is really there."""
    for found in send.described.schema.get_all_operations():
        operation = found.ok()
        parts = real_parts(operation.path, send.described.town.a)
        asked = LONGER if operation.label in longer else examples
        tries = asked if operation.body else max(asked // 2, 1)  # there is less to make up without a body
        aims = [(parts, tries), (None, max(asked // 4, 1))] if parts else [(None, tries)]
        for mode in GenerationMode:
            for fixed, times in aims:
                _run(send, operation.as_strategy(generation_mode=mode, path_parameters=fixed), times, number)


def _run(send: Sender, cases: Any, times: int, number: int) -> None:
    quiet = {
        "deadline": None,
        "database": None,
        "verbosity": Verbosity.quiet,
        "suppress_health_check": list(HealthCheck),
    }

    @seed(number)
    @effort(max_examples=times, phases=[Phase.generate], **quiet)
    @given(case=cases)
    def run(case: Any) -> None:
        send(case)

    run()


def principal(described: Described, name: str) -> Principal:
    town = described.town
    everything = Principal("key", town.plant.key, scopes=frozenset("*"))
    return {"key": everything, "anonymous": town.anonymous, **town.everywhere}[name]


@pytest.mark.mostly_sqlite
def test_whatever_a_key_sends_is_answered_as_described(described):
    send = Sender(described, principal(described, "key"))

    fuzz(send, A_ROUND, longer=SUCCEEDS)

    send.assert_all_as_described()
    assert send.succeeded >= SUCCEEDS


@pytest.mark.campaign
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_whatever_an_administrator_sends_is_answered_as_described(described):
    send = Sender(described, principal(described, "admin"))

    fuzz(send, A_ROUND)

    send.assert_all_as_described()
    assert send.succeeded >= {
        "POST /v1/people", "PATCH /v1/people/{person_id}", "POST /v1/keys", "POST /v1/devices", "GET /v1/people",
        SIGN_OUT,
    }  # fmt: skip


@pytest.mark.campaign
@pytest.mark.parametrize("name", [*ROLES, "key", "anonymous"])
def test_twenty_thousand_requests_of_everybody_are_answered_as_described_and_at_once(described, name):
    """Spread over eight principals and both engines. The seed is `QC_SEED`, or 1."""
    number = int(os.environ.get("QC_SEED") or 1)
    send = Sender(described, principal(described, name))

    while send.number < 1250:
        fuzz(send, A_ROUND, number)
        number += 1

    send.assert_all_as_described()
    assert send.slowest < SLOWEST


@pytest.mark.campaign
@pytest.mark.parametrize("name", ["admin", "supervisor", "key"])
def test_every_boundary_of_every_field_is_kept(described, name):
    """Not by chance: each limit of each field just kept and just missed, each field left out, each type mistaken."""
    send = Sender(described, principal(described, name))
    for found in described.schema.get_all_operations():
        made = described.schema.iter_coverage_cases(
            found.ok(), generation_modes=list(GenerationMode), generation_config=described.schema.config.generation
        )
        for case in made:
            send(case)

    send.assert_all_as_described()
    assert send.number > 1000
