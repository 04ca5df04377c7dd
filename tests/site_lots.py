"""A site's lots, and what its people and its systems say of them: who made them, who inspected them, and how."""

import json
import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from marshmallow import EXCLUDE

from qc_service import audit, clock
from qc_service.alerts import calling
from qc_service.alerts import service as alerts
from qc_service.auth import Actor
from qc_service.calls import service as line_call
from qc_service.calls.models import LineCall
from qc_service.errors import QCError
from qc_service.flags import called, held
from qc_service.flags.models import Flag
from qc_service.floor import deed_schemas, deeds
from qc_service.inspections import acts, dispositions, explaining, judging, making, matching, receiving, schemas
from qc_service.inspections.models import Nonconformity
from qc_service.lines.models import Site
from qc_service.lots import gauges, holds, letting_go
from qc_service.lots.models import LotHold
from qc_service.people import access, cards, credentials, staff
from qc_service.people.models import Device, Person
from qc_service.procedures import acknowledging
from tests.site_procedures import acting, proof


def lots_of(word: str, site_id: str, line: str, procedure: str, in_force: str) -> dict[str, str]:
    """The code of a lot with a maker, and the address of an inspection of it that was confirmed and voided."""
    maker: Person = Person.get(Person.code == f"Worker-{word}")
    boss: Person = Person.get(Person.code == f"Boss-{word}")
    inspector = staff.add_person(audit.COMMAND, f"Eye-{word}", f"Eye {word}", ["inspector"], site_id=site_id)
    for pin in ("739154", "260483"):  # the first one is kept for what was sealed with it
        credentials.set_pin(audit.COMMAND, inspector.id, pin)
    cards.issue(audit.COMMAND, inspector.id)
    eye, lead = _signed_in(inspector, site_id, "inspector"), _signed_in(boss, site_id)
    acknowledging.acknowledge(eye, procedure, int(in_force), proof(inspector))
    lot = f"{word}-lot"
    making.put_lot(lead, lot, {
        "line": line, "site": None, "product": f"{word}-part", "quantity": 10, "makers": [maker.code],
        "procedure": procedure, "work_order": f"{word}-order", "units": [f"{word}-unit"],
    })  # fmt: skip
    told = {
        "lot": lot, "procedure": procedure, "version": int(in_force), "inspector": inspector.code,
        "answers": {"weight": {"value": ["350", "341", "339"]}, "tight": {"value": "defect"}, word: {"value": "ok"}},
        "units_inspected": 10, "observed_at": clock.iso(clock.now()),
    }  # fmt: skip
    good = {"weight": {"value": ["340", "341", "339"]}, "tight": {"value": "ok"}}
    names = [received(eye, one, at=uuid.uuid4()) for one in (told, {**told, "answers": good})]
    receiving_again(eye, names[0], {**told, "units_inspected": 9})
    for name in names:
        judging.judge(name)
    made: Nonconformity = Nonconformity.get(Nonconformity.uuid == names[0])
    moved = {"disposition": "rework", "was": None, "units": 1, "deviation": None, "reason": f"For the {word}."}
    dispositions.decide(lead, made.id, moved, proof(boss))
    acts.confirm(lead, names[0], f"Seen by {word}.", proof(boss))
    acts.ask_to_void(eye, names[1], f"Looked at another {word}.", proof(inspector))
    strange = received(eye, {**told, "lot": f"{word}-lto"}, at=uuid.uuid4())
    judging.judge(strange)
    matching.match(lead, strange, {"lot": lot, "site": None, "note": f"The {word} was mistyped."}, proof(boss))
    gauge = measured_of(word, site_id, eye, {**told, "answers": good})
    held_of(word, site_id, lot)
    call = called_of(word, site_id, line, lot)
    alerted_of(site_id)
    tablet = lost_of(word, site_id, lead, told)
    done_of(
        tablet,
        _signed_in(maker, site_id, "operator"),
        {"line": line, "lot": lot, "observed_at": told["observed_at"]},
        f"{word}-unit",
    )
    return {
        "lot": lot, "inspection": names[0], "asked_void": names[1], "nonconformity": made.id, "gauge": gauge,
        "device": tablet, "call": call,
    }  # fmt: skip


def measured_of(word: str, site_id: str, eye: Actor, told: dict[str, Any]) -> str:
    """The code of a gauge that measured the lot and was found out of tolerance afterwards."""
    code, site = f"{word}-scale", Site.get_by_id(site_id).code
    boss = _signed_in(Person.get(Person.code == f"Boss-{word}"), site_id)
    gauges.take_into_use(eye, {
        "code": code, "name": f"The scale of the {word}", "site": site, "unit": "g",
        "calibrated_at": clock.now() - timedelta(days=1), "due_on": date(2099, 1, 1),
    })  # fmt: skip
    answers = {**told["answers"], "weight": {**told["answers"]["weight"], "gauge": code}}
    judging.judge(received(eye, {**told, "answers": answers}, at=uuid.uuid4()))
    bad = {"result": "out_of_tolerance", "due_on": None, "note": f"A {word} sat on it."}
    good = {"result": "in_tolerance", "due_on": date(2099, 1, 1), "note": None}
    for found in (bad, good):
        gauges.calibrate(boss, code, {**found, "calibrated_at": None, "site": None})
    return code


