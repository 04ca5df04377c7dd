"""A version's checks as the tablet shows them, screen by screen, in a language of choice (A2)."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk import paper, procedure_told
from qc_service.desk.blueprint import blp
from qc_service.desk.may import allowed
from qc_service.desk.pages import page, zone
from qc_service.procedures import finding
from qc_service.procedures.finding import Found
from qc_service.procedures.translating import translations_of
from qc_service.texts import Text, later
from qc_service.words import LANGUAGES, NAMES, Words
from sops.checklist import screens
from sops.numbers import DECIMAL_SIGN
from sops.translations import render, texts
from sops.versions import State

ONE = "/procedures/<code>/versions/<int:number>"
TABLET: dict[str, Text] = {  # what the tablet itself says, in the language of the preview
    "check": later("Check %(place)s of %(all)s"),
    "sample": later("Sample %(place)s of %(all)s"),
    "ok": later("OK"),
    "defect": later("Defect"),
    "sign": later("Sign"),
    "photo": later("Take a photo"),
    "write": later("room to write"),
    "not_applicable": later("Not applicable"),
    "cannot_check": later("Cannot check"),
}
KEYS = ("7", "8", "9", "4", "5", "6", "1", "2", "3")


@blp.get(f"{ONE}/preview", endpoint="procedure_preview")
@allow("procedure.read")
def preview(code: str, number: int) -> ResponseReturnValue:
    found = finding.version_at(actor(), "procedure.read", code, number)
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else found.document["language"]
    longest, of_check = _longest(found)
    reader = Words(language, zone())
    reading = paper.Reading(found, reader, lambda sha256: url_for("desk.picture", sha256=sha256))
    doc = reading.document()
    checks = {one["id"]: one for one in doc["checks"]}
    return page(
        "procedure_preview.html", nav="procedures", code=code, version=number, one=procedure_told.brief(found),
        doc=doc, screens=[[checks[one["id"]] for one in screen] for screen in screens(found.document)],
        specs={one["id"]: one for one in found.document.get("checks", ())}, keys=KEYS,
        total=len(checks), shown_lang=language, comma=DECIMAL_SIGN[language],
        say_there=lambda name, **values: reader.say(TABLET[name], **values),
        languages=[
            {"code": one, "name": NAMES[one], "longest": one == longest, "current": one == language}
            for one in LANGUAGES
        ],
        longest={key: NAMES[one] for key, one in of_check.items() if one != language}, longest_name=NAMES[longest],
        title=doc["title"]["text"],
        may_edit=found.state is State.DRAFT and allowed(actor(), "procedure.draft", found.site_id),
    )  # fmt: skip


def _longest(found: Found) -> tuple[str, dict[str, str]]:
    """The language that needs the most room, for the whole and for each check."""
    known = translations_of(found.procedure.id)
    sizes: dict[str, dict[str, int]] = {}
    for language in LANGUAGES:
        shown = render(found.document, language, [one for one in known if one.language == language]).document
        sizes[language] = _sizes(shown)
    whole = {language: sum(each.values()) for language, each in sizes.items()}
    source = found.document["language"]
    checks = [check["id"] for check in found.document.get("checks", ())]
    return _most(whole, source), {
        name: _most({language: each.get(name, 0) for language, each in sizes.items()}, source) for name in checks
    }


def _sizes(document: dict[str, Any]) -> dict[str, int]:
    """Characters by check; "" is all the rest."""
    found: dict[str, int] = {}
    for path, text in texts(document).items():
        parts = path.split(".")
        name = parts[1] if parts[0] == "checks" else ""
        found[name] = found.get(name, 0) + len(text)
    return found


def _most(sizes: Mapping[str, int], source: str) -> str:
    """The longest; of equals the source language, else the first."""
    most = max(sizes.values())
    fits = [one for one in sizes if sizes[one] == most]
    return source if source in fits else fits[0]
