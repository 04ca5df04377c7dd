"""What other slices ask: may this person make, or check, by that procedure, on that line, at that moment?"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import peewee
import pytest

from qc_service import audit, clock
from qc_service.config import SettingsError, load
from qc_service.db import connected, write
from qc_service.lines.models import Line, Site
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import acknowledging, decisions, drafts, pending, publication, skills
from qc_service.procedures.drafts import Draft
from qc_service.procedures.models import Acknowledgement, Procedure, SkillRecord
from qc_service.procedures.qualification import init_qualification, may_inspect, may_perform
from tests.plant import Plant
from tests.procedure_life import document
from tests.site_procedures import acting, proof

HOUR = timedelta(hours=1)
SKILL = {"text": "Ten cans sealed tight.", "valid_for_days": 30}


class Floor:
    """A site with a line, two leads and an operator, and a procedure that is published to it."""

    def __init__(self, app):
        with connected():
            Plant(app).line("L1", "S1")
            self.line, self.site = Line.get(Line.code == "L1"), Site.get(Site.code == "S1")
            self.people = {
                code: staff.add_person(audit.COMMAND, code, f"Name of {code}", [role])
                for code, role in (("ANNA", "quality_manager"), ("BO", "quality_manager"), ("ODA", "operator"))
            }
            drafts.create_procedure(self.actor("ANNA"), "CAN", "Fill and seal", owner=None, site=None)
        self.procedure = Procedure.get(Procedure.code == "CAN").id

    def actor(self, code):
        role = "operator" if code == "ODA" else "quality_manager"
        return acting(self.people[code], None, role, *(["supervisor"] if role != "operator" else []))

    def proof(self, code):
        return proof(Person.get_by_id(self.people[code].id))

    def publish(self, doc=None, at=None):
        anna, bo = self.actor("ANNA"), self.actor("BO")
        number = drafts.start_version(anna, "CAN", Draft(drafts.normal(doc or document()), "as agreed")).version.number
        decisions.submit(anna, "CAN", number)
        decisions.approve(bo, "CAN", number, self.proof("BO"))
        publication.publish(bo, "CAN", number, self.proof("BO"), at)
        return number

    def read(self, code, number=1):
        return acknowledging.acknowledge(self.actor(code), "CAN", number, self.proof(code))

    def may(self, code, at=None, *, line=True):
        where = self.line if line else None
        found = may_perform(self.people[code].id, self.procedure, where, at or clock.now())
        assert may_inspect(self.people[code].id, self.procedure, where, at or clock.now()) == found
        return found

    def same(self, code, human):
        """What the database holds once an administrator has said that two accounts are one human being's."""
        Person.update(human_id=human and self.people[human].id).where(Person.id == self.people[code].id).execute()


@pytest.fixture
def hall(app):
    made = Floor(app)
    with connected():
        yield made


def test_nobody_may_before_anything_is_in_force(hall):
    assert hall.may("ODA") == ("nothing_in_force",)
    hall.publish(at=clock.now() + HOUR)
    assert hall.may("ODA") == ("nothing_in_force",)
    assert hall.may("ODA", clock.now() + 2 * HOUR) == ("not_acknowledged",)


def test_the_past_is_judged_by_what_was_known_then(hall):
    hall.publish(document(skill=SKILL))
    before = clock.now()
    hall.read("ODA")
    skills.confirm(hall.actor("ANNA"), "CAN", "ODA", hall.proof("ANNA"), line=hall.line)

    assert hall.may("ODA", before) == ("not_acknowledged", "skill_missing")
    assert hall.may("ODA") == ()
    assert hall.may("ODA", line=False) == ()
    assert hall.may("ODA", clock.now() + timedelta(days=31)) == ("skill_expired",)


def test_asking_costs_few_statements(hall, caplog):
    hall.publish(document(skill=SKILL))
    hall.read("ODA")
    for number in range(12):
        hall.publish(document(skill=SKILL, purpose=f"Wording {number}."))
    hall.may("ODA")
    caplog.clear()

    with caplog.at_level(logging.DEBUG, logger="peewee"):
        may_perform(hall.people["ODA"].id, hall.procedure, hall.line, clock.now())

    assert len([one for one in caplog.records if one.name == "peewee"]) == 4


