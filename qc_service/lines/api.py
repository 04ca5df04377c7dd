"""Sites, lines and products over HTTP."""

from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.errors import NotFound, QCError
from qc_service.lines import schemas, service
from qc_service.lines.models import Line, Product, Site
from qc_service.web import Blueprint

blp = Blueprint("lines", __name__, url_prefix="/v1", description="Where things are made")


@blp.route("/sites", methods=["POST"])
@allow("site.write")
@blp.arguments(schemas.SiteIn)
@blp.response(201, schemas.SiteOut)
def create_site(body: dict[str, Any]) -> Site:
    """Create a site."""
    if actor().sites_for("site.write") is not None:
        raise QCError("scope_missing", "Only who administers every site may create one.")
    return service.create_site(actor().author, **body)


@blp.route("/sites", methods=["GET"])
@allow("site.read")
@blp.arguments(schemas.PageArgs, location="query")
@blp.response(200, schemas.SitePage)
def list_sites(args: dict[str, Any]) -> dict[str, Any]:
    """The sites that you may see."""
    sites = actor().sites_for("site.read")
    query = Site.select() if sites is None else Site.select().where(Site.id.in_(list(sites)))
    return paging.page(query, Site, args, lambda site: site)


@blp.route("/sites/<code>", methods=["GET"])
@allow("site.read")
@blp.response(200, schemas.SiteOut)
def get_site(code: str) -> Site:
    """One site."""
    return service.find_site(actor(), "site.read", code)


@blp.route("/sites/<code>", methods=["PATCH"])
@allow("site.write")
@blp.arguments(schemas.SitePatch)
@blp.response(200, schemas.SiteOut)
def change_site(body: dict[str, Any], code: str) -> Site:
    """Rename a site, or change its switches."""
    site = service.find_site(actor(), "site.write", code)
    service.change_record(actor(), "site.changed", site, None, body)
    return site


@blp.route("/lines", methods=["POST"])
@allow("line.write")
@blp.arguments(schemas.LineIn)
@blp.response(201, schemas.LineOut)
def create_line(body: dict[str, Any]) -> dict[str, Any]:
    """Create a line; its site is created on first use."""
    site = service.site_for_recording(actor(), "line.write", body["site"])
    return _with_site(service.create_line(actor().author, site, body["code"], body["name"], body["phone"]), site.code)


@blp.route("/lines", methods=["GET"])
@allow("line.read")
@blp.arguments(schemas.LineListArgs, location="query")
@blp.response(200, schemas.LinePage)
def list_lines(args: dict[str, Any]) -> dict[str, Any]:
    """The lines that you may see."""
    return _listed(Line, "line.read", args)


@blp.route("/lines/<code>", methods=["GET"])
@allow("line.read")
@blp.arguments(schemas.SiteArg, location="query")
@blp.response(200, schemas.LineOut)
def get_line(args: dict[str, Any], code: str) -> dict[str, Any]:
    """One line."""
    line = service.line_at(actor(), "line.read", code, args["site"])
    return _with_site(line, line.site.site_code)


@blp.route("/lines/<code>", methods=["PATCH"])
@allow("line.write")
@blp.arguments(schemas.SiteArg, location="query")
@blp.arguments(schemas.LinePatch)
@blp.response(200, schemas.LineOut)
def change_line(args: dict[str, Any], body: dict[str, Any], code: str) -> dict[str, Any]:
    """Rename a line, or change whom to ring; its code stays."""
    line = service.line_at(actor(), "line.write", code, args["site"])
    service.change_record(actor(), "line.changed", line, line.site_id, body)
    return _with_site(line, line.site.site_code)


@blp.route("/products", methods=["POST"])
@allow("product.write")
@blp.arguments(schemas.ProductIn)
@blp.response(201, schemas.ProductOut)
def create_product(body: dict[str, Any]) -> dict[str, Any]:
    """Create a product of a site."""
    site = service.site_for_recording(actor(), "product.write", body["site"])
    product = service.create_product(actor().author, site, body["code"], body["name"])
    return _with_site(product, site.code)


@blp.route("/products", methods=["GET"])
@allow("product.read")
@blp.arguments(schemas.LineListArgs, location="query")
@blp.response(200, schemas.ProductPage)
def list_products(args: dict[str, Any]) -> dict[str, Any]:
    """The products that you may see."""
    return _listed(Product, "product.read", args)


@blp.route("/products/<code>", methods=["GET"])
@allow("product.read")
@blp.arguments(schemas.SiteArg, location="query")
@blp.response(200, schemas.ProductOut)
def get_product(args: dict[str, Any], code: str) -> dict[str, Any]:
    """One product."""
    condition = service.in_sites(Product, actor().sites_for("product.read")) & (Product.code == code)
    rows: list[Any] = list(
        Product.select(Product, Site.code.alias("c"))
        .join(Site, on=(Product.site_id == Site.id), attr="s")
        .where(condition)
    )
    rows = [row for row in rows if args["site"] in (None, row.s.c)]
    if not rows:
        raise NotFound("product", code)
    if len(rows) > 1:
        raise QCError("ambiguous_ref", f"Product {code!r} is in several sites: say which with ?site=.")
    return _with_site(rows[0], rows[0].s.c)


def _with_site(row: Any, site_code: str) -> dict[str, Any]:
    return {**row.__data__, "site": site_code}


def _listed(model: Any, action: str, args: dict[str, Any]) -> dict[str, Any]:
    query = model.select(model, Site.code.alias("c")).join(Site, on=(model.site_id == Site.id), attr="s")
    query = query.where(service.in_sites(model, actor().sites_for(action)))
    if args["site"]:
        query = query.where(Site.code == args["site"])
    return paging.page(query, model, args, lambda row: _with_site(row, row.s.c))
