"""Records that come late, twice, out of order, by the wrong version or from the wrong hands: none is lost or refused
for what it is worth, and each has its state and says why."""

import copy
import hashlib
import json
import uuid
from datetime import timedelta

import pytest

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from qc_service.inspections.rules import REASONS
from qc_service.inspections.telling import Standing
from qc_service.people import access, staff
from tests.floor_life import OK, record
from tests.procedure_life import SIGNED, document
from tests.tablet_life import set_pin, signed_in_again, tablet_of

PIN, NEW_PIN, WRONG = "739154", "260483", "480917"


@pytest.fixture
def tablet(floor, ines):
    set_pin("INES", PIN)
    return tablet_of(floor)


def moment(**back) -> str:
    return clock.iso(clock.now() - timedelta(**back))


def second_version(floor, **changes) -> None:
    """Another version of the procedure, in force from now on."""
    people = floor.life.somebody("AUTHOR2"), floor.life.somebody("CHIEF2")
    made = document()
    for path, value in changes.items():
        check, name = path.split("__")
        made["checks"][["tight", "weight"].index(check)][name] = value
    floor.life.published(*people, doc=made)
    floor.plant.work()


# --- twice, and otherwise ---


def test_the_same_record_again_gets_the_same_receipt_and_is_one_row(floor, mia, ines):
    floor.lot("A", "MIA")
    body = json.dumps(record("INES")).encode()
    name, first = floor.send(ines, body)
    _, again = floor.send(ines, body, at=name.upper())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json == {"receipt": name, "sha256": hashlib.sha256(body).hexdigest()}
    with connected():
        assert InspectionRecord.select().count() == 1


def test_another_body_under_the_same_address_is_refused_and_kept_beside_it(floor, mia, ines):
    floor.lot("A", "MIA")
    name = floor.inspect(ines)
    another = record("INES", units_inspected=9)
    for _ in range(2):
        other = ines("PUT", f"/inspections/{name}", another)
        assert (other.status_code, other.json["code"], other.json["kept_as"]) == (409, "revision_conflict", "variant")
    assert floor.get(name)["units"]["inspected"] == 10
    with connected():
        assert [json.loads(bytes(row.body))["units_inspected"] for row in InspectionVariant.select()] == [9]


# --- by another version ---


def test_what_was_done_before_a_version_came_is_done_by_the_one_before(floor, mia, ines):
    floor.lot("A", "MIA")
    done = clock.iso(clock.now())
    second_version(floor, weight__max="344")
    name = floor.inspect(ines, observed_at=done)
    assert floor.standing(name) == ("accepted", [], True, True)


def test_an_old_version_whose_words_alone_were_changed_counts(floor, mia, ines):
    floor.lot("A", "MIA")
    second_version(floor, tight__text="Is it closed all round?")
    name = floor.inspect(ines)
    assert floor.standing(name) == ("accepted", ["old_version"], True, True)


def test_an_old_version_whose_checks_were_changed_is_set_aside_and_says_which(floor, mia, ines):
    floor.lot("A", "MIA")
    second_version(floor, weight__max="344")
    name = floor.inspect(ines)
    assert floor.standing(name) == ("quarantined", ["checks_changed"], False, False)
    assert floor.get(name)["missing"] == ["weight"]
    assert "checks_changed" in floor.release()[1]


