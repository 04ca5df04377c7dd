"""How a record was filled in: what was answered first, who took over, and what happened meanwhile."""

from tests.desk_client import ONE_ENGINE, at_desk
from tests.floor_life import OK, record
from tests.reader import readable

AT = "2026-03-02T06:00:00Z"
CHANGED = {
    "weight": {**OK["weight"], "shown_at": AT, "at": "2026-03-02T06:00:20Z", "language": "da",
               "changes": [{"value": ["340", "341", "399"], "at": "2026-03-02T06:00:10Z"}]},
    "tight": {**OK["tight"], "changes": [{"value": "not_applicable", "at": AT}, "nonsense", {"value": "defect"}]},
}  # fmt: skip
EVENTS = [
    {"what": "handed_over", "at": AT, "from": "MIA", "to": "INES"}, {"what": "offline", "at": AT},
    {"what": "language", "at": AT, "from": "en", "to": "da"}, {"what": "photo", "at": AT, "check": "tight"},
    {"what": "online", "at": AT}, {"what": "of a release to come", "at": AT}, {"what": "photo", "at": "yesterday"},
]  # fmt: skip


@ONE_ENGINE
def test_what_was_answered_before_and_what_happened_meanwhile_is_told_with_the_record(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    name, _ = floor.send(ines, record("INES", answers={**OK, **CHANGED}, events=EVENTS))
    assert [one["what"] for one in floor.get(name)["events"]] == [
        "handed_over",
        "offline",
        "language",
        "photo",
        "online",
    ]
    floor.plant.work()

    found = floor.get(name)
    assert (found["state"], found["reasons"]) == ("accepted", [])
    answers = {one["check"]: one for one in found["answers"]}
    assert (answers["weight"]["language"], answers["weight"]["shown_at"]) == ("da", "2026-03-02T06:00:00Z")
    assert [one["value"] for one in answers["weight"]["changes"]] == [["340", "341", "399"]]
    assert [one["value"] for one in answers["tight"]["changes"]] == ["not_applicable", "defect"]
    assert found["events"][0] == {
        "what": "handed_over", "at": "2026-03-02T06:00:00Z", "from": "MIA", "to": "INES", "check": None,
    }  # fmt: skip

    page = readable(at_desk(floor.life.app, "BOSS").get(f"/inspections/{name}").text)
    assert "Before that: 340 g, 341 g, 399 g" in page
    assert "Before that: Not applicable; Defect" in page
    for said in ("INES took over from MIA", "It was read in Dansk from then on", "The tablet had no network"):
        assert said in page


@ONE_ENGINE
def test_a_record_with_more_events_than_anybody_makes_is_refused(floor, ines):
    body = record("INES", events=[{"what": "photo", "at": AT}] * 501)
    assert ines("PUT", "/inspections/00000000-0000-4000-8000-000000000001", body).status_code == 422
