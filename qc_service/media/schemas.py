"""Pictures on the wire."""

from marshmallow import fields, validate

from qc_service.media.rules import SIDES
from qc_service.schemas import Code, Reply, Schema


class PlaceArgs(Schema):
    site = Code(load_default=None, metadata={"description": "Where it may be seen; without it, in the whole plant"})


class ShowArgs(Schema):
    width = fields.Integer(
        load_default=SIDES[0],
        validate=validate.OneOf(SIDES, error=f"There are copies of {SIDES[0]} and of {SIDES[1]}."),
        metadata={"description": "No side of the copy is longer than this; a smaller picture stays as it is"},
    )
    original = fields.Boolean(
        load_default=False, metadata={"description": "The bytes as they came, with all that a camera wrote into them"}
    )


class PictureOut(Reply):
    sha256 = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(("image/jpeg", "image/png", "image/webp")))
    width = fields.Integer(required=True, metadata={"description": "As one looks at it: the camera's turn is applied"})
    height = fields.Integer(required=True)
    bytes = fields.Integer(required=True, metadata={"description": "Size of the original"})
