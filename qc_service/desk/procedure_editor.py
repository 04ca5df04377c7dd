"""The editor of a draft: its outline, from which every item is opened, moved, taken out, and added to."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import allow
from qc_service.desk import procedure_items as items
from qc_service.desk import procedure_words as texts
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.procedure_fields import said, short
from qc_service.desk.procedure_saving import Stale, draft_at, save
from qc_service.errors import NotFound
from qc_service.media import service as media
from qc_service.people.models import Person
from qc_service.procedures import finding
from qc_service.procedures.finding import Found
from qc_service.texts import later
from sops import diff
from sops.errors import DocumentInvalid, Problem
from sops.numbers import number_of
from sops.paper import severity_in_words
from sops.steps import KINDS

ONE = "/procedures/<code>/versions/<int:number>"
GONE = later("Somebody else changed the draft meanwhile: nothing was done. Look at it as it is now.")


@blp.get(f"{ONE}/edit", endpoint="procedure_edit")
@allow("procedure.draft")
def outline(code: str, number: int) -> ResponseReturnValue:
    return shown(draft_at(code, number))


def shown(found: Found, problems: list[items.Placed] | None = None, status: int = 200) -> ResponseReturnValue:
    """The outline with everything that stands in the way of submitting, or of what somebody just tried."""
    document = found.document
    writer = Person.get_or_none(Person.id == found.draft.written_by)
    return page(
        "procedure_editor.html", nav="procedures", status=status, code=found.procedure.code,
        version=found.version.number, revision=found.draft.revision, document=document, texts=_words(),
        lists=[_list(name, document) for name in ("hazards", "tools", "defects")], steps=_steps(document),
        written_at=found.draft.written_at, written_by=writer.name if writer else "",
        problems=[_told(one) for one in (standing(found) if problems is None else problems)],
        tried=problems is not None, language=document["language"],
        url=lambda name, **more: url_for(
            f"desk.{name}", code=found.procedure.code, number=found.version.number, **more
        ),
    )  # fmt: skip


def _words() -> dict[str, dict[str, str]]:
    say = words().say
    return {
        "sections": {name: say(text) for name, text in texts.SECTIONS.items()},
        "add": {name: say(text) for name, text in texts.ADD.items()},
    }


def _told(one: items.Placed) -> dict[str, str]:
    return {"text": said(one, words()), "section": one.section, "key": one.key, "name": _name(one)}


def _name(one: items.Placed) -> str:
    what = words().say(texts.ONE_OF.get(one.section, texts.ONE_OF["head"]))
    return f"{what} “{one.key}”" if one.key else what


def standing(found: Found) -> list[items.Placed]:
    """What is wrong with a draft that its fields alone do not show: kinds that changed, pictures that are not there."""
    document = found.document
    numbers = {one.version for one in finding.publications(found.procedure.id)} - {found.version.number}
    conflicts = {
        one.pointer: one
        for earlier in finding.load_all(found.procedure, numbers)
        for one in diff.type_conflicts(earlier.document, document)
    }
    return items.placed([*conflicts.values(), *_pictures(document)], document)


def _pictures(document: dict[str, Any]) -> list[Problem]:
    found = []
    for section in ("steps", "checks"):
        for place, item in enumerate(document.get(section, ())):
            for row, photo in enumerate(item.get("photos", ())):
                if media.about(photo["id"]) is None:
                    text = "This picture is not stored here. Upload it again."
                    found.append(Problem(f"/{section}/{place}/photos/{row}/id", "picture_missing", text))
    return found


def _list(section: str, document: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "key": items.key_of(section, one), "text": one["text"],
            "more": one.get("control") or (one["code"] if section == "defects" else ""),
        }
        for one in document.get(section, ())
    ]  # fmt: skip
    return {"section": section, "rows": rows}


def _steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    checks = document.get("checks", ())
    return [
        {
            "key": step["id"], "text": step["text"], "answer": _answer(step),
            "checks": [_check(one) for one in checks if one["step"] == step["id"]],
        }
        for step in document["steps"]
    ]  # fmt: skip


def _check(check: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": check["id"], "text": check["text"], "answer": _answer(check), "severity": check["severity"],
        "severity_word": severity_in_words(check["severity"], words().say), "conditional": "show_if" in check,
    }  # fmt: skip


def _answer(spec: dict[str, Any]) -> str:
    if "type" not in spec:
        return ""
    say = words().say
    requirement = KINDS[spec["type"]].requirement(spec, say, number_of(words().language))
    return " · ".join(part for part in (say(texts.KINDS[spec["type"]]), requirement) if part)


# --- moving and taking out ---


@blp.post(f"{ONE}/edit/<section>/<item>/move", endpoint="procedure_move")
@allow("procedure.draft")
def move(code: str, number: int, section: str, item: str) -> ResponseReturnValue:
    found = draft_at(code, number)
    need_item(found, section, item)
    by = -1 if request.form.get("to") == "up" else 1
    return _changed(found, items.moved(found.document, section, item, by), f"{section}-{item}")


@blp.get(f"{ONE}/edit/<section>/<item>/remove", endpoint="procedure_remove")
@allow("procedure.draft")
def removing(code: str, number: int, section: str, item: str) -> ResponseReturnValue:
    """What would go with it, before it goes."""
    found = draft_at(code, number)
    named = need_item(found, section, item)
    removal = items.removed(found.document, section, item)
    return page(
        "procedure_remove.html", nav="procedures", code=code, version=number, section=section, item=item,
        what=words().say(texts.ONE_OF[section]), text=named["text"], revision=found.draft.revision,
        gone=_texts(found, removal.gone), loosened=_texts(found, removal.loosened),
    )  # fmt: skip


@blp.post(f"{ONE}/edit/<section>/<item>/remove", endpoint="procedure_remove_post")
@allow("procedure.draft")
def remove(code: str, number: int, section: str, item: str) -> ResponseReturnValue:
    found = draft_at(code, number)
    need_item(found, section, item)
    return _changed(found, items.removed(found.document, section, item).document, section)


def _texts(found: Found, named: list[tuple[str, str]]) -> list[str]:
    rows = [items.find(found.document, section, key) for section, key in named]
    return [short(row["text"]) for row in rows if row is not None]


def _changed(found: Found, document: dict[str, Any], anchor: str) -> ResponseReturnValue:
    """Save what a button of the outline did, and go back to where it stood."""
    code, number = found.procedure.code, found.version.number
    try:
        save(found, document, request.form.get("revision", ""))
    except Stale:
        flash("warning", words().say(GONE))
    except DocumentInvalid as error:
        return shown(found, items.placed(error.problems, document), 422)
    else:
        flash("success", words().say("Saved."))
    return redirect(url_for("desk.procedure_edit", code=code, number=number, _anchor=anchor), 303)


def need_item(found: Found, section: str, item: str) -> dict[str, Any]:
    """The item that the address names."""
    named = items.find(found.document, section, item) if section in items.LISTS else None
    if named is None:
        raise NotFound("record", item)
    return named
