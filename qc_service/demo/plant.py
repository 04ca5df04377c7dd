"""Fills a database with the demonstration plant, through the services that a real plant would use."""

from datetime import datetime
from typing import Any

from qc_service.audit import COMMAND
from qc_service.auth import Actor
from qc_service.config import Settings
from qc_service.counts.service import record_counts
from qc_service.db import connected
from qc_service.demo.people import let_in, open_sandbox
from qc_service.demo.sandbox import Sandbox
from qc_service.demo.series import SITE, Story, stories
from qc_service.fixes.models import Fix
from qc_service.fixes.schemas import FixIn
from qc_service.fixes.service import declare_fix
from qc_service.lines.models import Line, Site
from qc_service.lines.service import create_line, create_site, site_named


def fill(settings: Settings, now: datetime) -> Sandbox:
    """Everything of the plant that is not there yet. A second call finds all of it and changes nothing."""
    with connected():
        sandbox = open_sandbox(settings.data_dir, now)
        site = site_named(SITE) or create_site(COMMAND, SITE, "Demonstration plant")
        let_in(sandbox, site)
        actor = Actor("key", sandbox.key_id or "", "Sandbox", scopes=frozenset({"*"}), via="cli")
        for story in stories():
            _tell(actor, site, story, sandbox.last, now)
    return sandbox


def _tell(actor: Actor, site: Site, story: Story, last: datetime, now: datetime) -> None:
    """The samples before the fix, the fix, and the samples after it, in the order in which they happened."""
    line = Line.get_or_none((Line.site_id == site.id) & (Line.code == story.line))
    if line is None:
        line = create_line(COMMAND, site, story.line, story.name)
    _record(actor, story.before(last), now)
    if not Fix.select().where(Fix.line_id == line.id).exists():
        declare_fix(actor, FixIn().load(story.fix(last)), now)
    _record(actor, story.after(last), now)


def _record(actor: Actor, rows: list[dict[str, Any]], now: datetime) -> None:
    for result in record_counts(actor, list(enumerate(rows, start=1)), now):
        if result.error is not None:
            raise result.error
