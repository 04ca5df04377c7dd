import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.errors import EffectiveInPast, IllegalMove, ReasonNeeded, SamePerson, TimeWithoutZone
from sops.versions import (
    LATE,
    Facts,
    Move,
    Publication,
    State,
    effective_from,
    in_force,
    may_take_part,
    moved,
    state,
    variant_of,
)

MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
SIX = datetime(2026, 3, 2, 6, tzinfo=UTC)
PLANT, SITE, LINE = (None, None), ("S", None), ("S", "L")


def minute(number: float) -> datetime:
    return START + number * MINUTE


def published(version, effective, withdrawn=None, *, at=PLANT, gives_way=False):
    site, line = at
    ends = None if withdrawn is None else minute(withdrawn)
    return Publication(
        version=version, site=site, line=line, effective_at=minute(effective), withdrawn_at=ends, gives_way=gives_way
    )


def version_at(publications, at, place=LINE):
    site, line = place
    found = in_force(publications, site=site, line=line, at=minute(at))
    return found.version if found else None


# -- moves -----------------------------------------------------------------------------------------------

LEGAL = {
    ("draft", "submit"): "in_review",
    ("in_review", "return"): "draft",
    ("in_review", "approve"): "approved",
    ("approved", "publish"): "scheduled",
    ("scheduled", "withdraw"): "withdrawn",
    ("in_force", "withdraw"): "withdrawn",
    ("draft", "discard"): "withdrawn",
    ("in_review", "discard"): "withdrawn",
    ("approved", "discard"): "withdrawn",
}


@pytest.mark.parametrize(("here", "move"), list(product(State, Move)))
def test_a_move_leads_where_it_should_or_is_refused_with_what_can_be_done(here, move):
    expected = LEGAL.get((here.value, move.value))
    if expected:
        assert moved(here, move, reason="Nobody needs it.") is State(expected)
        return
    with pytest.raises(IllegalMove) as error:
        moved(here, move, reason="Nobody needs it.")
    assert error.value.code == "illegal_transition"
    assert f"A version that is {here.value.replace('_', ' ')} cannot {move.value}." in error.value.message
    for one in Move:
        assert (one.value in error.value.message.split("cannot")[1].split(".", 1)[1]) == ((here, one) in LEGAL)


def test_what_is_over_stays_over():
    for here in (State.SUPERSEDED, State.WITHDRAWN):
        with pytest.raises(IllegalMove, match="draft a new version"):
            moved(here, Move.SUBMIT)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_to_discard_a_version_a_reason_is_needed(reason):
    with pytest.raises(ReasonNeeded, match="Write why"):
        moved(State.DRAFT, Move.DISCARD, reason=reason)


# -- hands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("held", "wanted"), list(product(("author", "reviewer", "approver"), repeat=2)))
def test_one_human_being_holds_one_part_of_a_version(held, wanted):
    hands = {held: ["ana"]}
    may_take_part(wanted, "ben", hands)
    if held == wanted:
        may_take_part(wanted, "ana", hands)
        return
    with pytest.raises(SamePerson, match=f"is the version's {held} and cannot be its {wanted} too") as error:
        may_take_part(wanted, "ana", hands)
    assert error.value.code == "same_person"


def test_whoever_approved_may_publish():
    may_take_part("publisher", "ana", {"approver": ["ana"]})


def test_any_of_several_authors_is_an_author():
    with pytest.raises(SamePerson):
        may_take_part("approver", "ben", {"author": ["ana", "ben"]})
    may_take_part("author", "cai", {"author": ["ana", "ben"]})
    may_take_part("author", 7, {})


# -- from when -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, SIX),
        (SIX, SIX),
        (SIX + MINUTE, SIX + MINUTE),
        (SIX - timedelta(seconds=1), SIX),
        (SIX - timedelta(seconds=60), SIX),
    ],
)
def test_a_version_is_in_force_from_the_moment_asked_for_or_from_now(asked, expected):
    assert effective_from(asked, SIX) == expected


def test_a_moment_more_than_a_minute_ago_is_refused():
    with pytest.raises(EffectiveInPast, match="now or later"):
        effective_from(SIX - timedelta(seconds=60, microseconds=1), SIX)


def test_a_moment_in_another_time_zone_is_the_same_moment():
    copenhagen = timezone(timedelta(hours=1))
    asked = datetime(2026, 3, 2, 7, tzinfo=copenhagen)
    assert effective_from(asked, SIX) == SIX
    with pytest.raises(EffectiveInPast):
        effective_from(datetime(2026, 3, 2, 6, 30, tzinfo=copenhagen), SIX)


