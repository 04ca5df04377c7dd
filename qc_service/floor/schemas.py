"""What a tablet asks and is told."""

from marshmallow import fields, validate
from webargs.fields import DelimitedList

from qc_service.floor.standings import MOST
from qc_service.inspections.schemas import UUID
from qc_service.procedures.qualification_schemas import ChangeLine
from qc_service.procedures.schemas import language
from qc_service.schemas import Code, Moment, Reply, Schema


class LineArgs(Schema):
    line = Code(required=True, metadata={"description": "The line that the tablet stands at"})
    site = Code(load_default=None, metadata={"description": "Where the line's code is in several sites"})


class TabletLineOut(Reply):
    code = fields.String(required=True)
    name = fields.String(required=True)
    site = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"description": "Of its supervisors"})


class TabletOut(Reply):
    """The tablet itself, and the lines at which it may stand."""

    id = fields.String(required=True, allow_none=True, metadata={"description": "Null: it is no tablet's"})
    name = fields.String(required=True, allow_none=True)
    now = Moment(required=True)
    lines = fields.List(fields.Nested(TabletLineOut), required=True)


class ToReadOut(Reply):
    procedure = fields.String(required=True)
    version = fields.Integer(required=True)


class StationPersonOut(Reply):
    badge = fields.String(required=True)
    name = fields.String(required=True)
    language = fields.String(required=True)
    inspects = fields.Boolean(required=True)
    makes = fields.Boolean(required=True)
    answers = fields.Boolean(required=True, metadata={"description": "They may answer a call from the floor"})
    qualified = fields.List(fields.String(), required=True, metadata={"description": "Procedures they may work by"})
    to_read = fields.List(
        fields.Nested(ToReadOut), required=True,
        metadata={"description": "Versions in force at the line that they have still to read and sign"},
    )  # fmt: skip


class StationVersionOut(Reply):
    code = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    in_force = fields.Boolean(required=True)
    effective_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    change_class = fields.String(required=True)


class StationMakerOut(Reply):
    badge = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)


class StationLotOut(Reply):
    code = fields.String(required=True)
    product = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True, allow_none=True)
    procedure = fields.String(required=True, allow_none=True)
    makers = fields.List(fields.Nested(StationMakerOut), required=True)
    units = fields.List(fields.String(), required=True)


class StationOut(Reply):
    """All that a tablet at a line needs to go on without a network."""

    now = Moment(required=True)
    line = fields.Nested(TabletLineOut, required=True)
    people = fields.List(fields.Nested(StationPersonOut), required=True)
    procedures = fields.List(fields.Nested(StationVersionOut), required=True)
    lots = fields.List(fields.Nested(StationLotOut), required=True)


class PackageOut(Reply):
    """A version as a tablet keeps it: its document, and its texts in every language."""

    code = fields.String(required=True)
    version = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    effective_at = Moment(required=True)
    change_class = fields.String(required=True)
    document = fields.Dict(required=True)
    screens = fields.List(fields.List(fields.String()), required=True)
    texts = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    against = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The version before it, of the same variant"}
    )
    changed = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Nested(ChangeLine)), required=True,
        metadata={"description": "What is new since the version before, in each language"},
    )  # fmt: skip
    media = fields.List(
        fields.String(), required=True,
        metadata={"description": "Pictures of its steps and checks, to be fetched ahead: together 2 MB at most"},
    )  # fmt: skip
    media_left_out = fields.Integer(
        required=True, metadata={"description": "Pictures that are shown with a network only, for want of room"}
    )


class StandingsArgs(Schema):
    uuids = DelimitedList(
        fields.String(validate=UUID), required=True, validate=validate.Length(min=1, max=MOST),
        metadata={"description": "Addresses of records, with commas between"},
    )  # fmt: skip
    lang = language(load_default="en")


class TabletRecordOut(Reply):
    """What became of a record that the tablet sent."""

    uuid = fields.String(required=True)
    state = fields.String(required=True)
    reasons = fields.List(fields.String(), required=True)
    counted = fields.Boolean(required=True, allow_none=True)
    second_person = fields.Boolean(required=True, allow_none=True)
    sentence = fields.String(required=True)
    notes = fields.List(fields.String(), required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "Checks to be answered again"})
    version = fields.Integer(required=True, allow_none=True, metadata={"description": "By which they are answered"})


class StandingsOut(Reply):
    data = fields.List(fields.Nested(TabletRecordOut), required=True)


class CodeOut(Reply):
    text = fields.String(required=True, metadata={"description": "As it stands there; GS1 with its identifier first"})
    format = fields.String(required=True, metadata={"description": "Such as “QR Code” or “Code 128”"})


class CodesOut(Reply):
    """The codes in a photo, each once. None: it may be blurred, too far away, or show none."""

    codes = fields.List(fields.Nested(CodeOut), required=True)
