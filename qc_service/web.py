"""The small things that every slice's API shares: the blueprint that refuses unknown arguments, and JSON as it must be."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import marshmallow as ma
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

View = TypeVar("View", bound=Callable[..., Any])


class _Parser(FlaskParser):  # type: ignore[misc]
    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - webargs' own convention
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
        "query": ma.RAISE,
        "form": ma.RAISE,
    }


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _Parser()

    if TYPE_CHECKING:  # the library is untyped, and its decorators would make every view so

        def route(self, rule: str, **options: Any) -> Callable[[View], View]: ...

        def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]: ...

        def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]: ...

        def alt_response(self, status_code: int, **options: Any) -> Callable[[View], View]: ...

        @staticmethod
        def doc(**options: Any) -> Callable[[View], View]: ...


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice in one object")
    return found


def read_json(text: str | bytes) -> Any:
    """JSON as the standard has it: no NaN, no field twice; `ValueError` says what is wrong."""
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twice)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


class StrictJson(DefaultJSONProvider):
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ARG002 - Flask's signature
        return read_json(s)
