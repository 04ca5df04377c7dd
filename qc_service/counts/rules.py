"""Production counts as plain values: what a row may say, which revision is newer, and what charges add up to."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from qc_service.texts import later

QUANTITIES = ("total", "good", "scrapped", "reworked", "inspected", "defective")
MAX_QUANTITY = 10**12
MAX_AHEAD = timedelta(minutes=10)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MAX_DEFECT_CODES = 200

TEXTS = {  # field: longest text
    "source": 64, "external_id": 200, "external_version": 64, "site": 64, "line": 64, "product": 64, "lot": 100,
    "charged_to": 200, "work_order": 100, "operation": 100, "shift": 64,
}  # fmt: skip
OWN_SOURCE = "inspections"  # whose documents are the service's own
REQUIRED = ("source", "external_id", "line", "period_start", "period_end")
FLAGS = ("rework_in_good", "open")
FIELDS = frozenset((*TEXTS, *QUANTITIES, *FLAGS, "period_start", "period_end", "defects"))
DEFECT_FIELDS = frozenset(("code", "units", "scrapped", "reworked"))

Problem = tuple[str, str, str]  # JSON pointer, code, what to do
Defects = tuple[tuple[str, int | None, int | None, int | None], ...]  # code, units, scrapped, reworked


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row that was accepted. Quantities are whole units; None is unknown, never 0.

    `open`: what becomes of the units is not settled yet, more of them may be reworked or scrapped.
    """

    source: str
    external_id: str
    line: str
    period_start: datetime
    period_end: datetime
    external_version: str | None = None
    site: str | None = None
    product: str | None = None
    lot: str | None = None
    total: int | None = None
    good: int | None = None
    scrapped: int | None = None
    reworked: int | None = None
    inspected: int | None = None
    defective: int | None = None
    defects: Defects | None = None
    rework_in_good: bool = False
    open: bool = False
    charged_to: str | None = None
    work_order: str | None = None
    operation: str | None = None
    shift: str | None = None


