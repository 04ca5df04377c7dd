"""`qc up` whose supervisor is quick to start a process again: a test kills more often than a plant does."""

import sys
from functools import partial

from qc_service import cli
from qc_service.commands import up
from qc_service.supervise import Patience, Supervisor

if __name__ == "__main__":
    up.Supervisor = partial(Supervisor, patience=Patience(first=0.1, longest=0.3, stop=20.0))
    sys.exit(cli.main(sys.argv[1:]))
