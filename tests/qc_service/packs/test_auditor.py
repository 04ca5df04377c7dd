"""What an auditor may: everything that is to be read, and hardly a thing besides."""

import pytest

from qc_service.policy import POLICY
from tests.matrix_requests import routes

# An auditor's own: what they have read, what does not work, and the end of their session. A pack leaves its event.
OWN = {"procedure.acknowledge", "report.write", "session.end", "pack.make"}
CODES_IN_A_PHOTO = {"floor.read"}  # sent to be read, and nothing of it is kept


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_address_that_changes_anything_is_open_to_an_auditor_but_for_their_own(app):
    found = routes(app)
    writing = {one.action for one in found if one.method != "GET" and one.action}
    assert {action for action in writing if "auditor" in POLICY[action].roles} == OWN | CODES_IN_A_PHOTO
    assert {"inspection.sign", "lot.write", "person.write"} <= writing


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_address_that_only_shows_is_open_to_an_auditor(app):
    shown = {one.action for one in routes(app) if one.method == "GET" and one.action and one.action.endswith(".read")}
    assert {action for action in shown if "auditor" not in POLICY[action].roles} == set()
    assert {"inspection.read", "lot.read", "person.read"} <= shown


def test_every_action_of_the_table_that_reads_is_an_auditors():
    reading = {action for action in POLICY if action.endswith((".read", ".read_drafts"))}
    assert {action for action in reading if "auditor" not in POLICY[action].roles} == set()
    assert {action for action in set(POLICY) - reading if "auditor" in POLICY[action].roles} == OWN | {"desk.board"}
