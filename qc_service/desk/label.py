"""What a procedure's code opens: a label for the station (A6), and the page behind it, which a phone opens quickly.

The label never names a version: it opens the one that is in force on its line. The code on printed paper names its
version and digest, and the page says first whether that paper may still be worked by.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk import paper, paper_pdf
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import Choice, choices, chosen
from qc_service.desk.label_letters import GAP, fitted, size_of
from qc_service.desk.pages import page, words
from qc_service.desk.paper_pdf import SVG, File
from qc_service.desk.procedure_print import DIGITS, own_address
from qc_service.errors import NotFound
from qc_service.procedures import acknowledging, drafts, finding, translating
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure
from qc_service.texts import Text, later
from sops.versions import State

ROOM_WIDTH, ROOM_HEIGHT = 93.0, 37.0  # millimetres that the title has on the label
SIZES = (9.0, 8.0, 7.0, 6.2, 5.4, 4.6)
A6 = (
    b"@page { size: 105mm 148mm; margin: 0 } html, body, p { margin: 0 } "
    b"img { display: block; width: 105mm; height: 148mm }"
)

NOT_NOW: dict[State, Text] = {
    State.DRAFT: later("It is a draft."),
    State.IN_REVIEW: later("It is still being reviewed."),
    State.APPROVED: later("It is approved but not published."),
    State.SCHEDULED: later("It is not in force yet."),
    State.SUPERSEDED: later("Another version took its place."),
    State.WITHDRAWN: later("It was withdrawn."),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody stands: on a line, or anywhere in their site."""

    site_id: str | None
    line: Choice | None = None

    @property
    def line_id(self) -> str | None:
        return self.line.line_id if self.line else None


# --- the label ----------------------------------------------------------------------------------------------------


@blp.get("/procedures/<code>/label.svg", endpoint="label_svg")
@allow("procedure.read")
def label_svg(code: str) -> Response:
    procedure = finding.procedure_at(actor(), "procedure.read", code)
    return Response(_drawn(procedure, _spot(procedure)), content_type=SVG)


@blp.get("/procedures/<code>/label.pdf", endpoint="label_pdf")
@allow("procedure.read")
def label_pdf(code: str) -> Response:
    procedure = finding.procedure_at(actor(), "procedure.read", code)
    spot = _spot(procedure)
    line: dict[str, Any] = {"line": spot.line.code} if spot.line else {}
    svg, css = url_for("desk.label_svg", code=code, **line), url_for("desk.static", filename="label.css")
    html = render_template(
        "desk/label.html", lang=words().language, title=_title(procedure, spot), code=procedure.code,
        line=spot.line.line_name if spot.line else "", svg_url=svg, css_url=css,
    )  # fmt: skip
    files = {svg: File(SVG, _drawn(procedure, spot).encode()), css: File("text/css", A6)}
    return Response(paper_pdf.pdf_of(html, url_for("desk.label_pdf", code=code), files), content_type=paper_pdf.TYPE)


def _drawn(procedure: Procedure, spot: Spot) -> str:
    query = "?" + urlencode({"line": spot.line.code}) if spot.line else ""
    address = f"{own_address()}/p/{quote(procedure.code, safe='')}{query}"
    side, path = paper_pdf.qr_path(address)
    size, rows = fitted(_title(procedure, spot), ROOM_WIDTH, ROOM_HEIGHT, SIZES)
    name = spot.line.line_name if spot.line else ""
    return render_template(
        "desk/label.svg", lang=words().language, code=procedure.code,
        code_size=size_of(procedure.code, 11.0, ROOM_WIDTH), rows=rows, size=size, gap=round(size * GAP, 2), line=name,
        line_size=size_of(name, 7.0, ROOM_WIDTH), side=side, path=path, address=address,
    )  # fmt: skip


def _title(procedure: Procedure, spot: Spot) -> str:
    found = finding.in_force(procedure, site_id=spot.site_id, line_id=spot.line_id)
    if found is None:
        return str(procedure.title)
    return str(translating.rendered(found, words().language).document["title"])


