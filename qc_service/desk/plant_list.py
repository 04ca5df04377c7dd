"""The plant's list beside the lines' own flags: for whoever looks after many lines at once."""

from typing import Any

from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import page, resaid, words
from qc_service.fixes.models import Fix, FixState
from qc_service.flags import evidence, listed
from qc_service.flags.models import Watch
from qc_service.lines.models import Line, Site
from qc_service.lines.service import in_sites

MOST = 200
MOST_TOLD = 10_000  # of evidence to 1


@blp.get("/not-holding")
@allow("desk.board")
def plant_list() -> ResponseReturnValue:
    entries, flagged = listed.entries(actor())[:MOST], _flagged()
    shown, told = {one["fix"] for one in entries}, {one["fix"]: one["sentence"] for one in flagged}
    return page(
        "plant_list.html", nav="lines", watched=_watched(), most=MOST_TOLD,
        rows=[{**one, "sentence": told.get(one["fix"], one["sentence"])} for one in entries],
        flagged=[one for one in flagged if one["fix"] not in shown],
    )  # fmt: skip


def _watched() -> str:
    sites = actor().sites_for("desk.board")
    found: int = Watch.select().where(in_sites(Watch, sites) & Watch.ends_at.is_null()).count()
    mine = words()
    return mine.say_many("%(count)s fix is watched.", "%(count)s fixes are watched.", found)


def _flagged() -> list[dict[str, Any]]:
    """The fixes that their own lines call broken, in the reader's words."""
    query: Any = (
        Fix.select(Fix, Watch, Line.code.alias("line_code"), Line.name.alias("line_name"), Site.code.alias("site_code"))
        .join(FixState, on=(FixState.fix_id == Fix.id), attr="standing")
        .switch(Fix)
        .join(Watch, on=(Watch.fix_id == Fix.id), attr="watch")
        .switch(Fix)
        .join(Line, on=(Line.id == Fix.line_id), attr="line")
        .join(Site, on=(Site.id == Line.site_id), attr="site")
        .where(
            in_sites(Fix, actor().sites_for("desk.board"))
            & FixState.ends_at.is_null() & (Watch.verdict == "not_holding")
        )
        .order_by(Fix.in_effect_at.desc())
        .limit(MOST)
    )  # fmt: skip
    return [
        {
            "fix": fix.id, "title": fix.title, "line": fix.line.line_code, "line_name": fix.line.line_name,
            "sentence": resaid(evidence.summary(fix.watch, fix), fix.watch.sentence).split(": ", 1)[-1],
        }
        for fix in query
    ]  # fmt: skip
