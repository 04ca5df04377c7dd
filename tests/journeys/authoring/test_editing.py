"""A draft in the editor: item by item, by one person or by two at once."""

import io
import re

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from sops.document import normal
from tests.authoring import (
    FIRST,
    ONE_ENGINE,
    beside,
    fields,
    from_file,
    saved,
    signed,
    state_of,
    submitted,
    text_of,
)
from tests.pictures import jpeg
from tests.procedure_life import document
from tests.reader import PASSWORD


@ONE_ENGINE
def test_two_people_who_change_one_item_see_what_the_other_saved_and_lose_nothing(desks):
    author, _, other = desks
    from_file(author)
    path = f"{FIRST}/edit/checks/weight"
    author.get(path)
    mine = fields(author)
    saved(other, path, max="344")

    author.post(path, **{**mine, "max": "343", "help": "On the small scale."})

    assert author.answer.status_code == 409
    assert "Somebody else changed this meanwhile" in author.text
    assert [author.fields["max"], re.search(r"Upper limit 343 (\d+)", author.text)[1]] == ["343", "344"]
    assert author.fields["help"] == "On the small scale."
    assert text_of()["checks"][1]["max"] == "344"
    author.post(path, **fields(author))
    assert author.answer.status_code == 303
    assert text_of()["checks"][1]["max"] == "343"


@ONE_ENGINE
def test_two_people_who_change_two_items_do_not_get_in_each_others_way(desks):
    author, _, other = desks
    from_file(author)
    author.get(f"{FIRST}/edit/checks/weight")
    mine = fields(author)
    saved(other, f"{FIRST}/edit/checks/tight", help="Turn it once.")

    author.post(f"{FIRST}/edit/checks/weight", **{**mine, "max": "343"})

    assert author.answer.status_code == 303
    assert text_of()["checks"][1]["max"] == "343"
    assert text_of()["checks"][0]["help"] == "Turn it once."


@ONE_ENGINE
@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"text": ""}, "text", "This is missing"),
        ({"min": "350"}, "min", "350"),
        ({"max": "344.5"}, "max", "decimals"),
        ({"max": "1.250,5"}, "max", "no decimal number"),
        ({"samples": "many"}, "samples", "whole number"),
        ({"sampling_rule": "every", "sampling_units": ""}, "sampling_units", "whole number"),
        ({"severity": "dire"}, "severity", "none of"),
    ],
)
def test_what_is_wrong_with_a_check_is_said_beside_its_field_and_stays_as_typed(author, typed, field, said):
    from_file(author)

    saved(author, f"{FIRST}/edit/checks/weight", **typed)

    assert author.answer.status_code == 422
    assert said in beside(author)[field]
    assert f'<a href="#{field}">' in author.answer.text
    name, value = next(iter(typed.items()))
    assert name in ("severity", "sampling_rule") or author.fields[name] == value
    assert text_of() == normal(document())


@ONE_ENGINE
def test_items_are_moved_added_behind_others_and_taken_out_with_what_names_them(author):
    from_file(author)
    author.get(f"{FIRST}/edit")
    token = re.search(r'name="revision" value="(\d+)"', author.answer.text)[1]
    author.post(f"{FIRST}/edit/checks/weight/move", revision=token, to="up")
    assert [one["id"] for one in text_of()["checks"]] == ["weight", "tight"]

    author.post(f"{FIRST}/edit/checks/weight/move", revision=token, to="down")
    author.follow()
    assert "Somebody else changed the draft meanwhile" in author.text
    saved(author, f"{FIRST}/edit/steps?after=seal", text="Stack it.")
    saved(author, f"{FIRST}/edit/checks?step=stack-it", text="Straight?")
    assert [one["id"] for one in text_of()["steps"]] == ["seal", "stack-it"]

    author.get(f"{FIRST}/edit/steps/stack-it/remove")
    assert "These checks go with it Straight?" in author.text
    author.post(f"{FIRST}/edit/steps/stack-it/remove", **fields(author))
    assert [one["id"] for one in text_of()["checks"]] == ["weight", "tight"]
    author.get(f"{FIRST}/edit/steps/seal/remove")
    author.post(f"{FIRST}/edit/steps/seal/remove", **fields(author))
    assert author.answer.status_code == 422
    assert "That was not saved" in author.text


@ONE_ENGINE
def test_a_picture_is_uploaded_with_its_step(author):
    from_file(author)
    author.get(f"{FIRST}/edit/steps/seal")

    author.post(
        f"{FIRST}/edit/steps/seal",
        **{**fields(author), "photo_kind_1": "good", "photo_text_1": "A tight lid",
           "photo_file_1": (io.BytesIO(jpeg()), "lid.jpg", "image/jpeg")},
    )  # fmt: skip

    assert author.answer.status_code == 303
    [photo] = text_of()["steps"][0]["photos"]
    assert (photo["kind"], photo["text"]) == ("good", "A tight lid")
    assert author.get(f"/pictures/{photo['id']}").status_code == 200
    author.get(f"{FIRST}/edit")
    assert "not stored here" not in author.text