# --- what it opens ------------------------------------------------------------------------------------------------


@blp.get("/p/<code>", endpoint="scanned")
@allow("procedure.read")
def scanned(code: str) -> ResponseReturnValue:
    """The version in force for a line; with `v` and `d`, first what the scanned paper is worth."""
    procedure = finding.procedure_at(actor(), "procedure.read", code)
    spot = _spot(procedure)
    found = finding.in_force(procedure, site_id=spot.site_id, line_id=spot.line_id)
    if found is not None and found.site_id is not None and not actor().sees(found.site_id):
        found = None
    shown = None
    if found is not None:
        reading = paper.Reading(found, words(), lambda sha256: url_for("desk.picture", sha256=sha256))
        shown = reading.document()
    lines = [] if spot.line else _lines(procedure)
    return page(
        "scanned.html", nav="procedures", code=procedure.code, title=shown["title"] if shown else procedure.title,
        head=paper.head(found, words()) if found else None, doc=shown, line=spot.line.name if spot.line else "",
        lines=[{"name": one.name, "url": url_for("desk.scanned", code=code, line=one.code)} for one in lines],
        verdict=_verdict(procedure, spot, found), standing=_standing(found),
    )  # fmt: skip


def _spot(procedure: Procedure) -> Spot:
    """The line that is asked for; without one the procedure's own site, or the reader's where they have only one."""
    asked = request.args.get("line", "")
    if asked:
        line = chosen(asked, choices("procedure.read"))
        if line is None or procedure.site_id not in (None, line.site_id):
            raise NotFound("line", asked)
        return Spot(line.site_id, line)
    if procedure.site_id is not None:
        return Spot(procedure.site_id)
    sites = actor().sites_for("procedure.read")
    return Spot(next(iter(sites)) if sites is not None and len(sites) == 1 else None)


def _lines(procedure: Procedure) -> list[Choice]:
    """The lines that work by the procedure, of those that the reader sees."""
    used = {row.line_id for row in drafts.lines_of(procedure)}
    return [one for one in choices("procedure.read") if one.line_id in used]


def _standing(found: Found | None) -> dict[str, Any] | None:
    """Has the reader read and signed what they are shown? Asked only of those who work by procedures."""
    if found is None or not actor().may("deviation.ask"):
        return None
    signed = acknowledging.standing_of(found.version.id, actor().id)
    return {"signed_at": signed.at if signed else None}


def _verdict(procedure: Procedure, spot: Spot, current: Found | None) -> dict[str, Any] | None:
    """What the scanned paper is worth: good or not, and why, in words."""
    number, digest = request.args.get("v", ""), request.args.get("d", "")
    if not number:
        return None
    say = words().say
    named = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    found = finding.load(procedure, named)
    if found is not None and found.site_id is not None and not actor().sees(found.site_id):
        found = None
    if found is None or found.draft.digest[:DIGITS] != digest:
        text = later("This paper is none of the versions that are kept here: do not work by it.")
        return {"good": False, "text": say(text), "then": _instead(current)}
    if found.state is not State.IN_FORCE:
        text = later("This paper is version %(version)s, which is not in force: do not work by it.", version=number)
        why = f"{say(NOT_NOW[found.state])} {_instead(current)}"
        return {"good": False, "text": say(text), "then": why}
    if spot.line is not None and (current is None or current.version.number != found.version.number):
        text = later("This paper is version %(version)s, which is not for the line %(line)s: do not work by it there.",
                     version=number, line=spot.line.name)  # fmt: skip
        return {"good": False, "text": say(text), "then": _instead(current)}
    text = later("This paper is version %(version)s, and that is in force.", version=number)
    valid = say("It is valid for %(variant)s.", variant=paper.variant(found, words()))
    return {"good": True, "text": say(text), "then": valid}


def _instead(current: Found | None) -> str:
    if current is None:
        return words().say("No version is in force: ask a supervisor.")
    return words().say("In force is version %(version)s: it stands below.", version=current.version.number)
