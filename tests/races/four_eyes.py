"""Tries to have a version approved by one who wrote or reviewed it, on every way that there is.

Each way makes its own version and people, tries, and leaves what came of it; `violations` looks at all of it afterwards
with its own reading of the tables, not with the code that is being tested.
"""

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from peewee import PeeweeException

from qc_service import audit, clock
from qc_service.db import connected, db, new_id, write
from qc_service.people import signin, staff
from qc_service.people.models import Person
from qc_service.procedures import decisions, drafts, merging
from qc_service.procedures.drafts import Draft
from qc_service.procedures.models import ProcedureDecision, ProcedureDraft, ProcedureVersion
from tests.procedure_life import PASSWORD, SIGNED, Life, Somebody, document
from tests.site_procedures import acting

CODE = "FOUR-EYES"


class Tries:
    """So many tries of every way, in an order drawn by a seed; `said` counts what they were answered with."""

    def __init__(self, app: Any, seed: int) -> None:
        self.life, self.random, self.said = Life(app), random.Random(seed), Counter[str]()
        self.draft = Draft(drafts.normal(document()))
        self.people = 0
        with connected():
            self.admin = acting(self._person("ADMIN", "admin"), None, "admin")
            self.regulars = [self.somebody() for _ in range(4)]
            drafts.create_procedure(self.actor(self.regulars[0]), CODE, "Four eyes", owner=None, site=None)

    def run(self, tries: int, ways: tuple[Callable[["Tries"], None], ...] | None = None) -> None:
        for number in range(tries):
            way = (ways or WAYS)[number % len(ways or WAYS)]
            way(self)

    # --- people ---

    def _person(self, badge: str, *roles: str) -> Person:
        return staff.add_person(
            audit.COMMAND, badge, f"Name of {badge}", roles or ("quality_manager", "supervisor"), password=PASSWORD
        )

    def somebody(self) -> Somebody:
        """A new account, signed in."""
        self.people += 1
        badge = f"Q-{self.people}"
        with connected():
            self._person(badge)
            place = f"10.0.{self.people >> 8}.{self.people & 255}"
            signed = signin.sign_in_at_desk(badge, PASSWORD, place, clock.now())
        return Somebody(self.life, badge, signed.token)

    def regular(self, *others: Somebody) -> Somebody:
        return self.random.choice([one for one in self.regulars if one not in others])

    def actor(self, who: Somebody) -> Any:
        person = staff.person_with(who.badge)
        assert person is not None
        return acting(person, None)

    # --- steps ---

    def in_review(self, *authors: Somebody) -> int:
        """A version in review that these people wrote, each a revision."""
        with connected():
            number = drafts.start_version(self.actor(authors[0]), CODE, self.draft).version.number
            for revision, author in enumerate(authors[1:], start=1):
                drafts.write_draft(self.actor(author), CODE, number, self.draft, revision)
            decisions.submit(self.actor(authors[0]), CODE, number)
        return number

    def post(self, who: Somebody, number: int, what: str, **headers: str) -> int:
        answer = who("POST", f"/procedures/{CODE}/versions/{number}/{what}", SIGNED, headers=headers)
        self.said[f"{what} {answer.json.get('code', answer.status_code)}"] += 1
        assert answer.status_code < 500, answer.text
        return int(answer.status_code)

    def merge(self, one: Somebody, other: Somebody) -> None:
        with connected():
            merging.same_as(self.admin, one.badge, other.badge)

    def at_once(self, *acts: Callable[[], object]) -> None:
        """All of them from one starting line."""
        ready, errors = threading.Barrier(len(acts)), []

        def act(what: Callable[[], object]) -> None:
            try:
                ready.wait()
                what()
            except Exception as error:  # noqa: BLE001 - it is told where it can fail the test
                errors.append(error)
            finally:
                if not db.is_closed():
                    db.close()

        threads = [threading.Thread(target=act, args=(one,)) for one in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors, errors

    def publish(self, who: Somebody, number: int) -> None:
        self.post(who, number, "publish")


# --- the ways ---


def author_approves(t: Tries) -> None:
    author = t.regular()
    number = t.in_review(author)
    assert t.post(author, number, "approve") == 409


def second_author_approves(t: Tries) -> None:
    first = t.regular()
    second = t.regular(first)
    number = t.in_review(first, second)
    assert t.post(second, number, "approve") == 409


def reviewer_approves(t: Tries) -> None:
    author = t.regular()
    reviewer = t.regular(author)
    number = t.in_review(author)
    assert t.post(reviewer, number, "review") == 200
    assert t.post(reviewer, number, "approve") == 409


def author_reviews(t: Tries) -> None:
    author = t.regular()
    assert t.post(author, t.in_review(author), "review") == 409


def merged_before(t: Tries) -> None:
    author, alias = t.somebody(), t.somebody()
    t.merge(*t.random.sample([author, alias], 2))
    number = t.in_review(author)
    assert t.post(alias, number, "approve") == 409


def merged_through_a_third(t: Tries) -> None:
    author, between, alias = t.somebody(), t.somebody(), t.somebody()
    number = t.in_review(author)
    t.merge(author, between)
    t.merge(*t.random.sample([between, alias], 2))
    assert t.post(alias, number, "approve") == 409


def merged_after(t: Tries) -> None:
    author, alias = t.regular(), t.somebody()
    number = t.in_review(author)
    assert t.post(alias, number, "approve") == 200
    t.merge(alias, author)
    t.publish(t.regular(author), number)


def merged_at_the_same_moment(t: Tries) -> None:
    author, alias = t.somebody(), t.somebody()
    number = t.in_review(author)
    pair = t.random.sample([author, alias], 2)
    t.at_once(lambda: t.post(alias, number, "approve"), lambda: t.merge(*pair))
    t.publish(t.regular(), number)


def reviewed_and_merged_at_the_same_moment(t: Tries) -> None:
    author, reviewer, alias = t.regular(), t.somebody(), t.somebody()
    number = t.in_review(author)
    t.at_once(
        lambda: t.post(reviewer, number, "review"),
        lambda: t.post(alias, number, "approve"),
        lambda: t.merge(reviewer, alias),
    )
    t.publish(t.regular(author), number)


def review_and_approve_at_once(t: Tries) -> None:
    author = t.regular()
    other = t.regular(author)
    number = t.in_review(author)
    t.at_once(lambda: t.post(other, number, "review"), lambda: t.post(other, number, "approve"))


def two_approvals_at_once(t: Tries) -> None:
    author = t.regular()
    one = t.regular(author)
    other = t.regular(author, one)
    number = t.in_review(author)
    statuses: list[int] = []
    t.at_once(*[lambda who=who: statuses.append(t.post(who, number, "approve")) for who in (one, other, author)])
    assert sorted(statuses) == [200, 409, 409]


def key_repeated(t: Tries) -> None:
    """Another person's Idempotency-Key, or one's own again, opens nothing."""
    author = t.regular()
    other = t.regular(author)
    number, key = t.in_review(author), new_id("key")
    assert t.post(author, number, "approve", **{"Idempotency-Key": key}) == 409
    assert t.post(author, number, "approve", **{"Idempotency-Key": key}) == 409
    assert t.post(other, number, "approve", **{"Idempotency-Key": key}) == 200
    assert t.post(author, number, "approve", **{"Idempotency-Key": key}) == 409
    assert t.post(other, number, "approve", **{"Idempotency-Key": key}) == 200


def returned_written_and_approved(t: Tries) -> None:
    """Who writes a returned version on is its author too, and cannot approve what they wrote."""
    author = t.regular()
    other = t.regular(author)
    number = t.in_review(author)
    with connected():
        decisions.send_back(t.actor(other), CODE, number, "Write it more plainly.")
        drafts.write_draft(t.actor(other), CODE, number, Draft(t.draft.document, "more plainly"), 1)
        decisions.submit(t.actor(other), CODE, number)
    assert t.post(other, number, "approve") == 409


def by_sql(t: Tries) -> None:
    """With the rights that the application has in the database, past all its code."""
    author = t.regular()
    number = t.in_review(author)
    version = ProcedureVersion.select().where(ProcedureVersion.number == number).get()
    draft = ProcedureDraft.get(ProcedureDraft.version_id == version.id)
    person = staff.person_with(author.badge).id
    other = staff.person_with(t.regular(author).badge).id
    now = db.obj.now()
    for forge in t.random.sample(FORGERIES, len(FORGERIES)):
        with contextlib.suppress(PeeweeException), write():
            hand = forge(version.id, person, other)
            row = {
                "id": new_id("dcs"), "version_id": version.id, "number": 99, "kind": "approved", "round": 1,
                "revision": draft.revision, "digest": draft.digest, "person_id": person, "human_id": person,
                "author": f"person:{person}", "at": now, "hand_id": hand, "hand_role": "approver",
            }  # fmt: skip
            ProcedureDecision.insert(row).execute()
            t.said["sql went through"] += 1
            return
    t.said["sql refused"] += 1


def _sql(text: str, *values: Any) -> None:
    mark = db.obj.param
    db.execute_sql(text.replace("?", mark), values)


def _hand(version: str, person: str, human: str) -> str:
    name = new_id("hnd")
    _sql(
        "INSERT INTO procedure_hand (id, version_id, role, person_id, human_id) VALUES (?, ?, 'approver', ?, ?)",
        name, version, person, human,
    )  # fmt: skip
    return name


def _plainly(version: str, person: str, _other: str) -> str:
    return _hand(version, person, person)


def _as_another_human(version: str, person: str, other: str) -> str:
    return _hand(version, person, other)


def _with_the_authors_hand(version: str, person: str, _other: str) -> str:
    query = "SELECT id FROM procedure_hand WHERE version_id = ? AND person_id = ?"
    return str(db.execute_sql(query.replace("?", db.obj.param), (version, person)).fetchone()[0])


def _turning_the_author(version: str, person: str, other: str) -> str:
    _sql("UPDATE procedure_hand SET role = 'approver' WHERE version_id = ?", version)
    return _with_the_authors_hand(version, person, other)


def _after_voiding_the_author(version: str, person: str, _other: str) -> str:
    _sql("UPDATE procedure_hand SET voided_at = ? WHERE version_id = ?", clock.fixed(clock.now()), version)
    return _hand(version, person, person)


def _after_moving_the_author(version: str, person: str, other: str) -> str:
    _sql("UPDATE procedure_hand SET human_id = ? WHERE version_id = ?", other, version)
    return _hand(version, person, person)


def _after_deleting_the_author(version: str, person: str, _other: str) -> str:
    _sql("DELETE FROM procedure_hand WHERE version_id = ?", version)
    return _hand(version, person, person)


def _without_a_hand(_version: str, _person: str, _other: str) -> None:
    return None


FORGERIES: tuple[Callable[[str, str, str], str | None], ...] = (
    _plainly, _as_another_human, _with_the_authors_hand, _turning_the_author, _after_voiding_the_author,
    _after_moving_the_author, _after_deleting_the_author, _without_a_hand,
)  # fmt: skip

WAYS: tuple[Callable[[Tries], None], ...] = (
    author_approves, second_author_approves, reviewer_approves, author_reviews, merged_before, merged_through_a_third,
    merged_after, merged_at_the_same_moment, merged_at_the_same_moment, reviewed_and_merged_at_the_same_moment,
    review_and_approve_at_once, two_approvals_at_once, key_repeated, returned_written_and_approved, by_sql,
)  # fmt: skip

# --- what came of it ---


def violations() -> list[str]:
    """Versions whose standing approval is by a human being who wrote or reviewed them, as is known today."""
    humans = {person.id: person.human_id or person.id for person in Person.select()}
    found = []
    for version in ProcedureVersion.select():
        made = list(
            ProcedureDecision.select()
            .where(ProcedureDecision.version_id == version.id)
            .order_by(ProcedureDecision.number)
        )
        last = max((one.number for one in made if one.kind == "reopened"), default=0)
        approvals = [one for one in made if one.kind == "approved" and one.number > last]
        texts = ProcedureDraft.select().where(ProcedureDraft.version_id == version.id)
        wrote = {humans[row.written_by] for row in texts}
        reviewed = {humans[one.person_id] for one in made if one.kind == "reviewed"}
        if any(humans[one.person_id] in wrote | reviewed for one in approvals) or len(approvals) > 1:
            found.append(f"version {version.number}: {[(one.kind, one.number) for one in made]}")
    return found
