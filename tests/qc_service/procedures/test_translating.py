"""What stands of a procedure's translations, and what the database itself refuses."""

import threading

import peewee
import pytest

from qc_service import audit
from qc_service.db import connected, new_id, write
from qc_service.errors import QCError
from qc_service.lines.service import create_line, ensure_site
from qc_service.people import staff
from qc_service.procedures import finding, translating, translating_gate
from qc_service.procedures.models import Procedure
from qc_service.procedures.translation_models import ProcedureTranslation, TranslationOverride
from sops.translations import State, Translation, source_sha
from tests.site_procedures import acting, named, procedure_of, proof
from tests.site_translations import title

DANISH = "da"


@pytest.fixture
def made(database):
    """A site's procedure, and two people who may write and review its translations."""
    site = ensure_site(audit.COMMAND, "S1")
    create_line(audit.COMMAND, site, "L1", "Line 1")
    found = procedure_of("fern", "S1", site.id, "L1")
    people = [
        staff.add_person(audit.COMMAND, badge, badge, ["quality_manager"], site_id=site.id) for badge in ("UNA", "DUO")
    ]
    return {
        "code": found["procedure"], "number": int(found["in_force"]), "approved": int(found["approved"]),
        "site": site.id, "people": people, "actors": [acting(person, site.id) for person in people],
    }  # fmt: skip


def put(made, text, who=0):
    return translating.put(made["actors"][who], made["code"], made["number"], DANISH, title("fern", text))


def review(made, who=1):
    return translating.review(made["actors"][who], made["code"], made["number"], DANISH, None)


def version(made):
    procedure = Procedure.get(Procedure.code == made["code"])
    return finding.load(procedure, made["number"])


def shown(made):
    read = translating.rendered(version(made), DANISH)
    return read.document["title"], read.marks["title"].state


def test_a_reader_is_shown_what_was_reviewed_last_else_the_draft_else_the_source(made):
    assert shown(made) == ("Pack the fern", State.MISSING)
    put(made, "Pak bregnen")
    assert shown(made) == ("Pak bregnen", State.DRAFT)
    review(made)
    put(made, "Pak bregnen ind")
    assert shown(made) == ("Pak bregnen", State.REVIEWED)
    review(made)
    assert shown(made) == ("Pak bregnen ind", State.REVIEWED)


def test_what_came_with_the_service_has_no_writer_and_may_be_reviewed_by_anybody(made):
    found = version(made)
    actor = made["actors"][0]
    with write():
        shipped = Translation("title", DANISH, "Pak bregnen", source_sha(named("fern")["title"]), "draft")
        translating.store(actor, found, None, DANISH, [shipped], "shipped")

    assert ProcedureTranslation.get().person_id is None
    assert review(made, who=0).paths == ["title"]


def test_each_change_is_one_event_that_names_the_texts(made):
    before = audit.Event.select().count()
    put(made, "Pak bregnen")
    put(made, "Pak bregnen")
    review(made)

    events = list(audit.Event.select().order_by(audit.Event.recorded_at, audit.Event.seq))[before:]
    assert [event.type for event in events] == ["procedure.translated", "procedure.translation_reviewed"]
    assert all(event.site_id == made["site"] and b'"paths":["title"]' in bytes(event.body) for event in events)


def test_a_translation_is_history(made):
    put(made, "Pak bregnen")

    with pytest.raises(peewee.DatabaseError), write():
        ProcedureTranslation.update(text="Noget andet").execute()


def test_the_gate_speaks_the_languages_of_the_floor_and_of_nobody_else(made):
    for badge, role, language in (
        ("A", "operator", "ms"), ("B", "inspector", "da"), ("C", "supervisor", "ca"), ("D", "operator", "en"),
    ):  # fmt: skip
        staff.add_person(audit.COMMAND, badge, badge, [role], site_id=made["site"], language=language)
    other = ensure_site(audit.COMMAND, "S2")
    staff.add_person(audit.COMMAND, "E", "E", ["operator"], site_id=other.id, language="fil")
    staff.add_person(audit.COMMAND, "F", "F", ["operator"], language="id")  # in every site

    assert translating_gate.languages_of(version(made)) == ["id", "ms", "da"]


def test_the_database_takes_no_override_that_one_human_asked_and_confirmed(made):
    staff.add_person(audit.COMMAND, "B", "B", ["operator"], site_id=made["site"], language="da")
    one = made["people"][0]
    row = translating_gate.ask_override(made["actors"][0], made["code"], made["approved"], proof(one), "Urgent.")

    with pytest.raises(QCError, match="another person"):
        translating_gate.confirm_override(made["actors"][0], made["code"], made["approved"], proof(one))
    with pytest.raises(peewee.DatabaseError), write():
        TranslationOverride.update(
            confirmed_by=one.id, confirmed_human=one.id, confirmed_at=row.asked_at,
            confirmed_signature=row.asked_signature,
        ).execute()  # fmt: skip


def test_two_reviews_at_once_make_one_revision(made):
    put(made, "Pak bregnen")
    third = staff.add_person(audit.COMMAND, "TRE", "TRE", ["quality_manager"], site_id=made["site"])
    reviewers = [made["actors"][1], acting(third, made["site"])]
    start, found = threading.Barrier(2), []

    def work(actor):
        with connected():
            start.wait()
            found.append(translating.review(actor, made["code"], made["number"], DANISH, None).paths)

    threads = [threading.Thread(target=work, args=(actor,)) for actor in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [[], ["title"]]
    assert [row.number for row in ProcedureTranslation.select().order_by(ProcedureTranslation.number)] == [1, 2]


def test_a_row_of_another_kind_is_refused_by_the_database(made):
    found = version(made)
    row = {
        "id": new_id("trn"), "procedure_id": found.procedure.id, "path": "title", "language": "da",
        "source_sha": "0" * 16, "number": 1, "text": "x", "status": "perfect", "origin": "typed", "person_id": None,
        "human_id": None, "author": "cli", "at": found.at,
    }  # fmt: skip
    with pytest.raises(peewee.DatabaseError), write():
        ProcedureTranslation.insert(row).execute()
