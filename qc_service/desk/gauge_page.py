"""One gauge: how it stands, what happened to it, the lots in doubt, and what can be done with it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk import gauge_words
from qc_service.desk.blueprint import blp
from qc_service.desk.may import needs_role
from qc_service.desk.pages import flash, page, words
from qc_service.desk.sign_here import by_field
from qc_service.desk.typed import day_typed, loaded, moment_typed
from qc_service.errors import QCError, invalid, status_of
from qc_service.lines.models import Site
from qc_service.lines.service import in_sites
from qc_service.lots import gauge_replies, gauges, measuring
from qc_service.lots import gauge_schemas as schemas
from qc_service.lots.gauge_models import Gauge
from qc_service.lots.models import Lot
from qc_service.texts import Text, later

ONE = "/gauges/<code>"
MOST = 200
FIELDS = {  # of each form
    "calibration": ("result", "due_on", "calibrated_at", "note"),
    "block": ("reason",),
    "unblock": ("reason",),
    "rename": ("name",),
}
CALIBRATE_FIRST = later("It is calibrated first.")
BLOCKED = later("Blocked: nothing is measured with it until a quality manager unblocks it.")
UNBLOCKED = later("It can be used again.")
RECORDED = later("The calibration is recorded.")
STILL_BLOCKED = later("The calibration is recorded. The gauge stays blocked until a quality manager unblocks it.")
FOUND_BAD = later("The calibration is recorded. What it measured since it was last good is put on hold.")


@blp.get(ONE, endpoint="gauge")
@allow("gauge.read")
def gauge(code: str) -> ResponseReturnValue:
    site = _site()
    named = Gauge.select(Gauge.site_id).where((Gauge.code == code) & in_sites(Gauge, actor().sites_for(gauges.READ)))
    if site is None and named.count() > 1:
        return _which(code, sorted(one.code for one in Site.select().where(Site.id.in_(named))))
    return _shown(gauges.find(actor(), gauges.READ, code, site), {}, {})


def _which(code: str, sites: list[str]) -> ResponseReturnValue:
    say = words().say
    return page(
        "message.html", nav="inspections", title=say("Gauge %(code)s is in several sites.", code=code),
        what_happened="", what_to_do=say("Choose the site."),
        links=[{"text": site, "url": url_for("desk.gauge", code=code, site=site)} for site in sites], request_id=None,
    )  # fmt: skip


def _shown(
    one: Any, errors: Mapping[str, str], values: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:  # fmt: skip
    told, tz = gauge_replies.whole(one), one.site.time_zone
    doubts = measuring.doubts_of(one.id)
    lots = gauge_replies.lots_in_doubt(one, doubts)
    first = list(lots.order_by(Lot.shipped_at.is_null(), Lot.id.desc()).limit(MOST))
    last_block = told["blocks"][0] if told["blocks"] and told["blocks"][0]["kind"] == "blocked" else None
    return page(
        "gauge.html", nav="inspections", status=status, gauge=told, tz_name=tz, site=one.site.name,
        word=words().say(gauge_words.STATES[told["state"]]),
        sentence=gauge_words.sentence(told, gauges.today(one.site, db.obj.now())),
        why=gauge_words.reason(last_block["reason"]) if last_block else "",
        history=gauge_words.history(told), ways=_ways(one, told, blocked=last_block is not None),
        lots=gauge_replies.affected(one, doubts, first), total=lots.count(), most=MOST, doubted=bool(doubts),
        errors=dict(errors), values={"rename-name": one.name, **values},
    )  # fmt: skip


def _ways(one: Any, told: Mapping[str, Any], *, blocked: bool) -> dict[str, Text | str | None]:
    """For each form None where there is nothing to do or nobody needs to know, "" where it is theirs, else why not."""
    may = {action: actor().may(action, one.site_id) for action in (gauges.CALIBRATE, gauges.BLOCK, gauges.UNBLOCK)}
    ways: dict[str, Text | str | None] = dict.fromkeys(("calibration", "rename"), "" if may[gauges.CALIBRATE] else None)
    ways["block"] = "" if may[gauges.BLOCK] and not blocked else None
    ways["unblock"] = None
    if blocked:
        good = told["due_on"] is not None
        ways["unblock"] = ("" if good else CALIBRATE_FIRST) if may[gauges.UNBLOCK] else needs_role(gauges.UNBLOCK)
    return ways


# --- what people do -----------------------------------------------------------------------------------------------


@blp.post(f"{ONE}/calibrations", endpoint="gauge_calibration")
@allow("gauge.calibrate")
def record_calibration(code: str) -> ResponseReturnValue:
    def act(found: Any) -> Text:
        told = loaded(schemas.CalibrationIn(), {**_calibration(found.site.time_zone), "site": _site()})
        row = gauges.calibrate(actor(), code, told)
        if told["result"] == "out_of_tolerance":
            return FOUND_BAD
        return STILL_BLOCKED if gauge_replies.listed([row])[0]["state"] == "blocked" else RECORDED

    return _decide(code, gauges.CALIBRATE, "calibration", act)


def _calibration(tz: str) -> dict[str, str | None]:
    """What was typed; when, and until when, may be left out."""
    if not _typed("result"):
        raise invalid("/result", later("Say how it was found."))
    at, due = _typed("calibrated_at"), _typed("due_on")
    return {
        "result": _typed("result"), "note": _typed("note") or None,
        "calibrated_at": moment_typed("calibrated_at", at, tz) if at else None,
        "due_on": day_typed("due_on", due) if due else None,
    }  # fmt: skip


@blp.post(f"{ONE}/block", endpoint="gauge_block")
@allow("gauge.block")
def block(code: str) -> ResponseReturnValue:
    def act(_: Any) -> Text:
        gauges.block(actor(), code, _because())
        return BLOCKED

    return _decide(code, gauges.BLOCK, "block", act)


@blp.post(f"{ONE}/unblock", endpoint="gauge_unblock")
@allow("gauge.unblock")
def unblock(code: str) -> ResponseReturnValue:
    def act(_: Any) -> Text:
        gauges.unblock(actor(), code, _because())
        return UNBLOCKED

    return _decide(code, gauges.UNBLOCK, "unblock", act)


@blp.post(f"{ONE}/name", endpoint="gauge_rename")
@allow("gauge.calibrate")
def rename(code: str) -> ResponseReturnValue:
    def act(_: Any) -> Text:
        name = loaded(schemas.GaugePatch(), {"name": _typed("name")})["name"]
        gauges.rename(actor(), code, name, _site())
        return later("It is called %(name)s from now on.", name=name)

    return _decide(code, gauges.CALIBRATE, "rename", act)


def _because() -> dict[str, Any]:
    return loaded(schemas.BlockIn(), {"reason": _typed("reason"), "site": _site()})


def _decide(code: str, action: str, form: str, act: Callable[[Any], Text]) -> ResponseReturnValue:
    """Do it, or show the gauge again with what is wrong beside the field, and what was typed."""
    found = gauges.find(actor(), action, code, _site())
    try:
        said = act(found)
    except QCError as error:
        if error.code in ("not_found", "scope_missing"):
            raise
        known = FIELDS[form]
        errors = {(f"{form}-{field}" if field in known else ""): text for field, text in by_field(error).items()}
        return _shown(found, errors, {f"{form}-{name}": _typed(name) for name in known}, status_of(error.code))
    flash("success", words().say(said))
    return redirect(url_for("desk.gauge", code=code, site=_site()), 303)


def _site() -> str | None:
    return request.args.get("site") or None


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()