def test_a_version_that_was_withdrawn_or_changed_for_safety_is_set_aside_and_the_lot_stays(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam head is cracked."})
    name = floor.inspect(ines)
    assert floor.standing(name) == ("quarantined", ["version_withdrawn"], False, False)
    decision, reasons = floor.release()
    assert decision == "hold"
    assert "version_withdrawn" in reasons


def test_a_version_that_is_unknown_or_not_in_force_yet_matches_nothing(floor, mia, ines):
    floor.lot("A", "MIA")
    for number in (9, 2):
        name = floor.inspect(ines, version=number)
        assert floor.standing(name) == ("unconfirmed", ["unmatched", "maker_unknown"][:1], False, False)


def test_answers_to_checks_that_the_version_does_not_have_wait_for_a_word(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    name = floor.inspect(ines, answers={**OK, "colour": {"value": "ok"}})
    assert floor.standing(name) == ("unconfirmed", ["unknown_checks"], False, False)
    boss.done("POST", f"/inspections/{name}/confirm", {**SIGNED, "note": "The others are right."})
    assert floor.standing(name) == ("accepted", [], True, True)


@pytest.mark.parametrize("weight", [["1.250", "340", "340"], ["1,25", "340", "340"], ["341", "340", "340"]])
def test_a_measured_value_is_read_as_it_was_written_or_not_at_all(floor, mia, ines, weight):
    floor.lot("A", "MIA")
    answers = copy.deepcopy(OK)
    answers["weight"]["value"] = weight
    found = floor.get(floor.inspect(ines, answers=answers))
    [told] = [one for one in found["answers"] if one["check"] == "weight"]
    assert told["value"] == weight
    assert (told["outcome"] == "ok") == (weight[0] == "341")


# --- from whom ---


def test_a_tablet_delivers_what_somebody_else_signed_on_it(floor, mia, tablet):
    floor.lot("A", "MIA")
    name = tablet.judged(record("INES"), PIN)
    found = floor.get(name)
    assert floor.standing(name) == ("accepted", [], True, True)
    assert [(one["badge"], one["method"]) for one in found["signatures"]] == [("INES", "pin")]
    assert found["attestation"] == "sealed"


def test_a_pin_that_was_changed_since_is_good_for_what_was_sealed_before(floor, mia, tablet):
    floor.lot("A", "MIA")
    done = moment(seconds=1)
    set_pin("INES", NEW_PIN)
    before = tablet.judged(record("INES", observed_at=done), PIN)
    assert floor.standing(before) == ("accepted", [], True, True)
    after = tablet.judged(record("INES", unit="U-2", units_inspected=1), PIN)
    assert floor.standing(after) == ("unconfirmed", ["identity_unconfirmed"], False, False)


def test_a_wrong_pin_leaves_it_to_the_one_who_is_named_to_say_whose_it_was(floor, mia, tablet):
    floor.lot("A", "MIA")
    first, second = (tablet.judged(record("INES", unit=unit, units_inspected=1), WRONG) for unit in ("U-1", "U-2"))
    assert floor.standing(first) == ("unconfirmed", ["identity_unconfirmed"], False, False)
    assert mia.refused("POST", f"/inspections/{first}/own", {**SIGNED, "mine": True}) == (403, "scope_missing")
    ines = signed_in_again(floor, "INES")
    ines.done("POST", f"/inspections/{first}/own", {**SIGNED, "mine": True})
    ines.done("POST", f"/inspections/{second}/own", {**SIGNED, "mine": False})
    assert floor.standing(first) == ("accepted", [], True, True)
    assert floor.standing(second) == ("unconfirmed", ["disowned", "identity_unconfirmed"], False, False)
    assert ines.refused("POST", f"/inspections/{first}/own", {**SIGNED, "mine": False}) == (409, "illegal_transition")


def test_a_seal_fits_no_other_record_and_guesses_are_counted(floor, mia, tablet):
    floor.lot("A", "MIA")
    moved = tablet.judged(record("INES"), PIN, other=b"another record")
    assert floor.standing(moved)[1] == ["identity_unconfirmed"]
    for number in range(6):
        tablet.judged(record("INES", unit=f"U-{number}", units_inspected=1), f"48091{number}")
    locked = tablet.judged(record("INES", unit="U-9", units_inspected=1), PIN)
    assert floor.standing(locked)[1] == ["identity_unconfirmed"]


def test_a_record_that_is_sent_again_costs_no_second_look_at_its_pin(floor, mia, tablet):
    floor.lot("A", "MIA")
    body = record("INES")
    name = tablet.judged(body, PIN)
    for _ in range(8):
        _, again = tablet.deliver(body, WRONG, at=name)
        assert again.status_code == 200
    assert floor.standing(name) == ("accepted", [], True, True)


def test_a_tablet_that_was_revoked_is_turned_away_and_its_token_does_nothing_else(floor, tablet):
    assert tablet.call("GET", "/v1/inspections").status_code == 401
    assert tablet.call("PUT", "/v1/lots/A", json={"line": "L1"}).status_code == 401
    with connected():
        access.revoke_device(audit.COMMAND, tablet.id)
    _, answer = tablet.deliver(record("INES"), None)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_who_has_not_read_the_version_waits_for_a_supervisors_word(floor, mia, boss):
    new = floor.person("NEW", reads=False)
    floor.lot("A", "MIA")
    name = floor.inspect(new)
    assert floor.standing(name) == ("unconfirmed", ["not_qualified"], False, False)
    boss.done("POST", f"/inspections/{name}/confirm", SIGNED)
    assert floor.standing(name) == ("accepted", [], True, True)


def test_who_left_last_week_is_kept_and_not_counted_and_what_they_did_before_counts(floor, mia, tablet):
    floor.lot("A", "MIA")
    done = moment(seconds=0)
    with connected():
        staff.deactivate_person(audit.COMMAND, staff.person_with("INES").id)
    after = tablet.judged(record("INES", unit="U-1", units_inspected=1), PIN)
    before = tablet.judged(record("INES", unit="U-2", units_inspected=1, observed_at=done), PIN)
    assert floor.standing(after) == ("unconfirmed", ["not_qualified"], False, False)
    assert floor.standing(before) == ("accepted", [], True, True)


def test_a_signed_in_person_who_names_another_is_not_believed_at_once(floor, mia, ines):
    floor.lot("A", "MIA")
    name, _ = floor.send(ines, record("MIA"))
    floor.plant.work()
    assert floor.standing(name) == ("unconfirmed", ["identity_unconfirmed"], False, False)


def test_an_imported_record_is_external_and_needs_two_distinct_people(floor, mia, ines):
    floor.lot("A")
    key = lambda body: floor.plant.call("PUT", f"/v1/inspections/{uuid.uuid4()}", body)  # noqa: E731
    sent = [
        record("INES", unit="U-1", units_inspected=1),
        record("INES", unit="U-2", units_inspected=1, makers=["MIA"]),
        record("MIA", unit="U-3", units_inspected=1, makers=["MIA"]),
        record("NOBODY", unit="U-4", units_inspected=1),
    ]
    names = []
    for body in sent:
        answer = key(body)
        assert answer.status_code == 201, answer.text
        names.append(answer.json["receipt"])
        floor.plant.work()
        if body is sent[0]:
            assert floor.standing(names[0]) == ("accepted", ["maker_unknown"], True, None)
    assert [floor.get(name)["attestation"] for name in names] == ["external"] * 4
    assert [floor.standing(name)[0] for name in names] == ["accepted", "accepted", "quarantined", "unconfirmed"]
    assert floor.standing(names[1]) == ("accepted", [], True, True)
    assert floor.standing(names[2]) == ("quarantined", ["self_check"], False, False)


# --- when ---


def test_a_wrong_clock_is_corrected_and_said_and_nothing_happens_in_the_future(floor, mia, ines):
    floor.lot("A", "MIA")
    ahead = timedelta(days=1)
    found = floor.get(floor.inspect(
        ines, unit="U-1", units_inspected=1, observed_at=clock.iso(clock.now() + ahead), clock_offset_ms=86_400_000
    ))  # fmt: skip
    assert found["reasons"] == ["time_estimated"]
    assert found["happened_at"] <= found["received_at"]
    later = floor.get(floor.inspect(ines, unit="U-2", units_inspected=1, observed_at=clock.iso(clock.now() + ahead)))
    assert (later["reasons"], later["happened_at"]) == (["time_estimated"], later["received_at"])
    jumped = floor.get(floor.inspect(ines, unit="U-3", units_inspected=1, clock_jumped=True))
    assert (jumped["reasons"], jumped["counted"]) == (["time_estimated"], True)


def test_records_that_come_days_late_count_when_they_were_made(floor, mia, ines):
    floor.lot("A", "MIA")
    done = moment(seconds=1)
    floor.inspect(ines, observed_at=done)
    assert floor.count()["period_end"] == done


# --- what ---


def test_of_two_who_inspect_one_unit_the_first_by_the_corrected_time_counts(floor, mia, ines):
    omar = floor.person("OMAR")
    floor.lot("A", "MIA")
    done = clock.iso(clock.now())
    late = floor.inspect(omar, unit="U-1", units_inspected=1)
    early = floor.inspect(ines, unit="U-1", units_inspected=1, observed_at=done)
    assert floor.standing(early) == ("accepted", [], True, True)
    assert floor.standing(late) == ("accepted", ["also_inspected"], False, True)
    assert floor.count()["inspected"] == 1


def test_a_lot_that_is_not_known_yet_is_matched_when_it_comes(floor, mia, ines):
    name = floor.inspect(ines, lot="LATER")
    assert floor.standing(name) == ("unconfirmed", ["unmatched", "maker_unknown"], False, False)
    floor.lot("LATER", "MIA")
    floor.plant.work()
    assert floor.standing(name) == ("accepted", [], True, True)
    assert floor.count("LATER")["inspected"] == 10


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 422), (b"{", 400), (b'{"lot": "A"}', 422), (b"\xff", 400), (b'{"lot": NaN}', 400),
     (b'{"lot": "A", "lot": "B"}', 400), (b"x" * 7_000_000, 413)],
)  # fmt: skip
def test_only_what_cannot_be_read_is_refused_and_then_nothing_is_stored(floor, ines, body, status):
    answer = ines("PUT", f"/inspections/{uuid.uuid4()}", data=body, content_type="application/json")
    assert answer.status_code == status, answer.text
    with connected():
        assert InspectionRecord.select().count() == 0


