"""What a lot's page tells of its holds, and who may put it on hold or let it go: in words why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qc_service.auth import Actor
from qc_service.desk.may import human, needs_role
from qc_service.desk.pages import words
from qc_service.inspections.release import Release
from qc_service.lots import hold_replies, letting_go
from qc_service.lots import service as lots
from qc_service.lots.hold_models import LotHold, LotRequest
from qc_service.lots.models import Lot, Participation
from qc_service.texts import Text, later

KINDS = ("release", "override")
NOT_ASKER = later("You asked for it yourself, so another quality manager agrees.")
NOT_MAKER = later("You made this lot, so another quality manager lets it go.")


@dataclass(frozen=True, slots=True)
class Way:
    """What can be done about letting a lot go: None where there is nothing, "" where this person may, else why not."""

    ask: Text | str | None = None
    agree: Text | str | None = None
    request: Mapping[str, Any] | None = None  # what waits for another quality manager


def shown(actor: Actor, lot: Any, release: Release) -> dict[str, Any]:
    """The holds, the newest first, and for each way of letting it go what this person may do."""
    rows = list(LotHold.select().where(LotHold.lot_id == lot.id).order_by(LotHold.at.desc(), LotHold.id))
    waiting = {one.kind: one for one in letting_go.unanswered([lot.id])}
    told = hold_replies.agreed(waiting.values())
    possible = {"release": "held" in release.reasons, "override": _overridable(lot, release)}
    return {
        "rows": hold_replies.holds(rows, words().language), "may_hold": actor.may("lot.hold", lot.site_id),
        "overrides": [one for one in overrides_of([lot]) if one["agreed"]],
        "ways": {
            kind: _way(actor, lot, kind, waiting.get(kind), told, possible=possible[kind]) for kind in KINDS
        },
    }  # fmt: skip


def overrides_of(found: Iterable[Lot]) -> list[dict[str, Any]]:
    """What was asked of these lots' second person, the newest first."""
    names = [lot.id for lot in found]
    rows = LotRequest.select().where(LotRequest.lot_id.in_(names) & (LotRequest.kind == "override"))
    return hold_replies.overrides(list(rows.order_by(LotRequest.at.desc(), LotRequest.id)))


def _overridable(lot: Any, release: Release) -> bool:
    return "no_second_person" in release.reasons and lots.makers_known(lot.id)


def _way(
    actor: Actor, lot: Any, kind: str, request: LotRequest | None, told: Mapping[str, Any], *, possible: bool
) -> Way:
    if not possible:
        return Way()
    barred = _barred(actor, lot, letting_go.ACTIONS[kind])
    if request is None:
        return Way(ask=barred)
    own = {human(actor), actor.id} & {request.human_id, request.person_id}
    return Way(ask=barred, agree=barred or (NOT_ASKER if own else ""), request=told[request.id])


def _barred(actor: Actor, lot: Any, action: str) -> Text | str:
    if not actor.may(action, lot.site_id):
        return needs_role(action)
    mine = (Participation.lot_id == lot.id) & (Participation.human_id == human(actor))
    return NOT_MAKER if Participation.select().where(mine & (Participation.role == "maker")).exists() else ""
