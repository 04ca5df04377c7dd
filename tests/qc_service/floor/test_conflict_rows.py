"""What a tablet is answered and told of each case that comes of being away: the table of the design, row by row.

Each row delivers its records and gives the address that is looked at; beside it stand the answer, where the record
stands, and the sentence that whoever made it reads, in each of the six languages.
"""

import copy
import json
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.floor import words
from qc_service.inspections.telling import NOTES, STANDINGS
from qc_service.people import access, staff
from qc_service.words import LANGUAGES, Words
from tests.floor_life import Floor, record
from tests.procedure_life import SIGNED, Somebody, document
from tests.tablet_life import Tablet, set_pin, signed_in_again, tablet_of

PIN, NEW_PIN, WRONG = "739154", "260483", "480917"
VERSIONED = ("BEFORE", "WORDS", "CHECKS", "SAFETY")  # procedures of which a second version comes meanwhile


@dataclass
class Away:
    """The plant, and the tablet that was away from it."""

    floor: Floor
    tablet: Tablet
    omar: Somebody
    began: str

    def lot(self, code, *makers, **more):
        self.floor.lot(code, *(makers or ("MIA",)), **more)

    def deliver(self, lot, pin=PIN, at=None, who="INES", **more):
        """The status of the answer, and the record's address."""
        name, answer = self.tablet.deliver(record(who, lot, **more), pin, at=at)
        return answer.status_code, name

    def second(self, code, change):
        """Another version of a procedure, in force from now on."""
        made = copy.deepcopy(document())
        change(made)
        self.floor.life.published(
            self.floor.life.somebody(f"A2-{code}"), self.floor.life.somebody(f"C2-{code}"), code, made
        )


@pytest.fixture
def away(floor, mia, ines):
    omar = floor.person("OMAR")
    for code in VERSIONED:
        floor.life.published(
            floor.life.somebody(f"A-{code}"), floor.life.somebody(f"C-{code}"), code, document(title=code)
        )
        ines.done("POST", f"/procedures/{code}/versions/1/acknowledgements", SIGNED)
    floor.person("NEW", reads=False)
    for badge in ("INES", "OMAR", "NEW", "GONE"):
        if badge == "GONE":
            floor.person(badge)
        set_pin(badge, PIN)
    floor.plant.work()
    return Away(floor, tablet_of(floor), omar, clock.iso(clock.now()))


def same_again(away):
    away.lot("R1")
    _, name = away.deliver("R1", observed_at=away.began)
    return away.deliver("R1", at=name, observed_at=away.began)


def other_body(away):
    away.lot("R2")
    _, name = away.deliver("R2")
    return away.deliver("R2", at=name, units_inspected=9)


def finished_before(away):
    away.lot("R3", procedure="BEFORE")
    done = clock.iso(clock.now())
    away.second("BEFORE", lambda made: made["checks"][1].update(max="344"))
    return away.deliver("R3", procedure="BEFORE", observed_at=done)


def other_words(away):
    away.lot("R4", procedure="WORDS")
    away.second("WORDS", lambda made: made["checks"][0].update(text="Is it closed all round?"))
    return away.deliver("R4", procedure="WORDS")


def checks_changed(away):
    away.lot("R5", procedure="CHECKS")
    away.second("CHECKS", lambda made: made["checks"][1].update(max="344"))
    return away.deliver("R5", procedure="CHECKS")


def withdrawn(away):
    away.lot("R6", procedure="SAFETY")
    boss = away.floor.people["BOSS"]
    boss.done("POST", "/procedures/SAFETY/versions/1/withdraw", {**SIGNED, "reason": "The seam head is cracked."})
    return away.deliver("R6", procedure="SAFETY")


def own_work(away):
    away.lot("R7", "INES")
    return away.deliver("R7")


def own_work_known_later(away):
    away.floor.lot("R7L")
    status, name = away.deliver("R7L")
    away.floor.plant.work()
    assert away.floor.standing(name) == ("accepted", ["maker_unknown"], True, None)
    away.floor.lot("R7L", "INES")
    return status, name


def maker_unknown(away):
    away.floor.lot("R8")
    return away.deliver("R8")


def not_qualified(away):
    away.lot("R9")
    return away.deliver("R9", who="NEW")


def left_meanwhile(away):
    away.lot("R9L")
    with connected():
        staff.deactivate_person(audit.COMMAND, staff.person_with("GONE").id)
    return away.deliver("R9L", who="GONE")


def pin_changed(away):
    away.lot("R10")
    done = clock.iso(clock.now())
    set_pin("OMAR", NEW_PIN)
    return away.deliver("R10", who="OMAR", observed_at=done)


def pin_wrong(away):
    away.lot("R11")
    return away.deliver("R11", WRONG)


def clock_wrong(away):
    away.lot("R12")
    ahead = clock.iso(clock.now() + timedelta(days=1))
    return away.deliver("R12", observed_at=ahead, clock_offset_ms=86_400_000)


def second_of_two(away):
    away.lot("R13", units=["U-1"])
    first = clock.iso(clock.now())
    status, name = away.deliver("R13", unit="U-1", units_inspected=1)
    away.deliver("R13", NEW_PIN, who="OMAR", unit="U-1", units_inspected=1, observed_at=first)
    return status, name


def lot_unknown(away):
    return away.deliver("R14")


def unit_unknown(away):
    away.lot("R14U", units=["U-1"])
    return away.deliver("R14U", unit="U-9", units_inspected=1)


def lot_shipped(away):
    away.lot("R14S", shipped_at=clock.iso(clock.now() - timedelta(hours=1)))
    return away.deliver("R14S")


