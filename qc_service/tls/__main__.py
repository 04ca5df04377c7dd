"""`python -m qc_service.tls DATA [NAME…]`: have the certificates as they should be, and say how they are.

A process of its own, so that those that keep running never load the authority's key.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from qc_service import clock
from qc_service.supervise import CannotStart
from qc_service.tls.folder import keep
from qc_service.tls.names import NoName, asked_for


def main(argv: Sequence[str]) -> int:
    try:
        made = keep(Path(argv[0]), asked_for(argv[1:]), clock.now())
    except (CannotStart, NoName) as error:
        sys.stderr.write(f"qc: {error}\n")
        return 1
    told = {"names": made.names.all, "until": clock.iso(made.until), "words": made.words, "digits": made.digits}
    sys.stdout.write(f"{json.dumps(told)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
