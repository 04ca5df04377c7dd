import inspect
import subprocess
import sys

import pytest

from workers.channels import registry


@pytest.mark.parametrize("kind", registry.CHANNELS)
def test_every_channel_can_be_loaded_and_takes_what_all_take(kind):
    assert list(inspect.signature(registry.sender(kind)).parameters) == ["message", "address", "settings"]
    assert registry.label(kind)


def test_a_channel_is_loaded_when_it_is_first_used():
    code = "import sys, workers.channels.registry; print('smtplib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