def days_late(away):
    away.lot("R18")
    status, name = away.deliver("R18", observed_at=away.began)
    away.floor.plant.work()
    assert away.floor.count("R18")["period_end"] == away.began
    return status, name


def older_form(away):
    """It says no more than the first release did."""
    away.lot("R19")
    body = record("INES", "R19")
    return away.deliver("R19", nonconformities=body["nonconformities"])


def newer_form(away):
    away.lot("R19N")
    return away.deliver("R19N", mood="good")


def picture_to_come(away):
    away.lot("R20")
    wrong = {"check": "tight", "defect_code": "LEAK", "units": 1, "disposition": "rework", "photo": "0" * 64}
    return away.deliver(
        "R20", nonconformities=[wrong], answers={**record("INES")["answers"], "tight": {"value": "defect"}}
    )


# status, state, reasons, counted, what the sentence is about, and what is told besides
ROWS = {
    same_again: (200, "accepted", [], True, "accepted", []),
    other_body: (409, "accepted", [], True, "accepted", []),
    finished_before: (201, "accepted", [], True, "accepted", []),
    other_words: (201, "accepted", ["old_version"], True, "accepted", ["old_version"]),
    checks_changed: (201, "quarantined", ["checks_changed"], False, "checks_changed", []),
    withdrawn: (201, "quarantined", ["version_withdrawn"], False, "version_withdrawn", []),
    own_work: (201, "quarantined", ["self_check"], False, "self_check", []),
    own_work_known_later: (201, "quarantined", ["self_check"], False, "self_check", []),
    maker_unknown: (201, "accepted", ["maker_unknown"], True, "maker_unknown", []),
    not_qualified: (201, "unconfirmed", ["not_qualified"], False, "not_qualified", []),
    left_meanwhile: (201, "unconfirmed", ["not_qualified"], False, "not_qualified", []),
    pin_changed: (201, "accepted", [], True, "accepted", []),
    pin_wrong: (201, "unconfirmed", ["identity_unconfirmed"], False, "identity_unconfirmed", []),
    clock_wrong: (201, "accepted", ["time_estimated"], True, "accepted", ["time_estimated"]),
    second_of_two: (201, "accepted", ["also_inspected"], False, "also_inspected", []),
    lot_unknown: (201, "unconfirmed", ["unmatched", "maker_unknown"], False, "unknown_lot", ["maker_unknown"]),
    unit_unknown: (201, "unconfirmed", ["unit_unknown", "unmatched"], False, "unit_unknown", []),
    lot_shipped: (201, "unconfirmed", ["lot_shipped", "unmatched"], False, "lot_shipped", []),
    days_late: (201, "accepted", [], True, "accepted", []),
    older_form: (201, "accepted", [], True, "accepted", []),
    newer_form: (201, "unconfirmed", ["unknown_fields"], False, "unknown_fields", []),
    picture_to_come: (201, "accepted", ["media_pending"], True, "accepted", ["media_pending"]),
}


def standings(tablet, names, language):
    """By address what the tablet is told."""
    answer = tablet.call("GET", f"/v1/floor/standings?uuids={','.join(names)}&lang={language}")
    assert answer.status_code == 200, answer.text
    return {one["uuid"]: one for one in answer.json["data"]}


def test_each_case_is_answered_judged_and_told_as_it_was_designed(away, boss):
    away.floor.people["BOSS"] = boss
    found, names = {}, {}
    for row in ROWS:
        status, names[row] = row(away)
        found[row] = status
    away.floor.plant.work()
    for row, name in names.items():
        one = away.floor.get(name)
        found[row] = found[row], one["state"], one["reasons"], one["counted"]
    assert found == {row: expected[:4] for row, expected in ROWS.items()}

    for language in LANGUAGES:
        say, told = Words(language).say, standings(away.tablet, list(names.values()), language)
        for row, (*_, lead, notes) in ROWS.items():
            one = told[names[row]]
            right = say(STANDINGS[lead]), [say(NOTES.get(note) or STANDINGS[note]) for note in notes]
            assert (one["sentence"], one["notes"]) == right, (row, language)
            assert language == "en" or one["sentence"] != STANDINGS[lead], (row, language)
            assert len(one["sentence"].split()) <= 40
    assert told[names[checks_changed]]["missing"] == ["weight"]
    assert away.floor.release("R6")[0] == "hold"


def test_what_cannot_be_taken_is_kept_on_the_tablet_with_what_to_do(away):
    """Nothing is stored; the tablet itself says why, in each language."""
    away.lot("A")
    where = f"/v1/inspections/{uuid.uuid4()}"
    told = {}
    for name, body in (("unreadable", b"{"), ("no record", b"{}"), ("too large", b"x" * 7_000_000)):
        answer = away.tablet.call("PUT", where, data=body, content_type="application/json")
        told[name] = answer.status_code, answer.json["code"]
    with connected():
        access.revoke_device(audit.COMMAND, away.tablet.id)
    answer = away.tablet.call("PUT", where, data=json.dumps(record("INES")), content_type="application/json")
    told["withdrawn"] = answer.status_code, answer.json["code"]
    assert told == {
        "unreadable": (400, "unreadable_body"), "no record": (422, "validation_failed"),
        "too large": (413, "payload_too_large"), "withdrawn": (401, "unauthenticated"),
    }  # fmt: skip
    for language in LANGUAGES:
        texts = words.catalogue(language)["texts"]
        for name in ("sent.refused", "sent.variant", "sent.reconnect", "sent.help", "offline"):
            assert texts[name]
            assert language == "en" or texts[name] != words.TEXTS[name], (name, language)
    assert signed_in_again(away.floor, "INES").done("GET", "/inspections?lot=A")["data"] == []
