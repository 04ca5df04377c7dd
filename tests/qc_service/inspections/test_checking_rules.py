import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from qc_service.inspections.checking_rules import (
    ENOUGH,
    LAST,
    Filled,
    Given,
    Quartiles,
    chance_of_passes,
    chance_of_repeat,
    observations,
    pairs,
    pass_streaks,
    quartiles,
    same_values,
    shift_of,
    too_fast,
)

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
BLANK = Filled("", START, "S1", "L1", 1, "ana", None, "pass", {})


def made(number: int, **more) -> Filled:
    """A record that is the number-th."""
    return replace(BLANK, uuid=f"r{number:04}", at=START + timedelta(minutes=number), **more)


def numbers(found) -> list[int]:
    """Which records something was seen in."""
    return [int(one.record.uuid[1:]) for one in found]


# --- who is compared with whom ---


def test_two_people_are_compared_about_the_same_thing_by_the_same_version():
    first, second = made(1, thing="unit"), made(2, thing="unit", who="bo")
    assert list(pairs([first, second])) == [(first, second)]
    assert list(pairs([first, replace(second, thing="another")])) == []
    assert list(pairs([first, replace(second, version=2)])) == []
    assert list(pairs([replace(first, thing=None), replace(second, thing=None)])) == []


def test_nobody_is_compared_with_themselves_nor_with_somebody_unknown():
    first = made(1, thing="unit")
    assert list(pairs([first, made(2, thing="unit")])) == []
    assert list(pairs([first, made(2, thing="unit", who=None)])) == []


def test_of_three_people_the_first_two_are_compared_and_of_ones_records_the_first():
    records = [made(1, thing="u"), made(2, thing="u"), made(3, thing="u", who="bo"), made(4, thing="u", who="cy")]
    assert list(pairs(records)) == [(records[0], records[2])]


# --- time ---


def test_quartiles_are_between_neighbours():
    assert quartiles([4, 1, 3, 2]) == Quartiles(1.75, 2.5, 3.25)
    assert quartiles([2.0]) == Quartiles(2.0, 2.0, 2.0)
    assert quartiles([]) is None


def test_the_day_has_three_shifts():
    assert [shift_of(hour) for hour in (5, 6, 13, 14, 21, 22, 0)] == [
        "22-06", "06-14", "06-14", "14-22", "14-22", "22-06", "22-06",
    ]  # fmt: skip


def timed(number: int, *seconds: float | None, **more) -> Filled:
    return made(number, answers={f"c{place}": Given("ok", one) for place, one in enumerate(seconds)}, **more)


def usual(seconds: float = 10.0, records: int = ENOUGH) -> list[Filled]:
    return [timed(number, seconds, seconds, seconds) for number in range(records)]


def test_a_record_is_too_fast_when_more_than_half_its_checks_took_under_a_fifth_of_their_median():
    assert numbers(too_fast([*usual(), timed(900, 1.9, 1.9, 9.0)])) == [900]
    assert numbers(too_fast([*usual(), timed(900, 2.0, 1.9, 9.0)])) == []
    assert numbers(too_fast([*usual(), timed(900, 1.9, 9.0)])) == [], "half is not more than half"


def test_a_check_of_which_the_time_is_unknown_is_not_taken_for_a_fast_one():
    assert numbers(too_fast([*usual(), timed(900, 1.9, None)])) == []
    assert numbers(too_fast([*usual(), timed(900, 1.9, 1.9, None)])) == [900]


def test_nothing_under_a_second_is_read_and_done_however_quick_the_check_is():
    assert numbers(too_fast([*usual(2.0), timed(900, 0.99, 0.99, 0.99)])) == [900]
    assert numbers(too_fast([*usual(2.0), timed(900, 1.0, 1.0, 1.0)])) == []


def test_a_check_has_no_floor_before_twenty_records_and_then_has_that_of_its_own_version_and_site():
    fast = timed(900, 0.1, 0.1, 0.1)
    assert numbers(too_fast([*usual(records=ENOUGH - 1), fast])) == []
    assert numbers(too_fast([*usual(), replace(fast, version=2)])) == []
    assert numbers(too_fast([*usual(), replace(fast, site="S2")])) == []


def test_a_check_is_measured_by_its_last_two_hundred_records():
    quick = [replace(one, uuid=f"r{1000 + number}") for number, one in enumerate(usual(6.0, LAST))]
    records = [*usual(100.0, 500), *quick]
    assert 1900 not in numbers(too_fast([*records, timed(1900, 1.5, 1.5, 1.5)]))
    assert 1900 in numbers(too_fast([*records, timed(1900, 1.1, 1.1, 1.1)]))
    assert 1900 in numbers(too_fast([*records[:-100], timed(1900, 1.5, 1.5, 1.5)]))


