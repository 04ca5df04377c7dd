"""The gate before publishing: which texts the floor would not read in its own languages, and who let that pass.

It asks only for the languages of people who work by the version: active operators and inspectors of its sites. An
override names the gaps that it covers. It is asked for by one human being and confirmed by another, and both sign; a
gap that comes afterwards, or a text that changes, is not covered.
"""

from contextlib import AbstractContextManager
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import write
from qc_service.errors import QCError
from qc_service.people.models import Person, RoleGrant
from qc_service.people.staff import human_of, locked_human, people_with_role
from qc_service.procedures import finding
from qc_service.procedures.drafts import lines_of
from qc_service.procedures.finding import Found
from qc_service.procedures.translating import translations_of
from qc_service.procedures.translation_models import TranslationOverride
from qc_service.signing import Proof, Signature, shown, sign
from qc_service.texts import later
from sops import translations
from sops.languages import LANGUAGES
from sops.translations import source_sha
from sops.versions import State

FLOOR = ("operator", "inspector")
BEFORE_PUBLISHING = (State.DRAFT, State.IN_REVIEW, State.APPROVED)

Gap = dict[str, str]


# --- what is missing ---


def sites_of(found: Found) -> frozenset[str] | None:
    """The sites whose people work by the version; None: all of them."""
    own = found.site_id or found.procedure.site_id
    if own is not None:
        return frozenset({own})
    return frozenset(row.site_id for row in lines_of(found.procedure)) or None


def languages_of(found: Found) -> list[str]:
    """The languages that its active floor people have set, in the order of LANGUAGES, without the source's own."""
    sites = sites_of(found)
    if sites is None:
        holders = RoleGrant.select(RoleGrant.person_id).where(RoleGrant.role.in_(FLOOR))
        people = list(Person.select(Person.language).where(Person.active & Person.id.in_(holders)))
    else:
        people = [person for site_id in sites for person in people_with_role(FLOOR, site_id)]
    spoken = {person.language for person in people} - {found.document["language"]}
    return [language for language in LANGUAGES if language in spoken]


def publish_gaps(found: Found) -> list[Gap]:
    """Every text that is not reviewed in a language of the floor: path, language, state and the source's hash."""
    languages = languages_of(found)
    if not languages:
        return []
    sources = translations.texts(found.document)
    return [
        {
            "path": gap.path, "language": gap.language, "state": gap.state.value,
            "source_sha": source_sha(sources[gap.path]),
        }
        for gap in translations.gaps(found.document, languages, translations_of(found.procedure.id))
    ]  # fmt: skip


def open_gaps(found: Found) -> list[Gap]:
    """The gaps that no confirmed override covers: with one of them, a change of checks or safety is not published."""
    override = _row(found.version.id)
    covered = _keys(override.gaps) if override is not None and override.confirmed_at is not None else set()
    return [gap for gap in publish_gaps(found) if _key(gap) not in covered]


def refuse_gaps(found: Found) -> None:
    """To be asked before a change of checks or safety is published."""
    gaps = open_gaps(found)
    if not gaps:
        return
    shown_gaps = tuple(f"{gap['path']} ({gap['language']}: {gap['state']})" for gap in gaps[:5])
    words = later(
        "Not every text is translated and reviewed in the languages of the people who work by it: %(gaps)s. Have them "
        "reviewed, or have two people agree to publish without them.", gaps=(*shown_gaps, *(["…"] if gaps[5:] else [])),
    )  # fmt: skip
    raise QCError("translation_gaps", words, gaps=gaps)


def _key(gap: Gap) -> tuple[str, str, str]:
    return gap["path"], gap["language"], gap["source_sha"]


def _keys(gaps: list[Gap]) -> set[tuple[str, str, str]]:
    return {_key(gap) for gap in gaps}


# --- the override ---