NAIVE = datetime(2026, 3, 2, 6)  # noqa: DTZ001


@pytest.mark.parametrize(
    "ask",
    [
        lambda: effective_from(None, NAIVE),
        lambda: effective_from(NAIVE, SIX),
        lambda: in_force([], site=None, line=None, at=NAIVE),
        lambda: state(Facts(1, State.DRAFT), [], NAIVE),
        lambda: Publication(version=1, effective_at=NAIVE),
        lambda: Publication(version=1, effective_at=SIX, withdrawn_at=NAIVE),
    ],
)
def test_a_moment_without_a_time_zone_is_refused(ask):
    with pytest.raises(TimeWithoutZone, match="no time zone"):
        ask()


# -- in force --------------------------------------------------------------------------------------------


def test_nothing_is_in_force_before_the_first_version():
    assert version_at([], 0) is None
    assert version_at([published(1, 10)], 9) is None


def test_a_version_is_in_force_from_its_very_moment_until_the_next():
    versions = [published(1, 10), published(2, 20)]
    assert [version_at(versions, at) for at in (9.99, 10, 19.99, 20, 99)] == [None, 1, 1, 2, 2]


def test_of_two_for_the_same_moment_the_higher_number_applies():
    assert version_at([published(2, 10), published(1, 10)], 10) == 2


def test_a_higher_number_that_came_earlier_is_superseded():
    assert version_at([published(2, 20), published(3, 10)], 20) == 2


def test_the_line_goes_before_the_site_and_that_before_everybody():
    versions = [published(1, 0), published(2, 10, at=SITE), published(3, 20, at=LINE)]
    assert [version_at(versions, at) for at in (5, 15, 25)] == [1, 2, 3]
    assert [version_at(versions, 25, place) for place in (SITE, PLANT, ("S", "other"), ("T", "M"))] == [2, 1, 2, 1]


def test_a_variant_that_has_not_begun_leaves_the_place_to_the_wider_one():
    assert version_at([published(1, 0), published(2, 10, at=LINE)], 9) == 1


def test_after_a_withdrawal_that_gives_way_the_wider_variant_applies():
    versions = [published(1, 0), published(2, 10, 20, at=LINE, gives_way=True)]
    assert [version_at(versions, at) for at in (15, 19.99, 20, 99)] == [2, 2, 1, 1]


def test_after_a_withdrawal_that_does_not_give_way_nothing_is_in_force():
    versions = [published(1, 0), published(2, 10, 20, at=LINE)]
    assert [version_at(versions, at) for at in (15, 20, 99)] == [2, None, None]
    assert version_at(versions, 99, SITE) == 1


def test_a_withdrawal_brings_no_earlier_version_of_the_variant_back():
    assert version_at([published(1, 0), published(2, 10, 20, gives_way=True)], 30) is None


def test_a_variant_that_gave_way_can_begin_again():
    versions = [published(1, 0), published(2, 10, 20, at=LINE, gives_way=True), published(3, 30, at=LINE)]
    assert [version_at(versions, at) for at in (15, 25, 30)] == [2, 1, 3]


def test_a_version_withdrawn_before_its_moment_never_was():
    versions = [published(1, 0), published(2, 20, 10), published(3, 30, 29, at=LINE)]
    assert [version_at(versions, at) for at in (5, 15, 25, 99)] == [1, 1, 1, 1]


def test_a_version_withdrawn_at_its_very_moment_was_withdrawn():
    assert version_at([published(1, 0), published(2, 20, 20)], 20) is None


def test_a_line_is_meant_whichever_site_is_named_with_it():
    versions = [published(1, 0), published(2, 0, at=(None, "L"))]
    assert version_at(versions, 0, ("S", "L")) == 2
    assert variant_of("S", "L") == variant_of(None, "L") == ("line", "L")


# -- against a model that plays every minute -------------------------------------------------------------


def played(publications, minutes):
    """What is in force at each minute, for the line: every variant is a slot that events write into, one by one.

    A slot holds a version, "gap" (withdrawn, nothing in force), or None (leaves it to the wider one).
    """
    slots = {PLANT: None, SITE: None, LINE: None}
    answers = []
    for now in range(minutes):
        for one in sorted(publications, key=lambda one: one.version):
            never = one.withdrawn_at is not None and one.withdrawn_at < one.effective_at
            if one.effective_at == minute(now) and not never:
                slots[one.site, one.line] = one
        for slot, one in slots.items():
            if one not in (None, "gap") and one.withdrawn_at == minute(now):
                slots[slot] = None if one.gives_way else "gap"
        answer = slots[LINE] or slots[SITE] or slots[PLANT]
        answers.append(None if answer in (None, "gap") else answer.version)
    return answers


