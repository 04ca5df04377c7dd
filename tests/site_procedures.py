"""A site's own procedure with a version in each of the states that requests are about, made through the services."""

from typing import Any

from qc_service import audit, clock
from qc_service.auth import Actor
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import decisions, drafts, publication
from qc_service.procedures.drafts import Draft
from qc_service.signing import Proof
from tests.procedure_life import document

STATES = ("in_force", "draft", "in_review", "approved")


def acting(person: Person, site_id: str | None, *roles: str) -> Actor:
    return Actor(
        "person", person.id, person.name, {site_id or "*": frozenset(roles or ("quality_manager", "supervisor"))}
    )


def proof(person: Person) -> Proof:
    return Proof(person.id, person.human_id or person.id, person.name, person.code, "password", None, clock.now())


def procedure_of(word: str, site: str, site_id: str, line: str) -> dict[str, str]:
    """The procedure's code, and the number of a version by its state, each as text."""
    writer, boss = (
        staff.add_person(audit.COMMAND, f"{name}-{word}", f"{name} {word}", ["quality_manager"], site_id=site_id)
        for name in ("Writer", "Boss")
    )
    author, approver = acting(writer, site_id), acting(boss, site_id)
    code = f"sop-{word}"
    drafts.create_procedure(author, code, f"Pack the {word}", owner=writer.code, site=site)
    drafts.set_lines(author, code, [{"line": line}])
    numbers = {}
    for state in STATES:
        text = Draft(drafts.normal(named(word, len(numbers))), f"About the {word}")
        number = drafts.start_version(author, code, text).version.number
        numbers[state] = str(number)
        if state != "draft":
            decisions.submit(author, code, number)
        if state in ("approved", "in_force"):
            decisions.approve(approver, code, number, proof(boss))
        if state == "in_force":
            publication.publish(approver, code, number, proof(boss))
    return {"procedure": code, **numbers}


def named(word: str, size: int = 0) -> dict[str, Any]:
    """A document whose every sentence has the word."""
    made = document(str(345 - size), title=f"Pack the {word}", purpose=f"No {word} is lost.")
    made["steps"][0]["text"] = f"Fold the {word}."
    made["checks"][0]["text"] = f"Is the {word} closed?"
    made["skill"] = {"text": f"Ten of the {word} packed.", "valid_for_days": 365}
    return made
