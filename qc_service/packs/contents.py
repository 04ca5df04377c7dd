"""What a pack holds: records as they were received, and every row about them in the form in which the trail has it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from qc_service.audit import PLANT
from qc_service.packs import rules
from qc_service.packs.archive import Archive
from qc_service.packs.choosing import Chosen, rows_of
from qc_service.verify.images import Reader
from qc_service.verify.snapshot import Row, Snapshot
from qc_service.verify.whole import models

Said = tuple[str, str, dict[str, Any]]  # table, key, and the row

FEW = 50  # inspections whose rows are in memory together


@dataclass
class Versions:
    """A version of a procedure: its rows and its document."""

    rows: list[Said] = field(default_factory=list)
    document: str = ""


class Contents:
    """Reads the pack's rows, and keeps in mind which they were."""

    def __init__(self, view: Snapshot, chosen: Chosen, site_id: str) -> None:
        standing = view.tables()
        self._view, self._chosen, self._site_id = view, chosen, site_id
        self._readers = {
            name: Reader(model) for name, model in models().items() if model.trail != "none" and name in standing
        }
        images = [name for name in sorted(self._readers) if models()[name].trail == "image"]
        # a table that a later part of the service adds is in the pack by itself
        self._by_uuid = [name for name in images if "uuid" in self._readers[name].columns]
        by_lot = [name for name in images if "lot_id" in self._readers[name].columns]
        self._by_lot = [name for name in by_lot if name not in self._by_uuid]
        self.wanted: set[tuple[str, str]] = set()

    @property
    def ours(self) -> set[str]:
        """Ids of what the pack is about."""
        procedures = {key for table, key in self.wanted if table == "procedure"}
        return {*self._chosen.inspections, *self._chosen.versions, *self._chosen.photos, *procedures}

    def inspections(self, archive: Archive) -> Iterator[tuple[str, list[Said]]]:
        """Each inspection with its rows; what was received goes into the archive as it came."""
        for start in range(0, len(self._chosen.inspections), FEW):
            part = self._chosen.inspections[start : start + FEW]
            found: dict[str, list[Said]] = defaultdict(list)
            for table in self._by_uuid:
                for said, row in self._rows(table, "uuid", part):
                    found[said[2]["uuid"]].append(said)
                    self._add_bytes(archive, table, said[2], row)
            for said, _ in self._rows("signature", "record_id", part, "record_type = 'inspection' AND "):
                found[said[2]["record_id"]].append(said)
            for uuid in part:
                yield uuid, found[uuid]

    def lots(self) -> Iterator[tuple[str, list[Said]]]:
        for lot in sorted(self._chosen.lots):
            rows = [said for said, _ in self._rows("lot", "id", [lot])]
            rows += [said for table in self._by_lot for said, _ in self._rows(table, "lot_id", [lot])]
            signed = {row["signature_id"] for _, _, row in rows if "signature_id" in row}
            yield lot, rows + [said for said, _ in self._rows("signature", "id", signed)]

    def versions(self) -> dict[str, Versions]:
        """The versions that inspections were done by, each with its procedure and all that was decided about it."""
        found: dict[str, Versions] = defaultdict(Versions)
        for table in ("procedure_version", "procedure_decision", "procedure_publication", "procedure_draft"):
            column = "id" if table == "procedure_version" else "version_id"
            for said, _ in self._rows(table, column, self._chosen.versions):
                found[said[2][column]].rows.append(said)
        for said, _ in self._rows(
            "signature", "record_id", self._chosen.versions, "record_type = 'procedure_version' AND "
        ):
            found[said[2]["record_id"]].rows.append(said)
        for version in found.values():
            self._complete(version)
        return found

    def photos(self, archive: Archive) -> list[Said]:
        """The originals, one at a time, and the rows that say since when each may be seen here."""
        for sha256, kind in sorted(self._chosen.photos.items()):
            content = f"SELECT content FROM media_bytes WHERE sha256 = {self._view.mark}"  # noqa: S608
            for (data,) in self._view.query(content, sha256, at_once=1):
                archive.add(f"photos/{sha256}.{rules.ENDINGS[kind]}", bytes(data), packed=False)
        here = (self._site_id, PLANT)
        rows = [said for said, _ in self._rows("media_place", "sha256", self._chosen.photos, keep=False)]
        rows = [said for said in rows if said[2]["place"] in here]
        self.wanted |= {(table, key) for table, key, _ in rows}
        return rows

    def _complete(self, version: Versions) -> None:
        """Of the texts that its draft went through the last one, which is what was approved; and its procedure."""
        drafts = sorted(
            (said for said in version.rows if said[0] == "procedure_draft"), key=lambda said: said[2]["revision"]
        )
        self.wanted -= {said[:2] for said in drafts[:-1]}
        version.rows = [said for said in version.rows if said[0] != "procedure_draft"] + drafts[-1:]
        version.document = "".join(said[2]["document"] for said in drafts[-1:])
        procedures = {row["procedure_id"] for table, _, row in version.rows if table == "procedure_version"}
        version.rows += [said for said, _ in self._rows("procedure", "id", procedures)]

    def _rows(
        self, table: str, column: str, values: Iterable[str], also: str = "", *, keep: bool = True
    ) -> Iterator[tuple[Said, Row]]:
        """Rows of a table with one of these values, as the trail has them and as they are stored."""
        reader = self._readers[table]
        statement = f'{reader.statement} WHERE {also}"{column}" IN ({{1}})'
        for row in rows_of(self._view, statement, values, at_once=1 if reader.long else 64):
            image = reader.image(row)
            said = (table, reader.key(image), image)
            if keep:
                self.wanted.add(said[:2])
            yield said, row

    def _add_bytes(self, archive: Archive, table: str, image: dict[str, Any], row: Sequence[Any]) -> None:
        names = {"inspection_record": "records/{uuid}.json", "inspection_variant": "variants/{uuid}.{sha256}.json"}
        if table in names:
            body = row[self._readers[table].columns.index("body")]
            archive.add(names[table].format(**image), bytes(body))
