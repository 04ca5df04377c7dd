"""Labels with a code that the floor scans: drawn in millimetres, one by one for a screen, on sheets for a printer.

A code is a whole address, so that any phone opens it; beside it stands in words what it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, render_template, request

from qc_service.desk import paper_pdf
from qc_service.desk.chart_lettering import clip
from qc_service.desk.label_letters import GAP, fitted_name
from qc_service.desk.pages import words, zone
from qc_service.desk.paper_pdf import SVG, File
from qc_service.errors import QCError
from qc_service.texts import Text, later
from qc_service.words import LANGUAGES, Words

FINEST = 0.25  # millimetres of a module: what a label printer of 200 points an inch still draws as two of them
NAME_SIZES = (6.0, 5.0, 4.2, 3.6, 3.0, 2.6, 2.2, 1.9, 1.6, 1.3)
NAME_SHARE = 0.52  # of the label's height
TOO_FINE = later(
    "The names are so long that their code would be too fine to be read on a label of this size. Choose the larger one."
)


@dataclass(frozen=True, slots=True)
class Form:
    """A size of label, and the paper that it is printed on. All in millimetres."""

    name: str
    text: Text
    width: float
    height: float
    edge: float
    small: float  # the smaller letters
    page: tuple[float, float]
    across: int = 1
    down: int = 1
    letters: tuple[float, ...] = NAME_SIZES

    @property
    def code(self) -> float:
        """The side of the code, with its white border."""
        return self.height - 2 * self.edge


FORMS = {
    one.name: one
    for one in (
        Form("sheet", later("A4, 24 labels of 70 × 37 mm"), 70, 37, 4, 2.6, (210, 297), across=3, down=8),
        Form("small", later("A label printer, 50 × 25 mm"), 50, 25, 1.5, 2.0, (50, 25)),
        Form("station", later("A6"), 148, 105, 8, 6.5, (148, 105), letters=(14.0, 11.0, 9.0, *NAME_SIZES)),
    )
}
OF_LOTS = ("sheet", "small")


@dataclass(frozen=True, slots=True)
class Label:
    """`kind` and `name` are what the code names, `notes` what else somebody wants to see, `url` where it is drawn."""

    kind: str
    name: str
    notes: tuple[str, ...]
    address: str
    url: str

    @property
    def words(self) -> str:
        return " · ".join((f"{self.kind} {self.name}", *self.notes))


def speak() -> None:
    """From here on the request speaks the language that the labels are asked for in."""
    if request.args.get("lang") in LANGUAGES:
        g.words = Words(request.args["lang"], zone())


def drawn(label: Label, form: Form) -> str:
    found = _code(label.address)
    if found is None or form.code / found[0] < FINEST:
        raise QCError("validation_failed", TOO_FINE)
    side, path = found
    left = form.edge + form.code + 0.5
    room = form.width - left - form.edge
    size, rows = fitted_name(label.name, room, form.height * NAME_SHARE, form.letters)
    return render_template(
        "desk/code_label.svg", lang=words().language, label=label, form=form, side=side, path=path, left=left,
        rows=rows, size=size, gap=round(size * GAP, 2), notes=[clip(note, room, form.small) for note in label.notes],
    )  # fmt: skip


def readable(labels: Sequence[Label], form: Form) -> bool:
    """Would each of them be drawn? The longest address decides."""
    found = _code(max((one.address for one in labels), key=len))
    return found is not None and form.code / found[0] >= FINEST


def pdf(labels: Sequence[Label], form: Form, title: str, address: str) -> bytes:
    css = f"{address}.css"
    files = {one.url: File(SVG, drawn(one, form).encode()) for one in labels}
    files[css] = File("text/css", _style(form))
    rows = [labels[at : at + form.across] for at in range(0, len(labels), form.across)]
    sheets = [rows[at : at + form.down] for at in range(0, len(rows), form.down)]
    html = render_template("desk/code_labels_pdf.html", lang=words().language, title=title, sheets=sheets, css_url=css)
    return paper_pdf.pdf_of(html, address, files)


def _code(address: str) -> tuple[int, str] | None:
    try:
        return paper_pdf.qr_path(address)
    except ValueError:  # more than any code holds
        return None


def _style(form: Form) -> bytes:
    width, height = form.page
    spare = (height - form.down * form.height) / 2
    return (
        f"@page {{ size: {width}mm {height}mm; margin: 0 }} "
        "html, body, p { margin: 0; font-size: 0; line-height: 0 } "
        f"section {{ break-after: page; padding-top: {spare}mm }} section:last-child {{ break-after: auto }} "
        f"img {{ display: inline-block; width: {form.width}mm; height: {form.height}mm }}"
    ).encode()
