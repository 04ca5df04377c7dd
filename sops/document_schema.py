"""The shape of a document: its fields, what each may hold, and the order in which they are written.

What one field says about another is in `document_rules`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from sops.fields import (
    LONG_TEXT,
    TITLE,
    DecimalText,
    DefectCode,
    Id,
    Items,
    Message,
    Normal,
    OneOf,
    Sha256,
    Text,
    Truth,
    Whole,
    refuse,
)
from sops.languages import LANGUAGES
from sops.sampling import LOT_LARGEST, RULES
from sops.steps import KINDS

SEVERITIES = ("critical", "major", "minor")
LAYOUTS = ("single", "group")
PHOTO_KINDS = ("good", "bad", "shows")
PHOTOS_MOST = 6
"""Photos that a step or a check may have."""


class Object(fields.Nested):
    """One object. What need not be there may be null too."""

    default_error_messages = {
        "required": Message("missing", "This is missing. Fill it in."),
        "null": Message("missing", "This is empty. Fill it in."),
    }

    def __init__(self, nested: type[Schema], **kwargs: Any) -> None:
        super().__init__(nested, **{"allow_none": not kwargs.get("required"), **kwargs})


class Variant(fields.Field[dict[str, Any]]):
    """An object whose other fields depend on the word in one of them.

    key: that field. schemas: by its word; `None` is for objects that may do without. other: takes the fields of all
    of them, for an object whose word is none of theirs: that word is then the only thing wrong with it.
    """

    default_error_messages = Object.default_error_messages

    def __init__(self, key: str, schemas: Mapping[str | None, Schema], other: Schema, **kwargs: Any) -> None:
        super().__init__(**{"allow_none": not kwargs.get("required"), **kwargs})
        self.key, self.schemas, self.other = key, schemas, other

    def schema_for(self, value: Any) -> Schema:
        """The schema that an object is loaded with."""
        word = value.get(self.key) if isinstance(value, Mapping) else None
        return self.schemas.get(word or None, self.other) if isinstance(word, str | None) else self.other

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        loaded: dict[str, Any] = self.schema_for(value).load(value)
        return loaded


def variant(key: str, base: type[Normal], own: Mapping[str, type[Normal]], **kwargs: Any) -> Variant:
    """A `Variant` of a base schema with each word's own fields added to it."""
    schemas: dict[str | None, Schema] = {word: _joined(base, schema) for word, schema in own.items()}
    if not base().fields[key].required:
        schemas[None] = base()
    everything = {name: fields.Raw(allow_none=True) for schema in own.values() for name in schema().fields}
    return Variant(key, schemas, _joined(base, Schema.from_dict(dict(everything), name="AnyFields")), **kwargs)


def _joined(base: type[Normal], own: type[Schema]) -> Schema:
    """Base first: marshmallow takes `Meta` and messages from it."""
    made: Schema = type(f"{own.__name__}Of{base.__name__}", (base, own), {})()
    return made


# -- sampling ------------------------------------------------------------------------------------------------


def _per_cent(value: str) -> None:
    if not 0 < Decimal(value) <= 100:
        raise refuse("out_of_range", "Write the share of bad units in per cent, above 0 and at most 100.")


def _share(value: str) -> None:
    if not 0 < Decimal(value) < 1:
        raise refuse("out_of_range", "Write a number between 0 and 1, such as 0.95.")


class SamplingFields(Normal):
    """What every sampling rule has."""

    rule = OneOf(tuple(RULES), required=True)


class AllFields(Normal):
    """Every unit: nothing more to say."""


class UnitsFields(Normal):
    """One in so many units, or so many a shift."""

    units = Whole(required=True, least=1, most=LOT_LARGEST)


class AcceptZeroFields(Normal):
    """quality: limiting quality, per cent nonconforming. confidence: that such a lot is found, below 1."""

    quality = DecimalText(required=True, validate=_per_cent)
    confidence = DecimalText(required=True, validate=_share)


SAMPLING = {"all": AllFields, "every": UnitsFields, "per_shift": UnitsFields, "accept_zero": AcceptZeroFields}
"""The fields of each sampling rule; `sops.sampling.RULES` says what they mean."""


def sampling_field(**kwargs: Any) -> Variant:
    """A sampling rule, with the fields of its own."""
    return variant("rule", SamplingFields, SAMPLING, **kwargs)


# -- steps and checks ------------------------------------------------------------------------------------


class PhotoFields(Normal):
    """A reference photo, named by the SHA-256 of its bytes. kind: what it shows is good, bad, or just shown."""

    id = Sha256(required=True)
    kind = OneOf(PHOTO_KINDS, required=True)
    text = Text(required=True, one_line=True)


