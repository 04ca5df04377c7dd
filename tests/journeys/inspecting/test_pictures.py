"""A picture may come after the record that names it: the record counts meanwhile, and says what it waits for."""

from tests.floor_life import OK
from tests.pictures import JPEG, jpeg, sha256

BAD = {**OK, "tight": {"value": "defect"}}


def found(photo: str) -> list[dict]:
    return [{"check": "tight", "defect_code": "LEAK", "units": 1, "disposition": "scrap", "photo": photo}]


def test_a_record_counts_before_its_picture_has_come_and_is_complete_afterwards(floor, mia, ines):
    floor.lot("A", "MIA")
    photo = jpeg(7)
    name = floor.inspect(ines, answers=BAD, nonconformities=found(sha256(photo)))
    assert floor.standing(name) == ("accepted", ["media_pending"], True, True)
    ines.done("PUT", f"/media/{sha256(photo)}?site=S1", data=photo, content_type=JPEG)
    floor.plant.work()
    assert floor.standing(name) == ("accepted", [], True, True)


def test_a_picture_that_was_there_is_not_waited_for_and_another_does_not_stand_for_it(floor, mia, ines):
    floor.lot("A", "MIA")
    here, other = jpeg(8), jpeg(9)
    ines.done("PUT", f"/media/{sha256(here)}?site=S1", data=here, content_type=JPEG)
    there = floor.inspect(ines, unit="U-1", units_inspected=1, answers=BAD, nonconformities=found(sha256(here)))
    waits = floor.inspect(ines, unit="U-2", units_inspected=1, answers=BAD, nonconformities=found("0" * 64))
    ines.done("PUT", f"/media/{sha256(other)}?site=S1", data=other, content_type=JPEG)
    floor.plant.work()
    assert floor.standing(there)[1] == []
    assert floor.standing(waits)[1] == ["media_pending"]
