"""Hypothesis strategies for documents in normal form, their parts, and answers: plain dicts, never validated here."""

import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

LANGUAGES = ("en", "id", "ms", "ca", "fil", "da")
KINDS = ("confirm", "measure", "count", "choose", "text", "photo", "timer", "sign")
EASY = ("confirm", "choose", "count")  # the kinds that may share a screen
ROLES = ("operator", "inspector", "supervisor", "quality_manager", "auditor", "admin")
SEVERITIES = ("critical", "major", "minor")
RESERVED = ("not_applicable", "cannot_check")

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ANY = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters="{}" + _BIDI)
_SENTENCES = (
    "Close the lid and crimp it all round.",
    "Tutup kaleng dan kencangkan sekelilingnya.",
    "Tanca la llauna; comprova-ho tot l'endemà.",
    "Luk låget, og fals det hele vejen rundt.",
    "Isara ang takip at ipitin ang buong paligid.",
    "Is 100 % of the seam closed? Yes, “all” of it – ½ turn.",
    "=SUM(A1:A3)",
    "- not a list",
    "yes: no # comment",
    "007",
    "1.0",
    "null",
    "{{braces}} are doubled",
    "<b>&amp; \"quotes\" 'too'</b>",
    "日本語 🥫 ε\u0301",
)


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


@cache
def lines(longest: int = 40) -> st.SearchStrategy[str]:
    """One line of text as the normal form has it, at most `longest` characters and never empty."""
    free = st.text(_ANY, min_size=1, max_size=min(longest, 20)).map(_clean).filter(lambda t: 0 < len(t) <= longest)
    known = [sentence for sentence in map(_clean, _SENTENCES) if len(sentence) <= longest]
    return st.sampled_from(known) | free if known else free


@cache
def paragraphs() -> st.SearchStrategy[str]:
    """A text of one to three lines."""
    return st.lists(lines(), min_size=1, max_size=3).map("\n".join)


@cache
def ids(prefix: str = "") -> st.SearchStrategy[str]:
    """Ids that are no reserved answer."""
    found = st.from_regex(r"\A[a-z][a-z0-9_-]{0,7}\Z", fullmatch=True) | st.sampled_from(
        ("a", "weight", "lid-2", "yes")
    )
    return found.map(lambda name: prefix + name).filter(lambda name: name not in RESERVED)


@cache
def codes() -> st.SearchStrategy[str]:
    return st.from_regex(r"\A[A-Z0-9][A-Z0-9_-]{0,7}\Z", fullmatch=True)


@cache
def hashes() -> st.SearchStrategy[str]:
    return st.binary(min_size=32, max_size=32).map(bytes.hex)


@cache
def decimals_as_text(places: int, *, least: int = -(10**12) + 1) -> st.SearchStrategy[str]:
    """Decimal strings as a document has them: up to twelve digits before the point and `places` after it."""

    def written(drawn: tuple[int, int, int]) -> str:
        whole, part, used = drawn
        return f"{whole}.{part % 10**used:0{used}d}" if used else str(whole)

    whole = st.integers(max(least, -2000), 2000) | st.integers(least, 10**12 - 1)
    return st.tuples(whole, st.integers(0, 999_999), st.integers(0, places)).map(written)


@st.composite
def measures(draw: st.DrawFn, tools: Sequence[str] = ()) -> dict[str, Any]:
    """A measure's own fields: limits on one side, on both, with a nominal value, or nominal ± tolerance."""
    places = draw(st.integers(0, 6))
    spec: dict[str, Any] = {"unit": draw(st.sampled_from(("g", "mm", "°C", "N·m", "%", "µg/l")))}
    low, middle, high = sorted(draw(st.tuples(*[decimals_as_text(places)] * 3)), key=Decimal)
    form = draw(st.sampled_from(("min", "max", "both", "nominal", "tolerance")))
    if form in ("min", "both", "nominal"):
        spec["min"] = low
    if form in ("max", "both", "nominal"):
        spec["max"] = high
    if form in ("nominal", "tolerance"):
        spec["nominal"] = middle
    if form == "tolerance":
        spec["tolerance"] = draw(decimals_as_text(places, least=0))
    if places:
        spec["decimals"] = places
    spec |= draw(_samples())
    if tools and draw(st.booleans()):
        spec["gauge"] = draw(st.sampled_from(tools))
    return spec


@cache
@st.composite
def _samples(draw: st.DrawFn) -> dict[str, Any]:
    samples = draw(st.integers(1, 5))
    accept = draw(st.integers(0, samples - 1))
    return {key: value for key, value, default in (("samples", samples, 1), ("accept", accept, 0)) if value != default}


