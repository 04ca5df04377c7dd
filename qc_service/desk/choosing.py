"""The lines that a person may choose from in a form, by a name that fits one of them only."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from qc_service.auth import actor
from qc_service.lines.models import Line, Site
from qc_service.lines.service import in_sites


@dataclass(frozen=True, slots=True)
class Choice:
    """One line; `code` is what the form sends: the line's own, or with its site where two sites have such a line."""

    code: str
    name: str
    line_id: str
    line_code: str
    line_name: str
    site_id: str
    site_code: str
    time_zone: str


def choices(action: str) -> list[Choice]:
    """The lines in which the person may do it, by name."""
    query = (
        Line.select(Line, Site.code.alias("site_code"), Site.name.alias("site_name"), Site.time_zone)
        .join(Site, on=(Site.id == Line.site_id), attr="site")
        .where(in_sites(Line, actor().sites_for(action)))
    )
    rows: list[Any] = list(query.order_by(Line.name, Line.id))
    codes = Counter(row.code for row in rows)
    many = len({row.site.site_code for row in rows}) > 1
    return [
        Choice(
            f"{row.site.site_code}/{row.code}" if codes[row.code] > 1 else row.code,
            f"{row.name} · {row.site.site_name}" if many else row.name,
            row.id,
            row.code,
            row.name,
            row.site_id,
            row.site.site_code,
            row.site.time_zone,
        )
        for row in rows
    ]


def chosen(code: str, among: list[Choice]) -> Choice | None:
    return next((one for one in among if one.code == code), None)


def options(among: list[Choice]) -> list[dict[str, str]]:
    return [{"code": one.code, "name": one.name} for one in among]
