"""What is behind the commands of `qc`: each takes its arguments, the settings, and where to say things.

They are loaded when they are used, so that the process that only looks after the others stays small.
"""


class Refusal(Exception):
    """The answer is no, for a reason that fits in a line."""
