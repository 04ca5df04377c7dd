from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.diff import ChangeClass
from sops.errors import TimeWithoutZone
from sops.qualification import (
    Acknowledgement,
    Demonstration,
    Link,
    Qualification,
    Standing,
    acknowledged,
    qualification,
    qualified,
    skill_until,
)
from sops.versions import Publication, in_force, variant_of

PLANT, LINE = variant_of(None, None), variant_of("S", "L")
NONE, WORDING, CHECK, SAFETY, WITHDRAWN = ChangeClass
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIX = datetime(2026, 3, 2, 6, tzinfo=UTC)
V2 = Publication(version=2, effective_at=SIX - 30 * DAY)
V3 = Publication(version=3, effective_at=SIX)
SKILL = {"text": "Ten cans.", "valid_for_days": 365}


def chain(*changes, variant=PLANT):
    """Version 1 and its successors, each with what it changes."""
    links = [Link(1, variant, None, CHECK)]
    return links + [Link(number, variant, number - 1, change) for number, change in enumerate(changes, start=2)]


TO_CHECK = chain(WORDING, CHECK)
TO_WORDING = chain(CHECK, WORDING)
TO_SAFETY = chain(CHECK, SAFETY)


def read(*versions, at=SIX - 5 * DAY):
    return Standing(tuple(Acknowledgement(version, at) for version in versions))


def shown(*moments):
    return Standing((Acknowledgement(2, SIX - 5 * DAY),), tuple(Demonstration(at) for at in moments))


def reasons(standing, at, links=TO_CHECK, skill=None, **more):
    """For the version in force at the moment."""
    publication = in_force([V2, V3], site="S", line="L", at=at)
    return qualified(publication, skill, standing, links, at=at, **more)


# -- what an acknowledgement carries over ----------------------------------------------------------------


def test_an_acknowledgement_counts_for_its_own_version():
    assert acknowledged(3, [3], TO_CHECK) == 3
    assert acknowledged(3, [], TO_CHECK) is None
    assert acknowledged(9, [9], TO_CHECK) == 9  # whatever the chain knows of it


@pytest.mark.parametrize(
    ("change", "carries"), [(NONE, True), (WORDING, True), (CHECK, False), (SAFETY, False), (WITHDRAWN, False)]
)
def test_it_carries_over_a_change_of_wording_and_over_no_other(change, carries):
    assert acknowledged(2, [1], chain(change)) == (1 if carries else None)


def test_it_carries_over_several_changes_of_wording_but_not_past_another_one():
    links = chain(WORDING, WORDING, CHECK, WORDING)
    assert [acknowledged(version, [1], links) for version in range(1, 6)] == [1, 1, 1, None, None]
    assert [acknowledged(version, [4], links) for version in range(1, 6)] == [None, None, None, 4, 4]


def test_it_does_not_count_for_earlier_versions():
    assert acknowledged(1, [2], chain(WORDING)) is None


def test_it_does_not_carry_into_another_variant():
    links = [*chain(WORDING), Link(3, LINE, 2, WORDING), Link(4, LINE, 3, WORDING), Link(5, PLANT, 2, WORDING)]
    assert acknowledged(3, [2], links) is None
    assert acknowledged(3, [3], links) == 3
    assert acknowledged(4, [3], links) == 3
    assert acknowledged(5, [3, 4], links) is None
    assert acknowledged(5, [2], links) == 2


def test_a_chain_that_bites_its_tail_ends():
    assert acknowledged(1, [], [Link(1, PLANT, 2, WORDING), Link(2, PLANT, 1, WORDING)]) is None


def test_a_previous_version_that_the_chain_does_not_know_ends_it():
    assert acknowledged(2, [1], [Link(2, PLANT, 1, WORDING)]) is None


@given(
    st.lists(st.sampled_from(list(ChangeClass)), max_size=8),
    st.sets(st.integers(1, 9)),
    st.integers(1, 9),
)
def test_what_counts_is_found_by_walking_back_over_wording(changes, versions, version):
    version = min(version, len(changes) + 1)
    expected, here = None, version
    while expected is None:
        if here in versions:
            expected = here
        elif here >= 2 and changes[here - 2] in (NONE, WORDING):
            here -= 1
        else:
            break
    assert acknowledged(version, versions, chain(*changes)) == expected


# -- the night before and the morning after --------------------------------------------------------------

BEFORE, SHARP, AFTER = SIX - HOUR, SIX, SIX + HOUR


def test_who_read_the_new_version_the_day_before_works_on_through_its_beginning():
    assert [reasons(read(2, 3), at) for at in (BEFORE, SHARP, AFTER)] == [(), (), ()]


def test_who_did_not_may_until_it_begins_and_not_from_then_on():
    assert [reasons(read(2), at) for at in (BEFORE, SHARP - timedelta(microseconds=1), SHARP, AFTER)] == [
        (),
        (),
        ("not_acknowledged",),
        ("not_acknowledged",),
    ]


def test_who_read_only_the_new_version_waits_for_it():
    assert reasons(read(3), BEFORE) == ("not_acknowledged",)
    assert reasons(read(3), SHARP) == ()


def test_a_change_of_wording_interrupts_nobody():
    assert [reasons(read(2), at, TO_WORDING) for at in (BEFORE, SHARP, AFTER)] == [(), (), ()]


