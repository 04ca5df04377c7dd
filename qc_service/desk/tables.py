"""Lists as CSV files. No cell can start a formula in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from qc_service.flags.api import safe_cell


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A file to be saved under that name."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe_cell("" if cell is None else cell) for cell in row] for row in rows)
    response = Response(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
