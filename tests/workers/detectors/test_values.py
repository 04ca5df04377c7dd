import json

import pytest

from workers.detectors.values import Config

GOOD = {"alarm": 0.0165, "verification": 0.0225, "promised": 0.015, "working_baseline": 0.03, "rho": 0.003}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alarm": 0.0}, "alarm is 0.0"),
        ({"verification": float("nan")}, "verification is nan"),
        ({"working_baseline": float("inf")}, "working_baseline is inf"),
        ({"promised": -0.1}, "promised is -0.1"),
        ({"rho": 0.95}, "rho is 0.95"),
        ({"alpha": 0.0}, "alpha is 0.0"),
        ({"sum_u": float("nan")}, "sum_u is nan"),
        ({"sum_p": -1.0}, "sum_p is -1.0"),
        ({"pairs": -1}, "pairs is -1"),
        ({"kind": "share"}, "kind is 'share'"),
        ({"mode": "lax"}, "mode is 'lax'"),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(changes, said):
    with pytest.raises(ValueError, match=said):
        Config(**{**GOOD, **changes})


def test_a_config_comes_back_from_json_exactly():
    config = Config(**GOOD, baseline_rate=0.1 + 0.2, pairs=59, sum_u=-0.6688064977004736, sum_p=606.5, sum_n=9, sum_m=2)
    assert Config.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_a_config_with_an_unknown_key_is_refused():
    with pytest.raises(TypeError, match="colour"):
        Config.from_json({**GOOD, "colour": "blue"})


def test_one_in_twenty_asks_for_evidence_of_twenty_to_one():
    assert Config(**GOOD).log_threshold == pytest.approx(2.995732273553991)
