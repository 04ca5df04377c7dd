"""A site's translations in each of their states, made through the services: drafts, reviewed, and published without."""

from qc_service import audit
from qc_service.people import staff
from qc_service.procedures import translating, translating_gate
from sops.translations import source_sha
from tests.site_procedures import acting, named, proof

DANISH = "da"


def title(word: str, text: str) -> dict[str, dict[str, str]]:
    """A translation of the title that the procedure of `site_procedures` has."""
    return {"title": {"text": text, "source_sha": source_sha(named(word)["title"])}}


def translations_of(word: str, site_id: str, code: str, approved: str) -> None:
    """A reviewed and a drafted title in Danish, and an override of the gaps of the approved version."""
    first, second = (
        staff.add_person(audit.COMMAND, f"{name}-{word}", f"{name} {word}", ["quality_manager"], site_id=site_id)
        for name in ("Asker", "Agreer")
    )
    staff.add_person(audit.COMMAND, f"Dane-{word}", f"Dane {word}", ["operator"], site_id=site_id, language=DANISH)
    asker, agreer = acting(first, site_id), acting(second, site_id)
    number = int(approved)
    translating.put(asker, code, number, DANISH, title(word, f"Pak {word}"))
    translating.review(agreer, code, number, DANISH, None)
    translating.put(asker, code, number, DANISH, title(word, f"Pak {word} ind"))
    translating_gate.ask_override(asker, code, number, proof(first), f"The {word} cannot wait.")
    translating_gate.confirm_override(agreer, code, number, proof(second))