def test_somebody_new_may_not_before_having_read_it():
    assert reasons(Standing(), AFTER) == ("not_acknowledged",)
    assert reasons(Standing(), AFTER, skill=SKILL) == ("not_acknowledged", "skill_missing")


def test_an_acknowledgement_counts_from_its_moment_on():
    standing = read(3, at=AFTER)
    assert reasons(standing, AFTER - timedelta(microseconds=1)) == ("not_acknowledged",)
    assert reasons(standing, AFTER) == ()


def test_the_version_of_a_line_counts_by_itself():
    own = Publication(version=4, site="S", line="L", effective_at=SIX)
    links = [*TO_CHECK, Link(4, LINE, None, WORDING)]
    assert qualified(own, None, read(2, 3), links, at=AFTER) == ("not_acknowledged",)
    assert qualified(own, None, read(4), links, at=AFTER) == ()
    assert qualified(V3, None, read(4), links, at=AFTER) == ("not_acknowledged",)


# -- grace -----------------------------------------------------------------------------------------------


def in_grace(standing, at, links=TO_CHECK, skill=None, grace=2 * HOUR):
    publication = in_force([V2, V3], site=None, line=None, at=at)
    return qualification(publication, skill, standing, links, at=at, grace=grace)


def test_who_read_the_version_before_may_go_on_for_the_period_of_grace():
    assert in_grace(read(2), BEFORE) == Qualification()
    assert in_grace(read(2), SHARP) == Qualification((), ("grace",))
    assert in_grace(read(2), SIX + 2 * HOUR - timedelta(microseconds=1)) == Qualification((), ("grace",))
    assert in_grace(read(2), SIX + 2 * HOUR) == Qualification(("not_acknowledged",))


def test_who_has_read_it_needs_no_grace():
    assert in_grace(read(3), SHARP) == Qualification()


def test_what_counts_for_the_version_before_is_enough_for_grace():
    assert in_grace(read(1), SHARP) == Qualification((), ("grace",))


def test_a_change_of_safety_has_no_grace():
    assert in_grace(read(2), SHARP, TO_SAFETY) == Qualification(("not_acknowledged",))


def test_who_read_nothing_or_only_an_older_version_has_no_grace():
    assert in_grace(Standing(), SHARP) == Qualification(("not_acknowledged",))
    assert in_grace(read(1), SHARP, chain(CHECK, CHECK)) == Qualification(("not_acknowledged",))


def test_the_first_version_of_a_line_has_no_grace():
    own = Publication(version=4, site="S", line="L", effective_at=SIX)
    links = [*TO_CHECK, Link(4, LINE, 3, CHECK)]
    assert qualification(own, None, read(3), links, at=SHARP, grace=HOUR) == Qualification(("not_acknowledged",))


def test_grace_does_not_stand_in_for_a_skill():
    assert in_grace(read(2), SHARP, skill=SKILL) == Qualification(("skill_missing",), ("grace",))


# -- skill -----------------------------------------------------------------------------------------------


def test_a_skill_that_is_asked_for_must_have_been_shown():
    assert reasons(shown(), BEFORE, skill=SKILL) == ("skill_missing",)
    assert reasons(shown(BEFORE - DAY), BEFORE, skill=SKILL) == ()
    assert reasons(shown(), BEFORE) == ()


def test_a_skill_counts_from_the_moment_it_was_shown_and_not_at_the_one_it_ends():
    day = BEFORE - 365 * DAY
    assert reasons(shown(day), BEFORE - timedelta(microseconds=1), skill=SKILL) == ()
    assert reasons(shown(day), BEFORE, skill=SKILL) == ("skill_expired",)
    assert reasons(shown(BEFORE), BEFORE, skill=SKILL) == ()
    assert reasons(shown(BEFORE + timedelta(microseconds=1)), BEFORE, skill=SKILL) == ("skill_missing",)


def test_the_latest_showing_counts_in_whichever_order_they_come():
    assert reasons(shown(BEFORE - DAY, BEFORE - 400 * DAY), BEFORE, skill=SKILL) == ()
    assert reasons(shown(BEFORE - 400 * DAY, BEFORE - 500 * DAY), BEFORE, skill=SKILL) == ("skill_expired",)


def test_a_skill_without_an_end_does_not_expire():
    assert skill_until({"text": "Ten cans."}, SIX) is None
    assert reasons(shown(BEFORE - 4000 * DAY), BEFORE, skill={"text": "Ten cans."}) == ()


def test_the_version_in_force_says_how_long_a_skill_counts():
    assert skill_until(SKILL, SIX) == SIX + 365 * DAY
    shorter = {**SKILL, "valid_for_days": 30}
    assert reasons(shown(BEFORE - 60 * DAY), BEFORE, skill=shorter) == ("skill_expired",)


def test_all_reasons_are_named_at_once():
    standing = Standing(demonstrations=(Demonstration(BEFORE - 400 * DAY),))
    assert reasons(standing, BEFORE, skill=SKILL) == ("not_acknowledged", "skill_expired")


# -- moments ---------------------------------------------------------------------------------------------

NAIVE = datetime(2026, 3, 2, 6)  # noqa: DTZ001


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Acknowledgement(1, NAIVE),
        lambda: Demonstration(NAIVE),
        lambda: skill_until(SKILL, NAIVE),
        lambda: qualified(V2, None, Standing(), [], at=NAIVE),
    ],
)
def test_a_moment_without_a_time_zone_is_refused(ask):
    with pytest.raises(TimeWithoutZone):
        ask()
