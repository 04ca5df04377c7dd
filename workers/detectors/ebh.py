"""Which of many fixes are on the plant's list: e-BH, with evidence that is frozen when a fix enters.

Many lines looked at side by side turn up a chance finding now and then, however careful each of them is. The e-BH
procedure (Wang and Ramdas, 2022, *Journal of the Royal Statistical Society B* 84) bounds the share of chance findings
in the list, on average, whatever the lines have to do with each other.
"""

from collections.abc import Mapping, Sequence
from math import log

FDR = 0.10  # at most one in ten of the list is there by chance, on average


def listed(log_e: Sequence[float], fdr: float = FDR) -> list[int]:
    """Places of the k largest of K values ln E, for the largest k with E_(k) >= K / (k fdr); empty where none is.

    Ties stand or fall together. Raises `ValueError` for a false discovery rate that is not between 0 and 1.
    """
    least = threshold(log_e, fdr)
    return [] if least is None else [place for place, one in enumerate(log_e) if one >= least]


def threshold(log_e: Sequence[float], fdr: float = FDR) -> float | None:
    """The smallest ln E that is on the list of `listed`; None where the list is empty."""
    if not 0 < fdr < 1:
        raise ValueError(f"fdr is {fdr}; must be between 0 and 1")
    found = None
    for k, one in enumerate(sorted(log_e, reverse=True), 1):
        if one >= asked(len(log_e), k, fdr):
            found = one
    return found


def asked(many: int, k: int, fdr: float = FDR) -> float:
    """The ln E that the k-th of `many` must have reached for k to be on the list."""
    return log(many / (k * fdr))


def entering(current: Mapping[str, float], frozen: Mapping[str, float], fdr: float = FDR) -> dict[str, float]:
    """Who enters the list now: name and the ln E that is frozen for it.

    current: ln E of every fix that is watched, by name. frozen: ln E, at their entry, of those on the list; they keep
    it whatever comes later, and count with it. A name in `frozen` that is no longer watched still counts.
    """
    names = [*current, *(name for name in frozen if name not in current)]
    values = [frozen.get(name, current.get(name, 0.0)) for name in names]
    return {names[place]: values[place] for place in listed(values, fdr) if names[place] not in frozen}
