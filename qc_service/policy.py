"""Who may do what: one table that drives the check, the API's description and the test over every route.

Locked by default: an action that is not here cannot be marked on a view, and a view without an action is refused.
A role is granted per site (or for all sites); a person has the union of what their roles allow. `scope` is what an
API key needs for the action; without one, no key may ever do it. Nobody may act on a record of a site they were not
granted: it does not exist for them.
"""

from dataclasses import dataclass

from qc_service.texts import later

ROLES = ("operator", "inspector", "supervisor", "quality_manager", "auditor", "admin")
ROLE_NAMES = {
    "operator": later("operator"),
    "inspector": later("inspector"),
    "supervisor": later("supervisor"),
    "quality_manager": later("quality manager"),
    "auditor": later("auditor"),
    "admin": later("administrator"),
}

_FLOOR = ("operator", "inspector")
_LEAD = ("supervisor", "quality_manager")


@dataclass(frozen=True, slots=True)
class Rule:
    """Roles that may do the action in their sites, the scope that lets an API key do it, and whether a tablet may."""

    roles: tuple[str, ...]
    scope: str | None = None
    tablet: bool = False


POLICY: dict[str, Rule] = {
    # plant
    "site.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "lines:read"),
    "site.write": Rule(("admin",), "lines:write"),
    "line.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "lines:read"),
    "line.write": Rule((*_LEAD, "admin"), "lines:write"),
    "product.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "lines:read"),
    "product.write": Rule((*_LEAD, "admin"), "lines:write"),
    "measure.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "lines:read"),
    # counts
    "count.read": Rule((*_LEAD, "auditor"), "counts:read"),
    "count.record": Rule(_LEAD, "counts:write"),
    # fixes and what became of them
    "fix.read": Rule((*_FLOOR, *_LEAD, "auditor"), "verdicts:read"),
    "fix.declare": Rule(_LEAD, "fixes:write"),
    "flag.read": Rule((*_FLOOR, *_LEAD, "auditor"), "verdicts:read"),
    "listing.read": Rule((*_LEAD, "auditor"), "verdicts:read"),
    "evidence.read": Rule((*_FLOOR, *_LEAD, "auditor"), "verdicts:read"),
    # alerts
    "alert.read": Rule((*_LEAD, "auditor"), "alerts:read"),
    "alert.act": Rule(_LEAD, "alerts:write"),
    # procedures
    "procedure.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "procedures:read"),
    "procedure.read_drafts": Rule(("inspector", *_LEAD, "auditor")),
    "procedure.draft": Rule(_LEAD),
    "procedure.submit": Rule(_LEAD),
    "procedure.review": Rule(("inspector", *_LEAD)),
    "procedure.approve": Rule(("quality_manager",)),
    "procedure.publish": Rule(("quality_manager",)),
    "procedure.withdraw": Rule(("quality_manager",)),
    "procedure.acknowledge": Rule((*_FLOOR, *_LEAD, "auditor", "admin")),
    "translation.read": Rule(("inspector", *_LEAD, "auditor")),
    "translation.write": Rule(("inspector", *_LEAD)),
    "translation.review": Rule(("inspector", *_LEAD)),
    "translation.override": Rule(("quality_manager",)),
    "qualification.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "procedures:read"),
    "skill.confirm": Rule(_LEAD),
    "deviation.read": Rule((*_FLOOR, *_LEAD, "auditor"), "procedures:read"),
    "deviation.ask": Rule((*_FLOOR, *_LEAD)),
    "deviation.decide": Rule(("quality_manager",)),
    "deviation.use": Rule((*_FLOOR, *_LEAD)),
    "report.read": Rule((*_FLOOR, *_LEAD, "auditor")),
    "report.write": Rule((*_FLOOR, *_LEAD, "auditor")),
    "report.answer": Rule(_LEAD),
    # lots and inspections
    "lot.read": Rule((*_FLOOR, *_LEAD, "auditor"), "lots:read"),
    "lot.write": Rule((*_FLOOR, *_LEAD), "lots:write"),
    "lot.hold": Rule((*_FLOOR, *_LEAD), "lots:write"),
    "lot.release": Rule(("quality_manager",)),
    "lot.override": Rule(("quality_manager",)),
    "gauge.read": Rule((*_FLOOR, *_LEAD, "auditor"), "gauges:read"),
    "gauge.calibrate": Rule(("inspector", *_LEAD), "gauges:write"),
    "gauge.block": Rule(("inspector", *_LEAD)),
    "gauge.unblock": Rule(("quality_manager",)),
    "inspection.read": Rule((*_FLOOR, *_LEAD, "auditor"), "inspections:read"),
    "checking.read": Rule((*_LEAD, "auditor"), "inspections:read"),
    "inspection.sign": Rule(("inspector", *_LEAD), "inspections:write", tablet=True),
    "inspection.own": Rule((*_FLOOR, *_LEAD)),
    "floor.read": Rule((*_FLOOR, *_LEAD, "auditor"), tablet=True),
    "deed.send": Rule((*_FLOOR, *_LEAD), tablet=True),
    "call.make": Rule((*_FLOOR, *_LEAD), tablet=True),
    "call.read": Rule((*_FLOOR, *_LEAD, "auditor"), "alerts:read", tablet=True),
    "call.answer": Rule(_LEAD),
    "seal.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), tablet=True),
    "inspection.confirm": Rule(_LEAD),
    "inspection.dispose": Rule(_LEAD),
    "gap.explain": Rule(_LEAD),
    "inspection.void": Rule(("inspector", *_LEAD)),
    "pack.make": Rule((*_LEAD, "auditor"), "packs:read"),
    # pictures
    "media.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "media:read", tablet=True),
    "media.write": Rule((*_FLOOR, *_LEAD), "media:write", tablet=True),
    # people and access
    "session.end": Rule((*_FLOOR, *_LEAD, "auditor", "admin")),
    "me.read": Rule((*_FLOOR, *_LEAD, "auditor", "admin"), "me:read"),
    "person.read": Rule((*_LEAD, "auditor", "admin")),
    "person.write": Rule(("admin",)),
    "person.same_as": Rule(("admin",)),
    "person.reset_pin": Rule((*_LEAD, "admin")),
    "card.issue": Rule((*_LEAD, "admin")),
    "device.enrol": Rule((*_LEAD, "admin")),
    "device.unlock": Rule((*_LEAD, "admin")),
    "copy.import": Rule((*_LEAD, "admin")),
    "key.write": Rule(("admin",)),
    # the desk's own pages
    "desk.board": Rule((*_LEAD, "auditor")),
}

SCOPES = tuple(sorted({rule.scope for rule in POLICY.values() if rule.scope}))


def scopes_allow(scopes: frozenset[str], action: str) -> bool:
    """May a key with these scopes do it? `*` is everything a key may ever do."""
    scope = POLICY[action].scope
    return scope is not None and (scope in scopes or "*" in scopes)


def roles_allow(roles: frozenset[str], action: str) -> bool:
    return not roles.isdisjoint(POLICY[action].roles)


def card_allows(action: str) -> bool:
    """May a session do it that a badge card began? The floor's own work only: whoever finds a card finds no more."""
    return not set(_FLOOR).isdisjoint(POLICY[action].roles)