@given(st.lists(st.floats(0.01, 1000), min_size=ENOUGH, max_size=60))
def test_no_record_at_the_median_of_those_before_it_is_too_fast(seconds):
    records = [timed(number, one) for number, one in enumerate(seconds)]
    middle = quartiles(seconds).median
    found = numbers(too_fast([*records, timed(900, max(middle, 1.0))]))
    assert 900 not in found


# --- the same values again ---


def weighed(number: int, *values: str, who: str = "ana", **more) -> Filled:
    return made(number, who=who, answers={"weight": Given("ok", measured=values)}, **more)


def others(records: int = 40, spread: int = 40) -> list[Filled]:
    """Records of somebody else, none of whose values is that of the one before it."""
    return [weighed(number, str(number % spread), who="bo") for number in range(records)]


def test_the_chance_to_repeat_is_the_larger_of_having_these_values_and_of_staying():
    varied = [(str(number),) for number in range(40)]
    assert chance_of_repeat(varied, ("x",)) == max(Fraction(1, 41), Fraction(1, 40))
    half = [("a",), ("b",)] * 20
    assert chance_of_repeat(half, ("a",)) == Fraction(21, 41)
    slow = [(str(number // 10),) for number in range(40)]
    assert chance_of_repeat(slow, ("x",)) == Fraction(36 + 1, 40)
    assert chance_of_repeat(varied[: ENOUGH - 1], ("x",)) is None


def test_the_same_values_are_told_with_the_record_that_makes_them_unlikely_and_once():
    """(1/40)² is 1 in 1,600, and 1/40 is not little enough."""
    run = [weighed(100 + number, "9.81", "9.79") for number in range(6)]
    [found] = same_values([*others(), *run])
    assert (found.record.uuid, found.check, found.values) == ("r0102", "weight", {"times": 3})


def test_with_a_narrow_spread_it_takes_longer():
    """Half of all answers are the very same: 0.5⁹ is 1 in 512 and (21/41)¹¹ is the first below 1 in 1,000."""
    half = [weighed(number, "ab"[number % 2], who="bo") for number in range(40)]
    run = [weighed(100 + number, "a") for number in range(30)]
    [found] = same_values([*half, *run])
    assert found.values == {"times": 12}
    assert Fraction(21, 41) ** 11 < Fraction(1, 1000) < Fraction(21, 41) ** 10


def test_exactly_one_in_a_thousand_is_not_below_it():
    """Four of forty had these values, the one in question among them: (1/10)³ is 1 in 1,000, and told is the next."""
    tenth = [weighed(number, "x" if number in (5, 15, 25) else str(number), who="bo") for number in range(39)]
    [found] = same_values([*tenth, *(weighed(100 + number, "x") for number in range(9))])
    assert found.values == {"times": 5}


def test_a_digit_of_difference_ends_a_run_and_so_does_another_version():
    ends = [weighed(100, "1.0"), weighed(101, "1.0"), weighed(102, "1.00"), weighed(103, "1.0"), weighed(104, "1.0")]
    assert list(same_values([*others(), *ends])) == []
    versions = [weighed(100, "1.0"), weighed(101, "1.0"), weighed(102, "1.0", version=2)]
    assert list(same_values([*others(), *versions])) == []


def test_what_several_people_find_alike_is_nobodys_run():
    alike = [weighed(100 + number, "9.81", who=f"p{number}") for number in range(10)]
    assert list(same_values([*others(), *alike])) == []
    unknown = [replace(weighed(100 + number, "9.81"), who=None) for number in range(10)]
    assert list(same_values([*others(), *unknown])) == []


def test_somebody_elses_record_between_does_not_end_a_run():
    mixed = [weighed(100, "9.81"), weighed(101, "5", who="bo"), weighed(102, "9.81"), weighed(103, "9.81")]
    assert numbers(same_values([*others(), *mixed])) == [103]


def test_too_little_is_known_of_a_new_check():
    run = [weighed(100 + number, "9.81") for number in range(30)]
    assert list(same_values([*others(ENOUGH - 1), *run])) == []


def test_a_habit_of_copying_does_not_make_itself_look_usual():
    habit = [weighed(100 + number, "9.81") for number in range(100)]
    again = [weighed(300, "5.55"), *(weighed(301 + number, "9.81") for number in range(3))]
    assert numbers(same_values([*others(), *habit, *again])) == [102, 303]


def test_alone_one_is_measured_by_ones_own_records():
    mine = [replace(one, who="ana") for one in others()]
    assert numbers(same_values([*mine, *(weighed(100 + number, "x") for number in range(4))])) == [102]


@given(st.lists(st.sampled_from("abc"), min_size=ENOUGH, max_size=300), st.sampled_from("abcd"))
def test_the_chance_to_repeat_is_a_chance_and_never_none_at_all(values, one):
    found = chance_of_repeat([(value,) for value in values], (one,))
    assert Fraction(0) < found <= 1


# --- long runs of passes ---


def results(text: str, **more) -> list[Filled]:
    """`f` failed, `p` passed, `i` was left incomplete."""
    words = {"f": "fail", "p": "pass", "i": "incomplete"}
    return [made(number, result=words[one], **more) for number, one in enumerate(text)]


HALF = "fp" * 5 + "f"  # five of ten failed before the last one


def test_a_run_of_passes_is_told_when_it_is_less_likely_than_one_in_a_thousand_and_once():
    """0.5¹⁰ is 1 in 1,024."""
    [found] = pass_streaks(results(HALF + "p" * 40))
    assert found.record.uuid == f"r{len(HALF) + 9:04}"
    assert found.values == {"passes": 10, "fails": 5, "records": 10}
    assert numbers(pass_streaks(results(HALF + "p" * 9))) == []


def test_fewer_than_five_fails_say_nothing_of_a_rate():
    assert numbers(pass_streaks(results("fp" * 4 + "f" + "p" * 100))) == []


def test_a_fail_ends_the_run_and_an_incomplete_record_neither_ends_nor_lengthens_it():
    assert numbers(pass_streaks(results(HALF + "p" * 9 + "f" + "p" * 9))) == []
    assert numbers(pass_streaks(results(HALF + "ppppp" + "iii" + "ppppp"))) == [len(HALF) + 12]


def test_a_line_is_measured_by_its_own_rate():
    other = [replace(one, line="L2") for one in results("p" * 100)]
    assert numbers(pass_streaks([*results(HALF), *other])) == []


def test_where_all_failed_there_is_no_rate_to_be_surprised_at():
    assert numbers(pass_streaks(results("f" * 20 + "p"))) == []


def test_a_run_after_a_run_is_told_anew():
    text = HALF + "p" * 12 + "f" * 12 + "p" * 12
    found = list(pass_streaks(results(text)))
    assert [one.values["passes"] for one in found] == [10, 10]


@given(st.integers(5, 50), st.integers(1, 500), st.integers(0, 60))
def test_a_longer_run_is_never_likelier(fails, more, passes):
    chance = chance_of_passes(fails, fails + more, passes)
    assert chance_of_passes(fails, fails + more, passes + 1) < chance <= 1


# --- by chance alone ---


def test_of_values_that_come_by_chance_about_one_run_in_a_thousand_is_told():
    chance = random.Random(1960)
    drawn = [weighed(number, chance.choice("aab"), who=f"p{number % 3}") for number in range(60_000)]
    runs = sum(len(list(groupby(one.answers["weight"].measured for one in drawn[who::3]))) for who in range(3))
    assert 0 < len(list(same_values(drawn))) < 2 * runs / 1000


def test_of_passes_that_come_by_chance_about_one_run_in_a_thousand_is_told():
    chance = random.Random(1969)
    drawn = results("".join(chance.choice("pppf") for _ in range(40_000)))
    runs = sum(1 for one in drawn if one.result == "fail")
    assert 0 < len(list(pass_streaks(drawn))) < 2 * runs / 1000


# --- all together ---


def test_everything_seen_is_told_in_the_order_in_which_it_happened():
    records = [
        *usual(),
        timed(21, 0.1, 0.1, 0.1, who="bo"),
        *(weighed(30 + number, str(number)) for number in range(40)),
    ]
    records += [weighed(100 + number, "x") for number in range(5)]
    records.append(timed(200, 0.2, 0.2, 0.2))
    assert [one.kind for one in observations(records)] == ["too_fast", "same_values", "too_fast"]


def test_nothing_that_is_told_names_a_person():
    run = [weighed(100 + number, "9.81", who="ana-7") for number in range(3)]
    [found] = observations([*others(), *run])
    assert "ana-7" not in str(found.values)
    assert found.check == "weight"
