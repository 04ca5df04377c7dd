"""The demonstration's people, tablet and key, with the secrets that let a visitor in.

The database keeps only hashes, so the secrets lie in a file of the data folder that nobody else can read.
Nothing here knows the database: the process that only prints these secrets stays small.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from qc_service import clock

FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Role:
    badge: str
    name: str
    role: str
    everywhere: bool = False
    email: str | None = None


CAST = (
    Role("P-1", "Ana Ortiz", "operator"),
    Role("P-2", "Ben Okafor", "inspector"),
    Role("P-3", "Sofia Lindqvist", "supervisor", email="supervisor@demo.example"),
    Role("P-4", "Quang Tran", "quality_manager", everywhere=True, email="quality@demo.example"),
    Role("P-5", "Aisha Rahman", "auditor", everywhere=True),
    Role("P-6", "Milan Novak", "admin", everywhere=True),
)


@dataclass
class Sandbox:
    """What `demo.json` holds. `last` is the end of the newest period, from which time is counted back."""

    path: Path
    last: datetime
    people: dict[str, dict[str, str]]
    tablet: str | None = None
    key: str | None = None
    key_id: str | None = None

    def save(self) -> None:
        kept = {"last": clock.iso(self.last), "people": self.people, "tablet": self.tablet, "key": self.key,
                "key_id": self.key_id}  # fmt: skip
        draft = self.path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def table(self) -> Iterator[str]:
        """The people as lines of text."""
        yield f"{'badge':<6} {'name':<16} {'role':<16} {'PIN':<7} {'password':<15}"
        for one in CAST:
            mine = self.people[one.badge]
            yield f"{one.badge:<6} {one.name:<16} {one.role:<16} {mine['pin']:<7} {mine['password']:<15}"
        yield f"tablet  {self.tablet}"
        yield f"key     {self.key}"


def load(data_dir: Path) -> Sandbox | None:
    path = data_dir / FILE
    if not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text())
    return Sandbox(path, clock.parse(kept.pop("last")), **kept)
