import json

import pytest

from workers.detectors.registry import METHODS, UnknownMethod
from workers.detectors.values import Config

CONFIG = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0.003)


def test_every_method_is_filed_under_its_own_name():
    assert "fixwatch-1" in METHODS
    assert all(name == method.name for name, method in METHODS.items())


def test_an_unknown_method_is_a_key_error_that_names_those_there_are():
    with pytest.raises(UnknownMethod, match=r"no method 'fixwatch-0'; there is fixwatch-1") as caught:
        METHODS["fixwatch-0"]
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize("name", list(METHODS))
def test_a_method_goes_from_the_start_to_a_finding_and_its_state_through_json(name):
    method = METHODS[name]
    state = method.start(CONFIG)
    for n, d in [(300, 4)] * 5:
        state = method.load(json.loads(json.dumps(method.dump(method.update(CONFIG, state, n, d)))))
    folded, points = method.fold(CONFIG, [(300, 4)] * 5)
    assert folded == state
    assert method.finding(CONFIG, state).log_e_fail == points[-1].log_e_fail
