"""Two accounts of one human being, on the wire."""

from marshmallow import fields

from qc_service.schemas import Code, Reply, Schema


class SameAsIn(Schema):
    badge = Code(required=True, metadata={"description": "Of the other account; one's own: not the same after all"})


class VersionName(Reply):
    procedure = fields.String()
    version = fields.Integer()


class SameAsOut(Reply):
    badge = fields.String()
    accounts = fields.List(fields.String(), metadata={"description": "All badges of that human being"})
    reopened = fields.List(fields.Nested(VersionName), metadata={"description": "Approvals that fell away"})
    conflicts = fields.List(
        fields.Nested(VersionName), metadata={"description": "Published versions of which one human had two parts"}
    )
    demoted = fields.List(
        fields.String(), metadata={"description": "Inspections of what that human being turns out to have made"}
    )
