"""A translator's calls of the API."""

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from sops.translations import source_sha, texts
from tests.procedure_life import SIGNED, document

VERSIONS = "/procedures/CAN/versions"
DANISH = {
    "title": "Fyld og luk en dåse",
    "purpose": "Hver dåse forlader linjen tæt og fuld.",
    "steps.seal.text": "Læg låget på, og fals det hele vejen rundt.",
    "checks.tight.text": "Lukket hele vejen rundt?",
    "checks.weight.text": "Fyldevægt",
}


def speaking(life, badge, language, *roles, site=None):
    made = life.somebody(badge, *roles, site=site)
    with connected():
        staff.change_person(audit.COMMAND, Person.get(Person.code == badge).id, language=language)
    return made


def sent(doc, words):
    return {"texts": {path: {"text": text, "source_sha": source_sha(texts(doc)[path])} for path, text in words.items()}}


def translate(who, number, doc, words, language="da"):
    return who.done("PUT", f"{VERSIONS}/{number}/translations/{language}", sent(doc, words))["written"]


def review(who, number, language="da", **body):
    return who("POST", f"{VERSIONS}/{number}/translations/{language}/review", body or {"all": True})


def listed(who, number, language="da"):
    found = who.done("GET", f"{VERSIONS}/{number}/translations/{language}")
    return {one["path"]: one for one in found["texts"]}, found


def translated(author, reviewer, number, doc, words=None, language="da"):
    translate(author, number, doc, words or DANISH, language)
    assert review(reviewer, number, language).status_code == 200


def publish(who, number):
    return who("POST", f"{VERSIONS}/{number}/publish", SIGNED)


def safer(**changes):
    """The critical check asks for something else: a change of safety."""
    doc = document(**changes)
    doc["checks"][0] |= {
        "text": "Closed and tight all round?",
        "severity": "critical",
        "defect_codes": ["LEAK", "DENT"],
    }
    doc["hazards"] = [{"id": "crush", "text": "The head crushes fingers.", "control": "Two hands on the buttons."}]
    return doc
