"""Two accounts turn out to be one human being's, who may thus have inspected what they made.

What they did is worked out anew for each lot, in the transaction that says so; nobody is refused, and what no longer
counts is listed to whoever said it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from qc_service import audit
from qc_service.auth import Actor
from qc_service.inspections import settling
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
        demoted.extend(settling.settle_all(author, _lots(accounts)).demoted)

    outcome = merging.same_as(actor, code, badge, merging.Elsewhere(_people, _streams, settle))
    return Merged(outcome, demoted)


def _people(accounts: Collection[str]) -> Iterable[str]:
    return settling.people_of(_lots(accounts))


def _streams(accounts: Collection[str]) -> Iterable[str]:
    return settling.streams_of(_lots(accounts))


def _lots(accounts: Collection[str]) -> list[Lot]:
    """The lots that one of these accounts made or inspected, and what is tied to them."""
    mine = sorted(accounts)
    made = LotMaker.select(LotMaker.lot_id).where(LotMaker.person_id.in_(mine) | LotMaker.human_id.in_(mine))
    seen = Inspection.select(Inspection.lot_id).where(Inspection.person_id.in_(mine) & Inspection.lot_id.is_null(False))  # noqa: FBT003
    rows = Lot.select(Lot.id).where(Lot.id.in_(made) | Lot.id.in_(seen))
    return settling.together([row.id for row in rows])
