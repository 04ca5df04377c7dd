"""Who has read and shown what, on the wire."""

from marshmallow import fields, validate

from qc_service.procedures.qualification_models import Acknowledgement, SkillRecord
from qc_service.procedures.schemas import SignatureOut, Signed, language
from qc_service.schemas import Code, Moment, Reply, Schema, reply_schema

PURPOSES = ("perform", "inspect")


class PersonName(Reply):
    badge = fields.String()
    name = fields.String()


class LangArgs(Schema):
    lang = language(load_default=None, metadata={"description": "The reader's language; absent: their own"})


class AcknowledgeIn(Signed):
    language = language(allow_none=True, metadata={"description": "The language in which it was read"})


class SkillIn(Signed):
    person = Code(required=True, metadata={"description": "The badge of the person who showed the skill"})
    line = Code(load_default=None, allow_none=True)
    site = Code(load_default=None, allow_none=True)
    shown_at = Moment(load_default=None, allow_none=True, metadata={"description": "Absent: now"})


class QualificationArgs(Schema):
    person = Code(load_default=None, metadata={"description": "A badge; absent: oneself"})
    line = Code(load_default=None, metadata={"description": "Absent: by the version for the site, or for everybody"})
    site = Code(load_default=None)
    at = Moment(load_default=None, metadata={"description": "The moment in question; absent: now"})
    purpose = fields.String(
        data_key="for", load_default="perform", validate=validate.OneOf(PURPOSES),
        metadata={"description": "What they want to do: make, or check what another made"},
    )  # fmt: skip


class PendingArgs(Schema):
    line = Code(load_default=None)
    site = Code(load_default=None)
    at = Moment(load_default=None, metadata={"description": "The moment in question, also one to come; absent: now"})


class ChangeLine(Reply):
    sentence = fields.String()
    change_class = fields.String()
    path = fields.List(fields.String())


AcknowledgementOut = reply_schema(
    "Acknowledgement", Acknowledgement, "id", "at", "language",
    procedure=fields.String(), version=fields.Integer(), person=fields.Nested(PersonName),
    signature=fields.Nested(SignatureOut),
    against=fields.Integer(allow_none=True, metadata={"description": "The version that the reader knew before"}),
    changes=fields.List(fields.Nested(ChangeLine), metadata={"description": "What is new for this reader"}),
)  # fmt: skip

SkillOut = reply_schema(
    "Skill", SkillRecord, "id", "shown_at", "expires_at", "confirmed_at",
    procedure=fields.String(), version=fields.Integer(), person=fields.Nested(PersonName),
    confirmed_by=fields.Nested(PersonName), signature=fields.Nested(SignatureOut),
)  # fmt: skip


class ReadingOut(Reply):
    """A version for one reader: its text, what is new for them, and how far it is translated."""

    procedure = fields.String()
    version = fields.Integer()
    state = fields.String()
    effective_at = Moment()
    change_class = fields.String()
    change_note = fields.String(allow_none=True)
    lang = fields.String()
    document = fields.Dict()
    marks = fields.Dict(metadata={"description": "Texts that are not there, or not up to date, in the language"})
    against = fields.Integer(allow_none=True)
    changes = fields.List(fields.Nested(ChangeLine))
    acknowledged_at = Moment(allow_none=True)


class QualificationOut(Reply):
    procedure = fields.String()
    person = fields.Nested(PersonName)
    line = fields.String(allow_none=True)
    at = Moment()
    purpose = fields.String(data_key="for")
    version = fields.Integer(allow_none=True, metadata={"description": "The version in force there and then"})
    may = fields.Boolean(required=True)
    reasons = fields.List(fields.String(), required=True)
    grace_until = Moment(allow_none=True)
    sentence = fields.String(required=True)


class PlaceOut(Reply):
    site = fields.String(allow_none=True)
    line = fields.String(allow_none=True)


class WaitingOut(Reply):
    """Somebody who is still to read a version."""

    badge = fields.String()
    name = fields.String()
    version = fields.Integer()
    since = Moment()
    grace_until = Moment(allow_none=True, metadata={"description": "Until then they may go on without"})
    places = fields.List(fields.Nested(PlaceOut))
    change_class = fields.String()
    change_note = fields.String(allow_none=True)
    against = fields.Integer(allow_none=True)
    changes = fields.List(fields.Nested(ChangeLine))


class PendingOut(Reply):
    procedure = fields.String()
    at = Moment()
    data = fields.List(fields.Nested(WaitingOut), required=True)


class StandingOut(Reply):
    """How somebody stands to the version in force at one place."""

    procedure = fields.String()
    site = fields.String(allow_none=True)
    line = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    may = fields.Boolean()
    reasons = fields.List(fields.String())
    sentence = fields.String()


class QualificationsOut(Reply):
    person = fields.Nested(PersonName)
    standing = fields.List(fields.Nested(StandingOut))
    acknowledgements = fields.List(fields.Nested(AcknowledgementOut))
    skills = fields.List(fields.Nested(SkillOut))
