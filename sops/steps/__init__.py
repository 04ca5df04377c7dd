"""Every kind of step and check by the name that a document's `type` has. A new kind is a module and a line here."""

from typing import Any

from sops.steps.base import Kind
from sops.steps.choose import CHOOSE
from sops.steps.confirm import CONFIRM
from sops.steps.count import COUNT
from sops.steps.measure import MEASURE
from sops.steps.photo import PHOTO
from sops.steps.sign import SIGN
from sops.steps.text import TEXT
from sops.steps.timer import TIMER

KINDS: dict[str, Kind[Any]] = {
    "confirm": CONFIRM,
    "measure": MEASURE,
    "count": COUNT,
    "choose": CHOOSE,
    "text": TEXT,
    "photo": PHOTO,
    "timer": TIMER,
    "sign": SIGN,
}
