"""An inspection on paper: the whole record with its signatures, for the browser's printer and as a PDF.

Every page names the record and the digest of what was received, and carries a code that opens the record, which says
where it stands now.
"""

from typing import Any

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.desk import inspection_told, paper, paper_pdf
from qc_service.desk.blueprint import STATIC, blp
from qc_service.desk.inspection_page import ONE, record_at
from qc_service.desk.pages import words, zone
from qc_service.desk.paper_pdf import SVG, File, css_text, qr
from qc_service.desk.procedure_print import DIGITS, QR_MM, own_address, seen
from qc_service.inspections.models import InspectionRecord
from qc_service.words import LANGUAGES, NAMES, Words

STYLES = ("paper.css", "paper_fill.css", "inspections.css")


@blp.get(f"{ONE}/print", endpoint="inspection_print")
@allow("inspection.read")
def print_page(uuid: str) -> ResponseReturnValue:
    return _paper(_found(uuid), pdf=False)[0]


@blp.get(f"{ONE}/print.pdf", endpoint="inspection_print_pdf")
@allow("inspection.read")
def print_as_pdf(uuid: str) -> Response:
    record = _found(uuid)
    html, one = _paper(record, pdf=True)
    made = paper_pdf.pdf_of(html, _address("inspection_print", record), _files(record, one))
    response = Response(made, content_type=paper_pdf.TYPE)
    response.headers["Content-Disposition"] = f'inline; filename="inspection-{record.uuid}-{words().language}.pdf"'
    return response


@blp.get(f"{ONE}/print.css", endpoint="inspection_print_css")
@allow("inspection.read")
def print_style(uuid: str) -> Response:
    """What stands at the foot of each page: a page's content policy allows no style in the page itself."""
    return Response(_foot(_found(uuid)), content_type="text/css; charset=utf-8")


@blp.get(f"{ONE}/qr.svg", endpoint="inspection_qr")
@allow("inspection.read")
def print_qr(uuid: str) -> Response:
    return Response(qr(_opens(_found(uuid)), QR_MM), content_type=SVG)


def _found(uuid: str) -> InspectionRecord:
    """The record; from here on the request speaks the language that the paper is asked for in."""
    record = record_at("inspection.read", uuid)
    if request.args.get("lang") in LANGUAGES:
        g.words = Words(request.args["lang"], zone())
    return record


def _paper(record: InspectionRecord, *, pdf: bool) -> tuple[str, dict[str, Any]]:
    one = inspection_told.inspection(record, words(), actor())
    lacking = paper_pdf.missing()
    html = render_template(
        "desk/inspection_print.html", lang=words().language, one=paper.together(one), pdf=pdf,
        missing=words().say(lacking) if lacking else "", style_url=_address("inspection_print_css", record),
        qr_url=_address("inspection_qr", record), pdf_url=_address("inspection_print_pdf", record),
        back_url=url_for("desk.inspection", uuid=record.uuid), opens=_opens(record), printed=_printed(),
        languages=[
            {"code": code, "name": NAMES[code], "url": _address("inspection_print", record, code)} for code in LANGUAGES
        ],
    )  # fmt: skip
    return html, one


def _address(endpoint: str, record: InspectionRecord, lang: str = "") -> str:
    return url_for(f"desk.{endpoint}", uuid=record.uuid, lang=lang or words().language)


def _opens(record: InspectionRecord) -> str:
    return f"{own_address()}/inspections/{record.uuid}"


def _printed() -> str:
    return words().say("Printed %(at)s by %(name)s.", at=words().moment(clock.now()), name=actor().name)


def _foot(record: InspectionRecord) -> str:
    say = words().say
    named = say("Inspection %(uuid)s · %(digest)s", uuid=record.uuid, digest=record.sha256[:DIGITS])
    stands = say("Scan the code: it opens the record and says where it stands now.")
    left = "\\A ".join(css_text(line)[1:-1] for line in (named, _printed(), stands))
    pages = say("page %(page)s of %(pages)s", page="\1", pages="\2").split("\1")
    before, (between, after) = pages[0], pages[1].split("\2")
    count = " ".join((css_text(before), "counter(page)", css_text(between), "counter(pages)", css_text(after)))
    return (
        f'@page {{\n@bottom-left {{ content: url("{_address("inspection_qr", record)}"); }}\n'
        f'@bottom-center {{ content: "{left}"; }}\n@bottom-right {{ content: {count}; }}\n}}\n'
    )


def _files(record: InspectionRecord, one: dict[str, Any]) -> dict[str, File]:
    """Everything that the PDF may use, by its address. A picture that the reader may not see is left out."""
    files = {
        **{url_for("desk.static", filename=name): File("text/css", (STATIC / name).read_bytes()) for name in STYLES},
        _address("inspection_print_css", record): File("text/css", _foot(record).encode()),
        _address("inspection_qr", record): File(SVG, qr(_opens(record), QR_MM)),
    }
    for sha256 in inspection_told.pictures(one):
        shown = seen(sha256)
        if shown is not None:
            files[url_for("desk.picture", sha256=sha256)] = File(shown.type, shown.content)
    return files