@cache
@st.composite
def counts(draw: st.DrawFn) -> dict[str, Any]:
    low, high = sorted(draw(st.tuples(st.integers(0, 500), st.integers(0, 500))))
    limits = draw(st.sampled_from(({"min": low}, {"max": high}, {"min": low, "max": high})))
    unit = {"unit": draw(lines(40))} if draw(st.booleans()) else {}
    return {**unit, **limits, **draw(_samples())}


@cache
@st.composite
def chooses(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(ids(), min_size=2, max_size=5, unique=True))
    choices = [{"id": name, "text": draw(lines()), "ok": draw(st.booleans())} for name in names]
    choices[draw(st.integers(0, len(choices) - 1))]["ok"] = True
    return {"choices": choices} | ({"several": True} if draw(st.booleans()) else {})


@cache
@st.composite
def timers(draw: st.DrawFn) -> dict[str, Any]:
    low, high = sorted(draw(st.tuples(*[decimals_as_text(1, least=0)] * 2)), key=Decimal)
    return draw(st.sampled_from(({"within": high}, {"at_least": low}, {"within": high, "at_least": low})))


@cache
@st.composite
def signs(draw: st.DrawFn) -> dict[str, Any]:
    role = {"role": draw(st.sampled_from(ROLES))} if draw(st.booleans()) else {}
    return {**role, "meaning": draw(lines(120))}


def specs(kind: str, tools: Sequence[str] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """The own fields of a kind, with its `type`, in normal form."""
    own: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "confirm": st.just({}),
        "measure": measures(tools),
        "count": counts(),
        "choose": chooses(),
        "text": st.just({}) | st.integers(1, 4000).filter(lambda n: n != 200).map(lambda n: {"max_length": n}),
        "photo": st.just({}) | st.integers(2, 6).map(lambda n: {"at_least": n}),
        "timer": timers(),
        "sign": signs(),
    }
    return own[kind].map(lambda fields: {"type": kind, **fields})


def any_spec(tools: Sequence[str] = ()) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(KINDS).flatmap(lambda kind: specs(kind, tools))


_PLACEHOLDERS = {
    "measure": ("min", "max", "nominal", "tolerance", "unit"),
    "count": ("min", "max", "unit"),
    "timer": ("within", "at_least"),
}


@st.composite
def _wording(draw: st.DrawFn, spec: dict[str, Any]) -> str:
    """A text, sometimes with placeholders that its spec can fill."""
    text: str = draw(lines() | paragraphs())
    kind = spec.get("type", "")
    names = [name for name in _PLACEHOLDERS.get(kind, ()) if name in spec]
    names += ["samples"] if kind in ("measure", "count") else []
    chosen = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
    return " ".join([text, *(f"{{{name}}}" for name in chosen)])


@cache
def photos() -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries({"id": hashes(), "kind": st.sampled_from(("good", "bad", "shows")), "text": lines()})
    return st.lists(one, max_size=2, unique_by=lambda photo: photo["id"])


