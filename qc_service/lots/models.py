"""Lots, single units, work orders, who made what, and which human being takes which part in a lot."""

import peewee

from qc_service.db import Record, UtcField
from qc_service.lots.gauge_models import Gauge, GaugeBlock, GaugeCalibration, GaugeUse
from qc_service.lots.hold_models import LotAgreement, LotHold, LotRequest, OpenHold, ReleasedHold

__all__ = [
    "Gauge", "GaugeBlock", "GaugeCalibration", "GaugeUse", "Lot", "LotAgreement", "LotHold", "LotMaker", "LotRequest",
    "LotUnit", "OpenHold", "Participation", "ReleasedHold", "WorkOrder",
]  # fmt: skip


class WorkOrder(Record):
    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    code = peewee.TextField()
    created_at = UtcField()


class Lot(Record):
    """A quantity of a product that was made together. Its code is one in its site."""

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    code = peewee.TextField()
    product = peewee.TextField(null=True)
    quantity = peewee.IntegerField(null=True)
    procedure_id = peewee.TextField(null=True)
    work_order_id = peewee.TextField(null=True)
    created_at = UtcField()
    updated_at = UtcField()
    shipped_at = UtcField(null=True)


class LotUnit(Record):
    """A single unit of a lot, such as a serial number."""

    lot_id = peewee.TextField()
    code = peewee.TextField()
    added_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("lot_id", "code")


class Participation(Record):
    """The part that a human being plays in a lot; the database lets nobody be both maker and inspector.

    `self_check` is what the inspector's part becomes where they turn out to have made it.
    """

    guards = ("participation_one_side", "participation_root", "participation_fixed", "participation_kept")

    lot_id = peewee.TextField()
    human_id = peewee.TextField()
    role = peewee.TextField()

    class Meta:
        primary_key = peewee.CompositeKey("lot_id", "human_id", "role")


class LotMaker(Record):
    """Somebody was named as a maker: of the lot or one unit, of all of it or one step. Never taken back."""

    history = True
    guards = ("lot_maker_once", "lot_maker_human")

    id = peewee.TextField(primary_key=True)
    lot_id = peewee.TextField()
    site_id = peewee.TextField()
    unit = peewee.TextField(null=True)
    step = peewee.TextField(null=True)
    person_id = peewee.TextField()
    human_id = peewee.TextField()  # as it was known then
    role = peewee.TextField()
    source = peewee.TextField()
    named_by = peewee.TextField()
    named_at = UtcField()
    made_at = UtcField(null=True)