@pytest.mark.parametrize("name", ["1", "not-a-uuid", "00000000-0000-0000-0000-00000000000g"])
def test_an_address_that_is_no_uuid_is_no_inspections(floor, ines, name):
    assert ines("PUT", f"/inspections/{name}", record("INES")).status_code == 404


# --- what people are told ---

TOLD = {
    "self_check": "The inspector also made the lot: it is kept as their own check, and another person inspects.",
    "version_withdrawn": "The version it was done by no longer held: inspect again by the one in force.",
    "checks_changed": "Checks had changed since its version: only those are to be checked again.",
    "identity_unconfirmed": "It waits for a supervisor's word: it is not certain who inspected.",
    "not_qualified": "It waits for a supervisor's word: the inspector was not qualified for this version then.",
    "unknown_checks": "It waits for a supervisor's word: it answers checks that its version does not have.",
    "maker_unknown": "It counts. Whether it is a check by a second person is known once the makers are named.",
    "also_inspected": "Another inspection of the same units came first and counts; this one is kept beside it.",
    "correction_unconfirmed": "It is a correction, and waits for another person's word.",
    "too_many_units": "More units do not conform than were inspected: have it corrected.",
}


def test_each_reason_has_its_sentence_of_thirty_words_at_most():
    for reason, leads in REASONS.items():
        told = Standing(leads or "accepted", (reason,), counted=reason not in ("also_inspected", "incomplete"))
        assert told.sentence == TOLD.get(reason, told.sentence)
        assert len(told.sentence.split()) <= 30
        assert not any(word in told.sentence.lower() for word in ("cheat", "fraud", "violat", "illegal", "suspicio"))


def test_a_record_says_in_one_sentence_what_it_is_and_what_is_to_be_known_besides(floor, mia, ines):
    floor.lot("A", "MIA")
    assert floor.get(floor.inspect(mia))["sentence"] == TOLD["self_check"]
    late = floor.get(floor.inspect(ines, clock_jumped=True))
    assert late["sentence"] == "It counts, and it is a check by a second person."
    assert late["notes"] == ["The tablet's clock was not certain: the time is estimated."]
    waits = floor.get(floor.inspect(ines, lot="NEVER"))
    assert waits["sentence"] == "Its lot is not known here yet: it is judged again as soon as it is."
