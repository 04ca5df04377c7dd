"""What a tablet fetches ahead: the people, lots and procedures of its line, no secret, and nothing of another site."""

import gzip
import json

import pytest
from flask.testing import FlaskClient

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.floor import packages
from qc_service.people import staff
from qc_service.procedures.shipping import publish_first
from sops.library import load
from tests.pictures import JPEG, jpeg, sha256
from tests.procedure_life import document, later
from tests.tablet_life import tablet_of

STATION = "/v1/floor/station?line=L1"
PACKAGE = "/v1/floor/procedures/CAN/versions"


def _station(floor):
    answer = tablet_of(floor).call("GET", STATION)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_tablet_is_told_its_name_and_where_it_may_stand(floor):
    floor.plant.line("L2", "S1")
    floor.plant.line("X1", "S2")

    found = tablet_of(floor, "Tablet 4").call("GET", "/v1/floor").json

    assert found["name"] == "Tablet 4"
    assert [(one["site"], one["code"]) for one in found["lines"]] == [("S1", "L1"), ("S1", "L2")]


def test_it_knows_who_may_inspect_and_who_has_read_what_is_in_force(floor, ines):
    floor.person("NEW", reads=False)
    floor.person("MAKER", "operator")

    people = {one["badge"]: one for one in _station(floor)["people"]}

    assert (people["INES"]["inspects"], people["INES"]["qualified"]) == (True, ["CAN"])
    assert (people["NEW"]["inspects"], people["NEW"]["qualified"]) == (True, [])
    assert (people["MAKER"]["inspects"], people["MAKER"]["makes"]) == (False, True)


def test_it_knows_who_may_answer_when_somebody_calls(floor, ines, boss):
    people = {one["badge"]: one["answers"] for one in _station(floor)["people"]}

    assert (people["INES"], people["BOSS"]) == (False, True)


def test_nothing_is_on_it_to_check_a_secret_against(floor, ines):
    for one in _station(floor)["people"]:
        assert set(one) == {"badge", "name", "language", "inspects", "makes", "answers", "qualified", "to_read"}


def test_somebody_who_left_is_gone_from_it(floor, ines, boss):
    assert "INES" in {one["badge"] for one in _station(floor)["people"]}

    with connected():
        staff.deactivate_person(audit.COMMAND, staff.person_with("INES").id)

    assert "INES" not in {one["badge"] for one in _station(floor)["people"]}


def test_open_lots_come_with_their_units_and_makers_and_shipped_ones_do_not(floor, mia, omar):
    floor.lot("A", "MIA", units=["U-2", "U-1"])
    floor.lot("B")
    floor.lot("GONE", shipped_at=clock.iso(clock.now()))
    floor.plant.call("POST", "/v1/lots/B/makers", {"makers": ["OMAR"], "unit": None})

    lots = {one["code"]: one for one in _station(floor)["lots"]}

    assert set(lots) == {"A", "B"}
    assert lots["A"]["units"] == ["U-1", "U-2"]
    assert lots["A"]["makers"] == [{"badge": "MIA", "unit": None}]
    assert (lots["A"]["procedure"], lots["A"]["quantity"]) == ("CAN", 10)
    assert lots["B"]["makers"] == [{"badge": "OMAR", "unit": None}]


def test_it_keeps_what_is_in_force_what_is_scheduled_and_two_versions_before(floor):
    author, chief = floor.people.get("AUTHOR") or floor.life.somebody("WRITER"), floor.life.somebody("HEAD")
    for top in ("346", "347", "348"):
        floor.life.published(author, chief, doc=document(top))
    floor.life.published(author, chief, doc=document("349"), at=later(3600))

    found = {one["version"]: one for one in _station(floor)["procedures"]}

    assert sorted(found) == [2, 3, 4, 5]
    assert [number for number, one in found.items() if one["in_force"]] == [4]
    assert found[4]["change_class"] == "check_changed"


def test_a_package_has_the_document_and_its_texts_in_every_language(floor):
    tablet = tablet_of(floor)

    found = tablet.call("GET", f"{PACKAGE}/1").json

    assert found["document"]["checks"][1]["max"] == "345"
    assert found["screens"] == [["tight"], ["weight"]]
    assert set(found["texts"]) == {"en", "id", "ms", "ca", "fil", "da"}
    assert found["texts"]["en"]["marks"] == {}
    assert found["texts"]["da"]["marks"]["checks.tight.text"] == {"state": "missing", "language": "en"}
    assert found["texts"]["da"]["requirements"]["weight"] != found["texts"]["en"]["requirements"]["weight"]


def test_a_package_that_was_superseded_is_still_given_since_somebody_may_have_begun_by_it(floor):
    author, chief = floor.life.somebody("WRITER"), floor.life.somebody("HEAD")
    floor.life.published(author, chief, doc=document("346"))
    tablet = tablet_of(floor)

    assert tablet.call("GET", f"{PACKAGE}/1").status_code == 200
    assert tablet.call("GET", f"{PACKAGE}/2").status_code == 200
    assert tablet.call("GET", f"{PACKAGE}/3").status_code == 404


