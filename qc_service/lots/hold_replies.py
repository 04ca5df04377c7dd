"""Holds and overrides as every view shows them; each kind of row is read once for a whole page."""

from collections.abc import Iterable, Sequence
from typing import Any

from qc_service.lots import agreement
from qc_service.lots.hold_models import LotAgreement, LotHold, LotRequest, OpenHold, ReleasedHold
from qc_service.lots.models import Lot
from qc_service.procedures import naming
from qc_service.texts import later
from qc_service.words import Words


def holds(rows: Sequence[LotHold], language: str) -> list[dict[str, Any]]:
    names = [row.id for row in rows]
    opened = {row.hold_id for row in OpenHold.select().where(OpenHold.hold_id.in_(names))}
    requests = _requests(names)
    shown = agreed(requests.values())
    people = naming.people(row.person_id for row in rows)
    where = _places(rows)
    return [
        {
            "id": row.id, **where[row.id], "kind": row.kind, "reason": reason(row, language), "details": row.details,
            "held_by": row.held_by, "person": people[row.person_id], "at": row.at,
            "state": "open" if row.id in opened else "released",
            "release": shown[requests[row.id].id] if row.id in requests else None,
        }
        for row in rows
    ]  # fmt: skip


def reason(row: LotHold, language: str) -> str:
    """A person's own words, or what happened by itself, in the reader's language."""
    told = row.details
    if row.kind == "said":
        return str(row.reason)
    if row.kind == "gauge":
        text = later("It was measured with gauge %(gauge)s, which was found out of tolerance.", gauge=told["gauge"])
        return Words(language).say(text)
    names = {"version": told["version"], "procedure": told["procedure"]}
    texts = {
        "version_withdrawn": later(
            "It was inspected by version %(version)s of %(procedure)s, which was withdrawn.", **names
        ),
        "version_superseded": later(
            "It was inspected before version %(version)s of %(procedure)s, which changes what is safe.", **names
        ),
        "inspection": later(
            "It was inspected by version %(version)s of %(procedure)s, which was not to be used any more.", **names
        ),
    }
    return Words(language).say(texts[row.kind])


def overrides(rows: Sequence[LotRequest]) -> list[dict[str, Any]]:
    shown, where = agreed(rows), _places(rows)
    names = [row.id for row in rows]
    stand = {row.request_id for row in agreement.standing("override").where(LotAgreement.request_id.in_(names))}
    newest = _newest(rows)
    return [
        {**shown[row.id], **where[row.id], "at": row.at, "state": _state(row, shown[row.id], stand, newest)}
        for row in rows
    ]


def _state(row: LotRequest, shown: dict[str, Any], stand: set[str], newest: set[str]) -> str:
    if shown["agreed"] is not None:
        return "in_effect" if row.id in stand else "lapsed"
    return "asked" if row.id in newest else "replaced"


def _newest(rows: Iterable[LotRequest]) -> set[str]:
    """Of the requests about these lots, the last of each."""
    ids = {row.lot_id for row in rows}
    query = LotRequest.select().where(LotRequest.lot_id.in_(list(ids)) & (LotRequest.kind == "override"))
    return set({row.lot_id: row.id for row in query.order_by(LotRequest.number)}.values())


def agreed(rows: Iterable[LotRequest]) -> dict[str, dict[str, Any]]:
    """Requests by their ids, each with its signatures."""
    known = {row.id: row for row in rows}
    others = {row.request_id: row.signature_id for row in
              LotAgreement.select().where(LotAgreement.request_id.in_(list(known)))}  # fmt: skip
    signed = naming.signatures([*(row.signature_id for row in known.values()), *others.values()])
    return {
        name: {"id": name, "reason": row.reason, "asked": signed[row.signature_id], "agreed": signed[others.get(name)]}
        for name, row in known.items()
    }


def _requests(names: Sequence[str]) -> dict[str, LotRequest]:
    """Of each hold the request to release it that was made last."""
    query: Any = (
        LotRequest.select(LotRequest, ReleasedHold.hold_id)
        .join(ReleasedHold, on=(ReleasedHold.request_id == LotRequest.id), attr="about")
        .where(ReleasedHold.hold_id.in_(list(names)))
        .order_by(LotRequest.number)
    )
    return {row.about.hold_id: row for row in query}


def _places(rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Of each row the codes of its lot, line and site."""
    lots = {row.id: row.code for row in Lot.select().where(Lot.id.in_([one.lot_id for one in rows]))}
    places = naming.places((row.line_id for row in rows), (row.site_id for row in rows))
    return {row.id: {"lot": lots[row.lot_id], "line": places[row.line_id], "site": places[row.site_id]} for row in rows}
