"""Control schemes that the service does not have, run in many copies at once, to be set beside published run lengths.

Each takes the state of all copies and their next values, and gives the new state and which copies signal. `run_lengths`
puts the published numbers to the test; the same loop runs our own charts and rules.
"""

import numpy as np


def ewma(weight, width, values, state):
    """Exponentially weighted moving average of standard normal values, with its asymptotic limits, two-sided."""
    state = (1 - weight) * state + weight * values
    return state, np.abs(state) > width * np.sqrt(weight / (2 - weight))


def ewma_of_counts(weight, limit, values, state):
    """The same of counts, upper only, as the R package spc has it: rounded to whole numbers after every value (Gan,
    1990), a half upwards, and compared with the next whole number above the limit."""
    state = np.floor((1 - weight) * state + weight * values + 0.5 + 1e-9)
    return state, state > np.ceil(limit)


def cusum(reference, interval, values, state):
    """Upper cumulative sum of what values exceed a reference by."""
    state = np.maximum(state + values - reference, 0)
    return state, state >= interval


def cusum_two_sided(reference, interval, values, state):
    upper = np.maximum(state[0] + values - reference, 0)
    lower = np.maximum(state[1] - values - reference, 0)
    return np.stack([upper, lower]), np.maximum(upper, lower) >= interval


def shiryaev_roberts(reference, log_limit, values, state):
    """Shiryaev-Roberts' sum of likelihood ratios, of which `reference` is half the shift.

    After a value it is kept at 1 or above, as the R package spc keeps it: without that the run in control is 552.
    """
    state = np.maximum((1 + state) * np.exp(2 * reference * (values - reference)), 1.0)
    return state, np.log(state) >= log_limit


def run_lengths(scheme, draw, runs, start=0.0, longest=1_000_000, shape=()):
    """How many values each of `runs` copies takes to signal; `draw(copies)` gives the next value of each."""
    state = np.full((*shape, runs), start, dtype=float)
    lengths = np.zeros(runs, dtype=int)
    alive = np.arange(runs)
    for step in range(1, longest + 1):
        state, signal = scheme(draw(len(alive)), state)
        lengths[alive[signal]] = step
        state, alive = state[..., ~signal], alive[~signal]
        if not len(alive):
            return lengths
    raise AssertionError(f"{len(alive)} of {runs} gave no signal in {longest} values")


def agrees(lengths, published):
    """Whether a simulated mean run length is within four standard errors of a published one."""
    error = lengths.std(ddof=1) / np.sqrt(len(lengths))
    return abs(lengths.mean() - published) <= 4 * error + 0.002 * published
