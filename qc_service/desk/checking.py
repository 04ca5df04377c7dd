"""How well is checked, for whoever leads: a sentence, what comes of each check, and the records that are worth a look.

Of checks and records, and never of people: nothing here reads who inspected.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from peewee import SQL, fn

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk.blueprint import blp
from qc_service.desk.checking_rows import lasting, lines_of, shift_name, texts_of, versions
from qc_service.desk.choosing import Choice, choices, chosen, options
from qc_service.desk.inspections import midnight, procedures
from qc_service.desk.pages import page, words
from qc_service.desk.procedure_titles import title_of
from qc_service.errors import NotFound
from qc_service.inspections import checking
from qc_service.inspections import checking_rules as rules
from qc_service.inspections.checking import Asked, Study
from qc_service.inspections.checking_rules import ENOUGH
from qc_service.inspections.models import Inspection
from qc_service.lines.service import in_sites
from qc_service.procedures import finding
from qc_service.procedures.models import Procedure
from qc_service.texts import Text, later

READ = "checking.read"
FILTERS = ("procedure", "line", "since", "until", "by")
BY: dict[str, Text] = {"line": later("Line"), "shift": later("Part of the day")}
CHOOSE = later("Choose one of the list.")


@blp.get("/checking", endpoint="checking")
@allow("checking.read")
def show() -> ResponseReturnValue:
    values = {name: request.args.get(name, "").strip() for name in FILTERS}
    lines, errors = choices(READ), dict[str, str]()
    procedure = _procedure(values["procedure"], errors)
    asked = _asked(procedure, values, lines, errors)
    values |= dict.fromkeys({"since", "until"} & set(errors), "")  # a field for days can show no other words
    some = procedures()
    return page(
        "checking.html", nav="inspections", tab="checking", status=422 if errors else 200, errors=errors,
        values=values, filters=sum(1 for text in values.values() if text), lines=options(lines), procedures=some,
        by=[{"code": code, "name": words().say(name)} for code, name in BY.items()],
        told=_told(procedure, asked) if procedure is not None and not errors else None,
        inspected=_inspected(some) if procedure is None else [],
    )  # fmt: skip


def _procedure(code: str, errors: dict[str, str]) -> Procedure | None:
    if not code:
        return None
    try:
        return finding.procedure_at(actor(), READ, code)
    except NotFound:
        errors["procedure"] = CHOOSE
        return None


def _asked(
    procedure: Procedure | None, values: Mapping[str, str], lines: Sequence[Choice], errors: dict[str, str]
) -> Asked:
    line = chosen(values["line"], list(lines))
    if values["line"] and line is None:
        errors["line"] = CHOOSE
    if values["by"] and values["by"] not in BY:
        errors["by"] = CHOOSE
    since, until = midnight(values, "since", errors), midnight(values, "until", errors, days=1)
    if since is not None and until is not None and since >= until:
        errors["until"] = later("The end of the period is not after its beginning.")
    sites = frozenset({line.site_id}) if line else actor().sites_for(READ)
    return Asked(
        procedure.id if procedure else "", sites, line.line_id if line else None, since, until or db.obj.now(),
        values["by"] or "check",
    )  # fmt: skip


def _inspected(some: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The procedures by which somebody inspected where the reader may look."""
    by_it = Inspection.select(SQL("1")).where(
        (Inspection.procedure_id == Procedure.id) & in_sites(Inspection, actor().sites_for(READ))
    )
    known = {one.code for one in Procedure.select(Procedure.code).where(fn.EXISTS(by_it))}
    return [{**one, "url": url_for("desk.checking", procedure=one["code"])} for one in some if one["code"] in known]


# --- what is told ---


def _told(procedure: Procedure, asked: Asked) -> dict[str, Any]:
    found = checking.study(asked)
    shown = versions(procedure.id, found, asked, words())
    rows = [row for version in shown for row in version["rows"]]
    return {
        "title": title_of(procedure, words().language), "records": found.records, "sentences": _sentences(found, rows),
        "notes": [words().say(note, count=words().number(count)) for note, count in found.notes], "versions": shown,
        "timed": any(row["timed"] for row in rows), "paired": any(row["pairs"] for row in rows),
        "observations": _observations(procedure, found) if found.observed else [], "enough": ENOUGH,
        "split": words().say(BY[asked.by]) if asked.by in BY else "",
    }  # fmt: skip


def _sentences(found: Study, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How much was looked at, whether two people found the same, and whether something is worth a look."""
    told, seen = words(), len(found.observed)
    looked = told.say_many(
        "%(count)s inspection was looked at.", "%(count)s inspections were looked at.", found.records
    )  # fmt: skip
    worth = told.say("Nothing in them stands out.")
    if seen:
        worth = told.say_many(
            "%(count)s observation is worth a look.", "%(count)s observations are worth a look.", seen
        )  # fmt: skip
    return [looked, *_taking(found), *_differing(rows), worth]


def _taking(found: Study) -> list[str]:
    """How long a check takes by this procedure, whichever it is: the median of all that are timed."""
    known = rules.quartiles([one for row in found.rows for one in row.seconds])
    if known is None:
        return []
    return [words().say("Median time of a check: %(time)s.", time=lasting([known.median], words()))]


def _differing(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where two people found different things, and at which check most often."""
    pairs = sum(row["pairs"] for row in rows)
    apart: dict[str, int] = {}
    for row in rows:
        apart[row["text"]] = apart.get(row["text"], 0) + row["both"][0][1] + row["both"][1][0]
    differed = sum(apart.values())
    if not pairs:
        return []
    say, number = words().say, words().number
    if not differed:
        return [say("Two people answered the same in all of %(pairs)s comparisons.", pairs=number(pairs))]
    return [
        say(
            "Two people answered differently in %(differed)s of %(pairs)s comparisons, most often at “%(check)s”.",
            differed=number(differed), pairs=number(pairs), check=max(apart, key=lambda text: apart[text]),
        )
    ]  # fmt: skip


def _observations(procedure: Procedure, found: Study) -> list[dict[str, Any]]:
    """Each as a sentence that leads to its record: the newest first."""
    texts, lines = texts_of(procedure.id, found, words()), lines_of(found)
    about = Inspection.select(Inspection.uuid, Inspection.lot, Inspection.unit)
    lots = {row.uuid: row for row in about.where(Inspection.uuid.in_([one.record.uuid for one in found.observed]))}
    return [
        {
            "url": url_for("desk.inspection", uuid=one.record.uuid),
            "sentence": words().say(
                checking.SENTENCES[one.kind], check=texts[one.record.version, one.check] if one.check else "",
                **one.values,
            ),
            "lot": lots[one.record.uuid].lot, "unit": lots[one.record.uuid].unit, "at": one.record.at,
            "line": lines[one.record.line], "shift": shift_name(one.record.shift), "version": one.record.version,
        }
        for one in found.observed
    ]  # fmt: skip