def ask_override(actor: Actor, code: str, number: int, proof: Proof, reason: str) -> TranslationOverride:
    """Ask to publish with the gaps that there are now. Asking again takes the place of what was asked before."""
    with write():
        human = locked_human(proof.person_id)
        found = _unpublished(actor, code, number)
        gaps = open_gaps(found)
        if not gaps:
            words = later("Nothing is in the way of publishing: every text that counts is reviewed, or agreed upon.")
            raise QCError("illegal_transition", words)
        gaps = publish_gaps(found)
        languages = sorted({gap["language"] for gap in gaps})
        data = {"reason": reason, "languages": languages, "gaps": gaps}
        with _event(actor, found, "procedure.override_asked", data) as change:
            signature = sign(
                change, proof.of_human(human), "translation_override", "translation_override", found.version.id
            )
            asked = {
                "reason": reason, "languages": languages, "gaps": gaps, "asked_by": proof.person_id,
                "asked_human": human, "asked_at": change.now, "asked_signature": signature.id,
                "confirmed_by": None, "confirmed_human": None, "confirmed_at": None, "confirmed_signature": None,
            }  # fmt: skip
            row = _row(found.version.id)
            if row is None:
                row = change.insert(TranslationOverride, version_id=found.version.id, **asked)
            else:
                change.update(row, **asked)
    return row


def confirm_override(actor: Actor, code: str, number: int, proof: Proof) -> TranslationOverride:
    """Agree, as another human being, to what was asked for."""
    with write():
        human = locked_human(proof.person_id)
        found = _unpublished(actor, code, number)
        row = _row(found.version.id)
        if row is None or row.confirmed_at is not None:
            raise QCError("illegal_transition", later("No request to publish without translations waits here."))
        if human in (row.asked_human, human_of(Person.get_by_id(row.asked_by))):
            raise QCError("same_person", later("You asked for it yourself: another person has to agree."))
        if not _keys(publish_gaps(found)) <= _keys(row.gaps):
            words = later("Since it was asked for, more texts lack a translation: ask for it again.")
            raise QCError("revision_conflict", words)
        with _event(actor, found, "procedure.override_confirmed", {"reason": row.reason}) as change:
            signature = sign(
                change, proof.of_human(human), "translation_override_confirmed", "translation_override",
                found.version.id,
            )  # fmt: skip
            change.update(
                row, confirmed_by=proof.person_id, confirmed_human=human, confirmed_at=change.now,
                confirmed_signature=signature.id,
            )  # fmt: skip
    return row


def override_of(version_id: str) -> dict[str, Any] | None:
    """The confirmed override of a version, as every view and print of it shows it."""
    row = _row(version_id)
    return None if row is None or row.confirmed_at is None else describe(row)


def describe(row: TranslationOverride) -> dict[str, Any]:
    """An override with its signatures; `confirmed` is None as long as nobody else agreed."""
    signed = {one.id: one for one in Signature.select().where(Signature.record_id == row.version_id)}
    confirmed = signed.get(row.confirmed_signature or "")
    return {
        "reason": row.reason, "languages": row.languages, "gaps": row.gaps, "asked_at": row.asked_at,
        "asked": shown(signed[row.asked_signature]), "confirmed_at": row.confirmed_at,
        "confirmed": None if confirmed is None else shown(confirmed),
    }  # fmt: skip


def _row(version_id: str) -> TranslationOverride | None:
    row: TranslationOverride | None = TranslationOverride.get_or_none(TranslationOverride.version_id == version_id)
    return row


def _event(actor: Actor, found: Found, kind: str, data: dict[str, Any]) -> AbstractContextManager[audit.Change]:
    told = {"procedure": found.procedure.code, "version": found.version.number, **data}
    return audit.change(actor.author, kind, site_id=found.site_id, line_id=found.version.line_id, data=told)


def _unpublished(actor: Actor, code: str, number: int) -> Found:
    found = finding.version_of(actor, "translation.override", code, number)
    if found.state not in BEFORE_PUBLISHING:
        raise QCError("illegal_transition", later("Only a version that is still to be published needs that."))
    return found
