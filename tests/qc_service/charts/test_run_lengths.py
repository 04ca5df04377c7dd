"""How long charts and rules take to speak up, in control and after a shift, is what the published tables say."""

import json
import math
import random

import numpy as np
import pytest

from qc_service.charts.attributes import p
from qc_service.charts.hints import WESTERN_ELECTRIC, violations
from qc_service.charts.values import Lot, Point
from tests.control_schemes import agrees, cusum, cusum_two_sided, ewma, ewma_of_counts, run_lengths, shiryaev_roberts
from tests.laws import tail
from tests.qc_service.charts.reference import GOLDEN

ARL = json.loads((GOLDEN / "arl_reference.json").read_text())
SOON = 30.0  # run lengths up to here are simulated in every run of the tests, longer ones in the campaign


def marked(cases):
    """Each case with its published run length last; those that take long belong to the campaign."""
    return [pytest.param(*case, marks=[] if case[-1] <= SOON else pytest.mark.campaign) for case in cases]


# --- our own rules and charts ---


RULE_CASES = [
    (entry["rules"], shift, arl)
    for entry in ARL["shewhart_runs_rules"]
    if entry["arl"]  # of some sets there is no published number
    for shift, arl in zip(entry["shift"], entry["arl"], strict=True)
]
RULE_CASES += [("1234", 0, 91.75), ("1234", 1, 9.22)]  # C. W. Champ and W. H. Woodall 1987, table 1


@pytest.mark.parametrize(("rules", "shift", "arl"), marked(RULE_CASES))
def test_western_electric_rules_speak_up_as_often_as_champ_and_woodall_computed(rules, shift, arl):
    chance = random.Random(f"{rules} {shift}")
    names = [WESTERN_ELECTRIC[int(number) - 1] for number in rules]

    lengths = np.array([_first(names, shift, arl, chance) for _ in range(1500 if arl <= SOON else 3000)])

    assert agrees(lengths, arl)


def _first(names, shift, arl, chance):
    """The first point, counted from 1, at which one of the rules speaks up."""
    points = []
    while True:
        points += [Point(chance.gauss(shift, 1), 0.0, 1.0, -3.0, 3.0) for _ in range(int(2 * arl) + 10)]
        named = [index for indices in violations(points, names).values() for index in indices]
        if named:
            return min(named) + 1


@pytest.mark.parametrize(
    ("n", "centre", "rate", "arl"),
    [
        (entry["n"], entry["p0"], rate, arl)
        for entry in ARL["pchart_exact"]
        for rate, arl in zip(entry["p"], entry["arl"], strict=True)
    ],
)
def test_a_p_chart_speaks_up_as_often_as_was_computed_exactly(n, centre, rate, arl):
    """For rare defects far more often than once in 370 lots though nothing has happened."""
    [point] = p([Lot(n, 0)], centre).points
    least, most = math.ceil(point.low * n), math.floor(point.high * n)

    outside = 1 - tail("proportion", n, rate, 0.0, least) + tail("proportion", n, rate, 0.0, most + 1)

    assert 1 / outside == pytest.approx(arl, rel=1e-6)


# --- schemes that the service does not have: what its own is measured against ---


def simulated(key, draw, scheme, arl, **how):
    chance = np.random.default_rng(abs(hash(key)) % 2**32)
    runs = 4000 if arl <= SOON else 6000
    return run_lengths(scheme, lambda copies: draw(chance, copies), runs, **how)


def normal(shift):
    return lambda chance, copies: chance.normal(shift, 1, copies)


def each(entries, *names):
    """The cases of a table: what its entries name, a shift, and the run length."""
    return marked(
        (*(entry[name] for name in names), shift, arl)
        for entry in entries
        for shift, arl in zip(entry.get("shift") or entry.get("p") or entry["mu"], _lengths(entry), strict=True)
        if arl < 10_000
    )


def _lengths(entry):
    return next(entry[name] for name in ("arl", "arl_lots", "ano_units") if name in entry)


@pytest.mark.parametrize(("weight", "width", "shift", "arl"), each(ARL["ewma_two_sided"], "lambda", "L"))
def test_an_ewma_takes_as_long_as_lucas_and_saccucci_computed(weight, width, shift, arl):
    lengths = simulated((1, weight, shift), normal(shift), lambda x, state: ewma(weight, width, x, state), arl)

    assert agrees(lengths, arl)


@pytest.mark.parametrize(("k", "h", "shift", "arl"), each(ARL["cusum_two_sided"], "k", "h"))
def test_a_two_sided_cusum_takes_as_long_as_was_computed(k, h, shift, arl):
    scheme = lambda x, state: cusum_two_sided(k, h, x, state)  # noqa: E731

    assert agrees(simulated((2, h, shift), normal(shift), scheme, arl, shape=(2,)), arl)