@ONE_ENGINE
def test_a_check_that_would_change_its_kind_under_numbers_already_collected_is_named(desks):
    author, _, approver = desks
    from_file(author)
    submitted(author)
    signed(approver, "approve")
    signed(approver, "publish")
    author.post("/procedures/CAN/versions/new", **{"start": "base", "for": "", "base": "1"})
    saved(author, "/procedures/CAN/versions/2/edit/checks/weight", type="confirm")

    author.get("/procedures/CAN/versions/2/edit")

    assert "Before it can be sent for review" in author.text
    assert "Check “weight”" in author.text


@ONE_ENGINE
def test_every_kind_of_check_is_previewed_as_the_tablet_shows_it(author):
    doc = document()
    kinds = [
        {"type": "count", "min": 3, "unit": "slices"}, {"type": "text"}, {"type": "photo"},
        {"type": "timer", "within": "90"}, {"type": "sign", "meaning": "Released"},
        {"type": "choose",
         "choices": [{"id": "a", "text": "Red", "ok": True}, {"id": "b", "text": "Blue", "ok": False}]},
    ]  # fmt: skip
    for place, kind in enumerate(kinds):
        doc["checks"].append(
            {"id": f"c{place}", "step": "seal", "text": f"Number {place}", "severity": "minor", **kind}
        )
    from_file(author, doc)

    author.get(f"{FIRST}/preview", lang="da")

    assert author.answer.status_code == 200
    for said in (
        "Skærm" if "Skærm" in author.text else "Screen 8 of 8",
        "Must" if "Must" in author.text else "338",
        "Red",
    ):
        assert said in author.text


@ONE_ENGINE
def test_the_head_is_changed_with_its_skill_its_sampling_and_the_note(author):
    from_file(author)

    saved(
        author, f"{FIRST}/edit/head/all", title="Fill a can", skill_text="Ten cans sealed.", skill_valid_for_days="365",
        sampling_rule="accept_zero", sampling_quality="1,0", sampling_confidence="0,95", change_note="Skill added.",
    )  # fmt: skip

    assert author.answer.status_code == 303, author.text
    doc = text_of()
    assert doc["skill"] == {"text": "Ten cans sealed.", "valid_for_days": 365}
    assert doc["sampling"] == {"rule": "accept_zero", "quality": "1.0", "confidence": "0.95"}
    author.get(f"{FIRST}/edit/head/all")
    assert (author.fields["change_note"], author.fields["sampling_quality"]) == ("Skill added.", "1.0")


@ONE_ENGINE
def test_a_choice_gets_its_ids_and_another_check_can_wait_for_it(author):
    from_file(author)
    author.get(f"{FIRST}/edit/checks?step=seal")
    author.post(f"{FIRST}/edit/checks", **{**fields(author), "type": "choose", "show": "kind", "text": "Which lid?"})
    author.post(
        f"{FIRST}/edit/checks",
        **{**fields(author), "choice_text_1": "Plain lid", "choice_ok_1": "yes", "choice_text_3": "Dented"},
    )
    assert author.answer.status_code == 303, author.text
    assert text_of()["checks"][-1]["choices"] == [
        {"id": "plain-lid", "text": "Plain lid", "ok": True}, {"id": "dented", "text": "Dented", "ok": False},
    ]  # fmt: skip

    saved(author, f"{FIRST}/edit/checks?step=seal", text="Why dented?", type="text", show_if="which-lid=dented")
    assert text_of()["checks"][-1]["show_if"] == {"check": "which-lid", "equals": "dented"}
    author.get(f"{FIRST}/edit/checks/which-lid/remove")
    assert "These name it, and will no longer Why dented?" in author.text
    saved(author, f"{FIRST}/edit/checks/which-lid", choice_remove_1="yes")
    assert "2 to 12" in beside(author)["choices"]
    author.get(f"{FIRST}/edit")
    token = re.search(r'name="revision" value="(\d+)"', author.answer.text)[1]
    author.post(f"{FIRST}/edit/checks/which-lid/move", revision=token, to="down")
    assert author.answer.status_code == 422
    assert "Check “why-dented”" in author.text


@ONE_ENGINE
def test_what_is_not_translated_for_the_floor_is_named_before_anybody_publishes(people, desks):
    author, _, approver = desks
    with connected():
        staff.add_person(audit.COMMAND, "P-10", "Dansk Dorte", ["operator"], password=PASSWORD, language="da")
    from_file(author)
    submitted(author)
    signed(approver, "approve")

    approver.get(f"{FIRST}/compare")
    assert "Not translated and reviewed yet" in approver.text
    assert "Dansk: 5" in approver.text
    assert "checks.weight.text" in approver.text
    assert f"{FIRST}/translation-override" in approver.answer.text

    signed(approver, "publish")
    assert approver.answer.status_code == 409
    assert "Not every text is translated" in approver.text
    assert state_of() == "approved"