def test_a_draft_is_no_tablet_s_business(floor):
    floor.life.draft(floor.life.somebody("WRITER"), doc=document("350"))

    assert tablet_of(floor).call("GET", f"{PACKAGE}/2").status_code == 404


def test_the_line_of_another_site_is_not_there(floor):
    floor.plant.line("X1", "S2")

    answer = tablet_of(floor).call("GET", "/v1/floor/station?line=X1")

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_ref")


def test_a_withdrawn_tablet_fetches_nothing(floor, boss):
    tablet = tablet_of(floor)
    assert boss("DELETE", f"/devices/{tablet.id}").status_code == 204

    assert tablet.call("GET", STATION).status_code == 401


def test_who_is_signed_in_at_a_desk_may_look_at_it_too(floor, ines):
    assert ines("GET", "/floor/station?line=L1").status_code == 200
    assert ines("GET", "/floor").json["name"] is None  # they sit at a desk


# --- to be read -------------------------------------------------------------------------------------------------


def test_it_knows_what_each_person_has_still_to_read(floor, ines):
    floor.person("NEW", reads=False)

    people = {one["badge"]: one["to_read"] for one in _station(floor)["people"]}

    assert (people["INES"], people["NEW"]) == ([], [{"procedure": "CAN", "version": 1}])


def test_a_version_that_changes_a_check_is_to_be_read_anew_and_one_of_other_words_is_not(floor, ines):
    author, chief = floor.life.somebody("WRITER"), floor.life.somebody("HEAD")
    floor.life.published(author, chief, doc=document("346"))

    [told] = [one["to_read"] for one in _station(floor)["people"] if one["badge"] == "INES"]

    assert told == [{"procedure": "CAN", "version": 2}]


def test_a_package_says_in_every_language_what_is_new_since_the_version_before(floor):
    author, chief = floor.life.somebody("WRITER"), floor.life.somebody("HEAD")
    floor.life.published(author, chief, doc=document("346"))

    first, second = (tablet_of(floor, name).call("GET", f"{PACKAGE}/{name}").json for name in ("1", "2"))

    assert (first["against"], first["changed"]["en"], second["against"]) == (None, [], 1)
    assert set(second["changed"]) == {"en", "id", "ms", "ca", "fil", "da"}
    [english], [danish] = second["changed"]["en"], second["changed"]["da"]
    assert "346" in english["sentence"]
    assert (english["change_class"], english["sentence"] != danish["sentence"]) == ("check_changed", True)


# --- pictures ---------------------------------------------------------------------------------------------------


def test_a_package_names_its_pictures_in_the_order_of_its_steps_and_the_tablet_may_fetch_them(floor, monkeypatch):
    hashes = [_pictured(floor, number) for number in range(3)]
    doc = document("346")
    doc["steps"][0]["photos"] = [_photo(hashes[0])]
    doc["checks"][0]["photos"] = [_photo(hashes[1]), _photo(hashes[0])]
    doc["checks"][1]["photos"] = [_photo(hashes[2]), _photo("0" * 64)]
    floor.life.published(floor.life.somebody("WRITER"), floor.life.somebody("HEAD"), doc=doc)
    tablet = tablet_of(floor)

    found = tablet.call("GET", f"{PACKAGE}/2").json

    assert (found["media"], found["media_left_out"]) == (hashes, 0)
    assert tablet.call("GET", f"/v1/media/{hashes[0]}").status_code == 200
    monkeypatch.setattr(packages, "MOST_BYTES", 2 * len(tablet.call("GET", f"/v1/media/{hashes[0]}").data) + 100)
    found = tablet.call("GET", f"{PACKAGE}/2").json
    assert (found["media"], found["media_left_out"]) == (hashes[:2], 1)


def _pictured(floor, number):
    data = jpeg(number)
    answer = floor.plant.call("PUT", f"/v1/media/{sha256(data)}?site=S1", data=data, content_type=JPEG)
    assert answer.status_code == 201, answer.text
    return sha256(data)


def _photo(name):
    return {"id": name, "kind": "good", "text": "So it looks."}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_twelve_checks_in_six_languages_are_at_most_25_kb_on_their_way_to_a_tablet(floor):
    tablet, sizes = tablet_of(floor), {}
    client = FlaskClient(floor.life.app)  # the tests' own reads no gzip
    headers = {"Authorization": f"Bearer {tablet.token}", "Accept-Encoding": "gzip"}
    for one in load()[:4]:
        with connected():
            publish_first(audit.COMMAND, f"{one.code}-1", one.document, one.translations)
        answer = client.get(f"/v1/floor/procedures/{one.code}-1/versions/1", headers=headers)
        kept = json.loads(gzip.decompress(answer.data))
        assert len({texts["title"] for texts in kept["texts"].values()}) == 6
        sizes[one.code] = len(answer.data) / len(kept["document"]["checks"]) * 12

    assert max(sizes.values()) <= 25 * 1024, sizes
