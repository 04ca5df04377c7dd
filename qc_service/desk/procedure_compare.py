"""What a version changes: in sentences by their class, side by side word by word, and what can be done with it (A3)."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.desk import procedure_told
from qc_service.desk import procedure_words as texts
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import local_input, page, words, zone
from qc_service.desk.procedure_fields import short
from qc_service.desk.procedure_may import ways
from qc_service.errors import NotFound
from qc_service.lines.models import Site
from qc_service.procedures import decisions, describing, finding
from qc_service.procedures.finding import Found
from qc_service.procedures.publication import GATED
from qc_service.procedures.translating_gate import open_gaps, override_of
from qc_service.words import NAMES
from sops.diff import ChangeClass
from sops.diff_names import field_name
from sops.numbers import number_of
from sops.steps import KINDS
from sops.text_places import placeholder_values
from sops.versions import State
from sops.wording import filled

ONE = "/procedures/<code>/versions/<int:number>"
SHOWN_TEXTS = ("title", "purpose", "scope", "text", "control", "detail", "help")
GAPS_SHOWN = 12

Part = dict[str, Any]


@blp.get(f"{ONE}/compare", endpoint="procedure_compare")
@allow("procedure.read")
def compare(code: str, number: int) -> ResponseReturnValue:
    return shown(finding.version_at(actor(), "procedure.read", code, number))


def shown(
    found: Found, errors: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    """The difference with the forms of what may be decided; `errors` and `values` are of the form that was refused."""
    first = _against(found)
    told = describing.difference(first, found, words().language)
    version = describing.version(found)
    tz = zone_of(found)
    offered = [{"kind": one.kind, "why_not": words().say(one.why_not)} for one in ways(actor(), found)]
    return page(
        "procedure_compare.html", nav="procedures", status=status, code=found.procedure.code,
        version=found.version.number, one=procedure_told.brief(found), title=found.document["title"],
        seen=found.draft.digest,
        first=procedure_told.brief(first) if first else None, groups=_groups(told), rows=_rows(told),
        change=told["change_class"],
        means=_means(told["change_class"]), translations=_translations(told),
        others=_others(found), ways={way["kind"]: way for way in offered}, offered=offered,
        classes=_classes(found), errors=dict(errors or {}), values={**_values(found, tz), **(values or {})}, tz_name=tz,
        gaps=_gaps(found), override=override_of(found.version.id), note=found.draft.change_note,
        log=procedure_told.decisions(found, version), hands=procedure_told.hands(version),
        conflict=version["hands_conflict"], may_edit=_may_edit(found, offered),
    )  # fmt: skip


def _against(found: Found) -> Found | None:
    """The version that is asked for, else the one that it takes over from."""
    asked = request.args.get("against", "")
    if not asked:
        return decisions.predecessor(found)
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
        raise NotFound("version")
    return finding.version_at(actor(), "procedure.read", found.procedure.code, int(asked))


def zone_of(found: Found) -> str:
    """The zone in which a moment of this version is said: its site's, else the reader's."""
    site = Site.get_or_none(Site.id == (found.site_id or found.procedure.site_id or ""))
    return site.time_zone if site is not None else zone()


def _values(found: Found, tz: str) -> dict[str, str]:
    computed = decisions.change_class(found).value if found.state is State.DRAFT else ""
    return {
        "submit-change_note": found.draft.change_note or "", "submit-change_class": computed, "publish-when": "now",
        "publish-effective_at": local_input(clock.now(), tz),
    }  # fmt: skip


def _may_edit(found: Found, offered: list[Part]) -> bool:
    return found.state is State.DRAFT and any(one["kind"] == "discard" and not one["why_not"] for one in offered)


def _others(found: Found) -> list[Part]:
    """The versions that it can be compared with."""
    seen = describing.visible(found.procedure, actor())
    return [procedure_told.brief(one) for one in reversed(seen) if one.version.number != found.version.number]


def _means(change: str) -> str:
    return words().say(texts.CLASS_MEANS[change]) if change in texts.CLASS_MEANS else ""


def _classes(found: Found) -> list[dict[str, str]]:
    """The classes that may be confirmed: what it looks like, or more."""
    least = decisions.change_class(found).rank
    return [
        {"code": one.value, "name": words().say(texts.CLASSES[one])}
        for one in (ChangeClass.NONE, ChangeClass.WORDING, ChangeClass.CHECK_CHANGED, ChangeClass.SAFETY)
        if one.rank >= least
    ]


# --- in words ---


def _groups(told: Part) -> list[Part]:
    """The sentences by their class, the gravest first."""
    return [
        {
            "change": one.value, "word": words().say(texts.CLASSES[one]),
            "sentences": [line["sentence"] for line in told["sentences"] if line["change_class"] == one.value],
        }
        for one in (ChangeClass.SAFETY, ChangeClass.CHECK_CHANGED, ChangeClass.WORDING, ChangeClass.NONE)
        if any(line["change_class"] == one.value for line in told["sentences"])
    ]  # fmt: skip


def _translations(told: Part) -> list[Part]:
    return [
        {
            "path": one["path"], "language": NAMES[one["language"]], "lang": one["language"],
            "old": [row["text"] for row in one["old"]], "new": [row["text"] for row in one["new"]],
        }
        for one in told["translations"]
    ]  # fmt: skip


# --- side by side ---


def _rows(told: Part) -> list[Part]:
    """Every item that differs, with what is said of it and how it stands on either side."""
    rows = [row for row in told["side_by_side"] if row["kind"] != "same" or row["moved"]]
    return [_row(row, told["sentences"]) for row in rows]


def _row(row: Part, sentences: list[Part]) -> Part:
    path = list(row["path"])
    section = path[0] if path else "head"
    item = row["right"] or row["left"]
    said = {tuple(path + name.split(".")) for name in row["words"]}  # what the words themselves show
    about = [one for one in sentences if path and one["path"][: len(path)] == path and tuple(one["path"]) not in said]
    if not path:
        head = ("title", "purpose", "scope", "language", "skill", "sampling")
        about = [one for one in sentences if one["path"][0] in head and tuple(one["path"]) not in said]
    return {
        "kind": row["kind"], "moved": row["moved"], "what": words().say(texts.ONE_OF[section]),
        "name": short(_read(item, item.get("text") or item.get("title", "")), 60),
        "sentences": [one["sentence"] for one in about],
        "left": _cell(row["left"], row["words"], "removed"), "right": _cell(row["right"], row["words"], "added"),
    }  # fmt: skip


def _cell(item: Part | None, differing: Mapping[str, Any], own: str) -> Part | None:
    """One side: its texts, with the words that only it has, and what an answer must be."""
    if item is None:
        return None
    found = []
    for name in SHOWN_TEXTS:
        if name in item and (name in differing or name in ("text", "title")):
            pieces = differing.get(name, [("same", _read(item, item[name]))])
            found.append({"label": _label(name), "pieces": [piece for piece in pieces if piece[0] in ("same", own)]})
    for name, pieces in differing.items():
        if name not in SHOWN_TEXTS:
            found.append({"label": name, "pieces": [piece for piece in pieces if piece[0] in ("same", own)]})
    requirement = ""
    if item.get("type") in KINDS:
        requirement = KINDS[item["type"]].requirement(item, words().say, number_of(words().language))
    return {"texts": found, "requirement": requirement}


def _read(item: Part, text: str) -> str:
    """A text as people read it, its placeholders filled."""
    return filled(text, placeholder_values(item, number_of(words().language)))


def _label(name: str) -> str:
    return "" if name in ("text", "title") else field_name(name, "", words().say)


# --- what stands in the way of publishing ---


def _gaps(found: Found) -> list[Part]:
    """The texts that are not reviewed, by language, where the version changes what people must read first."""
    confirmed = decisions.change_class(found)
    if found.state is not State.APPROVED or confirmed not in GATED:
        return []
    gaps = open_gaps(found)
    by_language: dict[str, list[str]] = {}
    for gap in gaps:
        by_language.setdefault(gap["language"], []).append(gap["path"])
    return [
        {
            "lang": one, "name": NAMES[one], "count": len(paths), "paths": paths[:GAPS_SHOWN],
            "more": max(0, len(paths) - GAPS_SHOWN),
            "url": url_for("desk.translate", code=found.procedure.code, number=found.version.number, language=one),
        }
        for one, paths in by_language.items()
    ]  # fmt: skip
