"""One inspection as a document: what it is about, who made and who inspected, what was answered, decided and signed.

Plain values for the page and for paper alike.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import url_for

from qc_service.auth import Actor
from qc_service.desk import inspection_words as texts
from qc_service.desk.inspection_answers import Part, answers_of, texts_of
from qc_service.desk.inspection_filling import meanwhile
from qc_service.desk.inspection_related import relations, variants
from qc_service.desk.inspection_standing import standing
from qc_service.inspections import describing, lists
from qc_service.inspections.models import (
    Disposition,
    Inspection,
    InspectionAct,
    InspectionAnswer,
    InspectionMatch,
    InspectionRecord,
    Nonconformity,
)
from qc_service.inspections.reading import envelope
from qc_service.lines.models import Line, Site
from qc_service.lots import service as lots
from qc_service.lots.models import Lot
from qc_service.media.models import MediaPlace
from qc_service.people.models import Device, Person
from qc_service.procedures import reading
from qc_service.procedures.qualification import document_of
from qc_service.words import Words
from sops.paper import severity_in_words


def inspection(record: InspectionRecord, words: Words, reader: Actor) -> Part:
    """Everything that is known of it; of its pictures those that the reader may see."""
    one = _inspection(record, words, reader)
    return {**one, "there": _there(pictures(one), reader)}


def _inspection(record: InspectionRecord, words: Words, reader: Actor) -> Part:
    row: Inspection | None = Inspection.get_or_none(Inspection.uuid == record.uuid)
    told = envelope(bytes(record.body))
    acts = list(InspectionAct.select().where(InspectionAct.uuid == record.uuid).order_by(InspectionAct.at))
    moves = list(Disposition.select().where(Disposition.uuid == record.uuid).order_by(Disposition.number))
    answers = InspectionAnswer.select().where(InspectionAnswer.uuid == record.uuid).order_by(InspectionAnswer.number)
    found = list(answers)
    return {
        "uuid": record.uuid, "sha256": record.sha256, "row": row, "acts": acts,
        **standing(row, words, counted=bool(lists.counting([record.uuid]))),
        **_about(record, row, told, words), "checks": answers_of(row, found, words, told) if row else [],
        "meanwhile": meanwhile(told, words),
        "unknown": sorted(set(told["answers"]) - {one.check_id for one in found}) if found else [],
        "nonconformities": _nonconformities(row, moves, words) if row else [],
        "signatures": _signatures(record.uuid, acts, moves, words), "reason": told["reason"],
        "missing": _missing(row, words) if row else [], **relations(record, row, told, words, reader),
        "variants": variants(record, row, told, words),
    }  # fmt: skip


def _about(record: InspectionRecord, row: Inspection | None, told: Mapping[str, Any], words: Words) -> Part:
    lot: Lot | None = Lot.get_or_none(Lot.id == row.lot_id) if row and row.lot_id else None
    known = lots.described(lot) if lot else None
    unit = told["unit"]
    makers = [one for one in known["makers"] if unit is None or one["unit"] in (None, unit)] if known else []
    line = Line.get_or_none(Line.id == row.line_id) if row and row.line_id else None
    site = Site.get_or_none(Site.id == (row.site_id if row else record.site_id))
    person = Person.get_or_none(Person.id == (row.person_id if row else record.person_id))
    device = Device.get_or_none(Device.id == record.device_id) if record.device_id else None
    return {
        "lot": told["lot"], "lot_known": lot is not None, "lot_url": _lot_url(lot, site), "unit": unit,
        "product": lot.product if lot else None, "quantity": lot.quantity if lot else None,
        "line": line.name if line else "", "site": site.name if site else "", "time_zone": site and site.time_zone,
        "procedure": told["procedure"], "version": told["version"],
        "version_url": _version_url(row), "title": _title(row, words), "makers": _each_once(makers),
        "inspector": person.name if person else "", "badge": person.code if person else told["inspector"],
        "named": told["inspector"] if person and person.code != told["inspector"] else "",
        "attested": words.say(texts.ATTESTED[row.attestation if row else record.attestation]),
        "device": device.name if device else "", "device_seq": record.device_seq,
        "observed_at": told["observed_at"], "happened_at": row.happened_at if row else None,
        "received_at": record.received_at, "judged_at": row.judged_at if row else None,
        "round": row.round if row else None, "units_inspected": told["units_inspected"], "units": _units(row),
    }  # fmt: skip


def _units(row: Inspection | None) -> dict[str, int] | None:
    if row is None:
        return None
    names = ("accepted", "rework", "scrap", "hold")
    return {"inspected": row.units_inspected, **{name: getattr(row, name) for name in names}}


def _lot_url(lot: Lot | None, site: Site | None) -> str:
    return url_for("desk.lot", code=lot.code, site=site.code) if lot and site else ""


def _version_url(row: Inspection | None) -> str:
    if row is None or row.version_id is None:
        return ""
    return url_for("desk.procedure_version", code=row.procedure_code, number=row.version)


def _title(row: Inspection | None, words: Words) -> str:
    if row is None or row.version_id is None or row.procedure_id is None:
        return ""
    return str(reading.rendered(row.procedure_id, document_of(row.version_id), words.language).document["title"])


def _each_once(makers: Sequence[Part]) -> list[Part]:
    """Whoever was named for several steps or units is one maker."""
    return list({one["badge"]: {"name": one["name"], "badge": one["badge"]} for one in makers}.values())


def _missing(row: Inspection, words: Words) -> list[str]:
    """Checks that were new or had changed in the version that was in force."""
    if not row.missing:
        return []
    shown = texts_of(row, words)
    return [shown[one]["text"] if one in shown else one for one in row.missing]


# --- what does not conform ---


def _nonconformities(row: Inspection, moves: Sequence[Disposition], words: Words) -> list[Part]:
    found = list(Nonconformity.select().where(Nonconformity.uuid == row.uuid).order_by(Nonconformity.number))
    if not found:
        return []
    shown, now, say = texts_of(row, words), describing.split(found), words.say
    return [
        {
            "id": one.id, "check": shown[one.check_id]["text"] if one.check_id in shown else one.check_id,
            "defect_code": one.defect_code or "", "units": one.units, "implied": one.implied, "photo": one.photo,
            "severity": one.severity or "",
            "severity_word": severity_in_words(one.severity, words.say) if one.severity else "",
            "asked": say(texts.DISPOSITIONS[one.asked]) if one.asked != one.disposition else "",
            "first": say(texts.DISPOSITIONS[one.disposition]), "deviation": one.deviation,
            "now": [{"what": what, "word": say(texts.DISPOSITIONS[what]), "units": units} for what, units in
                    now[one.id].items()],
            "moves": [_move(move, words) for move in moves if move.nonconformity_id == one.id],
        }
        for one in found
    ]  # fmt: skip


def _move(move: Disposition, words: Words) -> Part:
    say = words.say
    return {
        "at": move.at, "reason": move.reason,
        "text": say(
            "Units: %(count)s. %(was)s → %(becomes)s", count=words.number(move.units),
            was=say(texts.DISPOSITIONS[move.was]), becomes=say(texts.DISPOSITIONS[move.becomes]),
        ),
    }  # fmt: skip


# --- signatures ---


def _signatures(
    uuid: str, acts: Sequence[InspectionAct], moves: Sequence[Disposition], words: Words
) -> list[Part]:  # fmt: skip
    """Printed name, meaning, time and method, with what was said when it was signed."""
    said = {act.signature_id: act.reason or "" for act in acts}
    said |= {one.signature_id: _matched(one) for one in InspectionMatch.select().where(InspectionMatch.uuid == uuid)}
    said |= {str(move.signature_id): f"{_move(move, words)['text']}. {move.reason}" for move in moves}
    return [
        {
            **one, "meaning_word": words.say(texts.MEANINGS.get(str(one["meaning"]), str(one["meaning"]))),
            "method_word": words.say(texts.METHODS.get(str(one["method"]), str(one["method"]))),
            "said": said.get(str(one["id"]), ""),
        }
        for one in describing.signatures(uuid)
    ]  # fmt: skip


def _matched(one: InspectionMatch) -> str:
    return " ".join([f"{one.sent} → {Lot.get_by_id(one.lot_id).code}.", one.note or ""]).strip()


# --- pictures ---


def pictures(one: Part) -> list[str]:
    """The hashes of all pictures of a document, each once."""
    answered = [sha256 for check in one["checks"] for sha256 in check["photos"]]
    return list(dict.fromkeys([*answered, *(found["photo"] for found in one["nonconformities"] if found["photo"])]))


def _there(wanted: Collection[str], reader: Actor) -> set[str]:
    """Those that have come, where the reader may see them."""
    here = MediaPlace.sha256.in_(list(wanted))
    sites = reader.sites_for("media.read")
    if sites is not None:
        here &= MediaPlace.site_id.is_null() | MediaPlace.site_id.in_(list(sites))
    return {row.sha256 for row in MediaPlace.select(MediaPlace.sha256).where(here)}