def held_of(word: str, site_id: str, lot: str) -> None:
    """The lot was held and let go, is held again, and somebody asks to let it go from that, and by itself."""
    boss, writer = (Person.get(Person.code == f"{name}-{word}") for name in ("Boss", "Writer"))
    one, other = (_signed_in(person, site_id) for person in (boss, writer))
    told = {"reason": f"No label for the {word}.", "site": None}
    holds.hold(one, lot, told)
    letting_go.ask(one, "release", lot, told, proof(boss))
    letting_go.agree(other, "release", lot, told, proof(writer))
    holds.hold(one, lot, told)
    for kind in ("release", "override"):
        letting_go.ask(one, kind, lot, told, proof(boss))


def called_of(word: str, site_id: str, line: str, lot: str) -> str:
    """The address of a call that stopped the line and was answered; another was ended, and one came late."""
    worker: Person = Person.get(Person.code == f"Worker-{word}")
    boss = _signed_in(Person.get(Person.code == f"Boss-{word}"), site_id)
    hand, now = _signed_in(worker, site_id, "operator"), clock.now()
    told = {
        "line": line, "site": None, "lot": lot, "procedure": None, "check": word, "who": None, "sent_at": None,
        "pressed_at": now,
    }  # fmt: skip
    names = [str(uuid.uuid4()) for _ in range(3)]
    line_call.make(hand, names[0], {**told, "kind": "stop"})
    line_call.make(hand, names[1], {**told, "kind": "help"})
    line_call.make(hand, names[2], {**told, "kind": "stop", "pressed_at": now - timedelta(days=1)})
    calling.answer(boss, names[0])
    calling.end(boss, names[1], f"Looked at the {word}.")
    called.weigh(LineCall.get_by_id(names[0]).line_id, "stop", now)
    return names[0]


def lost_of(word: str, site_id: str, lead: Actor, told: dict[str, Any]) -> str:
    """The id of a tablet of whose records some never arrived: of those somebody explained one came late."""
    tablet = access.enrol_device(audit.COMMAND, f"The {word} tablet", site_id=site_id)[0]
    sender = Actor("device", tablet.id, tablet.name, key_site=site_id, device_id=tablet.id, via="tablet")
    boss = proof(Person.get(Person.code == f"Boss-{word}"))
    for number in (3, 6):
        received(sender, {**told, "device_seq": number}, at=uuid.uuid4())
    lost = {"first": 1, "last": 2, "reason": f"A {word} flew away with it."}
    explaining.explain(lead, tablet.id, lost, boss)
    received(sender, {**told, "device_seq": 1}, at=uuid.uuid4())
    explaining.explain(lead, tablet.id, {"first": 1, "last": 1, "reason": f"The {word} came back."}, boss)
    received(sender, {**told, "device_seq": 2}, at=uuid.uuid4())
    return str(tablet.id)


def done_of(tablet: str, hand: Actor, told: dict[str, Any], unit: str) -> None:
    """Somebody made a unit and said so; of another deed nobody knows whose it is."""
    device = Device.get_by_id(tablet)
    sender = Actor("device", device.id, device.name, key_site=device.site_id, device_id=device.id, via="tablet")
    for actor, lot in ((hand, told["lot"]), (sender, f"{told['lot']}-lost")):
        said = {"kind": "made", "badge": hand.badge, **told, "lot": lot, "unit": unit}
        body = json.dumps(said).encode()
        envelope = deed_schemas.DeedIn().loads(body, unknown=EXCLUDE)
        deeds.receive(actor, str(uuid.uuid4()), body, said, envelope)


def alerted_of(site_id: str) -> None:
    """Every cause for which its lots are on hold has a flag and an alert."""
    now = clock.now()
    for matter in held.matters([row.id for row in LotHold.select().where(LotHold.site_id == site_id)]):
        held.weigh(matter, now)
    kinds = (held.KIND, *called.KINDS)
    for flag in Flag.select().where((Flag.site_id == site_id) & Flag.kind.in_(kinds)):
        alerts.on_flag_moved({"flag_id": flag.id, "flag": "opened"}, now)


def received(actor: Actor, told: dict[str, Any], at: uuid.UUID) -> str:
    body = json.dumps(told).encode()
    return receiving.receive(actor, str(at), body, schemas.InspectionIn().loads(body)).uuid


def receiving_again(actor: Actor, name: str, told: dict[str, Any]) -> None:
    """Another body under the same address, which is refused and kept."""
    with pytest.raises(QCError, match="address") as refused:
        received(actor, told, uuid.UUID(name))
    assert refused.value.code == "revision_conflict"


def _signed_in(person: Person, site_id: str, *roles: str) -> Actor:
    """The person as a session makes them."""
    return replace(acting(person, site_id, *roles), badge=person.code, human_id=person.id)
