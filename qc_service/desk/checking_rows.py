"""What comes of each check, as a page shows it: how often, how long it took, and whether two people found the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qc_service.inspections import checking_rules as rules
from qc_service.inspections.checking import ONE_SIDED, Asked, Row, Study
from qc_service.inspections.checking_rules import Filled, Quartiles
from qc_service.inspections.models import InspectionAnswer
from qc_service.lines.models import Line
from qc_service.procedures import reading
from qc_service.procedures.qualification import document_of, issued
from qc_service.words import Words

Part = dict[str, Any]
Key = tuple[int, str, str | None]  # version, check, and the line or the shift where it is split

SET_ASIDE = ("not_applicable", "cannot_check")
MINUTES_FROM = 120  # seconds
NO_BREAK = "\u00a0"


def versions(procedure_id: str, found: Study, asked: Asked, words: Words) -> list[Part]:
    """Each version with the rows of its checks: the newest first, and its checks in their own order."""
    failed, aside = _failed(found, asked), _set_aside(found, asked)
    rows = {(row.version, row.check, row.part): row for row in found.rows}
    for key in aside:  # a check that everybody set aside has no other number
        rows.setdefault(key, Row(*key))
    texts, parts = texts_of(procedure_id, found, words), _parts(found, asked.by)
    numbered = {(number, check): at for number, ids in found.looked.checks.items() for at, check in enumerate(ids)}
    keys = sorted(rows, key=lambda key: (-key[0], numbered[key[0], key[1]], key[2] or ""))
    return [
        {
            "version": number,
            "rows": [
                {
                    "text": texts[key[:2]], "part": parts.get(key[2] or "", key[2] or ""),
                    "failed": failed[key], "aside": aside[key], **_numbers(rows[key], words),
                }
                for key in keys
                if key[0] == number
            ],
        }
        for number in dict.fromkeys(key[0] for key in keys)
    ]  # fmt: skip


def texts_of(procedure_id: str, found: Study, words: Words) -> dict[tuple[int, str], str]:
    """What each check of each version is called in the reader's language."""
    ids = {issue.number: issue.version_id for issue in issued(procedure_id)}
    told = {
        (number, check): spec["text"] for number, specs in found.looked.checks.items() for check, spec in specs.items()
    }
    for number in found.looked.checks.keys() & ids.keys():
        document = reading.rendered(procedure_id, document_of(ids[number]), words.language).document
        told |= {(number, check["id"]): check["text"] for check in document.get("checks", ())}
    return told


def lines_of(found: Study) -> dict[str, str]:
    """The names of the lines by their ids."""
    return {one.id: one.name for one in Line.select().where(Line.id.in_(list(found.looked.lines)))}


def shift_name(shift: str) -> str:
    return shift.replace("-", "–")


def _parts(found: Study, by: str) -> dict[str, str]:
    """What the parts are called that checks are split by: a line by its name, where its code fits no other one."""
    if by != "line":
        return {name: shift_name(name) for name in (*rules.SHIFTS, rules.NIGHT)}
    codes, names = Counter(found.looked.lines.values()), lines_of(found)
    return {code: names[one] for one, code in found.looked.lines.items() if codes[code] == 1}


# --- counting ---


def _failed(found: Study, asked: Asked) -> Counter[Key]:
    return Counter(
        (one.version, check, _part(one, found, asked.by))
        for one in found.looked.records
        if asked.holds(one)
        for check, given in one.answers.items()
        if given.outcome == "defect"
    )


def _set_aside(found: Study, asked: Asked) -> Counter[Key]:
    """Answers that say why the check was not done: what the numbers of a check are without."""
    known = {one.uuid: one for one in found.looked.records if asked.holds(one)}
    here = InspectionAnswer.uuid.in_(list(known)) & InspectionAnswer.outcome.in_(SET_ASIDE)
    query: Any = InspectionAnswer.select(InspectionAnswer.uuid, InspectionAnswer.check_id).where(here)
    return Counter((known[uuid].version, check, _part(known[uuid], found, asked.by)) for uuid, check in query.tuples())


def _part(one: Filled, found: Study, by: str) -> str | None:
    return {"line": found.looked.lines[one.line], "shift": one.shift}.get(by)


# --- numbers in words ---


def _numbers(row: Row, words: Words) -> Part:
    agreed, side = rules.agreement(row.table), rules.one_sided(row.table)
    return {
        "answered": row.n, "timed": len(row.seconds), **_times(rules.quartiles(row.seconds), words),
        "pairs": agreed.pairs, "both": row.table,
        "agreement": words.percent(agreed.observed), "kappa": _two(agreed.kappa, words),
        "error": _two(agreed.error, words), "pabak": _two(agreed.pabak, words),
        "note": "" if side is None else words.say(ONE_SIDED[side]),
    }  # fmt: skip


def _times(known: Quartiles | None, words: Words) -> Mapping[str, str]:
    if known is None:
        return {"median": "–", "middle": "–"}
    return {"median": lasting([known.median], words), "middle": lasting([known.lower, known.upper], words)}


def lasting(seconds: Sequence[float], words: Words) -> str:
    """A time, or from one to another, in the unit of the longer one; never parted at the end of a line."""
    if seconds[-1] >= MINUTES_FROM:
        told = words.say("%(count)s min", count=_span([one / 60 for one in seconds], words))
    else:
        told = words.say("%(seconds)s s", seconds=_span(seconds, words))
    return told.replace(" ", NO_BREAK)


def _span(values: Sequence[float], words: Words) -> str:
    return "–".join(dict.fromkeys(words.number(round(one, 1)) for one in values))


def _two(value: float | None, words: Words) -> str:
    """Two decimals; a dash for a number that does not exist, which is not 0."""
    return "–" if value is None else words.number_to(value, 2)
