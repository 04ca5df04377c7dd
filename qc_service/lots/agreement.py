"""Does what two people agreed about a lot still stand? Asked of the database, so that it is true at once.

It does as long as they are two human beings and neither turns out to have made the lot: a maker who is named later, or
two accounts that are found to be one person's, undo it without anybody doing anything.
"""

from typing import Any

import peewee
from peewee import fn

from qc_service.lots.hold_models import LotAgreement, LotHold, LotRequest, ReleasedHold
from qc_service.lots.models import Participation
from qc_service.people.models import Person

_Asked, _Agreed, _Maker = Person.alias("asked"), Person.alias("agreed"), Participation.alias("maker")
_ASKED, _AGREED = (fn.COALESCE(one.human_id, one.id) for one in (_Asked, _Agreed))


def standing(kind: str) -> Any:
    """The agreements of a kind that stand, to be asked further."""
    made = _Maker.select(peewee.Value(1)).where(
        (_Maker.lot_id == LotAgreement.lot_id) & (_Maker.role == "maker") & _Maker.human_id.in_([_ASKED, _AGREED])
    )
    return (
        LotAgreement.select(LotAgreement.request_id)
        .join(LotRequest, on=(LotRequest.id == LotAgreement.request_id))
        .join(_Asked, on=(_Asked.id == LotRequest.person_id))
        .switch(LotAgreement)
        .join(_Agreed, on=(_Agreed.id == LotAgreement.person_id))
        .where((LotAgreement.kind == kind) & (_ASKED != _AGREED) & ~fn.EXISTS(made))
    )


def overridden(lot_id: str) -> Any:
    """Whether the lot may go on though no second person inspected it, as a condition."""
    return fn.EXISTS(standing("override").where(LotAgreement.lot_id == lot_id))


def holding(lot_id: str) -> Any:
    """The holds of the lot from which nobody who may has released it."""
    released = (
        standing("release")
        .switch(LotAgreement)
        .join(ReleasedHold, on=(ReleasedHold.request_id == LotAgreement.request_id))
        .where(ReleasedHold.hold_id == LotHold.id)
    )
    return LotHold.select(LotHold.id).where((LotHold.lot_id == lot_id) & ~fn.EXISTS(released))


def held(lot_id: str) -> Any:
    """Whether the lot is on hold, as a condition."""
    return fn.EXISTS(holding(lot_id))
