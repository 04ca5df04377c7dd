"""Two accounts turn out to be one human being's, who may thus have inspected what they made.

What they did is worked out anew for each lot, in the transaction that says so; nobody is refused, and what no longer
counts is listed to whoever said it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from qc_service import audit
from qc_service.auth import Actor
from qc_service.inspections import counting, standing
from qc_service.inspections.models import Inspection
from qc_service.lots.models import Lot, LotMaker
from qc_service.procedures import merging


@dataclass
class Merged:
    """What came of it for versions, and the inspections that are a maker's own now."""

    outcome: merging.Outcome
    demoted: list[str] = field(default_factory=list)


def same_as(actor: Actor, code: str, badge: str) -> Merged:
    """Say that the account `code` belongs to the human being of `badge`; its own badge takes that back."""
    demoted: list[str] = []

    def settle(author: audit.Author, accounts: Collection[str]) -> None:
        for lot in _lots(accounts):
            demoted.extend(_settled(author, lot))

    outcome = merging.same_as(actor, code, badge, merging.Elsewhere(_streams, settle))
    return Merged(outcome, demoted)


def _settled(author: audit.Author, lot: Lot) -> list[str]:
    data = {"lot_id": lot.id, "lot": lot.code}
    with audit.change(author, "lot.settled", site_id=lot.site_id, line_id=lot.line_id, data=data) as change:
        outcome = standing.settle(change, lot)
        change.data |= {"changed": outcome.changed, "demoted": outcome.demoted}
        if not change.rows:
            change.discard()
    counting.recount(author, lot)
    return outcome.demoted


def _streams(accounts: Collection[str]) -> Iterable[str]:
    return {audit.stream_of(lot.site_id, lot.line_id) for lot in _lots(accounts)}


def _lots(accounts: Collection[str]) -> list[Lot]:
    """The lots that one of these accounts made or inspected, in the order of their ids."""
    mine = sorted(accounts)
    made = LotMaker.select(LotMaker.lot_id).where(LotMaker.person_id.in_(mine) | LotMaker.human_id.in_(mine))
    seen = Inspection.select(Inspection.lot_id).where(Inspection.person_id.in_(mine) & Inspection.lot_id.is_null(False))  # noqa: FBT003
    return list(Lot.select().where(Lot.id.in_(made) | Lot.id.in_(seen)).order_by(Lot.id))
