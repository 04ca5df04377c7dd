"""What came of deeds that a tablet sent."""

from qc_service.audit import Event
from qc_service.db import connected
from qc_service.floor.models import Deed


def deeds():
    """All of them, in the order in which they came."""
    with connected():
        return list(Deed.select().order_by(Deed.received_at))


def events(*types):
    """Those of these types, in their order."""
    with connected():
        return [row.type for row in Event.select().order_by(Event.recorded_at) if row.type in types]


def makers(floor, lot="A"):
    return [(one["badge"], one["unit"]) for one in floor.plant.call("GET", f"/v1/lots/{lot}").json["makers"]]
