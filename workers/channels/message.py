"""What a channel is handed, what it answers, and the three ways in which telling somebody can fail."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to one recipient. The same notice is the same message, however often it is tried."""

    id: str  # the notification's: a channel's own name of the message is derived from it
    alert_id: str
    reason: str  # first · updated · resolved · reminder · woken; news is of no alert
    sentence: str
    explanation: str | None
    severity: str
    line: str
    site: str
    resolve_reason: str | None
    name: str  # of the recipient
    language: str
    url: str
    asked_at: datetime
    thread: str | None  # the channel's name of the first message about this alert to this recipient
    why: str | None = None  # of news: why this recipient gets it


@dataclass(frozen=True, slots=True)
class Outcome:
    """It was sent: what the other side said, and the channel's name of the message."""

    detail: str
    message_id: str | None = None


class NotSent(Exception):
    """It was not sent; the text says why and carries no secret."""


class Permanent(NotSent):
    """Trying again would not help: the address or the message was refused."""


class Retryable(NotSent):
    """It did not go through this time."""


class Unknown(NotSent):
    """It may have arrived: the other side fell silent before it said so."""


def one_line(text: str, longest: int = 300) -> str:
    """Text that came from people as one line of what can be printed: no break, no escape, nothing hidden."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