@st.composite
def histories(draw, longest=60):
    places = draw(st.lists(st.sampled_from([PLANT, SITE, LINE]), max_size=8))
    moments = st.integers(0, longest)
    return [
        published(number, draw(moments), draw(st.none() | moments), at=place, gives_way=draw(st.booleans()))
        for number, place in enumerate(places, start=1)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_what_is_in_force_is_what_playing_every_minute_gives(publications, shuffler):
    shuffled = list(publications)
    shuffler.shuffle(shuffled)
    expected = played(publications, 70)
    for at in shuffler.sample(range(70), 40):
        assert version_at(shuffled, at) == expected[at]


def test_a_long_history_is_what_playing_every_minute_gives():
    source, span = random.Random(2859), 6000
    publications = []
    for number in range(1, 301):
        effective = source.randrange(span)
        withdrawn = source.choice([None, None, max(0, effective + source.randrange(-50, 200))])
        place, gives_way = source.choice([PLANT, SITE, LINE]), source.random() < 0.5
        publications.append(published(number, effective, withdrawn, at=place, gives_way=gives_way))
    expected = played(publications, span + 250)
    for at in source.sample(range(span + 250), 400):
        assert version_at(publications, at) == expected[at]
    assert len(set(expected)) > 50


@given(histories(), st.integers(0, 60), st.none() | st.integers(-60, 3600), st.sampled_from([PLANT, SITE, LINE]))
def test_a_version_published_now_changes_nothing_that_was(publications, now, later, place):
    asked = None if later is None else minute(now) + timedelta(seconds=later)
    site, line = place
    new = Publication(version=99, site=site, line=line, effective_at=effective_from(asked, minute(now)))
    for second in range(0, now * 60, 30):
        at = second / 60
        for where in (LINE, SITE, PLANT):
            assert version_at([*publications, new], at, where) == version_at(publications, at, where)


@given(histories(), st.integers(0, 60), st.integers(0, 7), st.booleans())
def test_a_version_withdrawn_now_changes_nothing_that_was(publications, now, number, gives_way):
    before = [replace(one, withdrawn_at=None) for one in publications]
    after = list(before)
    if number < len(after):
        after[number] = replace(after[number], withdrawn_at=minute(now), gives_way=gives_way)
    for at in range(now):
        for where in (LINE, SITE, PLANT):
            assert version_at(after, at, where) == version_at(before, at, where)


def test_the_minute_of_grace_is_what_forms_are_given():
    assert timedelta(seconds=60) == LATE


# -- states ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.WITHDRAWN])
def test_before_it_is_published_a_version_stands_where_people_put_it(stage):
    assert state(Facts(2, stage), [published(1, 0)], minute(5)) is stage


def test_once_it_is_published_the_clock_says_where_a_version_stands():
    publications = [published(1, 10), published(2, 20, 30), published(3, 40, 35)]

    def states(number):
        return [state(Facts(number, State.APPROVED), publications, minute(at)).value for at in (5, 10, 20, 30, 35, 40)]

    assert states(1) == ["scheduled", "in_force", "superseded", "superseded", "superseded", "superseded"]
    assert states(2) == ["scheduled", "scheduled", "in_force", "withdrawn", "withdrawn", "withdrawn"]
    assert states(3) == ["scheduled", "scheduled", "scheduled", "scheduled", "withdrawn", "withdrawn"]


def test_a_version_for_everybody_is_in_force_although_a_line_has_its_own():
    publications = [published(1, 0), published(2, 10, at=LINE)]
    assert state(Facts(1, State.APPROVED), publications, minute(20)) is State.IN_FORCE
    assert state(Facts(2, State.APPROVED), publications, minute(20)) is State.IN_FORCE


@given(histories(), st.integers(0, 70))
def test_at_most_one_version_of_a_variant_is_in_force_and_it_is_the_one_that_applies_there(publications, at):
    now = minute(at)
    states = {one.version: state(Facts(one.version, State.APPROVED), publications, now) for one in publications}
    for place in (PLANT, SITE, LINE):
        here = [one.version for one in publications if (one.site, one.line) == place]
        running = [number for number in here if states[number] is State.IN_FORCE]
        assert len(running) <= 1
        if running:
            assert version_at(publications, at, place) == running[0]
    found = version_at(publications, at)
    assert found is None or states[found] is State.IN_FORCE
