"""News of procedures for the people whom it concerns: what there is to read, to answer and to decide.

Each piece of news to each person is a row of the outbox until it is sent. It is a courtesy: what waits for somebody
stands in the lists of the service too, and is there for people without an address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import structlog

from qc_service import clock, queue
from qc_service.config import Settings
from qc_service.db import connected, new_id
from qc_service.lines.models import Line, Site
from qc_service.people.models import Person
from qc_service.people.staff import people_with_role
from qc_service.procedures import pending, reading, reports
from qc_service.procedures.deviation_models import Deviation, StepReport
from qc_service.procedures.finding import last_drafts
from qc_service.procedures.models import Procedure, ProcedurePublication, ProcedureVersion
from qc_service.procedures.qualification import ledger
from qc_service.texts import Text, later
from qc_service.words import Words
from sops.diff import ChangeClass
from sops.qualification import CARRIES
from workers.channels import registry
from workers.channels.message import Message, Permanent, Unknown

log = structlog.get_logger(__name__)

CHANNEL = "smtp"


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell: a sentence, what more to say, and why the reader is told."""

    sentence: Text
    more: str
    why: Text


def tell_of_version(data: Mapping[str, Any], now: datetime) -> None:
    """A version was published that people must read before they may go on."""
    procedure: Procedure = Procedure.get(Procedure.code == data["procedure"])
    same = (ProcedureVersion.procedure_id == procedure.id) & (ProcedureVersion.number == data["version"])
    version: ProcedureVersion = ProcedureVersion.get(same)
    published: ProcedurePublication = ProcedurePublication.get_by_id(version.id)
    if ChangeClass(published.change_class) in CARRIES:
        return
    note = last_drafts([version.id])[version.id].change_note or ""
    zone = Site.get_by_id(version.site_id).time_zone if version.site_id else "UTC"
    people = pending.readers_of(version)
    book = ledger(procedure.id, [person.id for person in people])
    changes = cache(partial(reading.changes, procedure, second=version.number))
    for person in people:
        words = Words(person.language, zone)
        lines = changes(book.known(person.id, version.number), language=person.language)
        sentence = later(
            "%(procedure)s: read version %(version)s before %(moment)s (%(zone)s), to go on working by it.",
            procedure=procedure.code, version=version.number, moment=words.moment(published.effective_at), zone=zone,
        )  # fmt: skip
        more = "\n".join([note, *(line["sentence"] for line in lines)])
        why = later("You get this because the procedure is used where you work.")
        tell([person], News(sentence, more, why), version.site_id, now)


def tell_of_report(data: Mapping[str, Any], now: datetime) -> None:
    """A step does not work: whoever can answer is told."""
    row: StepReport = StepReport.get_by_id(data["report_id"])
    sentence = later("%(procedure)s: %(item)s does not work, says %(name)s.", name=_name(row.person_id), **_item(row))
    why = later("You get this because you can answer it.")
    tell(reports.answerers(row), News(sentence, row.text, why), row.site_id, now)


def tell_of_answer(data: Mapping[str, Any], now: datetime) -> None:
    """Whoever reported a step is told what became of it."""
    row: StepReport = StepReport.get_by_id(data["report_id"])
    name = _name(row.answered_by or "")
    sentence = later("%(procedure)s: %(name)s answered what you reported of %(item)s.", name=name, **_item(row))
    why = later("You get this because you reported it.")
    tell(_working([row.person_id]), News(sentence, row.answer or "", why), row.site_id, now)


def tell_of_request(data: Mapping[str, Any], now: datetime) -> None:
    """A deviation waits for a quality manager's decision."""
    row: Deviation = Deviation.get_by_id(data["deviation_id"])
    sentence = later(
        "%(procedure)s, line %(line)s: %(name)s asks for a deviation from %(check)s, %(count)s units.",
        name=_name(row.asked_by), count=row.asked_quantity, **_departs(row),
    )  # fmt: skip
    people = [one for one in people_with_role(["quality_manager"], row.site_id) if one.id != row.asked_by]
    tell(people, News(sentence, row.reason, later("You get this because you can decide on it.")), row.site_id, now)


def tell_of_decision(data: Mapping[str, Any], now: datetime) -> None:
    """Whoever asked for a deviation is told whether it was granted."""
    row: Deviation = Deviation.get_by_id(data["deviation_id"])
    name = _name(row.decided_by or "")
    granted = later(
        "%(procedure)s, line %(line)s: %(name)s granted the deviation from %(check)s, %(count)s units.",
        name=name, count=row.quantity, **_departs(row),
    )  # fmt: skip
    refused = later(
        "%(procedure)s, line %(line)s: %(name)s refused the deviation from %(check)s.", name=name, **_departs(row)
    )
    news = News(
        granted if data["granted"] else refused,
        row.decision_note or "",
        later("You get this because you asked for it."),
    )
    tell(_working([row.asked_by]), news, row.site_id, now)


def mail_news(data: Mapping[str, Any], settings: Settings, now: datetime) -> None:  # noqa: ARG001
    """One piece of news to one person; what may have arrived is not sent again."""
    with connected():
        person: Person = Person.get_by_id(data["person_id"])
    if settings.smtp_url is None or not person.email or not person.active:
        return
    message = Message(
        id=data["id"], alert_id="", reason="news", sentence=data["sentence"], explanation=data["more"],
        severity="info", line="", site="", resolve_reason=None, name=person.name, language=person.language,
        url=f"{settings.base_url}/", asked_at=clock.parse(data["asked_at"]), thread=None, why=data["why"],
    )  # fmt: skip
    try:
        registry.sender(CHANNEL)(message, person.email, settings)
    except (Permanent, Unknown) as error:
        log.warning("news.not_sent", person=person.id, error=str(error))


def tell(people: Iterable[Person], news: News, site_id: str | None, now: datetime) -> None:
    """Tell each of them who has an address, in their own language."""
    for person in people:
        if not person.email:
            continue
        say, name = Words(person.language).say, new_id("nws")
        queue.add(
            event_id=name, event_type="news.due", reaction="mail_news", site_id=site_id, now=now,
            data={
                "id": name, "person_id": person.id, "sentence": say(news.sentence), "more": news.more,
                "why": say(news.why), "asked_at": clock.iso(now),
            },
        )  # fmt: skip


def _working(ids: Iterable[str]) -> list[Person]:
    return list(Person.select().where(Person.id.in_(list(ids)) & Person.active))


def _name(person_id: str) -> str:
    name: str = Person.get_by_id(person_id).name
    return name


def _item(row: StepReport) -> dict[str, Any]:
    procedure: Procedure = Procedure.get_by_id(row.procedure_id)
    text = later("step %(id)s", id=row.item_id) if row.item == "step" else later("check %(id)s", id=row.item_id)
    return {"procedure": procedure.code, "item": text}


def _departs(row: Deviation) -> dict[str, Any]:
    procedure: Procedure = Procedure.get_by_id(row.procedure_id)
    return {"procedure": procedure.code, "line": Line.get_by_id(row.line_id).code, "check": row.check_id}
