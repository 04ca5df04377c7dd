"""A process that dies with its parent: `python -m qc_service.tether PARENT COMMAND…`.

A supervisor that is killed cannot clean up behind itself, so the kernel does it: Linux sends a signal to a
process whose parent has gone, once it asked for that. The wish survives the change into another program, but
no fork, so gunicorn's workers ask for it themselves (`gunicorn_conf.py`).
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends; end now where that has already happened."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != parent:
        os._exit(1)


def tethered(command: list[str]) -> list[str]:
    """The command, to be started by this very process and to die with it."""
    return [sys.executable, "-m", "qc_service.tether", str(os.getpid()), *command]


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command line of our own supervisor