class ConditionFields(Normal):
    """A check is shown if another, earlier one was answered with a certain value."""

    check = Id(required=True)
    equals = Text(required=True, longest=40, one_line=True)


class StepFields(Normal):
    """A step, without the own fields of its kind."""

    id = Id(required=True)
    type = OneOf(tuple(KINDS))
    text = Text(required=True)
    detail = Text(longest=LONG_TEXT)
    hazards = Items(Id(required=True))
    tools = Items(Id(required=True))
    photos = Items(Object(PhotoFields, required=True), most=PHOTOS_MOST)


class CheckFields(Normal):
    """A check, without the own fields of its kind."""

    id = Id(required=True)
    step = Id(required=True)
    type = OneOf(tuple(KINDS), required=True)
    text = Text(required=True)
    help = Text(longest=LONG_TEXT)
    severity = OneOf(SEVERITIES, required=True)
    defect_codes = Items(DefectCode(required=True))
    layout = OneOf(LAYOUTS, load_default="single")
    show_if = Object(ConditionFields)
    sampling = sampling_field()
    photo_on_defect = Truth(load_default=False)
    photos = Items(Object(PhotoFields, required=True), most=PHOTOS_MOST)


def _typed(base: type[Normal]) -> Variant:
    return variant("type", base, {name: kind.schema for name, kind in KINDS.items()}, required=True)


# -- the whole ---------------------------------------------------------------------------------------------


class HazardFields(Normal):
    """What can hurt somebody, and what keeps it from doing so."""

    id = Id(required=True)
    text = Text(required=True)
    control = Text(required=True)


class ToolFields(Normal):
    """Something that is needed at hand."""

    id = Id(required=True)
    text = Text(required=True, one_line=True)


class DefectFields(Normal):
    """What a defect code means."""

    code = DefectCode(required=True)
    text = Text(required=True, one_line=True)


class SkillFields(Normal):
    """What somebody must have shown before doing this, and for how many days that counts."""

    text = Text(required=True)
    valid_for_days = Whole(required=True, least=1, most=3650)


class DocumentFields(Normal):
    """A whole procedure."""

    title = Text(required=True, longest=TITLE, one_line=True)
    purpose = Text(required=True, longest=LONG_TEXT)
    scope = Text(longest=LONG_TEXT)
    language = OneOf(LANGUAGES, required=True)
    hazards = Items(Object(HazardFields, required=True))
    tools = Items(Object(ToolFields, required=True))
    defects = Items(Object(DefectFields, required=True))
    skill = Object(SkillFields)
    sampling = sampling_field(load_default={"rule": "all"})
    steps = Items(_typed(StepFields), required=True, least=1)
    checks = Items(_typed(CheckFields))


SCHEMA = DocumentFields()


# -- the order of fields -------------------------------------------------------------------------------------

_HEAD = "title purpose scope language id code step rule check kind type text detail help control valid_for_days"
_TAIL = (
    "ok units quality confidence equals severity defect_codes layout show_if "
    "hazards tools defects skill sampling photo_on_defect photos steps checks"
)
_OWN = [name for kind in KINDS.values() for name in kind.schema().fields]

FIELD_ORDER = {name: place for place, name in enumerate(dict.fromkeys([*_HEAD.split(), *_OWN, *_TAIL.split()]))}
"""Where each field stands among others, whatever object it is in. The own fields of kinds stand in the middle."""


def field_place(name: str) -> tuple[int, str]:
    """What fields are sorted by; unknown ones come last, by their names."""
    return (FIELD_ORDER.get(name, len(FIELD_ORDER)), name)


def in_order(value: Any) -> Any:
    """A document, or a part of one, with its fields in the order in which people read them."""
    if isinstance(value, Mapping):
        names = sorted(value, key=field_place)
        return {name: in_order(value[name]) for name in names}
    return [in_order(item) for item in value] if isinstance(value, list) else value


def known_names(data: Any, place: Sequence[str]) -> tuple[str, ...]:
    """The fields that the object at a place of a document may have; none where there can be no object.

    data: the whole document, as it was given. place: the parts of a JSON pointer.
    """
    field: Any = Object(DocumentFields)
    for part in place:
        if isinstance(field, Items):
            field = field.inner
            data = data[int(part)]
        else:
            field = _schema_of(field, data).fields[part]
            data = data[part]
    return tuple(_schema_of(field, data).fields)


def _schema_of(field: Object | Variant, data: Any) -> Schema:
    return field.schema_for(data) if isinstance(field, Variant) else field.schema
