"""A version on paper: the whole of it to read, or its checklist with boxes to fill in by hand.

Every page names the version and its digest and carries a code, which opens `/p/<code>` and says whether the paper is
still the version in force. `print` is for the browser, `print.pdf` the same page made by the service.
"""

from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.desk import paper, paper_pdf
from qc_service.desk.blueprint import STATIC, blp
from qc_service.desk.pages import words, zone
from qc_service.desk.paper_pdf import SVG, File, css_text, qr
from qc_service.errors import NotFound, QCError
from qc_service.media import rules as media_rules
from qc_service.media import service as media
from qc_service.procedures import describing, finding
from qc_service.procedures.finding import Found
from qc_service.texts import Text, later
from qc_service.words import LANGUAGES, NAMES, Words

ONE = "/procedures/<code>/versions/<int:number>"
DIGITS = 16  # of the digest, on every page and in its code
QR_MM = 20.0
STYLES = ("paper.css", "paper_fill.css")
LOOPBACK = "http://127.0.0.1:8000"  # where nobody said under which address people open the service

SIGNED: dict[str, Text] = {
    "authored": later("Wrote it"),
    "reviewed": later("Reviewed it"),
    "approved": later("Approved it"),
    "published": later("Published it"),
    "withdrawn": later("Withdrew it"),
}
ROLES: dict[str, Text] = {
    "author": later("Author"),
    "reviewer": later("Reviewer"),
    "approver": later("Approver"),
}
METHODS: dict[str, Text] = {"pin": later("signed with PIN"), "password": later("signed with password")}


@blp.get(f"{ONE}/print")
@allow("procedure.read")
def procedure_print(code: str, number: int) -> ResponseReturnValue:
    return _paper(_found(code, number), pdf=False)


@blp.get(f"{ONE}/print.pdf", endpoint="procedure_print_pdf")
@allow("procedure.read")
def print_as_pdf(code: str, number: int) -> Response:
    found = _found(code, number)
    html = _paper(found, pdf=True)
    made = paper_pdf.pdf_of(html, _address("procedure_print", found), _files(found))
    response = Response(made, content_type=paper_pdf.TYPE)
    name = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "_" for one in code)
    told = f'inline; filename="{name}-{number}-{words().language}.pdf"'
    response.headers["Content-Disposition"] = told
    return response


@blp.get(f"{ONE}/print.css", endpoint="procedure_print_css")
@allow("procedure.read")
def print_style(code: str, number: int) -> Response:
    """What stands at the foot of each page: a page's content policy allows no style in the page itself."""
    return Response(_foot(_found(code, number)), content_type="text/css; charset=utf-8")


@blp.get(f"{ONE}/qr.svg", endpoint="procedure_print_qr")
@allow("procedure.read")
def print_qr(code: str, number: int) -> Response:
    return Response(qr(_opens(_found(code, number)), QR_MM), content_type=SVG)


