"""A version that changes what is safe: what is inspected by the one before it is set aside, and its lot stays."""

from tests.procedure_life import SIGNED, document


def test_what_was_done_after_a_version_that_changes_what_is_safe_came_is_set_aside_and_its_lot_is_held(
    floor, mia, ines, boss, chief
):
    floor.lot("A", "MIA")
    writer = floor.life.somebody("WRITER")
    number = floor.life.draft(writer, doc=document(purpose="Every can leaves tight, full and clean."))
    writer.done("POST", f"/procedures/CAN/versions/{number}/submit", {"change_class": "safety"})
    for step in ("approve", "publish"):
        chief.done("POST", f"/procedures/CAN/versions/{number}/{step}", SIGNED)
    name = floor.inspect(ines)
    assert floor.standing(name) == ("quarantined", ["version_withdrawn"], False, False)
    assert floor.get(name)["sentence"] == (
        "The version it was done by no longer held: inspect again by the one in force."
    )  # fmt: skip
    held = [(one["kind"], one["state"]) for one in floor.plant.call("GET", "/v1/lots/A/holds").json["data"]]
    assert sorted(held) == [("inspection", "open"), ("version_superseded", "open")]
    assert floor.release()[0] == "hold"
