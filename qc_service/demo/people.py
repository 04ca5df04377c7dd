"""Makes the demonstration's people, tablet and key.

Their secrets are written down before the people are made and completed after: a start that was cut short is
taken up by the next.
"""

import secrets
from datetime import datetime
from pathlib import Path

from qc_service.audit import COMMAND
from qc_service.demo.sandbox import CAST, FILE, Sandbox, load
from qc_service.lines.models import Site
from qc_service.people.access import create_key, enrol_device
from qc_service.people.rules import PIN_DIGITS, password_refused, pin_refused
from qc_service.people.staff import add_person, person_with

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when typed from paper


class NotTheDemonstration(Exception):
    """The folder's database was not made by the demonstration, or its secrets are lost."""


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
    people = {one.badge: {"pin": _pin(one.badge), "password": _password(one.badge, one.name)} for one in CAST}
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


def _password(badge: str, name: str) -> str:
    while True:  # chance alone makes one now and then that is easily guessed
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        if password_refused(password, badge, name) is None:
            return password
