"""Pictures over HTTP: put in once, shown without a trace of the camera, and only to those of the place."""

import io
import threading
from dataclasses import replace

import pytest

from qc_service import audit, config
from qc_service.app import create_app
from qc_service.db import connected, db
from qc_service.lines.models import Site
from qc_service.media import rules
from qc_service.media.models import MediaBytes, MediaPlace
from qc_service.people import access, signin, staff
from qc_service.people.credentials import init_people
from qc_service.verify import verify
from tests import hostile
from tests.pictures import JPEG, PNG, WEBP, jpeg, opened, photo, sha256, written
from tests.plant import Plant

GPS = jpeg(exif=hostile.exif(gps=True, orientation=6), comment=b"made by Secret Camera Works")


def put(plant, data, *, kind=JPEG, token=None, **query):
    return plant.call(
        "PUT", f"/v1/media/{sha256(data)}", data=data, token=token, query_string=query, headers={"Content-Type": kind}
    )


def look(plant, data, token=None, method="GET", headers=None, **query):
    return plant.call(method, f"/v1/media/{sha256(data)}", token=token, query_string=query, headers=headers or {})


def key_for(plant, site, *scopes):
    with connected():
        site_id = Site.get(Site.code == site).id
        return access.create_key(audit.COMMAND, f"of {site}", list(scopes or ("*",)), site_id=site_id)[1]


def events():
    with connected():
        return audit.Event.select().count()


# --- in and out ---


def test_a_picture_is_put_in_once_and_sending_it_again_changes_nothing(plant):
    first = put(plant, jpeg(), site="S1")
    before = events()
    again = put(plant, jpeg(), site="S1")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert first.json == {"sha256": sha256(jpeg()), "type": JPEG, "width": 64, "height": 48, "bytes": len(jpeg())}
    assert events() == before


@pytest.mark.parametrize(("kind", "form"), [(JPEG, "JPEG"), (PNG, "PNG"), (WEBP, "WEBP")])
def test_each_kind_of_picture_is_shown(plant, kind, form):
    data = written(photo(800, 600), form)
    assert put(plant, data, kind=kind).json["type"] == kind

    shown, small = look(plant, data), look(plant, data, width=400)

    assert opened(shown.data).size == (800, 600)
    assert opened(small.data).size == (400, 300)
    assert shown.mimetype == small.mimetype == "image/jpeg"


def test_where_it_was_taken_is_kept_in_the_original_and_shown_to_nobody(plant):
    said = put(plant, GPS).json
    shown, original = look(plant, GPS), look(plant, GPS, original="true")

    assert (said["width"], said["height"]) == opened(shown.data).size == (48, 64)  # the camera was held upright
    assert not dict(opened(shown.data).getexif())
    assert b"Secret Camera" not in shown.data
    assert original.data == GPS
    assert dict(opened(original.data).getexif().get_ifd(0x8825))


def test_an_original_is_a_file_to_be_kept_and_never_a_page(plant):
    """Whatever else its bytes may be taken for, no browser takes them for it."""
    data = jpeg() + hostile.SCRIPT
    put(plant, data)

    original = look(plant, data, original="true")

    assert original.data == data
    assert original.headers["Content-Disposition"] == f'attachment; filename="{sha256(data)[:16]}.jpg"'
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in original.headers["Content-Security-Policy"]
    assert hostile.SCRIPT not in look(plant, data).data


