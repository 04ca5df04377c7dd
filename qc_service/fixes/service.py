"""Declaring a fix: everything it will be judged by is frozen in the transaction that records it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.counts.history import lots
from qc_service.counts.measures import MEASURES, Measure
from qc_service.counts.models import ProductionCount
from qc_service.db import new_id, write
from qc_service.errors import FieldProblem, Invalid, NotFound, QCError, invalid
from qc_service.fixes import baseline
from qc_service.fixes.guard_rules import HISTORY_LOTS, guard
from qc_service.fixes.models import Fix, FixState
from qc_service.fixes.rules import DEFAULT_METHOD, Frozen, Promise, PromiseRefused
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.texts import later

_POINTERS = {
    "promise_needed": "/promise",
    "promise_out_of_range": "/promise",
    "baseline_too_thin": "/promise/reduction",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """A fix about to be declared, with the numbers that would be frozen: what the desk shows before it is confirmed."""

    line: Line
    values: dict[str, Any]
    frozen: Frozen
    earlier: Fix | None
    later: Fix | None
    also: tuple["Declaration", ...] = ()


def prepare(actor: Actor, body: dict[str, Any]) -> Declaration:
    """Everything that can be refused is refused here. `body` has passed `FixIn`.

    What is declared together shares one error budget: with k measures each has a k-th of it.
    """
    also = body.get("also") or []
    kinds = [(one["measure"], one.get("defect_code")) for one in (body, *also)]
    for place, kind in enumerate(kinds[1:]):
        if kind in kinds[: place + 1]:
            text = later("Name each measure of a fix once.")
            raise Invalid(FieldProblem(f"/also/{place}/measure", "twice", text))
    first = _prepare(actor, body, len(kinds))
    same = ("line", "site", "title", "cause", "action", "owner", "in_effect_at", "method", "mode")
    shared = {name: body[name] for name in same if name in body}
    more = []
    for place, one in enumerate(also):
        with _under(f"/also/{place}"):
            more.append(_prepare(actor, {**shared, **one}, len(kinds)))
    return replace(first, also=tuple(more))


@contextlib.contextmanager
def _under(pointer: str) -> Iterator[None]:
    """What is refused of a part of the request is said of that part."""
    try:
        yield
    except QCError as error:
        errors = [replace(one, pointer=pointer + one.pointer) for one in error.errors]
        raise QCError(error.code, error.detail, errors=errors) from error


def _prepare(actor: Actor, body: dict[str, Any], shared_by: int) -> Declaration:
    line = lines.line_for(actor, "fix.declare", body["line"], body.get("site"))
    measure = _measure(body["measure"])
    defect_code = body.get("defect_code")
    _has_numbers(line, measure, defect_code)
    earlier, later = _neighbours(line.id, measure.code, defect_code, body["in_effect_at"])
    asked = body.get("baseline") or {}
    exclude = [baseline.Exclusion(**one) for one in asked.get("exclude", ())]
    before = (
        line.id, measure.code, defect_code, body["in_effect_at"], earlier.in_effect_at if earlier else None,
    )  # fmt: skip
    entries = baseline.collect(*before, asked.get("lots", baseline.DEFAULT_LOTS), exclude)
    history = baseline.collect(*before, HISTORY_LOTS, exclude)
    frozen = _freeze(entries, history, body.get("promise"), measure, shared_by)
    values = {
        "site_id": line.site_id, "line_id": line.id, "measure": measure.code, "defect_code": defect_code,
        "title": body["title"], "cause": body.get("cause"), "action": body.get("action"), "owner": body.get("owner"),
        "in_effect_at": body["in_effect_at"], "method": body.get("method") or DEFAULT_METHOD,
        "mode": body.get("mode") or "default", "promise": body.get("promise"), "frozen": frozen.to_json(),
        "baseline": {
            "asked": asked.get("lots", baseline.DEFAULT_LOTS), "lots": entries,
            "unmatched": baseline.unmatched(entries, exclude), "likeness_read": len(baseline.used(history)),
        },
    }  # fmt: skip
    return Declaration(line, values, frozen, earlier, later)


def declare_fix(actor: Actor, body: dict[str, Any], now: datetime | None = None) -> Fix:
    """Freeze the measure, the baseline and the promise, and record the fix; with `also`, the first of several."""
    with write():
        first = prepare(actor, body)
        audit.lock_streams([audit.stream_of(first.line.site_id, first.line.id)])
        ready = prepare(actor, body)  # as it stands now that nobody else can write to the line
        parts = {new_id("fix"): one for one in (ready, *ready.also)}
        fixes = [
            _record(actor, one, fix_id, [other for other in parts if other != fix_id], now)
            for fix_id, one in parts.items()
        ]
    return fixes[0]


def _record(actor: Actor, ready: Declaration, fix_id: str, together: list[str], now: datetime | None) -> Fix:
    data = {"line_id": ready.line.id, "title": ready.values["title"], "fix_id": fix_id}
    with audit.change(
        actor.author, "fix.declared", site_id=ready.line.site_id, line_id=ready.line.id, data=data
    ) as change:
        moment = now or change.now
        fix: Fix = change.insert(
            Fix, id=fix_id, together_with=together or None, declared_at=moment, declared_by=actor.author.name,
            **ready.values,
        )  # fmt: skip
        change.insert(
            FixState, fix_id=fix.id, site_id=fix.site_id, line_id=fix.line_id,
            ends_at=ready.later and ready.later.in_effect_at, superseded_by=ready.later and ready.later.id,
            updated_at=moment,
        )  # fmt: skip
        if ready.earlier is not None:
            change.update(
                FixState.get_by_id(ready.earlier.id),
                ends_at=fix.in_effect_at,
                superseded_by=fix.id,
                updated_at=moment,
            )
    return fix


def _measure(code: str) -> Measure:
    if code not in MEASURES:
        known = ", ".join(MEASURES)
        raise Invalid(
            FieldProblem(
                "/measure", "unknown_ref", later("No measure %(code)s; known: %(known)s.", code=repr(code), known=known)
            ),
            code="unknown_ref",
        )
    return MEASURES[code]


def _has_numbers(line: Line, measure: Measure, defect_code: str | None) -> None:
    """A fix may come before any count; once there are counts, one of them must carry the measure."""
    if next(lots(line.id, measure, defect_code), None) is not None:
        return
    if not ProductionCount.select().where((ProductionCount.line_id == line.id) & ProductionCount.is_lot).exists():
        return
    needed = f"{measure.opportunities} and " + (f"defects with {defect_code}" if defect_code else measure.events)
    text = later(
        "No count of line %(line)s carries %(needed)s: choose another measure, or send those numbers first.",
        line=repr(line.code),
        needed=needed,
    )
    pointer = "/defect_code" if defect_code else "/measure"
    raise Invalid(FieldProblem(pointer, "measure_without_numbers", text), code="measure_without_numbers")


def _neighbours(line_id: str, measure: str, defect_code: str | None, moment: datetime) -> tuple[Fix | None, Fix | None]:
    """The last fix of the same kind before this one and the first after it."""
    same = of_kind(line_id, measure, defect_code)
    if any(fix.in_effect_at == moment for fix in same):
        raise QCError(
            "already_exists",
            later("A fix of this line and measure is in effect from that very moment: give another time."),
            errors=invalid("/in_effect_at", later("Give another time."), "already_exists").errors,
        )
    before = [fix for fix in same if fix.in_effect_at < moment]
    after = [fix for fix in same if fix.in_effect_at > moment]
    return (before[-1] if before else None), (after[0] if after else None)


def of_kind(line_id: str, measure: str, defect_code: str | None) -> list[Fix]:
    """The fixes of one line, measure and defect code, in the order of their effect."""
    query = Fix.select().where((Fix.line_id == line_id) & (Fix.measure == measure))
    code = Fix.defect_code.is_null() if defect_code is None else Fix.defect_code == defect_code
    return list(query.where(code).order_by(Fix.in_effect_at, Fix.id))


def _freeze(
    entries: list[dict[str, Any]],
    history: list[dict[str, Any]],
    promise: dict[str, Any] | None,
    measure: Measure,
    shared_by: int,
) -> Frozen:
    try:
        return guard(
            baseline.used(entries), baseline.ended(entries), Promise(**promise) if promise else None, measure.kind,
            history=baseline.used(history), shared_by=shared_by,
        )  # fmt: skip
    except PromiseRefused as refused:
        pointer = _POINTERS[refused.reason]
        if refused.reason == "promise_out_of_range" and promise:
            pointer = f"/promise/{next(iter(promise))}"
        raise Invalid(FieldProblem(pointer, refused.reason, refused.detail), code=refused.reason) from refused


def find_fix(actor: Actor, action: str, fix_id: str) -> Fix:
    fix: Fix | None = Fix.get_or_none(Fix.id == fix_id)
    if fix is None:
        raise NotFound("fix")
    actor.need(action, fix.site_id, "fix")
    return fix


def note_baseline(author: audit.Author, fix: Fix) -> bool:
    """Mark the fix where its baseline's lots are no longer what was frozen; nothing moves. True if that is news."""
    same = of_kind(fix.line_id, fix.measure, fix.defect_code)
    earlier = [
        one.in_effect_at for one in same if one.in_effect_at < fix.in_effect_at and one.declared_at <= fix.declared_at
    ]
    found = baseline.changes(fix, max(earlier, default=None))
    state: FixState = FixState.get_by_id(fix.id)
    if found == (state.baseline_change or []):
        return False
    data = {"fix_id": fix.id, "changes": found}
    with audit.change(
        author, "fix.baseline_changed", site_id=fix.site_id, line_id=fix.line_id, data=data, follow=False
    ) as change:
        changed_at = (state.baseline_changed_at or change.now) if found else None
        change.update(state, baseline_changed_at=changed_at, baseline_change=found or None, updated_at=change.now)
    return True
