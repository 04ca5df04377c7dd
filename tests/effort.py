"""How many examples hypothesis tries: few where everything is tested, many where a campaign says so."""

import os


def examples(few: int) -> int:
    """So many, or as many as the environment asks for in `QC_EXAMPLES`, if that is more."""
    return max(few, int(os.environ.get("QC_EXAMPLES") or 0))
