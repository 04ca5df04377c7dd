"""Labels of a lot and of its units, and what their codes open."""

from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import codes
from qc_service.auth import actor, allow
from qc_service.desk import code_labels, paper_pdf
from qc_service.desk.blueprint import blp
from qc_service.desk.code_labels import FORMS, OF_LOTS, Form, Label
from qc_service.desk.pages import page, words
from qc_service.desk.paper_pdf import SVG
from qc_service.desk.procedure_print import own_address
from qc_service.errors import NotFound
from qc_service.lines.models import Line
from qc_service.lots import service as lots
from qc_service.lots.models import LotUnit
from qc_service.words import LANGUAGES, NAMES

MOST_UNITS = 200  # at once
SHOWN = 6  # as they will look


@blp.get("/lots/<code>/labels", endpoint="lot_labels")
@allow("lot.read")
def lot_labels(code: str) -> ResponseReturnValue:
    lot = _lot(code)
    part = _part()
    labels, parts = _labels(lot, part), _parts(lot)
    lacking = paper_pdf.missing()
    return page(
        "lot_labels.html", nav="inspections", code=code, site=lot.site.code, labels=labels[:SHOWN], total=len(labels),
        part=part, parts=[{"number": one, "url": _url("lot_labels", lot, part=one)} for one in range(1, parts + 1)],
        missing=words().say(lacking) if lacking else "",
        forms=[
            {
                "text": words().say(form.text), "url": _url("lot_labels_pdf", lot, part=part, form=form.name),
                "readable": code_labels.readable(labels, form),
            }
            for form in (FORMS[name] for name in OF_LOTS)
        ],
        why=words().say(code_labels.TOO_FINE), units=_units(lot).count(), most=MOST_UNITS,
        languages=[{"code": one, "name": NAMES[one], "url": _url("lot_labels", lot, lang=one)} for one in LANGUAGES],
    )  # fmt: skip


@blp.get("/lots/<code>/labels.pdf", endpoint="lot_labels_pdf")
@allow("lot.read")
def labels_as_pdf(code: str) -> Response:
    lot = _lot(code)
    title = words().say("Labels of lot %(code)s", code=code)
    made = code_labels.pdf(_labels(lot, _part()), _form(), title, url_for("desk.lot_labels_pdf", code=code))
    return Response(made, content_type=paper_pdf.TYPE)


@blp.get("/lots/<code>/label.svg", endpoint="lot_label_svg")
@allow("lot.read")
def label_svg(code: str) -> Response:
    """The label of the lot, or with `unit` of one of its units."""
    lot, unit = _lot(code), request.args.get("unit")
    if unit is not None and not _units(lot).where(LotUnit.code == unit).exists():
        raise NotFound("record", unit)
    return Response(code_labels.drawn(_label(lot, unit), _form()), content_type=SVG)


# --- what the codes open --------------------------------------------------------------------------------------------


@blp.get("/c/l/<site>/<lot>", endpoint="code_of_lot")
@allow("lot.read")
def opened(site: str, lot: str) -> ResponseReturnValue:
    found = lots.find(actor(), "lot.read", lot, site)
    return redirect(url_for("desk.lot", code=found.code, site=site), 303)


@blp.get("/c/u/<site>/<lot>/<unit>", endpoint="code_of_unit")
@allow("lot.read")
def opened_unit(site: str, lot: str, unit: str) -> ResponseReturnValue:  # noqa: ARG001 - its lot's page tells of it
    return opened(site, lot)


# --- the labels -----------------------------------------------------------------------------------------------------


def _lot(code: str) -> Any:
    code_labels.speak()
    return lots.find(actor(), "lot.read", code, request.args.get("site") or None)


def _units(lot: Any) -> Any:
    return LotUnit.select().where(LotUnit.lot_id == lot.id).order_by(LotUnit.code)


def _parts(lot: Any) -> int:
    return max(1, -(-int(_units(lot).count()) // MOST_UNITS))


def _part() -> int:
    """Which of the printer's jobs, where there are more units than one holds."""
    asked = request.args.get("part", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < len(asked) < 5 and int(asked) else 1


def _form() -> Form:
    asked = request.args.get("form", "")
    return FORMS[asked] if asked in OF_LOTS else FORMS[OF_LOTS[0]]


def _labels(lot: Any, part: int) -> list[Label]:
    """The lot's own first, then one for each of its units."""
    units = [row.code for row in _units(lot).paginate(part, MOST_UNITS)]
    return [*([_label(lot, None)] if part == 1 or not units else []), *(_label(lot, unit) for unit in units)]


def _label(lot: Any, unit: str | None) -> Label:
    say, site = words().say, lot.site.code
    line = Line.get_by_id(lot.line_id).name
    product = lot.product or ""
    url = _url("lot_label_svg", lot, **({"unit": unit} if unit else {}), form=_form().name)
    if unit is not None:
        path = codes.path_of("unit", site, lot.code, unit)
        notes = (say("Lot %(code)s", code=lot.code), product)
        return Label(say("Unit"), unit, tuple(filter(None, notes)), own_address() + path, url)
    many = say("Units: %(count)s", count=words().number(lot.quantity)) if lot.quantity else ""
    path = codes.path_of("lot", site, lot.code)
    return Label(say("Lot"), lot.code, tuple(filter(None, (product, many, line))), own_address() + path, url)


def _url(endpoint: str, lot: Any, **more: Any) -> str:
    more.setdefault("lang", words().language)
    return url_for(f"desk.{endpoint}", code=lot.code, site=lot.site.code, **more)
