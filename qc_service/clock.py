"""The one place that asks the machine for the time. Rules and services take the time as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """UTC with a trailing Z and no needless fraction, as every reply and record writes it."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text + "Z"


def fixed(moment: datetime) -> str:
    """UTC to the microsecond, always as wide, so that the order of the texts is the order of the times."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse(text: str) -> datetime:
    """An ISO 8601 time with an offset, as aware UTC; `ValueError` says what is wrong with it."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time has no offset: end it with Z or with an offset such as +07:00")
    return moment.astimezone(UTC)
