"""What must be true at the end, however often processes died: nothing lost, nothing doubled, the same verdicts."""

import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any

from qc_service import clock
from qc_service.alerts.delivery import CLAIMED_FOR
from qc_service.alerts.models import Alert, Notification, NotificationAttempt
from qc_service.app import create_app
from qc_service.audit import COMMAND
from qc_service.config import Settings
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.db import connected, db, write
from qc_service.fixes.models import Fix
from qc_service.flags.evidence import sha256
from qc_service.flags.models import Evidence, Flag, Verdict, Watch, WatchPoint
from qc_service.lines.models import Line
from qc_service.lines.service import create_line, create_site
from qc_service.people import access, staff
from qc_service.queue import Outbox
from qc_service.verify import verify
from tests.kill.stream import INGEST, LINES, SITE, WILD, Connection, Plan, Sent, Step
from tests.plant import Plant

Get = Callable[[str], Any]

PEOPLE = ("P-1", "P-2")  # supervisors, who are mailed
TOLD = 1 + len(PEOPLE)  # and the service's log
SOON = timedelta(seconds=100)  # longer than a lease: what is due later was put off on purpose
QUIET = 3.0  # seconds; a try takes milliseconds here
_TOLD_BY_TIME = ("as_of", "evidence")


def furnish() -> str:
    """Lines and people; gives an API key. The database is empty and connected."""
    _, key = access.create_key(COMMAND, "erp", ["*"])
    site = create_site(COMMAND, SITE)
    for code in LINES:
        create_line(COMMAND, site, code)
    for code in PEOPLE:
        staff.add_person(COMMAND, code, f"Name of {code}", ["supervisor"], email=f"{code.lower()}@example.com")
    return key


def undisturbed(plan: Plan, settings: Settings) -> dict[str, Any]:
    """The outcome of the plan where nothing dies: told to the service in this process, which also does the work."""
    app = create_app(settings)
    try:
        with connected():
            furnish()
            plant = Plant(app)
            for number, step in enumerate(itertools.chain(plan.before, *plan.lanes)):
                answer = plant.call("POST", step.path, data=step.body, headers={"Content-Type": step.kind})
                assert answer.status_code in (200, 201), answer.json
                if number % 10 == 0:
                    plant.work()
            plant.work()
            return outcome(lambda path: plant.call("GET", path).json)
    finally:
        db.obj.close_all()


def outcome(get: Get) -> dict[str, Any]:
    """What came of each fix, by its title. What depends on when its lots were read is left out."""
    found = {}
    for fix in Fix.select():
        line = Line.get_by_id(fix.line_id).code
        watch = Watch.get(Watch.fix_id == fix.id)
        effect = {name: value for name, value in get(f"/v1/fixes/{fix.id}/effect").items() if name not in _TOLD_BY_TIME}
        told = get(f"/v1/fixes/{fix.id}")
        flags = list(Flag.select().where(Flag.fix_id == fix.id).order_by(Flag.episode))
        alerts = list(Alert.select().where(Alert.fix_id == fix.id))
        # Lots in any order may raise a flag, take it back and raise it again. A fix that another one has already
        # taken over from is not flagged any more: whether it was before depends on when its lots were judged.
        lasting = line not in WILD and told["ends_at"] is None
        found[fix.title] = {
            "effect": effect, "state": watch.state, "finding": watch.finding, "ends_at": told["ends_at"],
            "baseline": fix.baseline["lots"] and [lot["external_id"] for lot in fix.baseline["lots"]],
            "baseline_changed": told["baseline_changed"],
            "points": [
                (one.number, one.external_id, one.revision, one.n, one.d, one.log_e_fail, one.log_e_ok)
                for one in WatchPoint.select().where(WatchPoint.watch_id == watch.id).order_by(WatchPoint.number)
            ],
            "verdict": _last_verdict(fix),
            "open flags": sum(flag.state == "open" for flag in flags),
            "open alerts": sum(alert.state == "firing" for alert in alerts),
            "flags": [(flag.episode, flag.state, flag.close_reason) for flag in flags] if lasting else None,
            "alerts": [(one.state, one.episode, one.severity, one.pattern) for one in alerts] if lasting else None,
        }  # fmt: skip
    return found


def _last_verdict(fix: Fix) -> tuple[Any, ...]:
    last = Verdict.select().where(Verdict.fix_id == fix.id).order_by(Verdict.number.desc()).first()
    return (last.verdict, last.pattern, last.at_lot)


# --- waiting ---


def still_to_do() -> list[str]:
    """What the outbox holds that is not put off for minutes."""
    rows = Outbox.select().where(Outbox.due_at < clock.now() + SOON)
    return [f"{row.event_type} {row.reaction} due {row.due_at} {row.error or ''}" for row in rows]


