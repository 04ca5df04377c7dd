"""The whole life of a procedure at the desk, by people who write, review, approve and publish it."""

from tests.authoring import (
    FIRST,
    ONE_ENGINE,
    begun,
    decided,
    fields,
    from_file,
    saved,
    seen,
    signed,
    state_of,
    submitted,
    text_of,
)
from tests.reader import PASSWORD


def test_a_procedure_is_written_reviewed_approved_and_published_by_three_people(desks):
    author, reviewer, approver = desks
    begun(author)
    author.follow()
    assert author.headline == "Fill and seal a can"

    saved(author, f"{FIRST}/edit/hazards", text="The seamer crushes fingers.", control="Guard closed.")
    author.follow()
    saved(
        author,
        f"{FIRST}/edit/steps/first-step",
        text="Close the lid and crimp it.",
        hazards="the-seamer-crushes-fingers",
    )
    saved(author, f"{FIRST}/edit/checks?step=first-step", text="Closed all round?", severity="critical")
    author.get(f"{FIRST}/edit/checks?step=first-step")
    author.post(
        f"{FIRST}/edit/checks", **{**fields(author), "type": "measure", "show": "kind", "text": "Filled weight"}
    )
    assert "Lower limit" in author.text
    assert author.fields["text"] == "Filled weight"
    typed = {"unit": "g", "min": "338", "max": "345,50", "decimals": "2", "samples": "3"}
    author.post(f"{FIRST}/edit/checks", **{**fields(author), **typed})
    author.follow()
    assert "Filled weight" in author.text
    assert "Must be 338.00 to 345.50 g, 3 samples." in author.text
    assert text_of()["checks"][1]["max"] == "345.50"

    _passes_through_their_hands(author, reviewer, approver)


def _passes_through_their_hands(author, reviewer, approver):
    submitted(author)
    author.follow()
    assert "is in review" in author.text
    assert "You wrote this version yourself, so somebody else reviews and approves it." in author.text
    assert state_of() == "in_review"

    signed(reviewer, "review", note="Weighed two myself.")
    reviewer.follow()
    assert "Weighed two myself." in reviewer.text
    assert "You reviewed this version" not in reviewer.text  # an inspector approves nothing anyway
    signed(approver, "approve")
    approver.follow()
    signed(approver, "publish", when="now")
    approver.follow()
    assert state_of() == "in_force"

    approver.get("/procedures/CAN")
    assert approver.headline == "Fill and seal a can"
    for said in (
        "Reviewing Rui (P-9) reviewed it",
        "Approving Abe (P-8) approved it",
        "signed with password",
        "Guard closed.",
    ):
        assert said in approver.text, said
    approver.get("/procedures")
    assert approver.rows[0].startswith("Fill and seal a can CAN version 1 since")


@ONE_ENGINE
def test_the_next_version_is_decided_upon_by_what_it_changes(desks):
    author, _, approver = desks
    from_file(author)
    submitted(author)
    signed(approver, "approve")
    signed(approver, "publish")
    author.get("/procedures/CAN/versions/new")
    author.post(
        "/procedures/CAN/versions/new", **{"start": "base", "for": "", "base": "1", "change_note": "Less spills."}
    )
    author.follow()
    saved(author, "/procedures/CAN/versions/2/edit/checks/weight", max="344", text="Weight of the can")

    author.get("/procedures/CAN/versions/2/compare")

    assert "Weight of the can: upper limit 345 → 344 g." in author.text
    assert "Checks changed" in author.text
    assert "<del>" in author.answer.text
    assert "<ins>" in author.answer.text
    assert 'value="wording"' not in author.answer.text  # it changes more than that
    submitted(author, "/procedures/CAN/versions/2", change_class="wording")
    assert author.answer.status_code == 422
    assert "change_class" in author.answer.text
    submitted(author, "/procedures/CAN/versions/2", change_class="safety")
    approver.get("/procedures/CAN/versions/2/compare")
    assert "sent it for review Safety" in approver.text
    signed(approver, "approve", "/procedures/CAN/versions/2")
    signed(approver, "publish", "/procedures/CAN/versions/2", when="at", effective_at="2031-01-05T06:00")
    approver.follow()
    assert state_of(2) == "scheduled"
    assert "5 Jan 2031 06:00" in approver.text


@ONE_ENGINE
def test_a_wrong_password_signs_nothing_and_loses_nothing(desks):
    author, reviewer, _ = desks
    from_file(author)
    submitted(author)

    decided(reviewer, "review", password="wrong", note="Looked at it.")

    assert reviewer.answer.status_code == 422
    assert reviewer.errors == {
        "review-password": "That is not your password: nothing was signed. After a few wrong tries you must wait."
    }
    assert "Looked at it." in reviewer.answer.text
    assert state_of() == "in_review"
    decided(reviewer, "review", note="Looked at it.")
    assert reviewer.errors == {"review-password": "Type your password to sign."}


@ONE_ENGINE
def test_a_version_goes_back_to_its_authors_with_a_reason(desks):
    author, reviewer, _ = desks
    from_file(author)
    submitted(author)
    decided(reviewer, "return")
    assert reviewer.errors == {"return-reason": "Say why, for whoever reads it later."}

    decided(reviewer, "return", reason="The weight is missing its gauge.")

    reviewer.follow()
    author.get(FIRST)
    assert "The weight is missing its gauge." in author.text
    assert state_of() == "draft"
    assert author.get(f"{FIRST}/edit").status_code == 200


@ONE_ENGINE
def test_what_changed_while_somebody_looked_is_not_decided_upon(desks):
    author, reviewer, approver = desks
    from_file(author)
    submitted(author)
    approver.get(f"{FIRST}/compare")
    looked_at = seen(approver)
    decided(reviewer, "return", reason="Too heavy.")
    saved(author, f"{FIRST}/edit/checks/weight", max="344")
    submitted(author)

    approver.post(f"{FIRST}/approve", **looked_at, password=PASSWORD)

    assert approver.answer.status_code == 409
    assert "The version's text changed while you looked" in approver.text
    assert state_of() == "in_review"


@ONE_ENGINE
def test_a_version_is_given_up_and_another_withdrawn(desks):
    author, _, approver = desks
    from_file(author)
    decided(author, "discard", reason="Begun twice.")
    author.follow()
    assert state_of() == "withdrawn"
    author.post("/procedures/CAN/versions/new", **{"start": "base", "for": "", "base": "1"})
    second = "/procedures/CAN/versions/2"
    submitted(author, second)
    signed(approver, "approve", second)
    signed(approver, "publish", second)
    signed(approver, "withdraw", second, reason="The seamer is gone.")

    approver.follow()
    assert "Version 2 is withdrawn." in approver.text
    approver.get("/procedures/CAN")
    assert "Nothing is in force" in approver.text
    assert "The seamer is gone." in approver.get(second).text
