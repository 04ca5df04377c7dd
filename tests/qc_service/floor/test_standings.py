"""What a tablet is told of the records that it sent: a sentence for whoever made them, and what to check again."""

from tests.floor_life import record
from tests.procedure_life import document
from tests.tablet_life import set_pin, tablet_of

PIN = "739150"


def told(tablet, *uuids, lang="en"):
    answer = tablet.call("GET", f"/v1/floor/standings?uuids={','.join(uuids)}&lang={lang}")
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


def test_a_record_that_counts_says_so_in_the_readers_language(floor, mia, ines):
    floor.lot("A", "MIA")
    set_pin("INES", PIN)
    tablet = tablet_of(floor)
    uuid = tablet.judged(record("INES"), PIN)

    [english], [danish] = told(tablet, uuid), told(tablet, uuid, lang="da")

    assert (english["state"], english["counted"], english["second_person"]) == ("accepted", True, True)
    assert english["sentence"] == "It counts, and it is a check by a second person."
    assert danish["sentence"] != english["sentence"]


def test_one_that_nobody_has_judged_yet_has_arrived(floor, mia, ines):
    floor.lot("A", "MIA")
    tablet = tablet_of(floor)
    uuid, _ = tablet.deliver(record("INES"), None)

    assert [(one["state"], one["counted"]) for one in told(tablet, uuid)] == [("received", None)]


def test_whoever_made_it_is_told_plainly_and_without_accusation(floor, ines):
    floor.lot("A", "INES")
    set_pin("INES", PIN)
    tablet = tablet_of(floor)
    uuid = tablet.judged(record("INES"), PIN)

    [found] = told(tablet, uuid)

    assert (found["state"], found["reasons"], found["counted"]) == ("quarantined", ["self_check"], False)
    assert found["sentence"].endswith("it is kept as their own check, and another person inspects.")


def test_of_a_record_by_an_old_version_only_the_changed_checks_are_to_be_answered_again(floor, mia, ines):
    floor.lot("A", "MIA")
    author, chief = floor.life.somebody("WRITER"), floor.life.somebody("HEAD")
    floor.life.published(author, chief, doc=document("344"))
    set_pin("INES", PIN)
    tablet = tablet_of(floor)
    uuid = tablet.judged(record("INES"), PIN)

    [found] = told(tablet, uuid)

    assert found["reasons"] == ["checks_changed"]
    assert (found["missing"], found["version"]) == (["weight"], 2)


def test_of_what_another_tablet_sent_nothing_is_said(floor, mia, ines):
    floor.lot("A", "MIA")
    uuid, _ = tablet_of(floor, "Tablet 1").deliver(record("INES"), None)

    assert told(tablet_of(floor, "Tablet 2"), uuid) == []


def test_whoever_sits_at_a_desk_is_told_nothing_here(floor, mia, ines):
    floor.lot("A", "MIA")
    uuid = floor.inspect(ines)

    assert ines("GET", f"/floor/standings?uuids={uuid}").json["data"] == []


def test_too_many_at_once_and_what_is_no_address_are_refused(floor):
    tablet = tablet_of(floor)
    for uuids in ([], ["nonsense"], ["0" * 8 + "-0000-4000-8000-" + f"{n:012x}" for n in range(51)]):
        answer = tablet.call("GET", f"/v1/floor/standings?uuids={','.join(uuids)}")
        assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