def let_leases_run_out() -> None:
    """As if the minute had passed in which nobody else sends what a worker was sending when it died."""
    if not all(" deliver " in one for one in still_to_do()):
        return
    time.sleep(QUIET)
    now = clock.now()
    old = (Notification.state == "sending") & (
        Notification.claimed_until < now + CLAIMED_FOR - timedelta(seconds=QUIET)
    )
    with write():
        Notification.update(claimed_until=now).where(old).execute()
        Notification.update(due_at=now).where(
            (Notification.state == "due") & (Notification.due_at < now + SOON)
        ).execute()
        Outbox.update(due_at=now).where((Outbox.reaction == "deliver") & (Outbox.due_at < now + SOON)).execute()


# --- checking ---


def check_counts(plan: Plan, sent: Sent, api: Connection) -> None:
    """Every acknowledged count stands once with its content, and its answer told the truth."""
    wanted = plan.standing()
    shown = [row for line in LINES for row in api.pages(f"/v1/production-counts?line={line}")]
    times = Counter(row["external_id"] for row in shown)
    assert {name: n for name, n in times.items() if n > 1} == {}
    assert sorted(wanted.keys() - times.keys()) == []
    for row in shown:
        mine = wanted[row["external_id"]]
        assert {name: row[name] for name in mine if name in row} == {name: mine[name] for name in mine if name in row}
    assert sorted(row.external_id for row in ProductionCount.select()) == sorted(wanted)
    versions = {(row["external_id"], row["external_version"]) for row in plan.rows}
    kept = Counter((row.external_id, row.external_version) for row in CountRevision.select())
    assert kept == Counter(versions)
    _check_answers(sent, {row["external_id"]: row["id"] for row in shown})


def _check_answers(sent: Sent, ids: dict[str, str]) -> None:
    for step in sent.steps:
        if step.path != INGEST:
            continue
        *results, end = (json.loads(line) for line in sent.answers[id(step)].splitlines())
        assert end["summary"]["rows"] == len(step.rows) == len(results)
        for row, result in zip(step.rows, results, strict=True):
            # with a key a repeated request gets the first answer; without one it finds what it stored
            told = ("created", "updated") if step.key else ("created", "updated", "unchanged", "stale")
            assert result["status"] in told, (step.key, result)
            assert (result["external_id"], result["id"]) == (row["external_id"], ids[row["external_id"]])


def check_fixes(plan: Plan) -> None:
    """Every fix that was declared stands once."""
    wanted = [json.loads(step.body)["title"] for step in _steps(plan) if step.path != INGEST]
    assert sorted(fix.title for fix in Fix.select()) == sorted(wanted)


def _steps(plan: Plan) -> list[Step]:
    return list(itertools.chain(plan.before, *plan.lanes))


def check_alerts(kills: int) -> None:
    """Each flagged fix has one alert, and everybody was told of it once."""
    flagged = {flag.fix_id for flag in Flag.select()}
    alerts = list(Alert.select())
    assert Counter(alert.fix_id for alert in alerts) == Counter(flagged)
    assert len({alert.fingerprint for alert in alerts}) == len(alerts)
    for alert in alerts:
        notices = list(Notification.select().where(Notification.alert_id == alert.id))
        named = Counter((one.channel, one.address, one.episode, one.reason, one.number) for one in notices)
        assert max(named.values(), default=1) == 1, named
        firsts = Counter(one.address for one in notices if one.reason == "first" and one.episode == alert.episode)
        line = Line.get_by_id(alert.line_id).code
        if line in WILD:
            continue  # good news may be under way while it fires again
        if alert.state == "firing":
            assert sorted(firsts.values()) == [1] * TOLD, (line, firsts)
        assert all(n == 1 for n in firsts.values())
    _check_tries(kills)
    for evidence in Evidence.select():
        assert sha256(evidence.document) == evidence.sha256


def _check_tries(kills: int) -> None:
    tries: dict[str, int] = defaultdict(int)
    for one in NotificationAttempt.select():
        tries[one.notification_id] += 1
    for notice in Notification.select():
        assert notice.state in ("sent", "dropped", "due"), (notice.id, notice.state, notice.last_error)
        if notice.state == "due":
            assert notice.due_at > clock.now(), notice.id
        assert tries[notice.id] == notice.attempts <= 1 + kills


def check_mails(mails: list[Any], kills: int) -> None:
    """What was sent has arrived. A death between sending and writing that down may cost a copy, of the same name."""
    arrived = Counter(message_from_bytes(mail.content)["Message-ID"] for mail in mails)
    sent = Notification.select().where((Notification.channel == "smtp") & (Notification.state == "sent"))
    assert arrived.keys() == {notice.message_id for notice in sent}
    assert max(arrived.values(), default=0) <= 1 + kills
    assert sum(arrived.values()) - len(arrived) <= kills * len(PEOPLE)


def check_trail() -> None:
    assert [str(finding) for finding in verify()] == []
