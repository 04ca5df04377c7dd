"""The list of procedures: what each row says, what can be looked for, and that it stays quick."""

import re

import pytest

from qc_service import audit
from qc_service.db import connected, db
from qc_service.people import staff
from qc_service.procedures import decisions, drafts, publication
from qc_service.procedures.drafts import Draft
from tests.plant import Plant
from tests.procedure_life import document
from tests.reader import PASSWORD, Desk
from tests.site_procedures import acting, proof

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def plant(app):
    with connected():
        made = Plant(app)
        made.line("L1", "S1")
        made.line("L2", "S1")
        yield made


@pytest.fixture
def people(plant):
    from qc_service.people import credentials

    credentials.init_people(plant.app.config["QC"])
    return {
        badge: staff.add_person(audit.COMMAND, badge, f"Name of {badge}", roles, password=PASSWORD, language=language)
        for badge, roles, language in (
            ("Q-1", ["quality_manager"], "en"), ("Q-2", ["quality_manager"], "en"), ("O-1", ["operator"], "da"),
        )
    }  # fmt: skip


def published(people, code, doc=None, **more):
    author = acting(people["Q-1"], None)
    drafts.create_procedure(author, code, f"How to {code}", owner=None, site=None)
    return next_version(people, code, doc, **more)


def next_version(people, code, doc=None, *, line=None, state="in_force"):
    author, boss = (acting(people[one], None, "quality_manager", "supervisor") for one in ("Q-1", "Q-2"))
    number = drafts.start_version(author, code, Draft(drafts.normal(doc or document())), line=line).version.number
    if state != "draft":
        decisions.submit(author, code, number)
    if state in ("approved", "in_force"):
        decisions.approve(boss, code, number, proof(people["Q-2"]))
    if state == "in_force":
        publication.publish(boss, code, number, proof(people["Q-2"]))
    return number


@pytest.fixture
def desk(plant, people):
    with connected():
        staff.change_person(audit.COMMAND, people["O-1"].id, language="en")
        published(people, "CAN")
        published(people, "JAR", document(title="Fill a jar", purpose="No jar breaks."))
        next_version(people, "CAN", document("344"), state="in_review")
        next_version(people, "CAN", document("343"), line="L1")
        drafts.set_lines(acting(people["Q-1"], None), "JAR", [{"line": "L2"}])
        drafts.create_procedure(acting(people["Q-1"], None), "NEW", "Not yet", owner=None, site=None)
        staff.change_person(audit.COMMAND, people["O-1"].id, language="da")
    return Desk(plant.app, "Q-1")


def codes(desk):
    return re.findall(r'class="procedures__code">([^<]*)<', desk.answer.text)


def test_a_row_says_what_is_in_force_what_waits_and_what_is_missing(desk):
    desk.get("/procedures")

    can, jar, new = desk.rows
    assert "version 1 since" in can
    assert "and variants: 1" in can
    assert "version 2 In review" in can
    assert "Not reviewed: DA" in can
    assert "Still to read: 3" in can
    assert "version 1 since" in jar
    assert "Nothing in force" in new


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ja"}, ["JAR"]), ({"q": "how to"}, ["CAN", "JAR"]), ({"q": "NO JAR BREAKS"}, ["JAR"]),
        ({"q": "purpose"}, []), ({"q": "50%"}, []), ({"state": "in_review"}, ["CAN"]), ({"state": "none"}, ["NEW"]),
        ({"line": "L2"}, ["JAR"]), ({"line": "L2", "q": "can"}, []), ({"state": "odd"}, ["CAN", "JAR", "NEW"]),
    ],
)  # fmt: skip
def test_a_procedure_is_found_by_code_title_or_any_of_its_texts(desk, query, found):
    desk.get("/procedures", **query)

    assert codes(desk) == found


def test_who_works_on_the_floor_sees_what_is_in_force_and_no_drafts(desk, plant, people):
    operator = Desk(plant.app, "O-1")

    operator.get("/procedures", lang="en")

    assert codes(operator) == ["CAN", "JAR", "NEW"]
    assert "procedures/CAN/versions/2" not in operator.answer.text
    assert "/procedures/new" not in operator.answer.text


def test_three_hundred_procedures_take_no_more_statements_than_three(desk, plant, people):
    def statements():
        with connected():
            seen = []
            plain = db.obj.execute_sql
            db.obj.execute_sql = lambda *args, **kwargs: seen.append(args[0]) or plain(*args, **kwargs)
            try:
                desk.get("/procedures")
            finally:
                del db.obj.execute_sql
        return len(seen)

    few = statements()
    with connected():
        author = acting(people["Q-1"], None)
        for place in range(300):
            drafts.create_procedure(author, f"P-{place:03}", f"Procedure {place}", owner=None, site=None)
            drafts.start_version(author, f"P-{place:03}", Draft(drafts.normal(document())))

    assert statements() <= few
    assert len(codes(desk)) == 40
    assert "Page 1 of 8" in desk.text
    desk.get("/procedures", page="8")
    assert len(codes(desk)) == 303 - 7 * 40
