"""Which inspections a pack holds, and what belongs to them: asked of one view of the database."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from qc_service.audit import PLANT, stream_of
from qc_service.clock import fixed
from qc_service.errors import QCError
from qc_service.packs import rules
from qc_service.packs.finding import Subject
from qc_service.verify.snapshot import Row, Snapshot

AT_ONCE = 200  # values in one question

_JUDGED = {
    "lot": "site_id = {0} AND (lot_id = {0} OR (lot_id IS NULL AND lot = {0}))",
    "procedure": "site_id = {0} AND procedure_id = {0}",
    "line": "site_id = {0} AND line_id = {0}",
}
_WAITING = """
    SELECT inspection_record.uuid, inspection_record.body FROM inspection_record
    LEFT JOIN inspection ON inspection.uuid = inspection_record.uuid
    WHERE inspection.uuid IS NULL AND inspection_record.site_id = {0}"""


@dataclass
class Chosen:
    """Addresses of inspections in the order in which they happened; those that nobody has judged yet are last."""

    inspections: list[str] = field(default_factory=list)
    lots: set[str] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)
    photos: dict[str, str] = field(default_factory=dict)  # by their hash: their type
    streams: set[str] = field(default_factory=set)


def choose(view: Snapshot, subject: Subject) -> Chosen:
    """What the pack will hold. What is too much for one pack is refused before it is read."""
    where, values = _condition(view, subject)
    for (count,) in view.query(f"SELECT count(*) FROM inspection WHERE {where}", *values):  # noqa: S608
        _need_fit(rules.Size(records=count), subject)
    order = f"SELECT uuid FROM inspection WHERE {where} ORDER BY happened_at, uuid"  # noqa: S608
    chosen = Chosen([uuid for (uuid,) in view.query(order, *values)])
    _add_corrections(view, subject, chosen.inspections)
    chosen.lots = {subject.id} if subject.kind == "lot" else set()
    _add_what_belongs(view, subject, chosen)
    _add_waiting(view, subject, chosen)
    _need_fit(_size(view, chosen), subject)
    return chosen


def rows_of(view: Snapshot, statement: str, values: Iterable[str], *before: str, at_once: int = 64) -> Iterator[Row]:
    """Rows whose column is one of many values: `statement` has `{0}` for a value before, and `{1}` for those."""
    wanted = sorted(values)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        text = statement.format(view.mark, ", ".join([view.mark] * len(part)))
        yield from view.query(text, *before, *part, at_once=at_once)


def _condition(view: Snapshot, subject: Subject) -> tuple[str, list[str]]:
    values = [subject.site_id, subject.id, *([subject.code] if subject.kind == "lot" else [])]
    where = _JUDGED[subject.kind].format(view.mark)
    for moment, sign in ((subject.start, ">="), (subject.end, "<")):
        if moment is not None:
            where += f" AND happened_at {sign} {view.mark}"
            values.append(fixed(moment))
    return where, values


def _add_corrections(view: Snapshot, subject: Subject, found: list[str]) -> None:
    """What they correct or repeat, and what took their place, wherever in the site that was."""
    known, new = set(found), set(found)
    back = "SELECT amends, reinspects FROM inspection WHERE site_id = {0} AND uuid IN ({1})"
    gone = "SELECT uuid FROM inspection WHERE site_id = {0} AND state = 'superseded' AND uuid IN ({1})"
    place = "SELECT uuid FROM inspection WHERE site_id = {0} AND amends IN ({1})"
    here = "SELECT uuid FROM inspection WHERE site_id = {0} AND uuid IN ({1})"
    while new:
        near = {name for row in rows_of(view, back, new, subject.site_id) for name in row}
        superseded = {uuid for (uuid,) in rows_of(view, gone, new, subject.site_id)}
        near |= {uuid for (uuid,) in rows_of(view, place, superseded, subject.site_id)}
        new = {uuid for (uuid,) in rows_of(view, here, near - known - {None}, subject.site_id)}
        found += sorted(new)
        known |= new


def _add_what_belongs(view: Snapshot, subject: Subject, chosen: Chosen) -> None:
    site = subject.site_id
    chosen.streams = {stream_of(site)}
    about = "SELECT lot_id, line_id, version_id FROM inspection WHERE uuid IN ({1})"
    for lot, line, version in rows_of(view, about, chosen.inspections):
        chosen.lots |= {lot} - {None}
        chosen.versions |= {version} - {None}
        chosen.streams |= {stream_of(site, line)}
    for (line,) in rows_of(view, "SELECT line_id FROM lot WHERE id IN ({1})", chosen.lots):
        chosen.streams.add(stream_of(site, line))
    _keep_versions(view, site, chosen)
    named = "SELECT photo FROM nonconformity WHERE photo IS NOT NULL AND uuid IN ({1})"
    photos = {photo for (photo,) in rows_of(view, named, chosen.inspections)}
    seen = """SELECT media_bytes.sha256, media_bytes.type, media_place.place FROM media_bytes
        JOIN media_place ON media_place.sha256 = media_bytes.sha256
        WHERE media_place.place IN ({0}, {0}) AND media_bytes.sha256 IN ({1})"""
    for sha256, kind, place in rows_of(view, seen, photos, site, PLANT):
        chosen.photos[sha256] = kind
        chosen.streams |= {PLANT} & {place}
    everywhere = "SELECT count(*) FROM inspection_record WHERE site_id IS NULL AND uuid IN ({1})"
    if any(count for (count,) in rows_of(view, everywhere, chosen.inspections)):
        chosen.streams.add(PLANT)


def _keep_versions(view: Snapshot, site: str, chosen: Chosen) -> None:
    """A version that another site has for itself is that site's, even where a record names it."""
    about = """SELECT procedure_version.id, procedure_version.site_id, procedure_version.line_id, procedure.site_id
        FROM procedure_version JOIN procedure ON procedure.id = procedure_id WHERE procedure_version.id IN ({1})"""
    found = list(rows_of(view, about, chosen.versions))
    ours = [row for row in found if {row[1], row[3]} <= {None, site}]
    chosen.versions = {row[0] for row in ours}
    chosen.streams |= {stream_of(row[1], row[2]) for row in ours} | {stream_of(row[3]) for row in ours}


