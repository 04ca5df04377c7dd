"""A photo whose bytes were changed is named, original or copy, and no two of them are in memory for that."""

import contextlib

import pytest

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import LongBlobField, connected, db
from qc_service.media import service
from qc_service.media.models import MediaBytes, MediaCopy
from qc_service.verify import models, verify
from qc_service.verify.snapshot import AT_ONCE, PostgresSnapshot, SqliteSnapshot
from tests.attacks import Attacker
from tests.pictures import JPEG, jpeg, sha256

KEY = Actor("key", "key_1", scopes=frozenset({"*"}))


@pytest.fixture
def kept(database, settings):
    """Three photos, and one who means them harm."""
    for seed in range(3):
        service.put(KEY, None, sha256(jpeg(seed)), jpeg(seed), JPEG, daily_mb=500)
    with contextlib.closing(Attacker(settings)) as attacker:
        yield attacker


def test_a_photo_whose_bytes_were_changed_is_named_with_both_hashes(kept):
    data = jpeg(1)
    other = bytes((*data[:-5], data[-5] ^ 1, *data[-4:]))
    kept.sql("UPDATE media_bytes SET content = ? WHERE sha256 = ?", other, sha256(data))

    (finding,) = list(verify())

    assert (finding.place, finding.kind) == (f"media_bytes {sha256(data)}", "changed")
    assert f'the table says content "{sha256(other)}"' in finding.text
    assert f'event 2 of stream plant says "{sha256(data)}"' in finding.text


def test_a_photo_that_was_put_in_the_place_of_another_is_named(kept):
    kept.sql("UPDATE media_bytes SET content = ? WHERE sha256 = ?", jpeg(2), sha256(jpeg(1)))

    assert [finding.place for finding in verify()] == [f"media_bytes {sha256(jpeg(1))}"]


def test_what_the_screens_show_cannot_be_changed_either(kept):
    kept.sql("UPDATE media_copy SET content = ? WHERE sha256 = ? AND side = 400", jpeg(9), sha256(jpeg(1)))

    assert [finding.place for finding in verify()] == [f"media_copy {sha256(jpeg(1))}:400"]


def test_a_photo_that_was_taken_away_or_shown_elsewhere_is_named(kept):
    kept.sql("DELETE FROM media_bytes WHERE sha256 = ?", sha256(jpeg(0)))
    kept.sql("UPDATE media_place SET place = 'sit_1', site_id = 'sit_1' WHERE sha256 = ?", sha256(jpeg(1)))

    found = {(finding.place, finding.kind) for finding in verify() if finding.kind != "engine"}

    assert found == {
        (f"media_bytes {sha256(jpeg(0))}", "missing"),
        (f"media_place {sha256(jpeg(1))}:plant", "missing"),
        (f"media_place {sha256(jpeg(1))}:sit_1", "unknown"),
    }


def test_the_trail_says_the_hash_and_not_the_bytes(kept):
    image = audit.image(MediaBytes, MediaBytes.get_by_id(sha256(jpeg(1))).__data__)

    assert image["content"] == image["sha256"] == sha256(jpeg(1))
    assert all(len(event.body) < 3000 for event in audit.Event.select())


def test_photos_are_read_one_by_one(kept, monkeypatch):
    together = {}
    for snapshot in (SqliteSnapshot, PostgresSnapshot):
        monkeypatch.setattr(snapshot, "query", _noting(snapshot.query, together))

    assert list(verify()) == []

    long = {name for name, model in models().items() if _is_long(model)}
    assert long == {"media_bytes", "media_copy", "inspection_record", "inspection_variant", "deed"}
    assert {table: together[table] for table in long} == dict.fromkeys(long, 1)
    assert together["line"] == AT_ONCE


def _noting(query, together):
    def noted(view, statement, *values, at_once=AT_ONCE):
        together[statement.rpartition('FROM "')[2].rstrip('"')] = at_once
        return query(view, statement, *values, at_once=at_once)

    return noted


def _is_long(model):
    return any(isinstance(field, LongBlobField) for field in model._meta.sorted_fields)


def test_a_picture_that_somebody_else_put_in_meanwhile_is_only_placed(database, monkeypatch):
    """Both found nothing there and opened it; one is written."""
    examine = service.pictures.examine

    def slowly(data, declared):
        picture = examine(data, declared)
        monkeypatch.setattr(service.pictures, "examine", examine)
        service.put(KEY, None, sha256(data), data, declared, daily_mb=500)
        return picture

    monkeypatch.setattr(service.pictures, "examine", slowly)

    picture, new = service.put(KEY, None, sha256(jpeg()), jpeg(), JPEG, daily_mb=500)

    assert (picture.sha256, new) == (sha256(jpeg()), False)
    assert (MediaBytes.select().count(), MediaCopy.select().count()) == (1, 2)
    assert list(verify()) == []
    assert db.in_transaction() is False
    with connected():
        assert audit.Event.select().where(audit.Event.type == "media.placed").count() == 0
