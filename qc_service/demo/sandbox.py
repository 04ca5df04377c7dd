"""The demonstration's people, tablet and key, with the secrets that let a visitor in.

The database keeps only hashes, so the secrets lie in a file of the data folder that nobody else can read. It
is written before the people are made and completed after: a start that was cut short is taken up by the next.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from qc_service import clock
from qc_service.audit import COMMAND
from qc_service.lines.models import Site
from qc_service.people.access import create_key, enrol_device
from qc_service.people.rules import PIN_DIGITS, pin_refused
from qc_service.people.staff import add_person, person_with

FILE = "demo.json"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when typed from paper


class NotTheDemonstration(Exception):  # noqa: N818 - it says the fact
    """The folder's database was not made by the demonstration, or its secrets are lost."""


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


def open_sandbox(data_dir: Path, now: datetime) -> Sandbox:
    """The demonstration's secrets, made at its first start."""
    found = load(data_dir)
    if found is not None:
        return found
    if Site.select().exists() or person_with(CAST[0].badge) is not None:
        raise NotTheDemonstration(
            f"{data_dir} holds a plant but no {FILE}: the demonstration only fills an empty folder. "
            "Name another one with --data"
        )
    people = {one.badge: {"pin": _pin(one.badge), "password": _password()} for one in CAST}
    made = Sandbox(data_dir / FILE, now.replace(minute=0, second=0, microsecond=0), people)
    made.save()
    return made


def let_in(sandbox: Sandbox, site: Site) -> None:
    """Make the people, the tablet and the key that are not there yet."""
    for one in CAST:
        if person_with(one.badge) is None:
            site_id = None if one.everywhere else site.id
            add_person(COMMAND, one.badge, one.name, [one.role], site_id=site_id, email=one.email,
                       **sandbox.people[one.badge])  # fmt: skip
    if sandbox.tablet is None:
        sandbox.tablet = enrol_device(COMMAND, "Demonstration tablet", site_id=site.id)[1]
        sandbox.save()
    if sandbox.key is None:
        key, sandbox.key = create_key(COMMAND, "Sandbox", ["*"])
        sandbox.key_id = key.id
        sandbox.save()


def _pin(badge: str) -> str:
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        if pin_refused(pin, badge) is None:
            return pin


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
