"""The API as its description tells it: what schemathesis has to know to speak to the service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

from qc_service.app import create_app
from qc_service.db import db
from tests import media_types, two_sites
from tests.two_sites import Premises, TwoSites

# Right data may be refused for what it says (a line that is not there, a promise that no rate can keep), wrong data
# for its form; neither may ever be a failure of the service. Whoever signs with wrong secrets is made to wait (429).
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": ["2xx", *map(str, (401, 403, 404, 406, 409, 413, 422, 429))]},
    "negative_data_rejection": {
        "expected-statuses": list(map(str, (400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429)))
    },
}


@dataclass
class Described:
    """A plant of two sites behind an application, and the description that the application gives of itself."""

    app: Any
    town: TwoSites
    schema: Any


assert media_types.NDJSON  # imported for what it teaches


@pytest.fixture
def described(settings) -> Iterator[Described]:
    app = create_app(replace(settings, sqlite_synchronous="OFF"))
    town = two_sites.build(app)
    config = SchemathesisConfig.from_dict({"checks": CHECKS})
    yield Described(app, town, schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config))
    db.obj.close_all()


def real_parts(path: str, premises: Premises) -> dict[str, str]:
    """For each part of an address the name or id of something that is really there."""
    known = {name: getattr(premises, name.removesuffix("_id"), None) for name in re.findall(r"{(\w+)}", path)}
    starts = {
        "/v1/sites": premises.site, "/v1/lines": premises.line, "/v1/products": premises.product,
        "/v1/procedures": premises.procedure,
    }  # fmt: skip
    for start, code in starts.items():
        if path.startswith(start) and "code" in known:
            known["code"] = code
    if "number" in known:
        known["number"] = premises.in_force
    if "role" in known:
        known["role"] = "operator"
    return {name: value for name, value in known.items() if value is not None}