def _add_waiting(view: Snapshot, subject: Subject, chosen: Chosen) -> None:
    """Records that nobody has judged yet; whose lot was known when they came stand in its line's stream."""
    waiting = list(_waiting(view, subject))
    chosen.inspections += [uuid for uuid, _ in waiting]
    lines = "SELECT line_id FROM lot WHERE site_id = {0} AND code IN ({1})"
    for (line,) in rows_of(view, lines, {lot for _, lot in waiting}, subject.site_id):
        chosen.streams.add(stream_of(subject.site_id, line))


def _waiting(view: Snapshot, subject: Subject) -> Iterator[tuple[str, str]]:
    """Those that say themselves that they belong here, with the lots that they name."""
    lots = {subject.code}
    if subject.kind == "line":
        lots = {code for (code,) in view.query(f"SELECT code FROM lot WHERE line_id = {view.mark}", subject.id)}  # noqa: S608
    where, values = _WAITING, [subject.site_id]
    for moment, sign in ((subject.start, ">="), (subject.end, "<")):
        if moment is not None:
            where += f" AND inspection_record.received_at {sign} {{0}}"
            values.append(fixed(moment))
    for uuid, body in view.query(f"{where.format(view.mark)} ORDER BY inspection_record.received_at", *values):
        told = _read(bytes(body))
        if told.get("procedure") == subject.code if subject.kind == "procedure" else told.get("lot") in lots:
            yield uuid, told["lot"]


def _read(body: bytes) -> dict[str, Any]:
    """What a record says; it was JSON when it came, so one that is not was changed since, and belongs nowhere."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("lot"), str) else {}


def _size(view: Snapshot, chosen: Chosen) -> rules.Size:
    questions: Sequence[tuple[str, Iterable[str]]] = (
        ("SELECT sum(length(body)) FROM inspection_record WHERE uuid IN ({1})", chosen.inspections),
        ("SELECT sum(length(body)) FROM inspection_variant WHERE uuid IN ({1})", chosen.inspections),
        ("SELECT sum(size) FROM media_bytes WHERE sha256 IN ({1})", chosen.photos),
    )
    octets = sum(int(found or 0) for statement, values in questions for (found,) in rows_of(view, statement, values))
    return rules.Size(len(chosen.inspections), octets)


def _need_fit(size: rules.Size, subject: Subject) -> None:
    words = rules.too_much(size, subject.kind)
    if words is not None:
        raise QCError("pack_too_large", words)
