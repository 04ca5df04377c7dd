"""A client that holds every answer it gets against the API's own description of it."""

import re
from typing import Any

import schemathesis
from flask.testing import FlaskClient
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.exceptions import HTTPException

from tests import media_types

assert media_types.NDJSON  # imported for what it teaches

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


class Witness(FlaskClient):
    """To be an application's `test_client_class`; fails where an answer is not as described."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = super().open(*args, **kwargs)
        case = self._case(response.request)
        if case is not None:
            case.validate_response(response, checks=CHECKS)
        return response

    def _case(self, request: Any) -> Any:
        """The described operation that was asked for; None for pages and for what does not exist."""
        if not request.path.startswith("/v1/"):
            return None
        try:
            rule, parts = self.application.url_map.bind("localhost").match(
                request.path, request.method, return_rule=True
            )
        except HTTPException:
            return None
        described = _PART.sub(r"{\1}", rule.rule)
        operation = _operation(self.application, f"{request.method} {described}")
        return operation and operation.Case(path_parameters=parts)


_PART = re.compile(r"<(?:\w+:)?(\w+)>")  # <code>, <int:number>
_FOUND: dict[str, Any] = {}


def _operation(app: Any, label: str) -> Any:
    if label not in _FOUND:
        _FOUND[label] = description(app).find_operation_by_label(label)
    return _FOUND[label]


_ONE: list[Any] = []


def description(app: Any) -> Any:
    """What the service says of itself: the same from every application, and so read once."""
    if not _ONE:
        _ONE.append(schemathesis.openapi.from_dict(FlaskClient(app).get("/v1/openapi.json").json))
    return _ONE[0]
