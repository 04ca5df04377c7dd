"""A tablet's saved copy on the wire, and what became of each thing in it."""

from marshmallow import fields, validate

from qc_service.inspections.schemas import UUID
from qc_service.people.seal import LONGEST
from qc_service.schemas import Reply, Schema

FORMAT = "qc-copy-1"
MOST_RECORDS, MOST_PICTURES = 10_000, 2_000
STATUSES = ("stored", "here", "variant", "damaged", "refused")
_HASH = validate.Regexp(r"^[0-9a-f]{64}$", error="A SHA-256 in lower-case hexadecimal.")


class CopiedRecordIn(Schema):
    uuid = fields.String(required=True, validate=UUID)
    seq = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**53))
    sha256 = fields.String(required=True, validate=_HASH, metadata={"description": "Of the body's bytes in UTF-8"})
    seal = fields.String(
        required=True, allow_none=True, validate=validate.Length(max=LONGEST),
        metadata={"description": "What is sent beside it as QC-Seal"},
    )  # fmt: skip
    body = fields.String(required=True, metadata={"description": "The record as it would be sent, byte for byte"})


class CopiedDeedIn(Schema):
    uuid = fields.String(required=True, validate=UUID)
    sha256 = fields.String(required=True, validate=_HASH, metadata={"description": "Of the body's bytes in UTF-8"})
    seal = fields.String(required=True, allow_none=True, validate=validate.Length(max=LONGEST))
    body = fields.String(required=True, metadata={"description": "The deed as it would be sent, byte for byte"})


class CopiedPictureIn(Schema):
    sha256 = fields.String(required=True, validate=_HASH)
    site = fields.String(required=True, allow_none=True, validate=validate.Length(max=64))
    data = fields.String(required=True, metadata={"description": "The JPEG in base64"})


class CopyIn(Schema):
    """What a tablet saves as a file, and how it proves that it made it.

    `hmac` is HMAC-SHA-256 over the canonical form (RFC 8785) of the file without `hmac`, `body` and `data`, which their
    SHA-256 stand for; its key is the SHA-256 of the tablet's token.
    """

    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    device = fields.String(required=True, validate=validate.Length(min=1, max=64))
    made_at = fields.String(required=True, validate=validate.Length(max=40))
    records = fields.List(
        fields.Nested(CopiedRecordIn), required=True, validate=validate.Length(max=MOST_RECORDS)
    )  # fmt: skip
    deeds = fields.List(fields.Nested(CopiedDeedIn), required=True, validate=validate.Length(max=MOST_RECORDS))
    pictures = fields.List(fields.Nested(CopiedPictureIn), required=True, validate=validate.Length(max=MOST_PICTURES))
    hmac = fields.String(required=True, validate=_HASH)


class CopiedRecordOut(Reply):
    uuid = fields.String(required=True)
    seq = fields.Integer(required=True)
    lot = fields.String(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    inspector = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    receipt = fields.String(required=True, allow_none=True, metadata={"description": "As its PUT would be answered"})
    sha256 = fields.String(required=True)
    detail = fields.String(required=True, metadata={"description": "What to do, where something is to be done"})


class CopiedDeedOut(Reply):
    uuid = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    badge = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    receipt = fields.String(required=True, allow_none=True, metadata={"description": "As its PUT would be answered"})
    sha256 = fields.String(required=True)
    detail = fields.String(required=True, metadata={"description": "What to do, or why it did not count"})


class CopiedPictureOut(Reply):
    sha256 = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    detail = fields.String(required=True)


class CopyOut(Reply):
    device = fields.String(required=True)
    name = fields.String(required=True)
    revoked = fields.Boolean(required=True, metadata={"description": "The tablet is no longer in use"})
    made_at = fields.String(required=True, metadata={"description": "By the tablet's clock"})
    records = fields.List(fields.Nested(CopiedRecordOut), required=True)
    deeds = fields.List(fields.Nested(CopiedDeedOut), required=True)
    pictures = fields.List(fields.Nested(CopiedPictureOut), required=True)
