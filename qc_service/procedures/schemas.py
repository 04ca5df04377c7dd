"""Procedures on the wire."""

from typing import Any

from marshmallow import fields, validate

from qc_service.people.rules import PASSWORD_LONGEST
from qc_service.procedures.models import Procedure, ProcedureVersion
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, Truth, page_of, reply_schema
from sops.diff import ChangeClass
from sops.languages import LANGUAGES
from sops.versions import State

STATES = tuple(one.value for one in State)
CLASSES = tuple(one.value for one in ChangeClass if one is not ChangeClass.WITHDRAWN)
LONG = 2000


def language(**kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(LANGUAGES, error="Languages are: {choices}."), **kwargs)


def reason() -> Text:
    return Text(longest=LONG, required=True, metadata={"description": "Why, for whoever reads it later"})


class Signed(Schema):
    """What is signed: the PIN on a tablet, or the password at a desk. Checked before the request is looked at."""

    pin = fields.String(load_only=True, validate=validate.Length(min=1, max=PASSWORD_LONGEST))
    password = fields.String(load_only=True, validate=validate.Length(min=1, max=PASSWORD_LONGEST))


class SignedByCard(Signed):
    """What a badge card on a tablet may sign as well."""

    card = fields.String(load_only=True, validate=validate.Length(min=1, max=PASSWORD_LONGEST))


class SignatureOut(Reply):
    id = fields.String()
    name = fields.String(metadata={"description": "The printed name as it was then"})
    badge = fields.String()
    meaning = fields.String()
    method = fields.String()
    at = Moment()


# --- procedures ---


class ProcedureIn(Schema):
    code = Code(required=True)
    title = Text(required=True, longest=120)
    owner = Code(load_default=None, allow_none=True, metadata={"description": "The owner's badge"})
    site = Code(
        load_default=None, allow_none=True,
        metadata={"description": "The site that it belongs to; absent: the whole plant, by who may do so everywhere"},
    )  # fmt: skip


class ProcedurePatch(Schema):
    title = Text(longest=120)
    owner = Code(allow_none=True)


class LineName(Schema):
    line = Code(required=True)
    site = Code(allow_none=True)


