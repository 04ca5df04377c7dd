"""A page as a PDF: tagged for screen readers (PDF/UA), made without any network and within a time limit.

Each PDF is made by a process of its own (`paper_engine.py`): what a document does to the library happens there, and
can be ended.
"""

import base64
import threading
from collections.abc import Iterable, Iterator, Mapping
from ctypes.util import find_library
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from itertools import groupby

import segno
import structlog

from qc_service.desk import paper_press
from qc_service.errors import QCError
from qc_service.texts import Text, later

log = structlog.get_logger(__name__)

WALL_SECONDS = 20
WAIT_SECONDS = 20
AT_ONCE = 2  # of each web process
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
TYPE = "application/pdf"
SVG = "image/svg+xml; charset=utf-8"

_turn = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class File:
    """A style sheet or a picture of a page, and its type."""

    type: str
    content: bytes


@lru_cache(maxsize=1)
def missing() -> Text | None:
    """What has to be installed before a PDF can be made; None where nothing is missing."""
    if find_spec("weasyprint") is None:
        return later("WeasyPrint is not installed here: install the service with its extra 'pdf'.")
    if any(find_library(name) is None for name in LIBRARIES):
        return later(
            "Pango is not installed here: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
        )
    return None


def pdf_of(html: str, address: str, files: Mapping[str, File]) -> bytes:
    """The page at `address` as a PDF. It may use these files, by their addresses, and nothing else."""
    lacking = missing()
    if lacking is not None:
        raise QCError("unavailable", lacking)
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise QCError("unavailable", later("Many papers are being made at once. Try again in a moment."), retry_after=5)
    try:
        return _run(html, address, files)
    finally:
        _turn.release()


def _run(html: str, address: str, files: Mapping[str, File]) -> bytes:
    given = {where: (file.type, base64.b64encode(file.content).decode()) for where, file in files.items()}
    made = paper_press.make({"html": html, "address": address, "files": given}, WALL_SECONDS)
    if made.status is None:
        log.warning("paper.too_slow", address=address)
        raise _failed(later("The PDF takes longer than a paper may: print the page from the browser."))
    if made.status != 0 or not made.content.startswith(b"%PDF"):
        log.error("paper.not_made", address=address, status=made.status, said=made.content[-2000:])
        raise _failed(later("The PDF could not be made: print the page from the browser, and tell an administrator."))
    return made.content


def _failed(text: Text) -> QCError:
    return QCError("unavailable", text, retry_after=60)


def qr(address: str, millimetres: float) -> bytes:
    """The address as a QR code that still reads where a quarter of it is dirty or torn; so wide, with its border."""
    code = segno.make(address, error="q", micro=False, boost_error=False)
    side = code.symbol_size(border=4)[0]
    out = BytesIO()
    scale = millimetres / side
    code.save(out, kind="svg", scale=scale, unit="mm", border=4, dark="#000", light="#fff", xmldecl=False, nl=False)
    return out.getvalue()


def qr_path(address: str) -> tuple[int, str]:
    """The address as a QR code to be drawn into another picture: its side in modules, and the path of the dark ones."""
    rows = list(segno.make(address, error="q", micro=False, boost_error=False).matrix_iter(border=4))
    runs = (f"M{x} {y}h{many}v1h-{many}z" for y, row in enumerate(rows) for x, many in _runs(row))
    return len(rows), "".join(runs)


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin in a row, and how many stand together."""
    at = 0
    for dark, run in groupby(row, bool):
        many = len(list(run))
        if dark:
            yield at, many
        at += many


def css_text(text: str) -> str:
    """A text as a style sheet's string holds it, whatever is in it."""
    return '"' + "".join(one if one.isalnum() else f"\\{ord(one):06x} " for one in text) + '"'