class RowRefused(Exception):
    """A row that cannot be accepted, with every problem found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0][2])
        self.problems = problems


def read_row(raw: Any, now: datetime) -> CountRow:
    """The row as a value; raises `RowRefused` naming each field that is wrong.

    Written by hand rather than as a schema, because a thousand rows must cost a millisecond, not forty; a test holds
    it against the schema that describes the row to clients.
    """
    if not isinstance(raw, dict):
        raise RowRefused([("", "not_an_object", later("Send one JSON object a line."))])
    problems: list[Problem] = [
        (f"/{name}", "unknown_field", later("There is no such field: check its spelling, or leave it out."))
        for name in raw
        if name not in FIELDS
    ]
    values: dict[str, Any] = {
        name: _text(raw, name, longest, problems) for name, longest in TEXTS.items() if name in raw
    }
    values |= {name: _quantity(raw[name], f"/{name}", problems) for name in QUANTITIES if name in raw}
    values |= {name: _moment(raw[name], name, problems) for name in ("period_start", "period_end") if name in raw}
    values["defects"] = _defects(raw.get("defects"), problems)
    values |= {name: _flag(raw.get(name), f"/{name}", problems) for name in FLAGS}
    problems += [
        (f"/{name}", "required", later("This field is needed."))
        for name in REQUIRED
        if values.get(name) is None and not any(where == f"/{name}" for where, _, _ in problems)
    ]
    if not problems:
        problems += _contradictions(values, now)
    if problems:
        raise RowRefused(problems)
    return CountRow(**values)


def _text(raw: Mapping[str, Any], name: str, longest: int, problems: list[Problem]) -> str | None:
    value = raw[name]
    if value is None:
        return None
    if name == "external_version" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        problems.append((f"/{name}", "not_text", later("Send text.")))
        return None
    text = value.strip()
    if not text or len(text) > longest or not text.isprintable():
        problems.append((f"/{name}", "invalid", later("Send 1 to %(longest)s printable characters.", longest=longest)))
        return None
    return text


def _quantity(value: Any, pointer: str, problems: list[Problem]) -> int | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 480.0 is a whole number of units
    if isinstance(value, bool) or not isinstance(value, int):
        problems.append(
            (pointer, "not_whole", later("Send whole units as a number, or leave the field out if unknown."))
        )
    elif value < 0:
        problems.append((pointer, "negative", later("A quantity is 0 or more; send a correction as a revision.")))
    elif value > MAX_QUANTITY:
        problems.append((pointer, "too_large", later("A quantity is at most %(most)s.", most=MAX_QUANTITY)))
    else:
        return value
    return None


def _moment(value: Any, name: str, problems: list[Problem]) -> datetime | None:
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
        moment = read.astimezone(UTC) if read.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        moment = None
    if moment is None:
        problems.append((f"/{name}", "not_a_time", later("Send a time with an offset, such as 2026-11-18T06:00:00Z.")))
    elif moment < EARLIEST:
        problems.append((f"/{name}", "too_early", later("Send a time after 1970.")))
        return None
    return moment


def _flag(value: Any, pointer: str, problems: list[Problem]) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    problems.append((pointer, "not_boolean", later("Send true or false.")))
    return False


def _defects(value: Any, problems: list[Problem]) -> Defects | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MAX_DEFECT_CODES:
        problems.append(
            (
                "/defects",
                "invalid",
                later("Send a list of at most %(most)s defect codes with units.", most=MAX_DEFECT_CODES),
            )
        )
        return None
    found: dict[str, tuple[str, int | None, int | None, int | None]] = {}
    for place, item in enumerate(value):
        pointer = f"/defects/{place}"
        entry = _defect(item, pointer, problems)
        if entry is not None and entry[0] in found:
            problems.append((f"{pointer}/code", "twice", later("Name each defect code once.")))
        elif entry is not None:
            found[entry[0]] = entry
    return tuple(found[code] for code in sorted(found))


def _defect(item: Any, pointer: str, problems: list[Problem]) -> tuple[str, int | None, int | None, int | None] | None:
    if not isinstance(item, dict) or not DEFECT_FIELDS.issuperset(item):
        problems.append((pointer, "invalid", later("Send code, units and, where known, scrapped and reworked.")))
        return None
    sub: list[Problem] = []
    code = _text(item, "code", 64, sub) if "code" in item else None
    numbers = [_quantity(item.get(name), f"/{name}", sub) for name in ("units", "scrapped", "reworked")]
    if code is None and not sub:
        sub.append(("/code", "required", later("Name the defect.")))
    if not sub and all(number is None for number in numbers):
        sub.append(("/units", "required", later("Say how many units had the defect.")))
    problems += [(pointer + where, kind, text) for where, kind, text in sub]
    return None if sub else (str(code), *numbers)  # type: ignore[return-value]


def _contradictions(row: Mapping[str, Any], now: datetime) -> Iterable[Problem]:
    if row["source"] == OWN_SOURCE:
        text = later("The service writes the counts of its own inspections: name your system otherwise.")
        yield "/source", "reserved", text
    if row["period_end"] < row["period_start"]:
        yield "/period_end", "reversed", later("The period ends before it starts.")
    if row["period_end"] > now + MAX_AHEAD:
        text = later("The period ends more than 10 minutes from now: check the clock and the zone.")
        yield "/period_end", "in_the_future", text
    if all(row.get(name) is None for name in QUANTITIES) and not row["defects"]:
        yield "/total", "required", later("Send at least one quantity.")
    if row.get("charged_to") is None:
        yield from _sums(row)
    elif row["charged_to"] == row["external_id"]:
        yield "/charged_to", "invalid", later("A count cannot be charged to itself.")


def _sums(row: Mapping[str, Any]) -> Iterable[Problem]:
    """Sums are checked where every term is there; a part of another count does not have them."""
    total, good, scrapped = row.get("total"), row.get("good"), row.get("scrapped")
    reworked = 0 if row["rework_in_good"] else row.get("reworked")
    if None not in (total, good, scrapped, reworked) and good + scrapped + reworked > total:  # type: ignore[operator]
        terms = "good + scrapped" if row["rework_in_good"] else "good + scrapped + reworked"
        yield "/total", "contradiction", later("%(terms)s is more than total.", terms=terms)
    inspected, defective = row.get("inspected"), row.get("defective")
    if inspected is None:
        return
    if defective is not None and defective > inspected:
        yield "/defective", "contradiction", later("More units are defective than were inspected.")
    for place, (code, units, _, _) in enumerate(row["defects"] or ()):
        if units is not None and units > inspected:
            yield (
                f"/defects/{place}/units",
                "contradiction",
                later("More units with %(code)s than were inspected.", code=code),
            )


# Versions ---------------------------------------------------------------------------------------------------------

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?\Z")


def compare_versions(new: str, old: str) -> Literal[-1, 0, 1]:
    """Is `new` older (-1), the same (0) or newer (1)? Integers, then ISO times, then code point order."""
    left: Any = new
    right: Any = old
    if _INTEGER.match(new) and _INTEGER.match(old):
        left, right = int(new), int(old)
    else:
        times = _time_key(new), _time_key(old)
        if None not in times and times[0][0] == times[1][0]:  # type: ignore[index]
            left, right = times
    return 0 if left == right else (1 if left > right else -1)


def _time_key(text: str) -> tuple[bool, datetime, str] | None:
    """Zoned or naive, the time to the second, and its fraction to any length."""
    match = _TIME.match(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{zone or ''}")
    except ValueError:
        return None
    moment = moment.astimezone(UTC) if zone else moment.replace(tzinfo=UTC)
    return bool(zone), moment, (fraction or "").rstrip("0")


Outcome = Literal["created", "updated", "unchanged", "stale", "conflict"]


def outcome(new: CountRow, old: CountRow | None) -> Outcome:
    """What a row is to the document as it stands. Without a version, what arrives last wins."""
    if old is None:
        return "created"
    if new.external_version is None or old.external_version is None:
        return "unchanged" if same_content(new, old) else "updated"
    order = compare_versions(new.external_version, old.external_version)
    if order < 0:
        return "stale"
    if order > 0:
        return "updated"
    return "unchanged" if same_content(new, old) else "conflict"


def same_content(left: CountRow, right: CountRow) -> bool:
    names = [name for name in CountRow.__slots__ if name not in ("external_version", "site")]
    return all(getattr(left, name) == getattr(right, name) for name in names)


# Charges ----------------------------------------------------------------------------------------------------------


def add_up(own: CountRow, charges: Iterable[CountRow]) -> dict[str, Any]:
    """A count with what is charged to it: known quantities are added, unknown ones stay unknown.

    It is open while it or any of its charges is.
    """
    parts = [own, *charges]
    sums: dict[str, Any] = {}
    for name in QUANTITIES:
        known = [value for part in parts if (value := getattr(part, name)) is not None]
        sums[name] = sum(known) if known else None
    named = [part.defects for part in parts if part.defects is not None]
    sums["defects"] = _add_defects(named) if named else None
    sums["open"] = any(part.open for part in parts) or None
    return sums


def _add_defects(lists: Iterable[Defects]) -> dict[str, list[int | None]]:
    """By code: units, scrapped, reworked."""
    found: dict[str, list[int | None]] = {}
    for entries in lists:
        for code, *numbers in entries:
            have = found.setdefault(code, [None, None, None])
            for place, number in enumerate(numbers):
                if number is not None:
                    have[place] = (have[place] or 0) + number
    return found
