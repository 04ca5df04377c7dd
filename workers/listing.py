"""Does a fix belong on its plant's list? Asked where a judgement leaves it anywhere near."""

from typing import Any

from qc_service.audit import Change
from qc_service.flags import listed
from qc_service.flags.models import Watch
from workers.detectors import ebh


def keep(change: Change, watch: Watch, before: dict[str, Any]) -> None:
    """Bring the list of the watch's site up to date after it was judged; `before`: its finding until then."""
    if not (listed.near(before) or listed.near(watch.finding)):
        return
    listed.leave(change, watch)
    found = listed.standing(watch.site_id)
    counted = {*found.near, *found.frozen}
    others = {f"other {number}": 0.0 for number in range(found.among - len(counted))}
    entering = ebh.entering({**found.near, **others}, found.frozen)
    if entering:
        listed.enter(change, watch.site_id, found.among, entering)
