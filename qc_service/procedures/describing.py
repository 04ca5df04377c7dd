"""What the API says of a procedure and of a version, names and codes in place of ids."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from qc_service import signing
from qc_service.auth import Actor
from qc_service.lines.models import Line
from qc_service.people import scope
from qc_service.people.models import Person
from qc_service.procedures import drafts, finding, hands, translating
from qc_service.procedures.finding import OPEN_TO_ALL, Found
from qc_service.procedures.models import Procedure, ProcedureDecision, ProcedureHand, ProcedureVersion
from qc_service.procedures.publication import confirmed_class
from qc_service.procedures.translating_gate import override_of, publish_gaps
from qc_service.procedures.workbooks import own
from qc_service.signing import Signature
from qc_service.words import Words
from sops import diff
from sops.numbers import number_of

Reply = dict[str, Any]


def procedure(one: Procedure, actor: Actor) -> Reply:
    """A procedure with its lines and those of its versions that the actor may see, in brief."""
    sites, lines = scope.site_codes(), {row.line_id: row for row in drafts.lines_of(one) if actor.sees(row.site_id)}
    codes = _line_codes(lines)
    return {
        **one.__data__, "site": sites[one.site_id], "owner": _badge(one.owner_id),
        "lines": [{"line": codes[line_id], "site": sites[row.site_id]} for line_id, row in lines.items()],
        "versions": [brief(found) for found in visible(one, actor)],
    }  # fmt: skip


def visible(one: Procedure, actor: Actor, found: Iterable[Found] | None = None) -> list[Found]:
    """The versions that an actor may see: other sites' are not there, and drafts and old ones need a role."""
    every = finding.load_all(one) if found is None else found
    return [
        version
        for version in every
        if (version.site_id is None or actor.sees(version.site_id))
        and (version.state in OPEN_TO_ALL or actor.may("procedure.read_drafts", version.site_id))
    ]


def brief(found: Found) -> Reply:
    row = found.publication
    return {
        "version": found.version.number, "state": found.state.value, "digest": found.draft.digest,
        "change_class": row.change_class if row else confirmed_class(found), **_place(found.version),
        "effective_at": row.effective_at if row else None, "withdrawn_at": row.withdrawn_at if row else None,
    }  # fmt: skip


def with_gaps(found: Found) -> Reply:
    """A version, and what of it is not translated for the people who work by it."""
    return {**version(found), "gaps": publish_gaps(found)}


def version(found: Found) -> Reply:
    """A version with everything that was decided about it and by whom."""
    people = _people(found)
    signatures = {row.id: signing.shown(row) for row in _signatures(found)}
    base = ProcedureVersion.get_by_id(found.version.base_id).number if found.version.base_id else None
    row = found.publication
    return {
        **brief(found), "id": found.version.id, "procedure": found.procedure.code, "title": found.document["title"],
        "document": found.document, "revision": found.draft.revision, "base": base,
        "author": people[found.version.author_id].code if found.version.author_id else None,
        "change_note": found.draft.change_note, "created_at": found.version.created_at,
        "gives_way": row.gives_way if row else None,
        "hands": [_hand(one, people) for one in _hands(found)],
        "hands_conflict": bool(hands.conflicts(found.version.id)),
        "signatures": list(signatures.values()),
        "decisions": [_decision(one, people, signatures) for one in found.decisions],
        "override": override_of(found.version.id),
    }  # fmt: skip


def rendered(found: Found, language: str) -> Reply:
    """The version as somebody reads it in a language; `marks` says where it is not what they asked for."""
    read = translating.rendered(found, language)
    marks = {path: {"state": one.state.value, "language": one.language} for path, one in read.marks.items()}
    return {"lang": language, "document": read.document, "title": read.document["title"], "marks": marks}


def difference(first: Found | None, second: Found, language: str) -> Reply:
    """What one version changes against another: structured, in sentences, its class, and side by side."""
    before = first.document if first else None
    changes = diff.difference(before, second.document) if before else []
    say, number = Words(language).say, number_of(language)
    return {
        "procedure": second.procedure.code, "version": second.version.number,
        "against": first.version.number if first else None,
        "change_class": diff.classify(before, second.document).value,
        "changes": diff.to_json(changes),
        "sentences": [
            {"path": list(line.path), "sentence": line.sentence, "change_class": line.change_class.value}
            for line in (diff.in_words(changes, before, second.document, say, number) if before else ())
        ],
        "side_by_side": [asdict(row) for row in (diff.side_by_side(before, second.document) if before else ())],
        "changed_checks": sorted(diff.changed_checks(before or {}, second.document)),
        "translations": _translations(first, second),
    }  # fmt: skip


def _translations(first: Found | None, second: Found) -> list[Reply]:
    """What the two versions' readers are shown in other languages, path by path, where that differs."""
    if first is None:
        return []
    known = translating.translations_of(second.procedure.id)
    return [asdict(one) for one in diff.translation_changes(own(first, known), own(second, known))]


def _place(row: ProcedureVersion) -> Reply:
    line = Line.get_by_id(row.line_id).code if row.line_id else None
    return {"site": scope.site_codes()[row.site_id] if row.site_id else None, "line": line}


def _hands(found: Found) -> list[ProcedureHand]:
    query = ProcedureHand.select().where(ProcedureHand.version_id == found.version.id)
    return list(query.order_by(ProcedureHand.id))


def _signatures(found: Found) -> Sequence[Signature]:
    ids = [one.signature_id for one in found.decisions if one.signature_id]
    return list(Signature.select().where(Signature.id.in_(ids)).order_by(Signature.signed_at, Signature.id))


def _people(found: Found) -> dict[str, Person]:
    ids = {hand.person_id for hand in _hands(found)} | {one.person_id for one in found.decisions if one.person_id}
    if found.version.author_id:
        ids.add(found.version.author_id)
    return {person.id: person for person in Person.select().where(Person.id.in_(sorted(ids)))}


def _hand(one: ProcedureHand, people: dict[str, Person]) -> Reply:
    person = people[one.person_id]
    return {"role": one.role, "name": person.name, "badge": person.code, "voided_at": one.voided_at}


def _decision(one: ProcedureDecision, people: dict[str, Person], signatures: dict[str, Reply]) -> Reply:
    person = people.get(one.person_id) if one.person_id else None
    signature = signatures.get(one.signature_id) if one.signature_id else None
    name = signature["name"] if signature else person.name if person else None
    return {**one.__data__, "by": person.code if person else None, "name": name, "signature": signature}


def _badge(person_id: str | None) -> str | None:
    return Person.get_by_id(person_id).code if person_id else None


def _line_codes(ids: Iterable[str]) -> dict[str, str]:
    return {line.id: line.code for line in Line.select().where(Line.id.in_(list(ids)))}