def test_what_accounts_of_one_human_being_did_counts_for_each_and_for_none_that_is_parted_again(hall):
    hall.publish(document(skill=SKILL))
    hall.same("ODA", "BO")
    hall.read("BO")
    skills.confirm(hall.actor("ANNA"), "CAN", "BO", hall.proof("ANNA"))
    assert hall.may("ODA") == hall.may("BO") == ()

    hall.same("ODA", None)
    assert hall.may("BO") == ()
    assert hall.may("ODA") == ("not_acknowledged", "skill_missing")


def test_a_skill_that_ones_own_other_account_confirmed_counts_for_nothing(hall):
    hall.publish(document(skill=SKILL))
    hall.read("ODA")
    skills.confirm(hall.actor("ANNA"), "CAN", "ODA", hall.proof("ANNA"))
    assert hall.may("ODA") == ()
    hall.same("ODA", "ANNA")
    assert hall.may("ODA") == ("skill_missing",)


def test_the_list_names_whom_the_rule_refuses_since_when_they_do_not_know_the_version(hall):
    start = clock.now() + HOUR
    hall.publish()
    hall.read("ODA")
    hall.publish(document("344"), start)
    hall.publish(document("344", purpose="Wording."), start + HOUR)  # submitted against 1, so confirmed as more
    hall.publish(document("343"), start + 2 * HOUR)
    hall.read("BO", 2)
    hall.read("ANNA", 4)
    procedure = Procedure.get_by_id(hall.procedure)
    places = pending.places_of(procedure, None)

    for at in (start - HOUR / 2, start, start + 1.5 * HOUR, start + 3 * HOUR):
        named = {one.person.code: one for one in pending.pending(procedure, places, at)}
        assert set(named) == {code for code in hall.people if hall.may(code, at)}
    assert {code: (one.since, one.before) for code, one in named.items()} == {
        "ODA": (start, 1), "BO": (start + HOUR, 2),
    }  # fmt: skip


def test_who_reads_at_once_with_themselves_signs_once(hall):
    hall.publish()
    start = Barrier(16)

    def run(_):
        start.wait(timeout=60)
        with connected():
            return hall.read("ODA").new

    with ThreadPoolExecutor(16) as pool:
        news = list(pool.map(run, range(16)))

    assert news.count(True) == 1
    assert Acknowledgement.select().count() == 1


def test_the_database_itself_refuses_a_second_signature_and_a_skill_confirmed_by_oneself(hall):
    hall.publish(document(skill=SKILL))
    read = hall.read("ODA").row
    shown = skills.confirm(hall.actor("ANNA"), "CAN", "ODA", hall.proof("ANNA"))

    with pytest.raises(peewee.IntegrityError), write():
        Acknowledgement.create(**{**read.__data__, "id": "ack_2"}, force_insert=True)
    own = {**shown.__data__, "id": "skl_2", "confirmed_human": shown.human_id}
    with pytest.raises(peewee.IntegrityError), write():
        SkillRecord.create(**own, force_insert=True)


def test_the_period_of_grace_is_a_setting(tmp_path):
    assert load({}, str(tmp_path)).acknowledgement_grace_hours == 0
    assert load({"QC_ACKNOWLEDGEMENT_GRACE_HOURS": "24"}, str(tmp_path)).acknowledgement_grace_hours == 24
    with pytest.raises(SettingsError, match="QC_ACKNOWLEDGEMENT_GRACE_HOURS"):
        load({"QC_ACKNOWLEDGEMENT_GRACE_HOURS": "-1"}, str(tmp_path))


def test_a_period_of_grace_without_an_end_is_refused(settings):
    with pytest.raises(SettingsError, match="QC_ACKNOWLEDGEMENT_GRACE_HOURS"):
        init_qualification(replace(settings, acknowledgement_grace_hours=10**7))
