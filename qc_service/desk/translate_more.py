"""Translations that came back in a file, and publishing without all of them."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk import sign_here
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.translate import ONE, STATES, VERSION, may_act, read
from qc_service.desk.translate_rows import file_words, names_of, path_in
from qc_service.errors import QCError, status_of
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.procedures import finding, translating_files, translating_gate
from qc_service.procedures.finding import Found
from qc_service.procedures.schemas import LONG
from qc_service.procedures.translation_models import TranslationOverride
from qc_service.texts import Text, later
from sops import translations
from sops.languages import LANGUAGES, NAMES
from sops.text_places import text_places

TAKEN_ALL_THE_SAME = ("outdated", "source_altered")  # the text was kept, and there is something to know of it


# --- a file that came back -------------------------------------------------------------------------------------------


@blp.get(f"{ONE}/import", endpoint="translate_import")
@allow("translation.write")
def import_form(code: str, number: int, language: str) -> ResponseReturnValue:
    return _import(read(code, number, language), language)


@blp.post(f"{ONE}/import", endpoint="translate_import_post")
@allow("translation.write")
def import_file(code: str, number: int, language: str) -> ResponseReturnValue:
    found = read(code, number, language)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _import(found, language, {"file": later("Choose a file.")}, 422)
    data, only_check = file.read(), bool(request.form.get("dry_run"))
    try:
        reader = translating_files.reader_of(data)
        told = translating_files.take(actor(), code, number, language, data, reader, only_check=only_check)
    except QCError as error:
        if error.code != "file_refused":
            raise
        first = error.errors[0]
        return _import(found, language, {"file": file_words(first.code, first.detail, None)}, status_of(error.code))
    return _import(found, language, result=_report(found, file.filename, told, only_check=only_check))


def _report(found: Found, name: str, told: dict[str, Any], *, only_check: bool) -> dict[str, Any]:
    """What became of each text of the file."""
    say = words().say
    places = {place.pointer: place for place in text_places(found.document)}
    names = names_of(found.document, (place.path for place in places.values()), say)
    kept = dict.fromkeys(told["written"], "")
    rows = []
    for one in told["refused"]:
        place = places.get(one["pointer"] or "")
        why = file_words(one["code"], one["detail"], place)
        row = {"line": one["row"], "name": names[place.path] if place else "", "why": say(why)}
        row["path"] = "" if place else path_in(one["detail"])
        row["english"] = not isinstance(why, Text)
        row["taken"] = place is not None and place.path in kept and one["code"] in TAKEN_ALL_THE_SAME
        if row not in rows:
            rows.append(row)
        if row["taken"] and place is not None:
            kept[place.path] = row["why"]
    taken = [{"name": names[path], "path": path} for path, why in kept.items() if not why]
    return {
        "file": name, "dry_run": only_check, "rows": rows, "taken": taken, "kept": len(kept),
        "refused": sum(not row["taken"] for row in rows), "unchanged": told["unchanged"],
        "untranslated": told["untranslated"],
    }  # fmt: skip


def _import(
    found: Found, language: str, errors: dict[str, str] | None = None, status: int = 200,
    result: dict[str, Any] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    return page(
        "translate_import.html", nav="procedures", status=status, errors=errors or {}, result=result,
        code=found.procedure.code, version_number=found.version.number, title=found.document["title"],
        target={"code": language, "name": NAMES[language]},
        values={"dry_run": request.form.get("dry_run") if errors else ""},
    )  # fmt: skip


# --- publishing without all of them ----------------------------------------------------------------------------------


@blp.get(f"{VERSION}/translation-override", endpoint="translation_override")
@allow("translation.read")
def override_page(code: str, number: int) -> ResponseReturnValue:
    return _override(finding.version_at(actor(), "translation.read", code, number))


@blp.post(f"{VERSION}/translation-override", endpoint="translation_override_post")
@allow("translation.override")
def ask(code: str, number: int) -> ResponseReturnValue:
    found = finding.version_of(actor(), "translation.override", code, number)
    reason = " ".join(request.form.get("reason", "").split())
    if not reason:
        return _override(found, {"reason": later("Say why it cannot wait for the translations.")}, 422)
    if len(reason) > LONG:
        return _override(found, {"reason": later("Say it in at most %(most)s characters.", most=LONG)}, 422)
    try:
        translating_gate.ask_override(actor(), code, number, sign_here.signer(), reason)
    except QCError as error:
        return _override(found, sign_here.by_field(error), status_of(error.code))
    flash("success", words().say("You asked for it. Another quality manager has to agree."))
    return redirect(url_for("desk.translation_override", code=code, number=number), 303)


@blp.post(f"{VERSION}/translation-override/confirm", endpoint="translation_override_confirm")
@allow("translation.override")
def agree(code: str, number: int) -> ResponseReturnValue:
    found = finding.version_of(actor(), "translation.override", code, number)
    try:
        translating_gate.confirm_override(actor(), code, number, sign_here.signer())
    except QCError as error:
        return _override(found, sign_here.by_field(error), status_of(error.code))
    flash("success", words().say("You agreed to it: the version may be published without these texts."))
    return redirect(url_for("desk.translation_override", code=code, number=number), 303)


def _override(found: Found, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    waits = found.state in translating_gate.BEFORE_PUBLISHING
    row: TranslationOverride | None = TranslationOverride.get_or_none(
        TranslationOverride.version_id == found.version.id
    )
    asked = None if row is None else translating_gate.describe(row)
    needed = translating_gate.open_gaps(found) if waits else []
    mine = row is not None and actor().kind == "person" and _same_human(row.asked_by)
    return page(
        "translate_override.html", nav="procedures", status=status, errors=errors or {}, values=request.form,
        code=found.procedure.code, version_number=found.version.number, title=found.document["title"],
        version_state=words().say(STATES[found.state]), waits=waits, needed=_grouped(found, needed),
        asked=asked, covered=_grouped(found, asked["gaps"]) if asked else [], mine=mine,
        grown=asked is not None and _grown(needed, asked["gaps"]),
        can_act=waits and may_act("translation.override", found), longest=LONG,
    )  # fmt: skip


def _grown(needed: list[dict[str, str]], covered: list[dict[str, str]]) -> bool:
    """Whether something is in the way that was not there when it was asked for."""
    names = ("path", "language", "source_sha")
    known = {tuple(gap[name] for name in names) for gap in covered}
    return any(tuple(gap[name] for name in names) not in known for gap in needed)


def _same_human(person_id: str) -> bool:
    return human_of(Person.get_by_id(person_id)) == human_of(Person.get_by_id(actor().id))


def _grouped(found: Found, gaps: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Gaps by language, with what the texts are called and what they say."""
    texts = translations.texts(found.document)
    names = names_of(found.document, texts, words().say)
    return [
        {
            "code": language, "name": NAMES[language],
            "gaps": [
                {"name": names.get(gap["path"], gap["path"]), "source": texts.get(gap["path"], ""),
                 "state": gap["state"]}
                for gap in gaps if gap["language"] == language
            ],
        }
        for language in LANGUAGES if any(gap["language"] == language for gap in gaps)
    ]  # fmt: skip
