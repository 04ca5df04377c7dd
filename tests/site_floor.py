"""What a site's people do with its procedure: read it, show the skill, depart from it, and say what does not work."""

from datetime import timedelta

from qc_service import audit, clock
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import acknowledging, deviations, reports, skills
from tests.site_procedures import acting, proof


def floor_of(word: str, site_id: str, line: str, procedure: str, in_force: str) -> dict[str, str]:
    """Ids of a deviation that is granted, of one that is asked for, and of a report that waits for its answer."""
    worker = staff.add_person(audit.COMMAND, f"Worker-{word}", f"Worker {word}", ["operator"], site_id=site_id)
    boss: Person = Person.get(Person.code == f"Boss-{word}")
    hand, lead = acting(worker, site_id, "operator"), acting(boss, site_id)
    number = int(in_force)
    acknowledging.acknowledge(hand, procedure, number, proof(worker))
    skills.confirm(lead, procedure, worker.code, proof(boss))
    asked = [
        deviations.ask(hand, {
            "procedure": procedure, "check": "weight", "line": line, "lot": f"{word} lot", "quantity": 50,
            "reason": f"The {word} is lighter.", "expires_at": clock.now() + timedelta(days=30),
        }).id
        for _ in range(2)
    ]  # fmt: skip
    grant = {"grant": True, "note": f"For the {word}.", "more_than_asked": False}
    deviations.decide(lead, asked[0], grant, proof(boss))
    deviations.use(hand, asked[0], 5, f"{word}-1")
    report = reports.report(hand, procedure, number, {"step": "seal", "text": f"The {word} slips.", "line": line})
    return {"deviation": asked[0], "asked": asked[1], "report": report.id}
