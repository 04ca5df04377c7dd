"""What a picture may be: its kinds, its size, and how much of it one person may put in on one day. Pure."""

from datetime import UTC, datetime, timedelta

from qc_service.texts import Text, later

TYPES = ("image/jpeg", "image/png", "image/webp")
COPY_TYPES = ("image/jpeg", "image/webp")
MOST_BYTES = 12_000_000
SIDES = (1600, 400)  # the longer side of the copies for screens, at most; the first is what is shown by default
MEGABYTE = 1_000_000

# Why a picture is refused, by the word of the process that looked at it.
REASONS: dict[str, Text] = {
    "not_a_picture": later("The bytes are no JPEG, PNG or WebP picture: save it as one of these."),
    "other_type": later("The bytes are of another type than the request says."),
    "too_many_pixels": later("The picture has more than 40 million points: make it smaller."),
    "too_many_parts": later("The picture is made of more parts than any camera or program writes: save it anew."),
    "animated": later("The picture moves: send a still one."),
    "unreadable": later(
        "The picture is damaged, cut off, or takes more memory to open than a picture may: save it anew as a JPEG."
    ),
    "too_much_memory": later(
        "The picture takes more memory to open than a picture may: save it as a JPEG, or smaller."
    ),
    "too_slow": later("The picture takes longer to open than a picture may: save it anew, smaller."),
    "crashed": later("The picture could not be opened: save it anew as a JPEG."),
}


def day_of(now: datetime) -> datetime:
    """When the day began that a person's share is counted by: everywhere the same, in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def until_tomorrow(now: datetime) -> int:
    """Seconds until there is a new share."""
    return int((day_of(now) + timedelta(days=1) - now).total_seconds()) + 1


def fits(used: int, more: int, megabytes: int) -> bool:
    return used + more <= megabytes * MEGABYTE
