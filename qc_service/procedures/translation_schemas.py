"""Translations of procedures on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from qc_service.procedures.qualification_schemas import PersonName
from qc_service.procedures.schemas import LONG, SignatureOut, Signed
from qc_service.schemas import Moment, Reply, Schema, Text, Truth
from qc_service.texts import later

MOST_TEXTS = 5000
LONGEST_PATH, LONGEST_TEXT = 200, 20_000  # beyond any place that a document has; what fits a place `sops` says
PATH = validate.Length(min=1, max=LONGEST_PATH)


class TextIn(Schema):
    text = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))
    source_sha = fields.String(
        required=True, validate=validate.Length(equal=16), metadata={"description": "Of the source text that was read"}
    )


class TranslationsIn(Schema):
    texts = fields.Dict(
        keys=fields.String(validate=PATH), values=fields.Nested(TextIn), required=True,
        validate=validate.Length(min=1, max=MOST_TEXTS), metadata={"description": "By path"},
    )  # fmt: skip


class TranslationReviewIn(Schema):
    """`{"paths": […]}` or `{"all": true}`."""

    paths = fields.List(fields.String(validate=PATH), validate=validate.Length(min=1, max=MOST_TEXTS))
    all = Truth(metadata={"description": "All drafts of the version's texts that somebody else wrote"})
    seen = fields.String(
        load_default=None, validate=validate.Length(equal=16),
        metadata={"description": "`seen` of the list that was read: refused where drafts changed since"},
    )  # fmt: skip

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("paths" in data) == bool(data.get("all")):
            raise ma.ValidationError(later("Name the paths, or say all: true."))


class OverrideIn(Signed):
    reason = Text(longest=LONG, required=True, metadata={"description": "Why it cannot wait for the translations"})


class OverrideConfirmIn(Signed):
    pass


class TranslationOut(Reply):
    text = fields.String()
    status = fields.String(metadata={"enum": ["draft", "reviewed"]})
    number = fields.Integer()
    origin = fields.String(metadata={"enum": ["typed", "imported", "shipped"]})
    at = Moment()
    by = fields.Nested(PersonName, allow_none=True, metadata={"description": "Null: it came with the service"})


class WordOut(Reply):
    op = fields.String()
    text = fields.String()


class OutdatedOut(TranslationOut):
    source_sha = fields.String()
    changes = fields.List(fields.Nested(WordOut), allow_none=True)


class TextOut(Reply):
    path = fields.String()
    source = fields.String()
    source_sha = fields.String()
    state = fields.String(metadata={"enum": ["reviewed", "draft", "outdated", "missing"]})
    translation = fields.Nested(TranslationOut, allow_none=True, metadata={"description": "What readers are shown"})
    draft = fields.Nested(TranslationOut, allow_none=True, metadata={"description": "What waits to be reviewed"})
    outdated = fields.Nested(OutdatedOut, allow_none=True, metadata={"description": "Of an earlier source text"})


class TranslationsOut(Reply):
    procedure = fields.String()
    version = fields.Integer()
    language = fields.String()
    source_language = fields.String()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    seen = fields.String()
    texts = fields.List(fields.Nested(TextOut))


class WrittenOut(Reply):
    written = fields.List(fields.String(), metadata={"description": "Paths of what was new"})


class ReviewedOut(Reply):
    reviewed = fields.List(fields.String())
    own = fields.List(fields.String(), metadata={"description": "Left to somebody else: you wrote them"})


class RefusedRow(Reply):
    row = fields.Integer(allow_none=True, metadata={"description": "The file's line, from 1"})
    pointer = fields.String(allow_none=True, metadata={"description": "Of the source text in the document"})
    code = fields.String()
    detail = fields.String()


class ImportedOut(Reply):
    written = fields.List(fields.String())
    unchanged = fields.Integer()
    refused = fields.List(fields.Nested(RefusedRow))


class OverrideOut(Reply):
    reason = fields.String()
    languages = fields.List(fields.String())
    gaps = fields.List(fields.Dict())
    asked_at = Moment()
    asked = fields.Nested(SignatureOut)
    confirmed_at = Moment(allow_none=True)
    confirmed = fields.Nested(SignatureOut, allow_none=True)
