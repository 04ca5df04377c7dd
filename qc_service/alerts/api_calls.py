"""Calls from the floor over HTTP: stop the line, call somebody, and see who was told and who comes."""

from typing import Any

from qc_service import paging
from qc_service.alerts import calling
from qc_service.auth import actor, allow
from qc_service.calls import replies, schemas
from qc_service.calls import service as calls
from qc_service.calls.models import LineCall
from qc_service.inspections.schemas import uuid_in_address
from qc_service.lines import service as lines
from qc_service.web import Blueprint

blp = Blueprint("calls", __name__, url_prefix="/v1", description="Stopping a line and calling a supervisor")

Reply = dict[str, Any]

_UUID = {
    "name": "uuid", "in": "path", "required": True, "description": "A UUID (RFC 9562), chosen by whoever presses",
    "schema": {"type": "string", "format": "uuid"},
}  # fmt: skip


@blp.route("/calls/<uuid>", methods=["PUT"], parameters=[_UUID])
@allow("call.make")
@blp.arguments(schemas.CallIn)
@blp.response(201, schemas.CallToldOut, description="It is taken")
@blp.alt_response(200, schema=schemas.CallToldOut, description="It was taken before", success=True)
def put_call(body: Reply, uuid: str) -> Any:
    """Stop a line, or call a supervisor. What arrives late is kept as history, and alarms nobody."""
    row, new = calls.make(actor(), uuid_in_address(uuid, "call"), body)
    reply = calling.told(row)
    return reply if new else (reply, 200)


@blp.route("/calls/<uuid>", methods=["GET"], parameters=[_UUID])
@allow("call.read")
@blp.response(200, schemas.CallToldOut)
def get_call(uuid: str) -> Reply:
    """One call: who was told, who comes, and how it ended."""
    return calling.told(calls.find(actor(), calls.READ, uuid_in_address(uuid, "call")))


@blp.route("/calls", methods=["GET"])
@allow("call.read")
@blp.arguments(schemas.CallArgs, location="query")
@blp.response(200, schemas.CallPage)
def list_calls(args: Reply) -> Reply:
    """The calls that you may see, those that came late too."""
    query = LineCall.select().where(lines.in_sites(LineCall, actor().sites_for(calls.READ)))
    if args["line"]:
        query = query.where(LineCall.line_id == lines.line_at(actor(), calls.READ, args["line"], args["site"]).id)
    if args["kind"]:
        query = query.where(LineCall.kind == args["kind"])
    if args["state"] == "open":
        query = query.where(calls.is_standing())
    found = paging.page(query, LineCall, args, lambda row: row, order=("received_at", "uuid"))
    return {**found, "data": replies.calls(found["data"])}


@blp.route("/calls/<uuid>/answer", methods=["POST"], parameters=[_UUID])
@allow("call.answer")
@blp.response(200, schemas.CallToldOut)
def answer_call(uuid: str) -> Reply:
    """Say that you are coming."""
    return calling.told(calling.answer(actor(), uuid_in_address(uuid, "call")))


@blp.route("/calls/<uuid>/end", methods=["POST"], parameters=[_UUID])
@allow("call.answer")
@blp.arguments(schemas.CallEndIn)
@blp.response(200, schemas.CallToldOut)
def end_call(body: Reply, uuid: str) -> Reply:
    """Say that the line runs again, or that whoever called was helped, and why."""
    return calling.told(calling.end(actor(), uuid_in_address(uuid, "call"), body["reason"]))
