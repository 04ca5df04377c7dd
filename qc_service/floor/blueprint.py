"""The floor's tablet form: one document, its modules and its texts, which the tablet keeps.

They say nothing about the plant and are open to anybody; what a tablet learns of the plant it asks of the API, with
its own token or a person's.
"""

import json
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import public
from qc_service.errors import NotFound
from qc_service.floor import shell, words
from qc_service.floor.lighter import lighter
from qc_service.words import LANGUAGES, language_of

blp = Blueprint("floor", __name__, template_folder="templates")
blp.after_request(lighter)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types sw"
)
ASK_AGAIN = "no-cache"  # asked for each time, and answered with 304 where nothing is new


@blp.get("/floor", endpoint="page")
@public
def floor() -> Response:
    """One document for all screens; which language it speaks is found out by whoever signs in."""
    return _revalidated(Response(render_template("floor/floor.html", release=shell.release(), first=shell.FIRST)))


@blp.get("/sw.js", endpoint="worker")
@public
def worker() -> Response:
    """The service worker. It stands at the root, since it may only serve what is below its own address."""
    script = shell.worker(url_for("floor.page"))
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    return _revalidated(response)


@blp.get("/floor/static/<path:filename>", endpoint="static")
@public
def static_file(filename: str) -> Response:
    response = send_from_directory(shell.STATIC, filename)
    response.headers["Cache-Control"] = ASK_AGAIN
    return response


@blp.get("/floor/texts/<language>.json", endpoint="texts")
@public
def texts(language: str) -> Response:
    """Every text of the floor in one language."""
    if language not in LANGUAGES:
        raise NotFound("language", language)
    return _revalidated(_json(words.catalogue(language)))


@blp.get("/floor/manifest.webmanifest", endpoint="manifest")
@public
def manifest() -> Response:
    """What a tablet needs to install it, in the language of whoever does."""
    language = language_of(request.accept_languages.values())
    response = _revalidated(_json(shell.manifest(words.catalogue(language)["texts"], language)))
    response.content_type = "application/manifest+json"
    response.headers["Vary"] = "Accept-Language"
    return response


@blp.get("/c/s/<site>/<line>", endpoint="code_of_line")
@public
def station(site: str, line: str) -> ResponseReturnValue:  # noqa: ARG001 - the tablet itself reads them
    """A station's label in a phone's camera: it opens the floor, and says of the plant nothing."""
    return redirect(url_for("floor.page"), 303)


@blp.get("/c/b/<badge>", endpoint="code_of_badge")
@public
def badge(badge: str) -> ResponseReturnValue:  # noqa: ARG001
    return redirect(url_for("floor.page"), 303)


def _json(value: Any) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), content_type="application/json")


def _revalidated(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = ASK_AGAIN
    response.add_etag()
    response.make_conditional(request)
    return response
