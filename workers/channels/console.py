"""A line on standard output: the service's log says what is wrong, whatever else is configured."""

import sys

from qc_service.config import Settings
from workers.channels.message import Message, Outcome, Retryable, one_line

_MARKS = {"resolved": "RESOLVED", "updated": "WORSE", "woken": "STILL FIRING", "reminder": "STILL FIRING"}


def send(message: Message, address: str, settings: Settings) -> Outcome:  # noqa: ARG001 - every channel is called alike
    mark = _MARKS.get(message.reason, message.severity)
    line = f"ALERT {mark}: {one_line(message.sentence)} {message.url}\n"
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except (OSError, ValueError) as error:  # a closed pipe or file
        raise Retryable(f"standard output cannot be written: {type(error).__name__}") from error
    return Outcome("printed")
