"""A line with a fix that does not hold, people to be told of it, and a worker whose clock the test moves."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from qc_service import audit, clock
from qc_service.alerts import service
from qc_service.alerts.models import Alert, AlertLog, Notification, NotificationAttempt
from qc_service.config import Settings
from qc_service.db import new_id, write
from qc_service.fixes.models import Fix
from qc_service.flags.models import Evidence, Flag
from qc_service.lines.models import Line, Site
from qc_service.lines.service import create_line, create_site
from qc_service.people import access, signin, staff
from qc_service.queue import Outbox, backoff
from workers.tasks import alerts as tasks

PASSWORD = "plum jam on the roof"
SENTENCE = "Line 1, scrap: 96 of 3,120 since the fix (3.1%). Before the 1 Oct fix 2.9%. Not holding: relapsed."


@dataclass
class Plant:
    """What a test says it needs, in a word each. `now` is the real time, moved on by `wait`."""

    settings: Settings
    moved: timedelta = timedelta(0)
    fixes: dict[str, Fix] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return clock.now() + self.moved

    def wait(self, **by: float) -> None:
        self.moved += timedelta(**by)

    def line(self, code: str = "L1", site: str = "S1") -> Line:
        found = Site.get_or_none(Site.code == site) or create_site(audit.COMMAND, site)
        line = Line.get_or_none((Line.site_id == found.id) & (Line.code == code))
        return line or create_line(audit.COMMAND, found, code)

    def person(self, code: str, *roles: str, site: str | None = "S1", **more: Any) -> Any:
        self.line(site=site or "S1")
        site_id = Site.get(Site.code == site).id if site else None
        return staff.add_person(audit.COMMAND, code, f"Name of {code}", roles, site_id=site_id, **more)

    def supervisor(self, code: str = "P-1", **more: Any) -> Any:
        return self.person(code, "supervisor", **{"email": f"{code.lower()}@example.com", **more})

    def fix(self, line: Line, owner: str | None = "P-7") -> Fix:
        with audit.change(audit.SYSTEM, "fix.declared", site_id=line.site_id, line_id=line.id, follow=False) as change:
            return change.insert(
                Fix, id=new_id("fix"), site_id=line.site_id, line_id=line.id, measure="scrap",
                defect_code=None, title="New nozzle", owner=owner, in_effect_at=self.now,
                method="fixwatch-1", mode="default",
                promise=None, frozen={}, baseline={"asked": 60, "lots": []},
                declared_at=self.now, declared_by="cli",
            )  # fmt: skip

    def flag(self, line: Line, fix: Fix, *, sentence: str = SENTENCE, kind: str = "fix_not_holding") -> Flag:
        """A flag is opened; nothing has followed from it yet."""
        episode = Flag.select().where(Flag.fix_id == fix.id).count() + 1
        with audit.change(audit.SYSTEM, "watch.judged", site_id=line.site_id, line_id=line.id, follow=False) as change:
            proof = self._evidence(change, fix)
            return change.insert(
                Flag, id=new_id("flg"), site_id=line.site_id, line_id=line.id, kind=kind, measure=fix.measure,
                defect_code=None, fix_id=fix.id, episode=episode, state="open", sentence=sentence,
                evidence_id=proof.id, opened_at=self.now,
            )  # fmt: skip

    def _evidence(self, change: audit.Change, fix: Fix) -> Evidence:
        return change.insert(
            Evidence, id=new_id("evd"), site_id=fix.site_id, line_id=fix.line_id, fix_id=fix.id, document={},
            sha256="0" * 64, created_at=self.now,
        )  # fmt: skip

    def say(self, flag: Flag, moved: str, pattern: str | None = "relapsed") -> None:
        """The event of a flag is followed, as a worker does it."""
        verdict = "not_holding" if pattern else "holding"
        data = {
            "line_id": flag.line_id, "fix_id": flag.fix_id, "watch_id": "wch_x", "verdict_id": None,
            "verdict": verdict, "pattern": pattern, "flag_id": flag.id, "flag": moved, "reason": "new_lots",
        }  # fmt: skip
        with write():
            service.on_flag_moved(data, self.now)

    def fired(self, code: str = "L1", site: str = "S1", **more: Any) -> tuple[Flag, Alert]:
        """A flag opened, and its alert fired."""
        line = self.line(code, site)
        flag = self.flag(line, self.fixes.setdefault(line.id, self.fix(line)), **more)
        self.say(flag, "opened")
        return flag, self.alert(flag)

    def update(self, flag: Flag, sentence: str, pattern: str = "relapsed") -> None:
        with audit.change(
            audit.SYSTEM, "watch.judged", site_id=flag.site_id, line_id=flag.line_id, follow=False
        ) as change:
            proof = self._evidence(change, Fix.get_by_id(flag.fix_id))
            change.update(flag, sentence=sentence, evidence_id=proof.id)
        self.say(flag, "updated", pattern)

    def shut(self, flag: Flag, reason: str = "corrected") -> None:
        with audit.change(
            audit.SYSTEM, "watch.judged", site_id=flag.site_id, line_id=flag.line_id, follow=False
        ) as change:
            change.update(flag, state="closed", closed_at=self.now, close_reason=reason)

    def close(self, flag: Flag, reason: str = "corrected") -> None:
        self.shut(flag, reason)
        self.say(flag, "closed", None)

    def alert(self, flag: Flag) -> Alert:
        return Alert.get(Alert.flag_id == flag.id)

    def log(self, alert: Alert) -> list[str]:
        return [row.what for row in AlertLog.select().where(AlertLog.alert_id == alert.id).order_by(AlertLog.number)]

    def notices(self, alert: Alert, channel: str = "smtp") -> list[tuple[str, str, str]]:
        rows = Notification.select().where((Notification.alert_id == alert.id) & (Notification.channel == channel))
        return [(row.name, row.reason, row.state) for row in rows.order_by(Notification.created_at, Notification.name)]

    def attempts(self, alert: Alert, channel: str = "smtp") -> list[str | None]:
        mine = Notification.select(Notification.id).where(
            (Notification.alert_id == alert.id) & (Notification.channel == channel)
        )
        rows = NotificationAttempt.select().where(NotificationAttempt.notification_id.in_(mine))
        return [row.outcome for row in rows.order_by(NotificationAttempt.started_at)]

    # --- the worker ---

    def work(self, most: int = 500) -> int:
        """Do every row of the outbox that is due, as a worker does; how many that were."""
        for done in range(most):
            row = (
                Outbox.select()
                .where((Outbox.due_at <= self.now) & ~Outbox.reaction.is_null())
                .order_by(Outbox.due_at, Outbox.id)
                .first()
            )
            if row is None:
                return done
            self._follow(row)
        raise AssertionError("the outbox never empties")

    def _follow(self, row: Outbox) -> None:
        if row.reaction == "wake_alert":
            with write():
                service.wake(row.data, self.now)
                row.delete_instance()
            return
        row.due_at = self.now + timedelta(seconds=60)  # the lease
        row.save()
        try:
            tasks.deliver(row.data, self.settings, self.now)
        except Exception:
            row.attempts += 1
            row.due_at = self.now + backoff(row.attempts)
            row.save()
            raise
        Outbox.delete().where(Outbox.id == row.id).execute()

    def next_due(self) -> timedelta:
        """How long until the outbox has something to do."""
        row = Outbox.select().where(~Outbox.reaction.is_null()).order_by(Outbox.due_at).first()
        return row.due_at - self.now

    def mailed(self, box: Any) -> None:
        self.settings = replace(self.settings, smtp_url=box.url)


@pytest.fixture
def plant(database: Any, settings: Settings) -> Plant:
    return Plant(settings)


class Caller:
    """The API as one person or one key calls it."""

    def __init__(self, client: Any, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def get(self, address: str) -> Any:
        return self._client.get(f"/v1{address}", headers=self._headers)

    def post(self, address: str, **body: Any) -> Any:
        return self._client.post(f"/v1{address}", headers=self._headers, json=body)


@pytest.fixture
def api(app: Any, settings: Settings) -> Plant:
    """The plant behind a running API."""
    return Plant(settings)


@pytest.fixture
def call(app: Any, api: Plant) -> Any:
    """`call("P-1", "supervisor")` is the API as that person, made now."""

    def made(code: str, *roles: str, site: str | None = "S1", **more: Any) -> Caller:
        person = api.person(code, *roles, site=site, password=PASSWORD, **more)
        signed = signin.sign_in_at_desk(person.code, PASSWORD, "10.0.0.7", clock.now())
        return Caller(app.test_client(), signed.token)

    def key(*scopes: str, site: str | None = None) -> Caller:
        site_id = api.line(site=site).site_id if site else None
        return Caller(app.test_client(), access.create_key(audit.COMMAND, "Andon", scopes, site_id=site_id)[1])

    made.key = key
    return made
