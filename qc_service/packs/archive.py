"""A ZIP file that is written from front to end, with a manifest of what was written and its SHA-256."""

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

MANIFEST = "manifest.json"


class Archive:
    """Every file is told to the manifest as it is written, so none is read again and none is held whole."""

    def __init__(self, target: BinaryIO, made_at: datetime) -> None:
        self.files: dict[str, str] = {}
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._date = (made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second)

    def add(self, name: str, content: bytes, *, packed: bool = True) -> None:
        self._zip.writestr(self._info(name, packed=packed), content)
        self.files[name] = hashlib.sha256(content).hexdigest()

    def add_json(self, name: str, value: Any) -> None:
        self.add(name, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """A file that comes in pieces."""
        digest = hashlib.sha256()
        with self._zip.open(self._info(name), "w", force_zip64=True) as file:

            def write(piece: bytes) -> None:
                digest.update(piece)
                file.write(piece)

            yield write
        self.files[name] = digest.hexdigest()

    def close(self, about: Mapping[str, Any]) -> None:
        """The manifest is the last file, and the only one that it does not name."""
        self.add_json(MANIFEST, {**about, "files": dict(self.files)})
        self._zip.close()

    def _info(self, name: str, *, packed: bool = True) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        return info