def test_a_browser_may_keep_what_never_changes_for_the_one_who_may_see_it(plant):
    put(plant, jpeg())
    shown = look(plant, jpeg())

    assert shown.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert shown.headers["Vary"] == "Authorization"
    known = look(plant, jpeg(), headers={"If-None-Match": shown.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    assert look(plant, jpeg(), headers={"If-None-Match": shown.headers["ETag"]}, width=400).status_code == 200
    stranger = plant.app.test_client().get(
        f"/v1/media/{sha256(jpeg())}", headers={"If-None-Match": shown.headers["ETag"]}
    )
    assert (stranger.status_code, stranger.headers["Cache-Control"]) == (401, "no-store")


def test_a_tablet_asks_what_is_there_before_it_sends(plant):
    assert look(plant, jpeg(), method="HEAD").status_code == 404
    put(plant, jpeg())

    there = look(plant, jpeg(), method="HEAD")

    assert (there.status_code, there.data) == (200, b"")


# --- what is refused ---


@pytest.mark.parametrize(
    ("kind", "data", "status", "code"),
    [
        (JPEG, b"no picture", 422, "picture_refused"),
        (JPEG, b"", 422, "picture_refused"),
        (PNG, jpeg(), 422, "picture_refused"),
        ("image/gif", jpeg(), 415, "unsupported_media_type"),
        ("text/html", jpeg(), 415, "unsupported_media_type"),
        ("", jpeg(), 415, "unsupported_media_type"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(plant, kind, data, status, code):
    before = events()

    answer = put(plant, data, kind=kind)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert events() == before
    assert look(plant, data).status_code == 404


def test_bytes_must_be_those_of_the_address(plant):
    for wrong in (sha256(b"other"), sha256(jpeg()).upper(), "abc", "0" * 64):
        answer = plant.call("PUT", f"/v1/media/{wrong}", data=jpeg(), headers={"Content-Type": JPEG})
        assert (answer.status_code, answer.json["code"]) == (422, "hash_mismatch")
    assert look(plant, jpeg()).status_code == 404


def test_a_picture_may_be_larger_than_any_other_request_and_not_larger_than_twelve_megabytes(plant):
    large = jpeg() + bytes(7_000_000)  # phones write films behind their pictures
    assert put(plant, large).status_code == 201

    too_large = put(plant, jpeg() + bytes(12_000_000))

    assert (too_large.status_code, too_large.json["code"]) == (413, "payload_too_large")
    assert "12 MB" in too_large.json["detail"]


class Endless(io.RawIOBase):
    """A body without an end, and how much of it was taken."""

    taken = 0

    def readable(self):
        return True

    def readinto(self, target):
        self.taken += len(target)
        return len(target)


@pytest.mark.parametrize(
    ("said", "most"), [({"CONTENT_LENGTH": "12000001"}, 0), ({"wsgi.input_terminated": True}, 12_200_000)]
)
def test_what_is_too_large_is_not_read_or_not_further_than_to_the_limit(plant, said, most):
    body = Endless()
    answer = plant.call(
        "PUT", f"/v1/media/{sha256(b'')}", headers={"Content-Type": JPEG},
        environ_overrides={"wsgi.input": body, **said},
    )  # fmt: skip

    assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")
    assert body.taken <= most


@pytest.mark.parametrize("query", [{"width": 500}, {"width": "x"}, {"other": "1"}])
def test_there_are_two_sizes_and_no_others(plant, query):
    put(plant, jpeg())

    assert look(plant, jpeg(), **query).json["code"] == "validation_failed"


# --- places ---


def test_who_is_of_one_site_sees_its_pictures_and_the_plants(plant):
    plant.line("L9", "S2")
    of_plant, of_first, of_second = jpeg(1), jpeg(2), jpeg(3)
    for data, query in ((of_plant, {}), (of_first, {"site": "S1"}), (of_second, {"site": "S2"})):
        assert put(plant, data, **query).status_code == 201
    first = key_for(plant, "S1")

    seen = {name: look(plant, data, first).status_code for name, data in
            (("plant", of_plant), ("first", of_first), ("second", of_second))}  # fmt: skip

    assert seen == {"plant": 200, "first": 200, "second": 404}
    assert look(plant, of_second, first, original="true").json["code"] == "not_found"
    assert look(plant, of_second, first, method="HEAD").status_code == 404


def test_the_same_bytes_in_another_site_are_seen_there_too_and_kept_once(plant):
    plant.line("L9", "S2")
    first, second = key_for(plant, "S1"), key_for(plant, "S2")
    put(plant, jpeg(), token=first, site="S1")
    assert look(plant, jpeg(), second).status_code == 404

    placed = put(plant, jpeg(), token=second, site="S2")

    assert placed.status_code == 201
    assert look(plant, jpeg(), second).status_code == 200
    assert put(plant, jpeg(), token=second, site="S2").status_code == 200
    with connected():
        assert (MediaBytes.select().count(), MediaPlace.select().count()) == (1, 2)
        assert list(verify()) == []


def test_whoever_knows_a_hash_and_has_not_the_bytes_gets_nothing_by_it(plant):
    plant.line("L9", "S2")
    put(plant, jpeg(), site="S1")
    second = key_for(plant, "S2")

    answer = plant.call(
        "PUT", f"/v1/media/{sha256(jpeg())}?site=S2", data=jpeg(2), token=second, headers={"Content-Type": JPEG}
    )

    assert answer.json["code"] == "hash_mismatch"
    assert look(plant, jpeg(), second).status_code == 404


def test_a_picture_of_the_whole_plant_is_put_in_by_who_may_do_so_in_every_site(plant):
    plant.line("L9", "S2")
    first = key_for(plant, "S1")

    assert put(plant, jpeg(), token=first).json["code"] == "scope_missing"
    assert put(plant, jpeg(), token=first, site="S2").json["code"] == "not_found"
    assert put(plant, jpeg(), token=first, site="S7").json["code"] == "not_found"
    assert put(plant, jpeg(), token=key_for(plant, "S1", "media:read"), site="S1").json["code"] == "scope_missing"
    assert put(plant, jpeg(), token=first, site="S1").status_code == 201


# --- how much ---


@pytest.fixture
def small_share(settings):
    app = create_app(replace(settings, media_daily_mb=1))
    with connected():
        init_people(settings)
        made = Plant(app)
    made.line("L1", "S1")
    yield made
    db.obj.close_all()


def test_a_day_has_a_share_for_each_person_counted_by_what_they_put_in(small_share):
    plant = small_share
    with connected():
        staff.add_person(audit.COMMAND, "P-1", "Ana", ["operator"], password="three plums on a shed roof")
        ana = signin.sign_in_at_desk("P-1", "three plums on a shed roof", "10.0.0.7", db.obj.now()).token
    half = [jpeg(seed) + bytes(600_000) for seed in (1, 2)]
    assert put(plant, half[0], token=ana).status_code == 201

    over = put(plant, half[1], token=ana)

    assert (over.status_code, over.json["code"]) == (429, "quota_exceeded")
    assert 0 < int(over.headers["Retry-After"]) <= 86_401
    assert put(plant, half[0], token=ana, site="S1").status_code == 201  # what is there costs nothing
    assert put(plant, jpeg(3), token=ana).status_code == 201  # what still fits, fits
    assert put(plant, half[1]).status_code == 201  # another's share is another's


def test_what_was_put_in_yesterday_counts_no_more(small_share):
    plant = small_share
    put(plant, jpeg(1) + bytes(900_000))
    with connected():
        key = MediaBytes.select().get().added_by
        row = {"type": JPEG, "width": 1, "height": 1, "added_by": key, "content": b"x", "size": 900_000}
        midnight = rules.day_of(db.obj.now())
        MediaBytes.insert(sha256="0" * 64, added_at=midnight.replace(year=2020), **row).execute()

    assert put(plant, jpeg(2)).status_code == 201
    assert put(plant, jpeg(3) + bytes(200_000)).status_code == 429


@pytest.mark.parametrize("value", ["-1", "many", "1.5"])
def test_a_share_is_a_whole_number(tmp_path, value):
    with pytest.raises(config.SettingsError, match="QC_MEDIA_DAILY_MB"):
        config.load({"QC_MEDIA_DAILY_MB": value}, str(tmp_path))
    assert config.load({"QC_MEDIA_DAILY_MB": "20"}, str(tmp_path)).media_daily_mb == 20


# --- two at once ---


def test_the_same_picture_sent_twice_at_once_is_kept_once_and_neither_fails(plant):
    for number in range(4):
        data, answers = jpeg(number), []
        together = threading.Barrier(3)
        senders = [
            threading.Thread(target=_send, args=(plant, data, together, answers, site)) for site in (None, "S1", "S1")
        ]
        for one in senders:
            one.start()
        for one in senders:
            one.join()
        assert sorted(answers) == [200, 201, 201]
    with connected():
        assert MediaBytes.select().count() == 4
        assert list(verify()) == []


def _send(plant, data, together, answers, site):
    client = plant.app.test_client()
    together.wait()
    answer = client.put(
        f"/v1/media/{sha256(data)}", data=data, query_string={"site": site} if site else {},
        headers={"Authorization": f"Bearer {plant.key}", "Content-Type": JPEG},
    )  # fmt: skip
    answers.append(answer.status_code)
