"""A supervisor at a desk, and a tablet."""

import pytest

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.lines.models import Site
from qc_service.people import access, credentials, signin
from qc_service.people.models import Person
from tests.procedure_life import Somebody
from tests.reader import Desk

PIN = "739154"


@pytest.fixture
def desk(floor, boss) -> Desk:
    """Who decides, in front of the pages."""
    return Desk(floor.life.app, boss.badge)


@pytest.fixture
def at_tablet(floor):
    """Somebody of the floor signed in with their PIN on Tablet 4."""
    with connected():
        site = Site.get(Site.code == "S1")
        _, token = access.enrol_device(audit.COMMAND, "Tablet 4", site_id=site.id)

    def sign_in(badge: str) -> Somebody:
        with connected():
            credentials.set_pin(audit.COMMAND, Person.get(Person.code == badge).id, PIN)
            return Somebody(floor.life, badge, signin.sign_in_on_tablet(badge, PIN, token, clock.now()).token)

    return sign_in
