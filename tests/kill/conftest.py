import os
import secrets
import sys

import pytest


@pytest.fixture(scope="module")
def seed() -> int:
    found = int(os.environ.get("QC_SEED") or secrets.randbelow(10**6))
    sys.stdout.write(f"QC_SEED={found}\n")
    return found
