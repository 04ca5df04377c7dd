"""Nobody approves what they wrote or reviewed: on no way, with no second account, at no moment."""

import pytest

from qc_service.db import connected, db
from qc_service.procedures import hands
from tests.attacks import found as broken
from tests.races.four_eyes import WAYS, Tries, by_sql, violations

pytestmark = pytest.mark.volume

TRIES = [100, pytest.param(1500, marks=pytest.mark.campaign)]  # on each of two engines


@pytest.mark.parametrize("tries", TRIES)
def test_nobody_approves_what_they_wrote_or_reviewed(app, tries):
    done = Tries(app, seed=tries)
    done.run(tries)

    with connected():
        assert violations() == []
        assert broken() == []
    assert done.said["sql refused"] == tries // len(WAYS)
    assert done.said["sql went through"] == 0
    assert done.said["approve same_person"] > tries // 3
    assert done.said["approve 200"] > 0, "nothing at all was approved: the tries prove nothing"


def _drop_constraints() -> None:
    db.execute_sql("DROP INDEX procedure_hand_one_part")
    db.execute_sql("DROP INDEX procedure_hand_one_approver")


def test_without_the_constraint_the_same_tries_find_a_violation(app):
    done = Tries(app, seed=1)
    with connected():
        _drop_constraints()
    done.run(5, (by_sql,))

    with connected():
        assert len(violations()) == done.said["sql went through"] == 5


def test_the_constraint_alone_holds_where_the_code_forgets_to_ask(app, monkeypatch):
    monkeypatch.setattr(hands, "may_take_part", lambda *_: None)
    done = Tries(app, seed=2)
    for _ in range(5):
        author = done.regular()
        assert done.post(author, done.in_review(author), "approve") == 409

    with connected():
        assert violations() == []


def test_without_constraint_and_rule_everybody_approves_their_own(app, monkeypatch):
    monkeypatch.setattr(hands, "may_take_part", lambda *_: None)
    done = Tries(app, seed=3)
    with connected():
        _drop_constraints()
    author = done.regular()
    number = done.in_review(author)
    assert done.post(author, number, "approve") == 200

    with connected():
        assert len(violations()) == 1
