"""What an evidence pack is asked for with."""

from typing import Any

import marshmallow as ma

from qc_service.packs.rules import KINDS
from qc_service.schemas import Code, Moment, Schema
from qc_service.texts import later


class PackIn(Schema):
    """One lot; or a procedure, perhaps for a period; or a line for a period.

    A period is of when inspections happened; its end does not belong to it.
    """

    lot = Code()
    procedure = Code()
    line = Code()
    site = Code(load_default=None, allow_none=True, metadata={"description": "Where the name fits several sites"})
    start = Moment(data_key="from", load_default=None, allow_none=True)
    end = Moment(data_key="to", load_default=None, allow_none=True)

    @ma.validates_schema
    def one_thing(self, data: dict[str, Any], **_: Any) -> None:
        named = [kind for kind in KINDS if kind in data]
        if len(named) != 1:
            raise ma.ValidationError(later("Name one of these: %(known)s.", known=KINDS), "lot")
        start, end = data["start"], data["end"]
        if named == ["lot"] and (start or end):
            raise ma.ValidationError(later("A lot is given whole: leave from and to out."), "from" if start else "to")
        if named == ["line"] and not (start and end):
            raise ma.ValidationError(later("Say for which period of the line: from and to."), "to" if start else "from")
        if start and end and start >= end:
            raise ma.ValidationError(later("The period ends before it starts."), "to")