@cache
def samplings() -> st.SearchStrategy[dict[str, Any]]:
    """Every rule but `all`."""
    return st.one_of(
        st.integers(2, 10_000).map(lambda n: {"rule": "every", "units": n}),
        st.integers(1, 500).map(lambda n: {"rule": "per_shift", "units": n}),
        st.fixed_dictionaries(
            {
                "rule": st.just("accept_zero"),
                "quality": st.sampled_from(("0.65", "1.0", "2.5", "10")),
                "confidence": st.sampled_from(("0.9", "0.95", "0.99")),
            }
        ),
    )


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty, as the normal form is."""
    return {key: value for key, value in item.items() if value is not None and value not in ([], "")}


def _subset(draw: st.DrawFn, names: Sequence[str], most: int = 3) -> list[str]:
    return draw(st.lists(st.sampled_from(names), max_size=most, unique=True)) if names else []


def _maybe(draw: st.DrawFn, strategy: st.SearchStrategy[Any]) -> Any:
    return draw(strategy) if draw(st.booleans()) else None


def _ids(draw: st.DrawFn, least: int, most: int) -> list[str]:
    return draw(st.lists(ids(), min_size=least, max_size=most, unique=True))


@st.composite
def documents(draw: st.DrawFn, *, most_steps: int = 4, most_checks: int = 6) -> dict[str, Any]:
    """A whole valid document in normal form, with every feature now and then."""
    hazards = [{"id": i, "text": draw(lines()), "control": draw(lines())} for i in _ids(draw, 0, 2)]
    tools = [{"id": i, "text": draw(lines())} for i in _ids(draw, 0, 3)]
    defects = [
        {"code": code, "text": draw(lines())} for code in draw(st.lists(codes(), min_size=0, max_size=3, unique=True))
    ]
    head = {
        "title": draw(lines(120)),
        "purpose": draw(paragraphs()),
        "scope": _maybe(draw, paragraphs()),
        "language": draw(st.sampled_from(LANGUAGES)),
        "hazards": hazards,
        "tools": tools,
        "defects": defects,
        "skill": _maybe(draw, st.fixed_dictionaries({"text": lines(), "valid_for_days": st.integers(1, 3650)})),
        "sampling": _maybe(draw, samplings()),
    }
    steps = [draw(_step(name, head)) for name in _ids(draw, 1, most_steps)]
    checks: list[dict[str, Any]] = []
    for name in _ids(draw, 0, most_checks):
        checks.append(draw(_check(name, head, [step["id"] for step in steps], checks)))
    return _filled({**head, "steps": steps, "checks": checks})


@st.composite
def _step(draw: st.DrawFn, name: str, head: dict[str, Any]) -> dict[str, Any]:
    spec = _maybe(draw, any_spec([tool["id"] for tool in head["tools"]])) or {}
    return _filled(
        {
            "id": name,
            "text": draw(_wording(spec)),
            "detail": _maybe(draw, paragraphs()),
            "hazards": _subset(draw, [hazard["id"] for hazard in head["hazards"]]),
            "tools": _subset(draw, [tool["id"] for tool in head["tools"]]),
            "photos": draw(photos()),
            **spec,
        }
    )


@st.composite
def _check(
    draw: st.DrawFn, name: str, head: dict[str, Any], steps: Sequence[str], before: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    spec = draw(any_spec([tool["id"] for tool in head["tools"]]))
    step = draw(st.sampled_from(steps))
    known = [defect["code"] for defect in head["defects"]]
    sampling = samplings() | st.just({"rule": "all"}) if head["sampling"] else samplings()
    return _filled(
        {
            "id": name,
            "step": step,
            "text": draw(_wording(spec)),
            "help": _maybe(draw, paragraphs()),
            "severity": draw(st.sampled_from(SEVERITIES)),
            "defect_codes": _subset(draw, known) if known else draw(st.lists(codes(), max_size=2, unique=True)),
            "layout": "group" if spec["type"] in EASY and _room(before, step) and draw(st.booleans()) else None,
            "show_if": draw(_condition(before)),
            "sampling": _maybe(draw, sampling),
            "photo_on_defect": draw(st.booleans()) or None,
            "photos": draw(photos()),
            **spec,
        }
    )


def _room(before: Sequence[dict[str, Any]], step: str) -> bool:
    """Whether one more check of the step fits the group that ends here."""
    last = before[-4:]
    return len(last) < 4 or not all(check["step"] == step and check.get("layout") == "group" for check in last)


@st.composite
def _condition(draw: st.DrawFn, before: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    named = [check for check in before if check["type"] in ("confirm", "choose") and "show_if" not in check]
    if not named or draw(st.booleans()):
        return None
    check = draw(st.sampled_from(named))
    return {"check": check["id"], "equals": draw(st.sampled_from(possible(check)))}


def possible(check: dict[str, Any]) -> list[str]:
    """What a confirm or choose check may be answered with."""
    return ["ok", "defect"] if check["type"] == "confirm" else [choice["id"] for choice in check["choices"]]


def values(spec: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Readable answers to a check or step of any kind, right and wrong ones."""
    return _VALUES[spec["type"]](spec)


def _measured(spec: dict[str, Any]) -> st.SearchStrategy[Any]:
    near = st.sampled_from([spec[name] for name in ("min", "max", "nominal") if name in spec])
    samples = spec.get("samples", 1)
    return st.lists(near | decimals_as_text(spec.get("decimals", 0)), min_size=samples, max_size=samples)


def _counted(spec: dict[str, Any]) -> st.SearchStrategy[Any]:
    samples = spec.get("samples", 1)
    return st.lists(st.integers(0, 600), min_size=samples, max_size=samples)


def _chosen(spec: dict[str, Any]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(possible(spec))
    return st.lists(one, min_size=1, unique=True) if spec.get("several") else one


_VALUES: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "confirm": lambda _spec: st.sampled_from(("ok", "defect")),
    "measure": _measured,
    "count": _counted,
    "choose": _chosen,
    "text": lambda spec: lines(min(spec.get("max_length", 200), 40)),
    "photo": lambda spec: st.lists(hashes(), min_size=spec.get("at_least", 1), max_size=6, unique=True),
    "timer": lambda _spec: decimals_as_text(1, least=0),
    "sign": lambda _spec: st.just("signed"),
}


def answers(spec: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Readable answers as they are handed in, the two reserved ones among them."""
    given = values(spec).map(lambda value: {"value": value})
    reserved = st.fixed_dictionaries({"value": st.sampled_from(RESERVED), "reason": lines()})
    return given | given | given | reserved


@st.composite
def answers_to(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Answers to some or all checks of a document."""
    left_out = draw(st.booleans())
    return {
        check["id"]: draw(answers(check))
        for check in document.get("checks", [])
        if not (left_out and draw(st.booleans()))
    }
