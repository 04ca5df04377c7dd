"""How many examples hypothesis tries: few where everything is tested, many where a campaign says so."""

import os


def examples(few: int) -> int:
    """So many or, where `QC_EXAMPLES` asks for more, up to ten times as many."""
    return max(few, min(10 * few, int(os.environ.get("QC_EXAMPLES") or 0)))
