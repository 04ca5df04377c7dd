"""The list of a site against a naive one, and against the rule it must keep."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.detectors.ebh import Roll, bar, fold, taken

FDR = 0.1
LOGS = st.one_of(st.floats(-5, 20), st.sampled_from([-math.inf, math.inf, 5e307, math.log(10), math.log(1000)]))
MANY = st.lists(LOGS, max_size=40)


def naive(logs, watches):
    """The definition, in plain numbers of ranks."""
    ranked = sorted(logs, reverse=True)
    return max([0, *(k for k in range(1, len(ranked) + 1) if ranked[k - 1] >= bar(k, watches, FDR))])


@st.composite
def stories(draw):
    """Watches that begin, and lots that move their gains, in order of time."""
    watches = draw(st.integers(1, 8))
    begins = sorted(draw(st.lists(st.integers(0, 20), min_size=watches, max_size=watches)))
    gains = []
    for number, begin in enumerate(begins):
        log_e = 0.0
        for moment in range(begin, 26):
            if draw(st.booleans()):
                log_e += draw(st.sampled_from([-1.0, -0.3, 0.0, 0.9, 1.7, 2.6]))
                gains.append((moment, number, log_e))
    return begins, sorted(gains, key=lambda row: row[0])


class Naive:
    """Look by look over everything, with each stake kept and grown by hand."""

    def __init__(self):
        self.stakes, self.logs, self.resting, self.ever = {}, {}, set(), {}

    def look(self, when, watches, gains):
        for key, log_e in gains:
            if key not in self.resting:
                self.stakes[key] = self.stakes.get(key, 0.0) + log_e - self.logs.get(key, 0.0)
            self.logs[key] = log_e
        if not watches:
            return
        k = naive(list(self.stakes.values()), watches)
        least = bar(k, watches, FDR) if k else math.inf
        self.resting = {key for key, stake in self.stakes.items() if stake >= least - 1e-9}
        for key in self.resting:
            self.ever.setdefault(key, when)


def test_nobody_is_taken_where_there_is_nobody():
    assert taken([], 0, FDR) == taken([], 5, FDR) == 0


def test_a_single_watch_needs_ten():
    assert taken([math.log(10)], 1, FDR) == 1
    assert taken([math.log(9.999)], 1, FDR) == 0


def test_what_would_not_do_alone_does_in_company():
    """Of a hundred, one alone needs 1,000, four 250 each."""
    assert taken([math.log(999)], 100, FDR) == 0
    assert taken([math.log(251)] * 3, 100, FDR) == 0
    assert taken([math.log(251)] * 4, 100, FDR) == 4


def test_what_is_beyond_all_numbers_is_taken_and_what_is_lost_is_not():
    assert taken([math.inf, 1e300, -math.inf], 1000, FDR) == 2


@pytest.mark.parametrize("logs", [[math.nan], [1.0, 2.0]])
def test_what_is_no_gain_of_a_watch_is_refused(logs):
    with pytest.raises(ValueError, match="gain"):
        taken(logs, 1, FDR)


@given(MANY, st.integers(0, 60))
def test_as_many_are_taken_as_the_definition_says(logs, more):
    assert taken(logs, len(logs) + more, FDR) == naive(logs, len(logs) + more)


@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(logs, chance):
    shuffled = list(logs)
    chance.shuffle(shuffled)
    assert taken(shuffled, len(logs) + 3, FDR) == taken(logs, len(logs) + 3, FDR)


@given(st.lists(LOGS, min_size=1, max_size=40), st.integers(0, 39), st.floats(0, 9))
def test_who_gains_more_loses_nobody(logs, place, more):
    place %= len(logs)
    richer = [log_e + more * (number == place) for number, log_e in enumerate(logs)]
    assert taken(richer, len(logs), FDR) >= taken(logs, len(logs), FDR)


@given(stories())
def test_the_list_grows_as_the_naive_one_does(story):
    begins, gains = story
    found, plain = Roll(FDR), Naive()
    for moment in range(26):
        mine = [(key, log_e) for when, key, log_e in gains if when == moment]
        found.look(moment, begins.count(moment), mine)
        plain.look(moment, sum(begin <= moment for begin in begins), mine)
        assert {key for key, entry in found.entries.items() if entry.rests_at is not None} == plain.resting
        assert {key: entry.since for key, entry in found.entries.items()} == plain.ever


@given(stories())
def test_a_watch_that_is_listed_stays_so(story):
    begins, gains = story
    before: set[int] = set()
    for end in range(26):
        roll = fold([b for b in begins if b <= end], [row for row in gains if row[0] <= end], FDR)
        assert before <= set(roll.entries)
        before = set(roll.entries)


@given(stories(), st.randoms(use_true_random=False))
def test_the_names_of_the_watches_do_not_matter(story, chance):
    begins, gains = story
    names = list(range(len(begins)))
    chance.shuffle(names)
    renamed = [(when, names[key], log_e) for when, key, log_e in gains]
    one, other = fold(begins, gains, FDR).entries, fold(begins, renamed, FDR).entries
    assert {names[key]: entry for key, entry in one.items()} == other


@given(stories())
def test_all_that_rest_reach_the_bar_of_that_very_company(story):
    """The property from which the guarantee follows: the list is consistent with itself at every moment."""
    begins, gains = story
    roll = fold(begins, gains, FDR)
    if roll.listed:
        assert min(roll._resting.values()) >= bar(roll.listed, roll.watches, FDR)


def test_a_stake_rests_while_it_is_listed_and_goes_on_when_the_bar_is_raised():
    roll = Roll(FDR)
    roll.look(1, 1, [("a", 3.0)])  # alone it needs ln 10 = 2.3
    roll.look(2, 0, [("a", 9.0)])  # this gain is made at rest
    roll.look(3, 9, [])  # of ten it needs ln 100 = 4.6, and has 3
    assert roll.entries["a"].rests_at is None
    roll.look(4, 0, [("a", 10.5)])  # 3 and 1.5
    assert roll.entries["a"].rests_at is None
    roll.look(5, 0, [("a", 10.7)])  # 4.7
    entry = roll.entries["a"]
    assert (entry.since, entry.log_e, entry.watches, entry.rests_at) == (1, 3.0, 1, 5)


def test_what_the_next_one_needs_is_said():
    roll = Roll(FDR)
    assert roll.log_next is None
    roll.look(1, 100, [("a", 8.0)])
    assert roll.log_next == pytest.approx(math.log(100 / (2 * FDR)))


def test_a_gain_before_its_watch_began_is_refused():
    with pytest.raises(ValueError, match="begun"):
        Roll(FDR).look(1, 0, [("a", 1.0)])


def test_no_more_than_a_tenth_are_listed_by_chance_where_stakes_are_fair_bets():
    """Dependent on purpose: all good lines lose and win together. Each look may stop them; the share stays below."""
    chance, shares = random.Random(5), []
    for _ in range(400):
        logs, roll = dict.fromkeys(range(20), 0.0), Roll(FDR)
        roll.look(0, 20, [])
        for moment in range(1, 60):
            fair = math.log(3) if chance.random() < 1 / 3 else -math.inf  # 3 with a chance of a third, else nothing
            for key in range(10):
                logs[key] = logs[key] + fair
            for key in range(10, 20):
                logs[key] += 0.4
            roll.look(moment, 0, list(logs.items()))
        good = sum(key < 10 for key in roll.entries)
        assert {*range(10, 20)} <= set(roll.entries)
        shares.append(good / len(roll.entries))
    assert sum(shares) / len(shares) <= FDR
