"""Sites, lines and products on the wire."""

from zoneinfo import available_timezones

from marshmallow import fields, validate

from qc_service.lines.models import Line, Product, Site
from qc_service.schemas import Code, PageArgs, Schema, Text, Truth, page_of, reply_schema


class SiteIn(Schema):
    code = Code(required=True)
    name = Text(load_default=None, allow_none=True)
    time_zone = fields.String(
        load_default="UTC",
        validate=validate.OneOf(sorted(available_timezones()), error="Use a name such as Asia/Jakarta."),
        metadata={"description": "IANA name; the site's shifts and messages use it"},
    )
    create_on_first_use = Truth(load_default=True)


class SitePatch(Schema):
    name = Text()
    time_zone = fields.String(
        validate=validate.OneOf(sorted(available_timezones()), error="Use a name such as Asia/Jakarta.")
    )
    create_on_first_use = Truth()


_PHONE = {"description": "Of the line's supervisors: whom to ring where the network is down"}


class ProductIn(Schema):
    code = Code(required=True)
    name = Text(load_default=None, allow_none=True)
    site = Code(required=True, metadata={"description": "The site's code; created on first use"})


class LineIn(ProductIn):
    phone = Text(longest=40, load_default=None, allow_none=True, metadata=_PHONE)


class LinePatch(Schema):
    name = Text()
    phone = Text(longest=40, allow_none=True, metadata=_PHONE)


class SiteArg(Schema):
    site = Code(load_default=None, metadata={"description": "The site's code, where a name fits several sites"})


class LineListArgs(PageArgs):
    site = Code(load_default=None)


SiteOut = reply_schema(
    "Site", Site, "id", "code", "name", "time_zone", "create_on_first_use", "created_at", "updated_at"
)
LineOut = reply_schema("Line", Line, "id", "code", "name", "phone", "created_at", "updated_at", site=fields.String())
ProductOut = reply_schema("Product", Product, "id", "code", "name", "created_at", "updated_at", site=fields.String())
SitePage, LinePage, ProductPage = page_of(SiteOut), page_of(LineOut), page_of(ProductOut)
