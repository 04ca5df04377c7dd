"""Finding and making sites, lines and products. What an actor may not see is not there for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import IntegrityError

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import connected, db, new_id, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.lines.models import Line, Product, Site
from qc_service.texts import later

NameOfLine = tuple[str | None, str]  # (site's code or None, line's code)


def site_named(code: str) -> Site | None:
    found: Site | None = Site.get_or_none(Site.code == code)
    return found


def find_site(actor: Actor, action: str, code: str) -> Site:
    site = site_named(code)
    if site is None or not actor.sees(site.id):
        raise NotFound("site", code)
    actor.need(action, site.id, "site")
    return site


def create_site(
    author: audit.Author,
    code: str,
    name: str | None = None,
    time_zone: str = "UTC",
    *,
    create_on_first_use: bool = True,
) -> Site:
    with audit.change(author, "site.created", data={"code": code}) as change:
        if site_named(code):
            raise QCError("already_exists", later("There is a site %(code)s.", code=repr(code)))
        site: Site = change.insert(
            Site, id=new_id("sit"), code=code, name=name or code, time_zone=time_zone,
            create_on_first_use=create_on_first_use, created_at=change.now, updated_at=change.now,
        )  # fmt: skip
    return site


def ensure_site(author: audit.Author, code: str) -> Site:
    """The site with this code, made now if there is none."""
    with connected():
        found = site_named(code)
        if found is not None:
            return found
        try:
            with write(), db.atomic():  # a savepoint, so that a collision spoils no transaction around it
                return create_site(author, code)
        except (IntegrityError, QCError):  # another process was first
            return Site.get(Site.code == code)


def site_for_recording(actor: Actor, action: str, code: str) -> Site:
    """A site that the actor may record in; made on first use by whoever may record in every site."""
    site = site_named(code)
    if site is None and actor.sites_for(action) is None:
        return ensure_site(actor.author, code)
    if site is None or not actor.sees(site.id):
        raise invalid("/site", later("No site %(code)s that you may use.", code=repr(code)), "unknown_ref")
    actor.need(action, site.id, "site")
    return site


def change_record(actor: Actor, event_type: str, row: Any, site_id: str | None, values: dict[str, Any]) -> None:
    line_id = row.id if isinstance(row, Line) else None
    before = {name: getattr(row, name) for name in values}
    data = {"code": row.code, "before": before, "after": values}
    with audit.change(actor.author, event_type, site_id=site_id, line_id=line_id, data=data) as change:
        if before == values:
            change.discard()
        else:
            change.update(row, **values, updated_at=change.now)


def create_line(author: audit.Author, site: Site, code: str, name: str | None = None, phone: str | None = None) -> Line:
    line_id = new_id("lin")
    data = {"code": code, "site": site.code}
    with audit.change(author, "line.created", site_id=site.id, line_id=line_id, data=data) as change:
        if Line.get_or_none((Line.site_id == site.id) & (Line.code == code)):
            raise QCError(
                "already_exists", later("Site %(site)s has a line %(code)s.", site=repr(site.code), code=repr(code))
            )
        line: Line = change.insert(
            Line, id=line_id, site_id=site.id, code=code, name=name or code, phone=phone,
            created_at=change.now, updated_at=change.now,
        )  # fmt: skip
    return line


def create_product(author: audit.Author, site: Site, code: str, name: str | None = None) -> Product:
    with audit.change(author, "product.created", site_id=site.id, data={"code": code}) as change:
        if Product.get_or_none((Product.site_id == site.id) & (Product.code == code)):
            raise QCError(
                "already_exists", later("Site %(site)s has a product %(code)s.", site=repr(site.code), code=repr(code))
            )
        product: Product = change.insert(
            Product, id=new_id("prd"), site_id=site.id, code=code, name=name or code,
            created_at=change.now, updated_at=change.now,
        )  # fmt: skip
    return product


def ensure_products(author: audit.Author, site_id: str, codes: Iterable[str], now: datetime) -> None:
    """Make the products of a site that are not known yet; runs inside the recording's transaction."""
    if not unknown_products(site_id, codes):
        return
    audit.lock_streams([audit.stream_of(site_id)])  # whoever was first has committed by now
    for code in sorted(unknown_products(site_id, codes)):
        with audit.change(author, "product.created", site_id=site_id, data={"code": code}) as change:
            change.insert(
                Product, id=new_id("prd"), site_id=site_id, code=code, name=code, created_at=now, updated_at=now
            )


def unknown_products(site_id: str, codes: Iterable[str]) -> set[str]:
    wanted = list(set(codes))
    known = Product.select(Product.code).where((Product.site_id == site_id) & Product.code.in_(wanted))
    return set(wanted) - {row.code for row in known}


def find_lines(actor: Actor, action: str, names: Iterable[NameOfLine]) -> dict[NameOfLine, Any]:
    """The lines that the actor may act on, by (site or None, code); an error where there is none or more than one.

    A line comes joined with its site's code and switch: `line.site.site_code`, `line.site.creates`.
    """
    wanted = set(names)
    query = Line.select(Line, Site.code.alias("site_code"), Site.create_on_first_use.alias("creates")).join(
        Site, on=(Line.site_id == Site.id), attr="site"
    )
    rows = list(query.where(Line.code.in_([code for _, code in wanted])))
    seen = [row for row in rows if actor.may(action, row.site_id)]
    return {name: _one_line(name, seen) for name in wanted}


def _one_line(name: NameOfLine, rows: list[Any]) -> Any:
    site, code = name
    fits = [row for row in rows if row.code == code and site in (None, row.site.site_code)]
    if len(fits) == 1:
        return fits[0]
    if not fits:
        return invalid(
            "/line",
            later("No line %(code)s that you may use: create it first with POST /v1/lines.", code=repr(code)),
            "unknown_ref",
        )
    sites = ", ".join(sorted(row.site.site_code for row in fits))
    return QCError(
        "ambiguous_ref",
        later(
            "Line %(code)s is in several sites (%(sites)s): say which in the field site.", code=repr(code), sites=sites
        ),
        errors=invalid("/site", later("Say which site."), "ambiguous_ref").errors,
    )


def line_for(actor: Actor, action: str, code: str, site: str | None = None) -> Any:
    """The line that a request's field names."""
    found = find_lines(actor, action, [(site, code)])[site, code]
    if isinstance(found, QCError):
        raise found
    return found


def line_at(actor: Actor, action: str, code: str, site: str | None = None) -> Any:
    """The line that an address names: 404 where there is none."""
    found = find_lines(actor, action, [(site, code)])[site, code]
    if isinstance(found, QCError):
        if found.code == "ambiguous_ref":
            raise found
        raise NotFound("line", code)
    return found


def in_sites(model: Any, sites: frozenset[str] | None) -> Any:
    """The condition that keeps a query inside the actor's sites."""
    return (model.site_id == model.site_id) if sites is None else model.site_id.in_(list(sites))