@blp.get("/pictures/<sha256>", endpoint="picture")
@allow("media.read")
def picture(sha256: str) -> Response:
    """A picture of a procedure, for a page."""
    found = media.find(actor(), sha256)
    shown = media.copy_of(found.sha256, media_rules.SIDES[0])
    response = Response(shown.content, content_type=shown.type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Vary"] = "Cookie"
    return response


# --- the page -----------------------------------------------------------------------------------------------------


def _found(code: str, number: int) -> Found:
    """The version; from here on the request speaks the language that the paper is asked for in."""
    found = finding.version_at(actor(), "procedure.read", code, number)
    if request.args.get("lang") in LANGUAGES:
        g.words = Words(request.args["lang"], zone())
    return found


def _paper(found: Found, *, pdf: bool) -> str:
    blank = bool(request.args.get("blank"))
    reading = paper.Reading(found, words(), lambda sha256: url_for("desk.picture", sha256=sha256))
    lacking = paper_pdf.missing()
    return render_template(
        "desk/procedure_print.html", lang=words().language, head=paper.head(found, words()),
        doc=paper.together(reading.document()), blank=blank, pdf=pdf, missing=words().say(lacking) if lacking else "",
        style_url=_address("procedure_print_css", found), qr_url=_address("procedure_print_qr", found),
        pdf_url=_address("procedure_print_pdf", found), other_url=_address("procedure_print", found, other=True),
        back_url=f"/procedures/{quote(found.procedure.code, safe='')}/versions/{found.version.number}",
        languages=[
            {"code": one, "name": NAMES[one], "url": _address("procedure_print", found, lang=one)} for one in LANGUAGES
        ],
        printed=_printed(), opens=_opens(found), **_signed(found),
    )  # fmt: skip


def _address(endpoint: str, found: Found, *, lang: str = "", other: bool = False) -> str:
    """An address of the same paper: in the same language and form, or in another."""
    blank = bool(request.args.get("blank")) != other
    more: dict[str, Any] = {"lang": lang or words().language, **({"blank": 1} if blank else {})}
    return url_for(f"desk.{endpoint}", code=found.procedure.code, number=found.version.number, **more)


def _printed() -> str:
    return words().say("Printed %(at)s by %(name)s.", at=words().moment(clock.now()), name=actor().name)


def _opens(found: Found) -> str:
    """What the paper's code opens."""
    query = urlencode({"v": found.version.number, "d": found.draft.digest[:DIGITS]})
    return f"{own_address()}/p/{quote(found.procedure.code, safe='')}?{query}"


def own_address() -> str:
    """Where people open the service: as it was set up or, where nobody said so, as whoever prints has it open."""
    settled: str = current_app.config["QC"].base_url
    return settled if settled != LOOPBACK else request.host_url.rstrip("/")


def _signed(found: Found) -> dict[str, Any]:
    """Who wrote, reviewed and approved it, who signed what and when, and who let it pass without translations."""
    say, told = words().say, describing.version(found)
    override = told["override"]
    return {
        "signatures": [
            {**one, "meaning_word": say(SIGNED[one["meaning"]]), "method_word": say(METHODS[one["method"]])}
            for one in told["signatures"]
            if one["meaning"] in SIGNED
        ],
        "hands": [
            {**one, "role_word": say(ROLES[one["role"]])} for one in told["hands"] if one["voided_at"] is None
        ],
        "override": override and {
            **override, "languages": ", ".join(NAMES[one] for one in override["languages"]),
            "asked_method": say(METHODS[override["asked"]["method"]]),
            "confirmed_method": say(METHODS[override["confirmed"]["method"]]),
        },
    }  # fmt: skip


def _foot(found: Found) -> str:
    say = words().say
    named = say(
        "%(code)s · version %(version)s · %(digest)s", code=found.procedure.code, version=found.version.number,
        digest=found.draft.digest[:DIGITS],
    )  # fmt: skip
    valid = say("Valid only if it is the version in force: scan the code.")
    page = say("page %(page)s of %(pages)s", page="\1", pages="\2").replace("\1", "\1page\1").replace("\2", "\1pages\1")
    count = " ".join(
        f"counter({part})" if part in ("page", "pages") else css_text(part) for part in page.split("\1") if part
    )
    left = "\\A ".join(css_text(line)[1:-1] for line in (named, _printed(), valid))
    return (
        f'@page {{\n@bottom-left {{ content: url("{_address("procedure_print_qr", found)}"); }}\n'
        f'@bottom-center {{ content: "{left}"; }}\n@bottom-right {{ content: {count}; }}\n}}\n'
    )


def _files(found: Found) -> dict[str, File]:
    """Everything that the PDF may use, by its address. A picture that the reader may not see is left out."""
    files = {
        **{url_for("desk.static", filename=name): File("text/css", (STATIC / name).read_bytes()) for name in STYLES},
        _address("procedure_print_css", found): File("text/css", _foot(found).encode()),
        _address("procedure_print_qr", found): File(SVG, qr(_opens(found), QR_MM)),
    }
    for sha256 in paper.pictures_of(found.document):
        shown = seen(sha256)
        if shown is not None:
            files[url_for("desk.picture", sha256=sha256)] = File(shown.type, shown.content)
    return files


def seen(sha256: str) -> media.Shown | None:
    """A picture, if it is there for whoever asks."""
    try:
        found = media.find(actor(), sha256)
    except (NotFound, QCError):
        return None
    return media.copy_of(found.sha256, media_rules.SIDES[0])
