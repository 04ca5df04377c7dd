"""One item of a draft in a small form: head, hazard, tool, defect word, step or check. What is typed is never lost."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import allow
from qc_service.desk import procedure_fields as shown
from qc_service.desk import procedure_forms as forms
from qc_service.desk import procedure_items as items
from qc_service.desk import procedure_words as texts
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.procedure_editor import need_item
from qc_service.desk.procedure_saving import Document, Stale, draft_at, earlier, save, values_of, with_pictures
from qc_service.errors import NotFound
from qc_service.procedures.finding import Found
from sops.errors import DocumentInvalid
from sops.numbers import number_of

ONE = "/procedures/<code>/versions/<int:number>/edit"
NOTE_LONGEST = 2000
NOTE = "change_note"


@blp.get(f"{ONE}/<section>", endpoint="procedure_add")
@allow("procedure.draft")
def new_item(code: str, number: int, section: str) -> ResponseReturnValue:
    found = draft_at(code, number)
    _need_section(section)
    step = request.args.get("step") or next(iter(found.document["steps"]))["id"]
    values = forms.written({}, section)
    values |= {"step": [step]} if section == "checks" else {}
    values |= {"type": ["confirm"], "severity": ["major"]} if section == "checks" else {}
    return _form(found, section, "", values)


@blp.post(f"{ONE}/<section>", endpoint="procedure_add_post")
@allow("procedure.draft")
def new_item_post(code: str, number: int, section: str) -> ResponseReturnValue:
    found = draft_at(code, number)
    _need_section(section)
    return _saved(found, section, "")


@blp.get(f"{ONE}/<section>/<item>", endpoint="procedure_item")
@allow("procedure.draft")
def one_item(code: str, number: int, section: str, item: str) -> ResponseReturnValue:
    found = draft_at(code, number)
    return _form(found, section, item, _values(found, section, item))


@blp.post(f"{ONE}/<section>/<item>", endpoint="procedure_item_post")
@allow("procedure.draft")
def one_item_post(code: str, number: int, section: str, item: str) -> ResponseReturnValue:
    found = draft_at(code, number)
    _values(found, section, item, gone=True)
    return _saved(found, section, item)


def _need_section(section: str) -> None:
    if section not in items.LISTS:
        raise NotFound("record", section)


def _values(found: Found, section: str, item: str, *, gone: bool = False) -> forms.Values:
    """What the form holds for the item as it is now."""
    show = number_of(words().language)
    if section == forms.HEAD:
        return {**forms.written(found.document, section, show), NOTE: [found.draft.change_note or ""]}
    _need_section(section)
    if gone and items.find(found.document, section, item) is None:
        return {}  # somebody took it out meanwhile: the form says so
    return forms.written(need_item(found, section, item), section, show)


def _form(
    found: Found, section: str, item: str, values: forms.Values, errors: dict[str, str] | None = None,
    *, status: int = 200, theirs: forms.Values | None = None, others: list[dict[str, str]] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    mine, kind = words(), forms.first(values, "type")
    asked = shown.fields(section, kind, found.document, values, mine)
    return page(
        "procedure_item.html", nav="procedures", status=status, code=found.procedure.code,
        version=found.version.number, section=section, item=item, revision=found.draft.revision, kind=kind,
        what=mine.say(texts.ONE_OF[section]), fields=asked, labels=shown.labels(asked),
        values=_flat(values), ticked=values,
        errors=errors or {}, after=request.values.get("after", ""), others=others or [],
        theirs=_differences(asked, values, theirs), after_note=NOTE_LONGEST,
        version_url=url_for("desk.procedure_edit", code=found.procedure.code, number=found.version.number),
        title=shown.short(forms.first(values, "text") or forms.first(values, "title"), 60),
    )  # fmt: skip


def _flat(values: forms.Values) -> dict[str, str]:
    return {name: value[0] if value else "" for name, value in values.items()}


def _differences(asked: list[dict[str, Any]], mine: forms.Values, theirs: forms.Values | None) -> list[dict[str, str]]:
    """Field by field what somebody else saved meanwhile, where it is not what was typed."""
    if theirs is None:
        return []
    names = shown.labels(asked)
    found = []
    for name in dict.fromkeys([*theirs, *mine]):
        ours, other = (" ".join(one.get(name, [])).strip() for one in (mine, theirs))
        known = name in names or name.startswith(("photo_", "choice_", "sampling_", "skill_", NOTE))
        if ours.replace("\r\n", "\n") != other and known and not name.startswith("photo_file"):
            label = names.get(name) or names.get(name.split("_")[0] + "s") or names.get(name.split("_")[0]) or name
            found.append({"label": label, "mine": ours, "theirs": other})
    return found


# --- saving ---


def _saved(found: Found, section: str, item: str) -> ResponseReturnValue:
    values = values_of(request.form)
    errors = with_pictures(found, values)
    if "show" in request.form or errors:
        blank = forms.written({"type": forms.first(values, "type")}, section)  # what a kind has where nobody said
        return _form(found, section, item, {**blank, **values}, errors, status=422 if errors else 200)
    if not _still(found, section, item):
        theirs = _values(found, section, item, gone=True) if item or section == forms.HEAD else {}
        return _form(found, section, item, values, status=409, theirs=theirs)
    document, key = _document(found, section, item, values)
    note = forms.first(values, NOTE)[:NOTE_LONGEST] if section == forms.HEAD else None
    try:
        save(found, document, str(found.draft.revision), note)
    except Stale:
        now = draft_at(found.procedure.code, found.version.number)
        return _form(now, section, item, values, status=409, theirs=_values(now, section, item, gone=True))
    except DocumentInvalid as error:
        return _refused(found, section, item, values, items.placed(error.problems, document), key)
    flash("success", words().say("Saved."))
    return redirect(_next(found, section, key), 303)


def _still(found: Found, section: str, item: str) -> bool:
    """Whether the item is as it was when it was read: others may have changed other items meanwhile."""
    read = request.form.get("revision", "")
    if read == str(found.draft.revision):
        return True
    before = earlier(found, read)
    if before is None:
        return False
    if section == forms.HEAD:
        return all(before.get(name) == found.document.get(name) for name in forms.HEAD_FIELDS)
    if not item:
        return True
    now = items.find(found.document, section, item)
    return now is not None and now == items.find(before, section, item)


def _document(found: Found, section: str, item: str, values: forms.Values) -> tuple[Document, str]:
    """The document with the item that was typed, and what the item is called in it."""
    typed = forms.typed(values, section)
    if section == forms.HEAD:
        rest = {name: value for name, value in found.document.items() if name not in forms.HEAD_FIELDS}
        return {**rest, **typed}, ""
    if item:
        typed[items.KEYS.get(section, "id")] = item  # what an item is called stays
    made = shown.with_ids(typed, section, found.document)
    key = items.key_of(section, made)
    if item and items.find(found.document, section, item) is not None:
        return items.replaced(found.document, section, item, made), key
    return items.added(found.document, section, made, request.form.get("after", "")), key


def _refused(
    found: Found, section: str, item: str, values: forms.Values, problems: list[items.Placed], key: str
) -> ResponseReturnValue:
    """What is wrong with the item beside its fields, and what it would break elsewhere with links to there."""
    errors: dict[str, str] = {}
    others: list[dict[str, str]] = []
    for one in problems:
        text = shown.said(one, words())
        if one.section == section and one.key == key:
            errors.setdefault(forms.field_of(one.way, values, section) or "text", text)
        else:
            what = words().say(texts.ONE_OF.get(one.section, texts.ONE_OF[forms.HEAD]))
            others.append({"section": one.section, "key": one.key, "text": text, "name": f"{what} “{one.key}”"})
    return _form(found, section, item, values, errors, status=422, others=others)


def _next(found: Found, section: str, key: str) -> str:
    code, number = found.procedure.code, found.version.number
    if request.form.get("then") == "again":
        step = request.form.get("step", "")
        return url_for("desk.procedure_add", code=code, number=number, section=section, after=key, step=step or None)
    if request.form.get("then") == "preview":
        return url_for("desk.procedure_preview", code=code, number=number, _anchor=f"check-{key}")
    return url_for("desk.procedure_edit", code=code, number=number, _anchor=f"{section}-{key}" if key else "head")
