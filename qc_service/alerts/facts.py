"""What a flag gives its alert: the columns that say where, what, how bad and why."""

from collections.abc import Mapping
from typing import Any

from qc_service.alerts import rules
from qc_service.alerts.episodes import Facts
from qc_service.fixes.models import Fix
from qc_service.flags import called, line_evidence, recurring
from qc_service.flags.models import Evidence, Flag, Watch
from qc_service.lines.models import Line, Site

OF_MEASURE = (line_evidence.KIND, recurring.KIND)  # of a line's numbers, and of no one fix


def of(flag: Flag, data: Mapping[str, Any]) -> Facts:
    """`data` is the message about the flag."""
    common = {
        "site_id": flag.site_id, "line_id": flag.line_id, "flag_id": flag.id, "kind": flag.kind,
        "measure": flag.measure, "defect_code": flag.defect_code, "fix_id": flag.fix_id,
        "fingerprint": fingerprint(flag), "sentence": flag.sentence, "evidence_id": flag.evidence_id,
    }  # fmt: skip
    if flag.cause is not None or flag.kind in called.KINDS or flag.kind in OF_MEASURE:
        return common | _of_evidence(flag)
    return common | _of_fix(flag, data)


def what_moved(flag: Flag) -> str:
    """What is new about a flag that stands on."""
    if flag.kind in called.KINDS:
        return "Pressed again."
    if flag.kind == recurring.KIND:
        return "Another fix, or another verdict."
    return "The numbers moved." if flag.cause is None else f"Lots on hold now: {flag.lots}."


def fingerprint(flag: Flag) -> str:
    site = Site.get_by_id(flag.site_id).code
    if flag.cause is not None:
        return rules.fingerprint(flag.kind, site=site, cause=(flag.cause_kind or "", flag.cause))
    line = Line.get_by_id(flag.line_id).code
    if flag.kind in OF_MEASURE:
        about = ("measure", flag.measure or "")
        return rules.fingerprint(flag.kind, site=site, line=line, defect_code=flag.defect_code, cause=about)
    return rules.fingerprint(flag.kind, site=site, line=line, defect_code=flag.defect_code, fix=flag.fix_id)


def _of_fix(flag: Flag, data: Mapping[str, Any]) -> Facts:
    watch: Watch | None = Watch.get_or_none(Watch.fix_id == flag.fix_id) if flag.fix_id else None
    if watch is not None and watch.verdict != "not_holding":
        watch = None  # it has moved on: what the message said is nearer to the flag
    fix: Fix | None = Fix.get_or_none(Fix.id == flag.fix_id) if flag.fix_id else None
    pattern = watch.pattern if watch else data.get("pattern")
    return {
        "severity": rules.severity_of(flag.kind, pattern), "verdict": watch.verdict if watch else data.get("verdict"),
        "pattern": pattern, "explanation": watch and watch.explanation, "owner": fix and fix.owner,
    }  # fmt: skip


def _of_evidence(flag: Flag) -> Facts:
    document = Evidence.get_by_id(flag.evidence_id).document
    return {
        "severity": rules.severity_of(flag.kind, cause=flag.cause_kind), "verdict": None, "pattern": None,
        "explanation": document["explanation"], "owner": None,
    }  # fmt: skip


def more_came(seen: str, now: str) -> bool:
    """Were lots put on hold, or did somebody press, between two pieces of evidence, named by their ids?"""
    before, after = (Evidence.get_by_id(one).document.get("newest_at", "") for one in (seen, now))
    return bool(before < after)
