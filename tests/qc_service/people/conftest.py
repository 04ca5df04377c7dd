"""A small plant: two sites, people, tablets and keys, made through the services, and spoken to over HTTP."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from qc_service import audit
from qc_service.audit import COMMAND
from qc_service.db import connected, new_id
from qc_service.errors import QCError
from qc_service.lines.models import Site
from qc_service.people import access, credentials, signin, staff
from qc_service.people.models import Device, Person

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
PIN, OTHER_PIN = "739154", "260483"
PASSWORD, OTHER_PASSWORD = "plum jam on the roof", "eleven grey pigeons"


@dataclass
class Tablet:
    device: Device
    token: str


class Plant:
    """What a test says it needs, in a word each."""

    pin, other_pin, password, other_password, noon = PIN, OTHER_PIN, PASSWORD, OTHER_PASSWORD, NOON

    def site(self, code: str) -> str:
        site_id = new_id("sit")
        with connected():
            Site.insert(
                id=site_id, code=code, name=code, time_zone="UTC", create_on_first_use=True, created_at=NOON,
                updated_at=NOON,
            ).execute()  # fmt: skip
        return site_id

    def person(self, code: str, *roles: str, site: str | None = None, **secrets: str) -> Person:
        secrets.setdefault("pin", PIN)
        return staff.add_person(COMMAND, code, f"Name of {code}", roles or ("operator",), site_id=site, **secrets)

    def tablet(self, name: str = "T1", site: str | None = None) -> Tablet:
        return Tablet(*access.enrol_device(COMMAND, name, site_id=site))

    def key(self, *scopes: str, site: str | None = None) -> str:
        return access.create_key(COMMAND, "ERP", scopes or ("*",), site_id=site)[1]

    def on_tablet(self, badge: str, tablet: Tablet, now: datetime = NOON, pin: str = PIN, **more: Any):
        return signin.sign_in_on_tablet(badge, pin, tablet.token, now, **more)

    def at_desk(
        self,
        badge: str,
        now: datetime = NOON,
        password: str = PASSWORD,
        client: str = "10.0.0.7",
        **more: Any,
    ):
        return signin.sign_in_at_desk(badge, password, client, now, **more)

    def events(self, *types: str) -> list[audit.Event]:
        query = audit.Event.select().order_by(audit.Event.recorded_at, audit.Event.seq)
        return [event for event in query if not types or event.type in types]

    def refusal(self, action: Callable[[], Any]) -> QCError:
        with pytest.raises(QCError) as caught:
            action()
        return caught.value

    def outcome(self, action: Callable[[], Any]) -> str:
        try:
            action()
        except QCError as refused:
            return refused.code
        return "in"


@pytest.fixture
def plant(database, settings) -> Plant:
    credentials.init_people(settings)
    return Plant()


class Http:
    """The service over HTTP, and the plant behind it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.plant = Plant()
        self.said: list[str] = []  # the body of every reply

    def __call__(self, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> tuple[int, Any]:
        head = {"Authorization": f"Bearer {token}"} if token else {}
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.client.open(path, method=method, json=body, headers=head)
        self.said.append(reply.get_data(as_text=True))
        self.last = reply
        return reply.status_code, reply.get_json(silent=True)

    def desk(self, code: str, *roles: str, site: str | None = None) -> str:
        """A new person with these roles, signed in at a desk: the session's token."""
        self.plant.person(code, *roles, site=site, password=PASSWORD)
        status, body = self("POST", "/v1/sessions", {"badge": code, "password": PASSWORD})
        assert status == 201, body
        return body["token"]


@pytest.fixture
def http(client, settings) -> Http:
    credentials.init_people(settings)
    return Http(client)


@pytest.fixture
def statements(caplog):
    """The SQL of a block, as the database got it."""

    @contextlib.contextmanager
    def recorded() -> Iterator[list[str]]:
        found: list[str] = []
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "peewee"):
            yield found
        found += [str(record.msg[0]) for record in caplog.records if record.name == "peewee"]

    return recorded
