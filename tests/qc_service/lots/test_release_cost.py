"""The release check is asked often, by systems that wait for it: its cost does not grow with the lot."""

from typing import Any

import pytest

from qc_service.auth import Actor
from qc_service.db import connected, db
from qc_service.inspections import release
from qc_service.lots import service as lots
from tests.procedure_life import SIGNED

ERP = Actor("key", "key_erp", scopes=frozenset({"lots:read"}))
WHY = {"reason": "It was looked at again."}


@pytest.fixture
def asked(app, monkeypatch):
    """The texts of the statements that the database was asked."""
    said: list[str] = []
    execute = db.obj.execute_sql

    def listened(text: str, *args: Any, **kwargs: Any) -> Any:
        said.append(text)
        return execute(text, *args, **kwargs)

    monkeypatch.setattr(db.obj, "execute_sql", listened)
    return said


def check(asked: list[str]) -> tuple[str, int]:
    with connected():
        asked.clear()
        found = release.check(lots.find(ERP, "lot.read", "A"))
        return found.decision, len(asked)


def test_it_costs_three_statements_whatever_there_is_to_know_of_the_lot(floor, mia, boss, chief, asked):
    floor.lot("A", mia.badge, quantity=1000)
    assert check(asked) == ("hold", 3)
    inspectors = [floor.person(f"INES-{number}") for number in range(3)]
    for ines in inspectors * 3:
        floor.inspect(ines)
    assert check(asked) == ("allow", 3)
    for _ in range(2):
        boss.done("POST", "/lots/A/hold", WHY)
        assert check(asked) == ("hold", 3)
        boss.done("POST", "/lots/A/release", {**SIGNED, **WHY})
        chief.done("POST", "/lots/A/release/agree", SIGNED)
        assert check(asked) == ("allow", 3)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_table_is_looked_up_by_an_index(floor, asked):
    floor.lot("A")
    check(asked)
    with connected():
        texts = list(asked)
        plans = [
            row[3] for text in texts
            for row in db.execute_sql(f"EXPLAIN QUERY PLAN {text}", ["x"] * text.count("?")).fetchall()
        ]  # fmt: skip
    assert len(plans) > 10
    assert [line for line in plans if line.startswith("SCAN")] == []
