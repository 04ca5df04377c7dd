"""Putting pictures in, and finding those that somebody may see. What they may not see is not there for them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import peewee

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, write
from qc_service.errors import NotFound, QCError
from qc_service.lines import service as lines
from qc_service.media import pictures, rules
from qc_service.media.models import MediaBytes, MediaCopy, MediaPlace
from qc_service.texts import later

PLANT = audit.PLANT

_ABOUT = (MediaBytes.sha256, MediaBytes.type, MediaBytes.width, MediaBytes.height, MediaBytes.size)


@dataclass(frozen=True, slots=True)
class Shown:
    """Bytes to be sent, and their type."""

    type: str
    content: bytes


def place_for(actor: Actor, code: str | None) -> str | None:
    """The id of the site that a picture is put into; none for the whole plant, for who may do so in every site."""
    if code is not None:
        return lines.find_site(actor, "media.write", code).id
    if actor.sites_for("media.write") is not None:
        raise QCError("scope_missing", later("Name a site: only who may do it in every site may leave it out."))
    return None


def put(
    actor: Actor, site_id: str | None, sha256: str, data: bytes, declared: str, *, daily_mb: int
) -> tuple[MediaBytes, bool]:
    """The picture, and whether it is new in this place.

    The bytes must come each time, even where they are known: whoever has no more than their hash may not see them.
    The picture is opened before the transaction begins, because that takes a while.
    """
    kept = about(sha256)
    if kept is not None and kept.type != declared:
        raise pictures.refused("other_type")
    if kept is not None and _has_place(sha256, site_id):
        return kept, False
    if kept is None:
        _need_share(actor, len(data), daily_mb)
        picture = pictures.examine(data, declared)
        if _add(actor, site_id, sha256, data, picture, daily_mb):
            return _known(sha256), True
    return _known(sha256), _add_place(actor, site_id, sha256)


def about(sha256: str) -> MediaBytes | None:
    """What is known of a picture, without its bytes."""
    found: MediaBytes | None = MediaBytes.select(*_ABOUT).where(MediaBytes.sha256 == sha256).first()
    return found


def sizes(actor: Actor, hashes: Collection[str]) -> dict[str, int]:
    """How many bytes the usual copy has of each of these pictures that somebody may see."""
    sites = actor.sites_for("media.read")
    seen = MediaPlace.select(MediaPlace.sha256).where(MediaPlace.sha256.in_(list(hashes)))
    if sites is not None:
        seen = seen.where(MediaPlace.site_id.is_null() | MediaPlace.site_id.in_(list(sites)))
    query: Any = MediaCopy.select(MediaCopy.sha256, peewee.fn.LENGTH(MediaCopy.content))
    return dict(query.where((MediaCopy.side == rules.SIDES[0]) & MediaCopy.sha256.in_(seen)).tuples())


def find(actor: Actor, sha256: str) -> MediaBytes:
    """What is known of a picture, for who may see it."""
    sites = actor.sites_for("media.read")
    here = MediaPlace.sha256 == sha256
    if sites is not None:
        here &= MediaPlace.site_id.is_null() | MediaPlace.site_id.in_(list(sites))
    if not MediaPlace.select().where(here).exists():
        raise NotFound("picture", sha256)
    return _known(sha256)


def copy_of(sha256: str, side: int) -> Shown:
    """A copy for screens of a picture that was found."""
    row: Any = MediaCopy.get((MediaCopy.sha256 == sha256) & (MediaCopy.side == side))
    return Shown(row.type, bytes(row.content))


def original_of(sha256: str) -> Shown:
    row: Any = MediaBytes.select(MediaBytes.type, MediaBytes.content).where(MediaBytes.sha256 == sha256).get()
    return Shown(row.type, bytes(row.content))


def _known(sha256: str) -> MediaBytes:
    found: MediaBytes = MediaBytes.select(*_ABOUT).where(MediaBytes.sha256 == sha256).get()
    return found


def _has_place(sha256: str, site_id: str | None) -> bool:
    found = MediaPlace.select().where((MediaPlace.sha256 == sha256) & (MediaPlace.place == (site_id or PLANT)))
    return bool(found.exists())


def _need_share(actor: Actor, more: int, daily_mb: int) -> None:
    """What somebody put in since the day began, counted from the rows themselves. Known bytes cost nothing."""
    now = db.obj.now()
    mine = (MediaBytes.added_by == actor.author.name) & (MediaBytes.added_at >= rules.day_of(now))
    used = int(MediaBytes.select(peewee.fn.sum(MediaBytes.size)).where(mine).scalar() or 0)
    if not rules.fits(used, more, daily_mb):
        detail = later("On one day you can put in %(most)s MB of pictures: go on tomorrow.", most=daily_mb)
        raise QCError("quota_exceeded", detail, retry_after=rules.until_tomorrow(now))


def _add(actor: Actor, site_id: str | None, sha256: str, data: bytes, picture: pictures.Picture, daily_mb: int) -> bool:
    """Write the picture with its copies and its first place; not, where somebody else was quicker."""
    try:
        with write(), db.atomic():  # a savepoint, so that a collision spoils no transaction around it
            audit.lock_streams([audit.stream_of(site_id)])
            _need_share(actor, len(data), daily_mb)
            _write(actor, site_id, sha256, data, picture)
    except peewee.IntegrityError:
        if about(sha256) is None:
            raise
        return False
    return True


def _write(actor: Actor, site_id: str | None, sha256: str, data: bytes, picture: pictures.Picture) -> None:
    said = {"sha256": sha256, "type": picture.type, "bytes": len(data)}
    with audit.change(actor.author, "media.added", site_id=site_id, data=said) as change:
        change.insert(
            MediaBytes, sha256=sha256, type=picture.type, width=picture.width, height=picture.height, size=len(data),
            added_by=actor.author.name, added_at=change.now, content=data,
        )  # fmt: skip
        for one in picture.copies:
            change.insert(
                MediaCopy, sha256=sha256, side=one.side, width=one.width, height=one.height, type=one.type,
                content=one.content,
            )  # fmt: skip
        _write_place(change, actor, site_id, sha256)


def _add_place(actor: Actor, site_id: str | None, sha256: str) -> bool:
    """Let a picture that is known be seen in one more place."""
    data = {"sha256": sha256}
    try:
        with (
            write(),
            db.atomic(),
            audit.change(actor.author, "media.placed", site_id=site_id, data=data) as change,
        ):
            _write_place(change, actor, site_id, sha256)
    except peewee.IntegrityError:
        if not _has_place(sha256, site_id):
            raise
        return False
    return True


def _write_place(change: audit.Change, actor: Actor, site_id: str | None, sha256: str) -> None:
    change.insert(
        MediaPlace, sha256=sha256, place=site_id or PLANT, site_id=site_id, added_by=actor.author.name,
        added_at=change.now,
    )  # fmt: skip