class LineField(fields.Field[dict[str, Any]]):
    """A line's code, or `{"line", "site"}` where the code fits several sites."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        found: dict[str, Any] = LineName().load({"line": value} if isinstance(value, str) else value)
        return found


class LinesIn(Schema):
    lines = fields.List(LineField(), required=True, validate=validate.Length(max=500))


class ProcedureArgs(PageArgs):
    q = Text(load_default=None, metadata={"description": "Part of the code or the title"})
    state = fields.String(
        load_default=None, validate=validate.OneOf(STATES), metadata={"description": "With a version in that state"}
    )


class InForceArgs(Schema):
    at = Moment(load_default=None, metadata={"description": "The moment in question; absent: now"})
    site = Code(load_default=None)
    line = Code(load_default=None)
    lang = language(load_default=None)


class LineOfProcedure(Reply):
    line = fields.String()
    site = fields.String()


class VersionBrief(Reply):
    version = fields.Integer()
    state = fields.String()
    site = fields.String(allow_none=True)
    line = fields.String(allow_none=True)
    digest = fields.String()
    change_class = fields.String(allow_none=True)
    effective_at = Moment(allow_none=True)
    withdrawn_at = Moment(allow_none=True)


ProcedureOut = reply_schema(
    "Procedure", Procedure, "id", "code", "title", "created_at", "updated_at",
    owner=fields.String(allow_none=True), site=fields.String(allow_none=True),
    lines=fields.List(fields.Nested(LineOfProcedure)), versions=fields.List(fields.Nested(VersionBrief)),
)  # fmt: skip
ProcedurePage = page_of(ProcedureOut)

# --- versions ---


class VersionIn(Schema):
    document = fields.Raw(required=True, metadata={"type": "object", "description": "The procedure as a document"})
    change_note = Text(longest=LONG, load_default=None, allow_none=True)
    site = Code(load_default=None, allow_none=True, metadata={"description": "The version is for this site only"})
    line = Code(load_default=None, allow_none=True, metadata={"description": "The version is for this line only"})
    base = fields.Integer(
        strict=True, load_default=None, allow_none=True,
        metadata={"description": "The version that it was started from"},
    )  # fmt: skip


class VersionArgs(Schema):
    """What goes with a document that is sent as a file."""

    change_note = Text(longest=LONG, load_default=None)
    site = Code(load_default=None)
    line = Code(load_default=None)
    base = fields.Integer(load_default=None)


class DraftIn(Schema):
    document = fields.Raw(required=True, metadata={"type": "object"})
    change_note = Text(longest=LONG, load_default=None, allow_none=True)
    revision = fields.Integer(strict=True, required=True, metadata={"description": "The revision that was read"})


class SubmitIn(Schema):
    change_class = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(CLASSES),
        metadata={"description": "What it changes, at least what the difference says"},
    )  # fmt: skip


class ReviewIn(Signed):
    note = Text(longest=LONG, load_default=None, allow_none=True)


class ReasonIn(Schema):
    reason = reason()


class ApproveIn(Signed):
    pass


class PublishIn(Signed):
    effective_at = Moment(load_default=None, allow_none=True)


class WithdrawIn(Signed):
    reason = reason()
    gives_way = Truth(load_default=False, metadata={"description": "The wider variant applies again"})
    safety = Truth(load_default=False)


class HandOut(Reply):
    role = fields.String()
    name = fields.String()
    badge = fields.String()
    voided_at = Moment(allow_none=True)


class DecisionOut(Reply):
    kind = fields.String()
    at = Moment()
    by = fields.String(allow_none=True, metadata={"description": "The badge; null: a command"})
    name = fields.String(allow_none=True)
    revision = fields.Integer()
    digest = fields.String()
    change_class = fields.String(allow_none=True)
    effective_at = Moment(allow_none=True)
    gives_way = fields.Boolean(allow_none=True)
    reason = fields.String(allow_none=True)
    signature = fields.Nested(SignatureOut, allow_none=True)


_VERSION: dict[str, fields.Field[Any]] = {
    "procedure": fields.String(),
    "version": fields.Integer(),
    "state": fields.String(metadata={"enum": list(STATES)}),
    "digest": fields.String(),
    "document": fields.Dict(),
    "title": fields.String(),
    "revision": fields.Integer(),
    "site": fields.String(allow_none=True),
    "line": fields.String(allow_none=True),
    "base": fields.Integer(allow_none=True),
    "author": fields.String(allow_none=True),
    "change_note": fields.String(allow_none=True),
    "change_class": fields.String(allow_none=True),
    "effective_at": Moment(allow_none=True),
    "withdrawn_at": Moment(allow_none=True),
    "gives_way": fields.Boolean(allow_none=True),
    "hands": fields.List(fields.Nested(HandOut)),
    "hands_conflict": fields.Boolean(),
    "signatures": fields.List(fields.Nested(SignatureOut)),
    "decisions": fields.List(fields.Nested(DecisionOut)),
    "gaps": fields.List(fields.Dict()),
    "override": fields.Dict(allow_none=True),
}
VersionOut = reply_schema("ProcedureVersion", ProcedureVersion, "id", "created_at", **_VERSION)
InForceOut = reply_schema(
    "ProcedureInForce", ProcedureVersion, "id", **{name: field for name, field in _VERSION.items() if name != "gaps"},
    code=fields.String(), lang=fields.String(), marks=fields.Dict(),
)  # fmt: skip


class VersionsOut(Reply):
    data = fields.List(fields.Nested(VersionOut))


class DiffArgs(Schema):
    against = fields.Integer(load_default=None, metadata={"description": "Absent: the version that it follows"})
    lang = language(load_default="en")


class DiffOut(Reply):
    procedure = fields.String()
    version = fields.Integer()
    against = fields.Integer(allow_none=True)
    change_class = fields.String()
    changes = fields.List(fields.Dict())
    sentences = fields.List(fields.Dict())
    side_by_side = fields.List(fields.Dict())
    changed_checks = fields.List(fields.String())
    translations = fields.List(fields.Dict())


# --- people ---
