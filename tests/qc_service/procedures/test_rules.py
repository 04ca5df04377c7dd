"""Who has which part, in plain values."""

from hypothesis import given
from hypothesis import strategies as st

from qc_service.procedures.rules import Hand, conflicts, doubled, joined, parts, raised

HANDS = st.lists(
    st.builds(
        Hand, id=st.uuids().map(str), role=st.sampled_from(["author", "reviewer", "approver"]),
        person=st.just("p"), human=st.sampled_from("abcd"),
    ),
    max_size=6, unique_by=lambda hand: hand.id,
)  # fmt: skip
ACCOUNTS = st.dictionaries(st.sampled_from("abcdef"), st.just(""), min_size=1).map(lambda d: {one: one for one in d})


@given(HANDS)
def test_without_what_conflicts_one_human_being_has_one_part(hands):
    left = [hand for hand in hands if hand not in conflicts(hands)]
    left = [hand for hand in left if hand not in doubled(left)]
    humans = [hand.human for hand in left]
    assert len(humans) == len(set(humans))


@given(HANDS)
def test_authors_stay_and_an_approval_falls_before_a_review(hands):
    assert all(hand.role != "author" for hand in conflicts(hands))
    left = [hand for hand in hands if hand not in conflicts(hands)]
    assert parts(left)["author"] == parts(hands)["author"]
    assert parts(left)["reviewer"] == parts(hands)["reviewer"] - parts(hands)["author"]


def classes(humans: dict[str, str]) -> set[frozenset[str]]:
    return {frozenset(one for one, human in humans.items() if human == root) for root in humans.values()}


@given(ACCOUNTS, st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=8))
def test_accounts_that_are_joined_are_one_human_being_and_stay_so_until_one_is_parted(accounts, said):
    humans = dict(accounts)
    for first, second in said:
        if first not in humans or second not in humans:
            continue
        before = classes(humans)
        humans |= joined(humans, first, second)
        if first != second:
            assert humans[first] == humans[second]
            assert all(any(old <= new for new in classes(humans)) for old in before)
        else:
            assert frozenset({first}) in classes(humans)
            rest = next(one for one in before if first in one) - {first}
            assert not rest or rest in classes(humans)
        assert all(humans[human] == human for human in humans.values()), "whoever stands for others stands for itself"


def test_a_class_is_raised_only_above_what_was_confirmed():
    ranks = ["none", "wording", "check_changed", "safety"]
    assert [raised("check_changed", one, ranks) for one in ranks] == [False, False, False, True]
