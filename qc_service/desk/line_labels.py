"""Labels of stations: scanned, they tell a tablet at which line it stands."""

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import codes
from qc_service.auth import allow
from qc_service.desk import code_labels, paper_pdf
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import Choice, choices
from qc_service.desk.code_labels import FORMS, Label
from qc_service.desk.pages import page, words
from qc_service.desk.paper_pdf import SVG
from qc_service.desk.procedure_print import own_address
from qc_service.errors import NotFound
from qc_service.words import LANGUAGES, NAMES

STATION = FORMS["station"]


@blp.get("/lines/labels", endpoint="line_labels")
@allow("line.read")
def line_labels() -> ResponseReturnValue:
    code_labels.speak()
    lacking = paper_pdf.missing()
    changes = {one.line_id for one in choices("line.write")}
    rows = [
        {
            "name": one.name, "svg": _url("line_label_svg", one), "pdf": _url("line_label_pdf", one),
            "change": url_for("desk.line_change", code=one.line_code, site=one.site_code)
            if one.line_id in changes else "",
        }
        for one in choices("line.read")
    ]  # fmt: skip
    languages = [{"code": one, "name": NAMES[one], "url": url_for("desk.line_labels", lang=one)} for one in LANGUAGES]
    return page(
        "line_labels.html", nav="lines", rows=rows, missing=words().say(lacking) if lacking else "", languages=languages
    )


@blp.get("/lines/<code>/label.svg", endpoint="line_label_svg")
@allow("line.read")
def label_svg(code: str) -> Response:
    return Response(code_labels.drawn(_label(_line(code)), STATION), content_type=SVG)


@blp.get("/lines/<code>/label.pdf", endpoint="line_label_pdf")
@allow("line.read")
def label_pdf(code: str) -> Response:
    label = _label(_line(code))
    made = code_labels.pdf([label], STATION, label.words, url_for("desk.line_label_pdf", code=code))
    return Response(made, content_type=paper_pdf.TYPE)


def _line(code: str) -> Choice:
    """The one line that an address names."""
    code_labels.speak()
    site = request.args.get("site")
    found = [one for one in choices("line.read") if one.line_code == code and site in (None, one.site_code)]
    if len(found) != 1:
        raise NotFound("line", code)
    return found[0]


def _label(line: Choice) -> Label:
    say = words().say
    notes = (line.line_code, line.site_code)
    address = own_address() + codes.path_of("line", line.site_code, line.line_code)
    return Label(say("Station"), line.line_name, notes, address, _url("line_label_svg", line))


def _url(endpoint: str, line: Choice, **more: Any) -> str:
    return url_for(f"desk.{endpoint}", code=line.line_code, site=line.site_code, lang=words().language, **more)
