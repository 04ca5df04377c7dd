"""Making an evidence pack: into a file on disk, from one view of the database, and told to the trail."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from qc_service import audit
from qc_service.auth import Actor
from qc_service.clock import iso
from qc_service.db import db
from qc_service.packs import finding, pages
from qc_service.packs.archive import Archive
from qc_service.packs.choosing import Chosen, choose, rows_of
from qc_service.packs.contents import Contents, Said
from qc_service.packs.finding import Subject
from qc_service.packs.proof import Proof, Prover
from qc_service.verify.snapshot import Snapshot, snapshot

FORMAT = "qc evidence pack 1"
_HERE = Path(__file__).parent
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished archive in a file that has no name and is gone when it is closed."""

    file: BinaryIO
    name: str
    size: int
    sha256: str


def make(actor: Actor, asked: Mapping[str, Any], folder: Path) -> Pack:
    """A pack about what was asked for. It lies in the folder until it is closed: it may be larger than the memory."""
    subject = finding.find(actor, asked)
    file: BinaryIO = TemporaryFile(dir=folder, prefix="pack-")  # noqa: SIM115 - it lives until it was sent
    try:
        with snapshot() as view:
            told = _write(view, subject, actor, db.obj.now(), file)
        size, digest = file.tell(), _digest(file)
        data = {**told, "bytes": size, "sha256": digest}
        with audit.change(
            actor.author, "pack.made", site_id=subject.site_id, line_id=subject.line_id, data=data, follow=False
        ):
            pass  # nothing but the trail keeps it
    except BaseException:
        file.close()
        raise
    return Pack(file, f"evidence-{subject.kind}-{_plain(subject.code)}.zip", size, digest)


def _write(view: Snapshot, subject: Subject, actor: Actor, now: datetime, file: BinaryIO) -> dict[str, Any]:
    chosen = choose(view, subject)
    told = {"subject": _about(subject), "inspections": len(chosen.inspections), "photos": len(chosen.photos)}
    about = {"format": FORMAT, "made_at": iso(now), "made_by": f"{actor.name} ({actor.author.name})", **told}
    archive = Archive(file, now)
    contents = Contents(view, chosen, subject.site_id)
    people = _people(view, chosen)
    shown = _Shown(archive, people, chosen)
    for uuid, rows in contents.inspections(archive):
        shown.inspection(uuid, rows)
    for lot, rows in contents.lots():
        shown.lot(lot, rows)
    _add_rows(archive, "photos.rows.json", contents.photos(archive))
    versions = contents.versions()
    proof = Prover(view, contents.wanted, contents.ours).write(archive, chosen.streams)
    for name, version in versions.items():
        version.rows = [said for said in version.rows if said[:2] not in proof.withheld]
        archive.add(f"procedures/{name}.document.json", version.document.encode())
        _add_rows(archive, f"procedures/{name}.rows.json", version.rows)
    shown.index(about, proof, [pages.version(name, one) for name, one in versions.items()])
    archive.add_json("people.json", {name: {"badge": one[0], "name": one[1]} for name, one in people.items()})
    for name in ("README.txt", "check_pack.py"):
        archive.add(name, (_HERE / name).read_bytes())
    archive.close({**about, "streams": proof.streams})
    return told


class _Shown:
    """The rows of each record as a file, and the pages that show them."""

    def __init__(self, archive: Archive, people: Mapping[str, tuple[str, str]], chosen: Chosen) -> None:
        self._archive, self._pages = archive, pages.pages(people)
        self._photos = chosen.photos
        self._inspections: list[dict[str, Any]] = []
        self._lots: list[dict[str, Any]] = []

    def inspection(self, uuid: str, rows: list[Said]) -> None:
        told = pages.inspection(uuid, rows)
        self._inspections.append(pages.in_index(told))
        _add_rows(self._archive, f"inspections/{uuid}.rows.json", rows)
        self._page("inspection.html", f"inspections/{uuid}.html", one=told, photos=self._files())

    def lot(self, lot: str, rows: list[Said]) -> None:
        self._lots.append(pages.lot(rows))
        _add_rows(self._archive, f"lots/{lot}.rows.json", rows)

    def index(self, about: Mapping[str, Any], proof: Proof, versions: list[dict[str, Any]]) -> None:
        self._page(
            "index.html", "index.html", about=about, inspections=self._inspections, lots=self._lots,
            versions=versions, photos=sorted(self._files().values()), streams=proof.streams,
        )  # fmt: skip

    def _files(self) -> dict[str, str]:
        """The photos' files by their hash."""
        names = [name for name in self._archive.files if name.startswith("photos/")]
        return {name.removeprefix("photos/").partition(".")[0]: name for name in names}

    def _page(self, template: str, name: str, **told: Any) -> None:
        self._archive.add(name, self._pages.get_template(template).render(**told).encode(errors="replace"))


def _about(subject: Subject) -> dict[str, Any]:
    period = {"from": subject.start and iso(subject.start), "to": subject.end and iso(subject.end)}
    known = {name: moment for name, moment in period.items() if moment}
    return {"kind": subject.kind, "code": subject.code, "site": subject.site, **known}


def _people(view: Snapshot, chosen: Chosen) -> dict[str, tuple[str, str]]:
    """Badges and names of everybody whom the rows name by an id."""
    named = {
        person
        for statement, values in (
            ("SELECT person_id FROM inspection WHERE person_id IS NOT NULL AND uuid IN ({1})", chosen.inspections),
            ("SELECT person_id FROM inspection_act WHERE uuid IN ({1})", chosen.inspections),
            ("SELECT person_id FROM inspection_match WHERE uuid IN ({1})", chosen.inspections),
            ("SELECT person_id FROM lot_maker WHERE lot_id IN ({1})", chosen.lots),
        )
        for (person,) in rows_of(view, statement, values)
    }
    return {
        row[0]: (row[1], row[2]) for row in rows_of(view, "SELECT id, code, name FROM person WHERE id IN ({1})", named)
    }


def _add_rows(archive: Archive, name: str, rows: list[Said]) -> None:
    archive.add_json(name, rows)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def _plain(code: str) -> str:
    """A name that every system of files takes."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in code)
