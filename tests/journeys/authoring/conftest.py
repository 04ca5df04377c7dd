"""An author, a reviewer and somebody who approves."""

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from tests.reader import PASSWORD, Desk


@pytest.fixture
def desks(people):
    """An author, a reviewer and somebody who approves, each in front of a desk."""
    with connected():
        for badge, name in (("P-7", "Writing Wen"), ("P-8", "Approving Abe")):
            staff.add_person(audit.COMMAND, badge, name, ["quality_manager"], password=PASSWORD)
        staff.add_person(audit.COMMAND, "P-9", "Reviewing Rui", ["inspector"], password=PASSWORD)
    return [Desk(people.app, badge) for badge in ("P-7", "P-9", "P-8")]


@pytest.fixture
def author(desks):
    return desks[0]
