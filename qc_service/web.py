"""What every slice's API shares: the blueprint that refuses unknown arguments, and JSON as it must be."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import marshmallow as ma
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser
from werkzeug.routing import BaseConverter

View = TypeVar("View", bound=Callable[..., Any])


class _Parser(FlaskParser):
    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
        "query": ma.RAISE,
        "form": ma.RAISE,
    }


IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Sent again with the same key and body, the request has no second effect and gets the first answer",
}


def takes(most: int, told: str) -> Callable[[View], View]:
    """Mark a view whose body may have so many bytes, for whoever may ask it; `told` says what to do with more."""

    def mark(view: View) -> View:
        view.qc_takes = most, told  # type: ignore[attr-defined]
        return view

    return mark


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_describe_key)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        if "post" in self._docs[endpoint]:
            self._docs[endpoint]["post"]["repeatable"] = not hasattr(obj, "qc_unrepeated")

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Callable[[View], View]:
        """A body without a field that must be there may be left out itself, and is described so."""
        if location == "json":
            options.setdefault("required", any(field.required for field in schema().fields.values()))
        mark: Callable[[View], View] = super().arguments(schema, location=location, **options)
        return mark

    if TYPE_CHECKING:  # the library is untyped, and its decorators would make every view so

        def route(self, rule: str, **options: Any) -> Callable[[View], View]: ...

        def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]: ...

        def alt_response(self, status_code: int, **options: Any) -> Callable[[View], View]: ...

        @staticmethod
        def doc(**options: Any) -> Callable[[View], View]: ...


def _describe_key(doc: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    if info.get("repeatable"):
        doc.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return doc


class _Part(BaseConverter):
    """A part of an address: no record's name holds a control character, and PostgreSQL cannot even ask for some."""

    regex = r"[^/\x00-\x1f\x7f]+"


def init_web(app: Flask) -> None:
    """To be called before any address is registered."""
    app.url_map.converters["default"] = _Part


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