@pytest.mark.parametrize(("k", "h", "shift", "arl"), each(ARL["cusum_one_sided"], "k", "h"))
def test_a_one_sided_cusum_takes_as_long_as_was_computed(k, h, shift, arl):
    assert agrees(simulated((3, h, shift), normal(shift), lambda x, state: cusum(k, h, x, state), arl), arl)


@pytest.mark.parametrize(
    ("shift", "arl"),
    marked(zip(ARL["grsr_vs_cusum_500"]["shift"], ARL["grsr_vs_cusum_500"]["arl_grsr"], strict=True)),
)
def test_shiryaev_roberts_takes_as_long_as_was_computed(shift, arl):
    k, g = ARL["grsr_vs_cusum_500"]["k"], ARL["grsr_vs_cusum_500"]["g"]
    scheme = lambda x, state: shiryaev_roberts(k, g, x, state)  # noqa: E731

    assert agrees(simulated((4, shift), normal(shift), scheme, arl), arl)


@pytest.mark.parametrize(("k", "h", "mean", "arl"), each(ARL["poisson_cusum_upper"], "k", "h"))
def test_a_poisson_cusum_takes_as_long_as_was_computed(k, h, mean, arl):
    """It signals above its limit, which counts reach exactly."""
    scheme = lambda x, state: cusum(k, h + 0.5, x, state)  # noqa: E731

    assert agrees(simulated((5, k, h, mean), lambda chance, n: chance.poisson(mean, n), scheme, arl), arl)


@pytest.mark.parametrize(
    ("weight", "limit", "n", "start", "rate", "arl"), each(ARL["binomial_ewma_upper"], "lambda", "ucl", "n", "z0")
)
def test_a_binomial_ewma_takes_as_long_as_was_computed(weight, limit, n, start, rate, arl):
    draw = lambda chance, copies: chance.binomial(n, rate, copies)  # noqa: E731
    scheme = lambda x, state: ewma_of_counts(weight, limit, x, state)  # noqa: E731

    assert agrees(simulated((8, weight, rate), draw, scheme, arl, start=start), arl)


@pytest.mark.campaign
@pytest.mark.parametrize(("m", "h", "rate", "arl"), each(ARL["bernoulli_cusum_upper"], "m", "h"))
def test_a_bernoulli_cusum_takes_as_many_units_as_was_computed(m, h, rate, arl):
    """In whole steps of 1/m, so that no rounding moves the limit."""
    scheme = lambda x, state: cusum(1, h * m, x * m, state)  # noqa: E731

    assert agrees(simulated((6, m, h, rate), lambda chance, n: chance.random(n) < rate, scheme, arl), arl)


@pytest.mark.parametrize(
    ("n", "good", "bad", "h", "rate", "arl"), each(ARL["binomial_llr_cusum_n300"], "n", "p0", "p1", "h")
)
def test_a_binomial_likelihood_cusum_takes_as_long_as_was_computed(n, good, bad, h, rate, arl):
    weight, per_lot = math.log(bad / good * (1 - good) / (1 - bad)), n * math.log((1 - good) / (1 - bad))
    scheme = lambda x, state: cusum(per_lot, h, x * weight, state)  # noqa: E731

    assert agrees(simulated((7, h, rate), lambda chance, copies: chance.binomial(n, rate, copies), scheme, arl), arl)


def test_the_schemes_follow_published_samples_as_qcc_does():
    """Piston rings, 40 samples of 5: D. C. Montgomery 1991."""
    qcc = json.loads((GOLDEN / "qcc_reference.json").read_text())
    chart, sums, mean = qcc["pistonrings_xbar"], qcc["pistonrings_cusum"], qcc["pistonrings_ewma"]
    values = np.array([*chart["statistics"], *chart["newstats"]])
    zs = (values - sums["center"]) / (sums["std_dev"] / math.sqrt(5))
    state, both, upper = np.zeros((2, 1)), [], []
    moving, averages = np.zeros(1), []
    for z in zs:
        state, signal = cusum_two_sided(sums["se_shift"] / 2, sums["decision_interval"], np.array([z]), state)
        both.append((state[0, 0], -state[1, 0]))
        upper.append(bool(signal[0]))
        moving, _ = ewma(mean["lambda"], mean["nsigmas"], np.array([z]), moving)
        averages.append(moving[0] * mean["std_dev"] / math.sqrt(5) + mean["center"])

    assert [one for one, _ in both] == pytest.approx(sums["pos"], abs=1e-9)
    assert [one for _, one in both] == pytest.approx(sums["neg"], abs=1e-9)
    assert [place for place, one in enumerate(upper, 1) if one] == sums["viol_upper"]
    assert averages == pytest.approx(mean["ewma"], abs=1e-9)
    outside = [
        place
        for place, (one, low, high) in enumerate(zip(averages, mean["lcl"], mean["ucl"], strict=True), 1)
        if not low <= one <= high
    ]
    assert outside == mean["violations"]
