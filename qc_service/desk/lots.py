"""A lot: who made it, who inspected it, whether it may go on, and what became of its units."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from peewee import fn

from qc_service.auth import actor, allow
from qc_service.desk import inspection_waiting, lot_holds
from qc_service.desk import inspection_words as texts
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import Choice, choices, chosen
from qc_service.desk.inspection_page import ONE, record_at
from qc_service.desk.inspections import told
from qc_service.desk.pages import flash, page, words
from qc_service.desk.sign_here import by_field
from qc_service.desk.typed import loaded
from qc_service.errors import QCError, invalid, status_of
from qc_service.inspections import lists, making, release
from qc_service.inspections.lists import Listed
from qc_service.inspections.making import Named
from qc_service.inspections.models import CountedInspection, Inspection
from qc_service.lots import schemas
from qc_service.lots import service as lots
from qc_service.lots.models import Lot, LotUnit
from qc_service.texts import later

MOST = 200
BUCKETS = ("accepted", "rework", "scrap", "hold")


@blp.get("/lots/<code>", endpoint="lot")
@allow("lot.read")
def lot(code: str) -> ResponseReturnValue:
    site = request.args.get("site") or None
    found = lots.lots_named(code, actor().sites_for("lot.read"), site)
    if len(found) > 1:
        return _which(code, [one.site.code for one in found])
    return shown(lots.find(actor(), "lot.read", code, site), {}, {})


def _which(code: str, sites: Sequence[str]) -> ResponseReturnValue:
    say = words().say
    return page(
        "message.html", nav="inspections", title=say("Lot %(code)s is in several sites.", code=code),
        what_happened="", what_to_do=say("Choose the site."),
        links=[{"text": site, "url": url_for("desk.lot", code=code, site=site)} for site in sorted(sites)],
        request_id=None,
    )  # fmt: skip


def shown(
    one: Any, errors: Mapping[str, str], values: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:  # fmt: skip
    say, checked = words().say, release.check(one)
    about = lots.described(one)
    rows = list(_inspections(one).order_by(Inspection.happened_at, Inspection.uuid).limit(MOST))
    counted = lists.counting([row.uuid for row in rows])
    line = next((line for line in choices("lot.read") if line.line_id == one.line_id), None)
    return page(
        "lot.html", nav="inspections", status=status, lot=about, line=line.line_name if line else about["line"],
        makers=[{**maker, "source_word": say(texts.SOURCES[maker["source"]])} for maker in about["makers"]],
        holds=lot_holds.shown(actor(), one, checked), release=checked,
        decision_word=say(texts.DECISIONS[checked.decision]),
        sentences=[say(sentence) for sentence in checked.sentences], rounds=_rounds(one),
        single_units=LotUnit.select().where(LotUnit.lot_id == one.id).count(),
        inspections=told([Listed(row.uuid, row.received_at, row, row.uuid in counted, {}) for row in rows]),
        total=_inspections(one).count(), most=MOST, errors=dict(errors), values=dict(values),
        may_write=actor().may("lot.write", one.site_id), may_read=actor().may("inspection.read", one.site_id),
    )  # fmt: skip


def _inspections(one: Lot) -> Any:
    return Inspection.select().where(Inspection.lot_id == one.id)


def _rounds(one: Lot) -> list[dict[str, int]]:
    """What became of the units of those inspections that count, round by round: after rework they are seen again."""
    sums = [fn.SUM(getattr(Inspection, name)) for name in ("units_inspected", *BUCKETS)]
    query: Any = (
        Inspection.select(Inspection.round, *sums)
        .join(CountedInspection, on=(CountedInspection.uuid == Inspection.uuid))
        .where(Inspection.lot_id == one.id)
        .group_by(Inspection.round)
        .order_by(Inspection.round)
    )
    return [dict(zip(("round", "inspected", *BUCKETS), map(int, row), strict=True)) for row in query.tuples()]


# --- saying who made it -------------------------------------------------------------------------------------------


@blp.post("/lots/<code>/makers", endpoint="lot_makers")
@allow("lot.write")
def name_makers(code: str) -> ResponseReturnValue:
    site = request.args.get("site") or None
    found = lots.find(actor(), "lot.write", code, site)
    form = f"makers-{found.id}"
    waiting = request.form.get("from") == "waiting"
    values = {f"{form}-{name}": request.form.get(name, "").strip() for name in ("makers", "unit", "step")}
    try:
        badges = _badges()
        _need_badges(badges)
        body = {"makers": badges, **{name: request.form.get(name, "").strip() or None for name in ("unit", "step")}}
        named = making.name_makers(actor(), code, loaded(schemas.MakersIn(), {**body, "site": site}))
    except QCError as error:
        errors = {f"{form}-{name}": text for name, text in _by_field(error).items()}
        again = inspection_waiting.shown if waiting else lambda *said: shown(found, *said)
        return again(errors, values, status_of(error.code))
    _say(named)
    address = url_for("desk.inspections_waiting") if waiting else url_for("desk.lot", code=code, site=site)
    return redirect(address, 303)


@blp.post(f"{ONE}/lot", endpoint="inspection_lot")
@allow("lot.write")
def make_lot(uuid: str) -> ResponseReturnValue:
    """The lot that a record names and nobody told of: what names it is judged again as soon as it is there."""
    record = record_at("lot.write", uuid)
    row: Inspection | None = Inspection.get_or_none(Inspection.uuid == record.uuid)
    form, values = f"lot-{record.uuid}", {}
    try:
        row = _need_unknown(row)
        values = {f"{form}-{name}": request.form.get(name, "").strip() for name in ("line", "makers")}
        line = _line_of(row)
        body = {"line": line.line_code, "site": line.site_code, "makers": _badges()}
        named = making.put_lot(actor(), row.lot, loaded(schemas.LotIn(), body))
    except QCError as error:
        errors = {f"{form}-{name}" if values else "": text for name, text in _by_field(error, "line").items()}
        return inspection_waiting.shown(errors, values, status_of(error.code))
    flash("success", words().say(later("Lot %(code)s is known now. What names it is judged again in a moment.",
                                       code=named.lot.code)))  # fmt: skip
    return redirect(url_for("desk.inspections_waiting"), 303)


def _need_badges(badges: list[str]) -> None:
    if not badges:
        raise invalid("/makers", later("Write the badge of at least one person."))


def _need_unknown(row: Inspection | None) -> Inspection:
    if row is None or row.lot_id is not None:
        raise QCError("illegal_transition", later("Its lot is known: nothing is missing."))
    return row


def _line_of(row: Inspection) -> Choice:
    line = chosen(request.form.get("line", ""), choices("lot.write"))
    if line is None or row.site_id not in (None, line.site_id):
        raise invalid("/line", later("Choose the line where it was made, in the site of the inspection."))
    return line


def _badges() -> list[str]:
    """Badges as somebody types or scans them: apart by spaces, commas or lines."""
    typed = request.form.get("makers", "").replace(",", " ").replace(";", " ")
    return list(dict.fromkeys(typed.split()))


def _by_field(error: QCError, otherwise: str = "makers") -> dict[str, str]:
    """Every badge is written in one field; `otherwise` is where a refusal stands that is about none."""
    found: dict[str, str] = {}
    for name, text in by_field(error).items():
        place = "makers" if name.startswith("makers") else name or otherwise
        said = words().say(text)
        found[place] = f"{found[place]} {said}" if place in found else said
    return found


def _say(named: Named) -> None:
    """What came of it: inspections that turn out to be a maker's own are told at once."""
    flash("success", words().say(later("Saved: who made lot %(code)s is known.", code=named.lot.code)))
    if named.demoted:
        own = later(
            "Inspections that turn out to be by one of its makers: %(count)s. They are kept and no longer count; "
            "another person inspects the lot.",
            count=words().number(len(named.demoted)),
        )
        flash("info", words().say(own))
