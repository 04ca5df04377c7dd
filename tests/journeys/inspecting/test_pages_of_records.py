"""A page of inspections over the API."""

import logging

import pytest


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_five_inspections_cost_as_many_statements_as_one(floor, mia, ines, caplog):
    def statements() -> int:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="peewee"):
            found = floor.plant.call("GET", "/v1/inspections?site=S1").json["data"]
        assert all((one["site"], one["line"]) == ("S1", "L1") for one in found)
        assert len(found) == seen
        return len([record for record in caplog.records if record.name == "peewee"])

    floor.lot("A", "MIA")
    seen = 1
    floor.inspect(ines, unit="U-1", units_inspected=1)
    few = statements()
    seen = 5
    for number in range(2, 6):
        floor.inspect(ines, unit=f"U-{number}", units_inspected=1)
    assert statements() == few > 0
