"""Signatures: who put their name to which record, with what meaning, and how they proved who they were.

A signature is a row of history in the event that it signs, so neither can be moved to the other. Somebody signs by
typing their PIN on a tablet or their password at a desk again, and where a view says so by scanning their card;
`people.proof` checks that before the transaction and leaves the proof here for the view. An API key never signs.
"""

from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import peewee

from qc_service.audit import Change
from qc_service.db import Record, UtcField, new_id
from qc_service.errors import invalid

View = TypeVar("View")

# What a signature can mean. Every view and export that shows a signed record says it in these words.
MEANINGS: dict[str, str] = {
    "authored": "wrote it",
    "reviewed": "reviewed it",
    "approved": "approved it",
    "published": "published it",
    "withdrawn": "withdrew it",
    "read_and_understood": "has read and understood it",
    "skill_shown": "saw the skill shown",
    "deviation_granted": "granted the deviation",
    "deviation_refused": "refused the deviation",
    "translation_override": "asked to publish without all translations",
    "translation_override_confirmed": "agreed to publish without all translations",
    "inspected": "inspected it",
    "inspection_confirmed": "gave their word for the inspection",
    "inspection_matched": "said which lot it was",
    "units_disposed": "decided what becomes of units",
    "inspection_owned": "said that the inspection was theirs",
    "inspection_disowned": "said that the inspection was not theirs",
    "inspection_void_asked": "asked to void the inspection",
    "inspection_voided": "agreed to void the inspection",
    "gap_explained": "explained numbers that never arrived",
    "late_gap_explained": "said what became of numbers that arrived late",
    "lot_release_asked": "asked to release the lot",
    "lot_release_agreed": "agreed to release the lot",
    "lot_override_asked": "asked to let the lot go without a second person",
    "lot_override_agreed": "agreed to let the lot go without a second person",
}


class Signature(Record):
    history = True

    id = peewee.TextField(primary_key=True)
    person_id = peewee.TextField()
    human_id = peewee.TextField()  # as it was known then
    printed_name = peewee.TextField()  # as it was then
    badge = peewee.TextField()
    meaning = peewee.TextField()
    method = peewee.TextField()
    device_id = peewee.TextField(null=True)
    signed_at = UtcField()
    record_type = peewee.TextField()
    record_id = peewee.TextField()
    site_id = peewee.TextField(null=True)
    event_id = peewee.TextField()


@dataclass(frozen=True, slots=True)
class Proof:
    """A person proved a moment ago who they are. `method` is pin, card or password."""

    person_id: str
    human_id: str
    printed_name: str
    badge: str
    method: str
    device_id: str | None
    at: datetime

    def of_human(self, human_id: str) -> "Proof":
        """The same proof, now that the transaction knows for certain which human being the account belongs to."""
        return replace(self, human_id=human_id)


def sign(change: Change, proof: Proof, meaning: str, record_type: str, record_id: str) -> Signature:
    """Put the signature into the running change, so that it stands in its event. Unknown meanings are `KeyError`."""
    MEANINGS[meaning]
    signature: Signature = change.insert(
        Signature, id=new_id("sig"), person_id=proof.person_id, human_id=proof.human_id,
        printed_name=proof.printed_name, badge=proof.badge, meaning=meaning, method=proof.method,
        device_id=proof.device_id, signed_at=change.now, record_type=record_type, record_id=record_id,
        site_id=change.site_id, event_id=change.id,
    )  # fmt: skip
    return signature


def signed(view: View) -> View:
    """Mark a POST that somebody signs with the `pin` or `password` in its body."""
    view.qc_signed = True  # type: ignore[attr-defined]
    return view


def card_signs(view: View) -> View:
    """Mark a signed view for which a badge card is proof enough: it only says something of one's own work."""
    view.qc_card_signs = True  # type: ignore[attr-defined]
    return view


_proof: ContextVar[Proof | None] = ContextVar("proof", default=None)


def present(proof: Proof | None) -> None:
    """Keep the proof for the running request; None at its head."""
    _proof.set(proof)


def signer() -> Proof:
    """Who signs the running request; refused where nobody proved it."""
    proof = _proof.get()
    if proof is None:
        raise invalid("/pin", "Sign with your PIN on a tablet, or with your password at a desk.", "not_signed")
    return proof


def shown(signature: Signature) -> dict[str, object]:
    """A signature as every view shows it: printed name, meaning, time and method."""
    return {
        "id": signature.id, "name": signature.printed_name, "badge": signature.badge, "meaning": signature.meaning,
        "method": signature.method, "at": signature.signed_at,
    }  # fmt: skip
