"""What the codes on labels, badges and stations say. `floor/static/codes.js` reads them alike: one table tests both.

Ours are whole addresses, so that any camera opens them. What an ERP prints is read as it stands: a lot's or a unit's
bare code, or GS1 with its lot (10) and serial number (21). A badge card is no address: its
secret is for a tablet alone.
"""

import re
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, unquote

LONGEST = 2000  # characters; an address with three names of 64 letters that each need escaping has about as many
LONGEST_HOST = 60  # as it is shown
FORMS = {
    "l": ("lot", ("site", "lot")), "u": ("unit", ("site", "lot", "unit")), "s": ("line", ("site", "line")),
    "b": ("badge", ("badge",)),
}  # fmt: skip
LETTERS = {kind: (letter, names) for letter, (kind, names) in FORMS.items()}

# Written out, since Python and JavaScript differ in what they call a space.
SPACES = "\t-\r\x1c-\x20\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
NAME = re.compile(rf"[^{SPACES}\x00-\x1f/](?:[^\x00-\x1f\x7f/]{{0,62}}[^{SPACES}\x00-\x1f/])?")
ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
ENROL = re.compile(r"#enrol=([A-Za-z0-9_-]{1,200})")
TOKEN = re.compile(r"qcd_[0-9a-z]{26}_[A-Za-z0-9_-]{43}")  # longer than any name, and so none
CARD = re.compile(r"QCB1:(.+):([A-Z2-7]{32})", re.IGNORECASE | re.ASCII | re.DOTALL)
# A part of one, or one that a reader garbled, names nothing.
LIKE_CARD = re.compile(r"QCB1[^0-9A-Za-z]|.*:[A-Z2-7]{32}\Z", re.IGNORECASE | re.ASCII | re.DOTALL)
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
LONE_HALF = re.compile("[\ud800-\udfff]")

GS = "\x1d"  # what a reader sends for FNC1 between two parts
OF_READER = re.compile(r"\]([A-Za-z])([0-9])")  # the kind of code, which some readers tell first
OF_GS1 = ("C1", "d2", "e0", "Q3", "J1")
IN_BRACKETS = re.compile(r"(?:\([0-9]{2,4}\)[^()]*)+")
BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^()]*)")
# How long a part is, with the two digits that begin it; any other goes on to the next FNC1.
FIXED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, **dict.fromkeys(map(str, range(11, 20)), 8), "20": 4,
    **dict.fromkeys(map(str, range(31, 37)), 10), "41": 16,
}  # fmt: skip
LOT, SERIAL = "10", "21"
LONGEST_PART = 20


@dataclass(frozen=True, slots=True)
class Said:
    """`kind`: lot · unit · line · badge · card · tablet (its token, to set it up) · bare · address (of no form of ours;
    then `host`) · nothing (then `why`: empty · long · signs · gs1). A unit may come without its lot.
    """

    kind: str
    site: str | None = None
    lot: str | None = None
    unit: str | None = None
    line: str | None = None
    badge: str | None = None
    token: str | None = None
    code: str | None = None
    host: str | None = None
    why: str | None = None
    secret: str | None = field(default=None, repr=False)  # of a card

    def told(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def path_of(kind: str, *names: str) -> str:
    """The path that a printed code opens."""
    letter, _ = LETTERS[kind]
    return "/".join(("/c", letter, *(quote(name, safe="") for name in names)))


def card_of(badge: str, secret: str) -> str:
    """What the code on a badge card says."""
    return f"QCB1:{badge}:{secret}"


def read(text: str) -> Said:
    """What a code says, wherever it was read."""
    text = text.strip(" \t\r\n")
    if not text or len(text) > LONGEST:
        return Said("nothing", why="long" if text else "empty")
    told = OF_READER.match(text)
    rest = text[told.end() :] if told else text
    if LIKE_CARD.match(rest):
        return _card(rest)
    if GS in rest or (told and told[1] + told[2] in OF_GS1):
        return _gs1(_elements(rest))
    if address := ADDRESS.fullmatch(rest):
        return _address(*address.groups(""))
    if IN_BRACKETS.fullmatch(rest):
        return _gs1(BRACKETED.findall(rest))
    return _name(rest)


def _card(rest: str) -> Said:
    found = CARD.fullmatch(rest)
    if found is None or not _is_name(found[1]):
        return Said("nothing", why="signs")
    return Said("card", badge=found[1], secret=found[2].upper())


def _name(rest: str) -> Said:
    if TOKEN.fullmatch(rest):
        return Said("tablet", token=rest)
    return Said("bare", code=rest) if _is_name(rest) else Said("nothing", why="signs")


def _address(scheme: str, host: str, path: str, _query: str, fragment: str) -> Said:
    """The path says it, whatever the host: the plant's service may have moved since the label was printed."""
    if scheme.lower() in ("http", "https") and host:
        token = ENROL.fullmatch(fragment)
        if path == "/floor" and token:
            return Said("tablet", token=token[1])
        if path.startswith("/c/"):
            return _ours(path.split("/")[2:])
    return Said("address", host=host.rpartition("@")[2][:LONGEST_HOST])


def _ours(parts: list[str]) -> Said:
    kind, names = FORMS.get(parts[0], ("", ()))
    values = [_unescaped(part) for part in parts[1:]]
    if not kind or len(values) != len(names) or not all(value and _is_name(value) for value in values):
        return Said("nothing", why="signs")
    return Said(kind, **dict(zip(names, values, strict=True)))


def _is_name(text: str) -> bool:
    return NAME.fullmatch(text) is not None and not LONE_HALF.search(text)


def _unescaped(part: str) -> str | None:
    if BROKEN_ESCAPE.search(part):
        return None
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        return None


def _elements(text: str) -> list[tuple[str, str]] | None:
    """The parts of a GS1 text; none where it is cut short or is not one."""
    found = []
    while text := text.lstrip(GS):
        length = FIXED.get(text[:2])
        if length is None:
            part, _, text = text.partition(GS)
        else:
            part, text = text[:length], text[length:]
        whole = re.match(r"[0-9]{2}.", part) if length is None else re.fullmatch(rf"[0-9]{{{length}}}", part)
        if not whole:
            return None
        found.append((part[:2], part[2:]))
    return found


def _gs1(parts: list[tuple[str, str]] | None) -> Said:
    found: dict[str, str] = {}
    for name, value in parts or ():
        if name in (LOT, SERIAL):
            if name in found or len(value) > LONGEST_PART or not _is_name(value):
                return Said("nothing", why="gs1")
            found[name] = value
    if SERIAL in found:
        return Said("unit", lot=found.get(LOT), unit=found[SERIAL])
    return Said("lot", lot=found[LOT]) if LOT in found else Said("nothing", why="gs1")
