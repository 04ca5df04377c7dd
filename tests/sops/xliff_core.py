"""The rules of XLIFF 2.1's core that a file of ours must keep, written down from the standard's element reference.

OASIS Standard "XLIFF Version 2.1", section 4: for each element the attributes it may and must have, and its content
in order. Attributes of other namespaces may stand where `+` is among the attributes.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

CORE = "{urn:oasis:names:tc:xliff:document:2.0}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"

# element: (attributes that must be there, attributes that may be there, content as a pattern of names and "#")
ELEMENTS = {
    "xliff": ("version srcLang", f"trgLang {SPACE} +", "(file )+"),
    "file": (
        "id",
        f"canResegment original translate srcDir trgDir {SPACE} +",
        "(skeleton )?(notes )?((unit |group ))+",
    ),
    "unit": (
        "id",
        f"name canResegment translate srcDir trgDir {SPACE} type +",
        "(notes )?(originalData )?((segment |ignorable ))+",
    ),
    "notes": ("", "", "(note )+"),
    "note": ("", "id appliesTo category priority +", "(# )?"),
    "originalData": ("", "", "(data )+"),
    "data": ("id", f"dir {SPACE}", "(# |cp )*"),
    "segment": ("", "id canResegment state subState", "source (target )?"),
    "ignorable": ("", "id", "source (target )?"),
    "source": ("", f"{LANG} {SPACE}", "(# |ph |cp |pc |sc |ec |mrk |sm |em )*"),
    "target": ("", f"{LANG} {SPACE} order", "(# |ph |cp |pc |sc |ec |mrk |sm |em )*"),
    "ph": ("id", "canCopy canDelete canReorder copyOf disp equiv dataRef subFlows subType type +", ""),
}
STATES = ("initial", "translated", "reviewed", "final")
NMTOKEN = re.compile(r"[\w.:\-]+")


def breaches(data: bytes) -> list[str]:
    """Every rule that a file breaks, as "element: what"."""
    root = fromstring(data)  # noqa: S314 - a file that was written a moment ago
    found = [breach for element in root.iter() for breach in _element(element)]
    if root.tag != f"{CORE}xliff" or root.get("version") != "2.1":
        found.append("xliff: not version 2.1")
    for file in root.iter(f"{CORE}file"):
        found += _unique("unit", [unit.get("id", "") for unit in file.iter(f"{CORE}unit")])
        found += [breach for unit in file.iter(f"{CORE}unit") for breach in _unit(unit)]
    has_target = any(True for _ in root.iter(f"{CORE}target"))
    return found + (["xliff: a target without trgLang"] if has_target and not root.get("trgLang") else [])


def _element(element: Element) -> Iterator[str]:
    name = element.tag.removeprefix(CORE)
    if name not in ELEMENTS:
        yield f"{name}: not in the core"
        return
    must, may, content = ELEMENTS[name]
    yield from (f"{name}: no {one}" for one in must.split() if one not in element.attrib)
    for attribute in element.attrib:
        foreign = attribute.startswith("{") and attribute not in (LANG, SPACE)
        if foreign and "+" not in may.split():
            yield f"{name}: {attribute} of another namespace"
        elif not foreign and attribute not in (must + " " + may).split():
            yield f"{name}: {attribute} is not in the core"
    if not re.fullmatch(content, _content(element, name)):
        yield f"{name}: holds {_content(element, name)}"
    if "id" in element.attrib and not NMTOKEN.fullmatch(element.attrib["id"]):
        yield f"{name}: its id is no NMTOKEN"


def _content(element: Element, name: str) -> str:
    mixed = name in ("source", "target", "note", "data")
    pieces = [element.text, *(piece for child in element for piece in (child, child.tail))]
    words = []
    for piece in pieces:
        if isinstance(piece, Element):
            words.append(piece.tag.removeprefix(CORE))
        elif piece and (mixed or piece.strip()):
            words.append("#")
    return "".join(f"{word} " for word in words)


def _unit(unit: Element) -> Iterator[str]:
    data = [one.get("id", "") for one in unit.iter(f"{CORE}data")]
    yield from _unique("data", data)
    for segment in unit.iter(f"{CORE}segment"):
        state, sub = segment.get("state", "initial"), segment.get("subState")
        if state not in STATES:
            yield f"segment: state {state}"
        if sub and ("state" not in segment.attrib or not re.fullmatch(r"(?!xlf:)[^\s:]+:\S+", sub)):
            yield f"segment: subState {sub}"
        if state != "initial" and segment.find(f"{CORE}target") is None:
            yield f"segment: {state} without a target"
    codes = {}
    for side in ("source", "target"):
        found = [one for text in unit.iter(f"{CORE}{side}") for one in text.iter(f"{CORE}ph")]
        yield from _unique(f"ph in {side}", [one.get("id", "") for one in found])
        yield from (f"ph: no data {one.get('dataRef')}" for one in found if one.get("dataRef") not in data)
        codes[side] = {one.get("id"): one.get("dataRef") for one in found}
    both = codes["source"].keys() & codes["target"].keys()
    yield from (
        f"ph: {one} is another code in the target" for one in both if codes["source"][one] != codes["target"][one]
    )


def _unique(name: str, ids: list[str]) -> list[str]:
    return [f"{name}: id {one} twice" for one in set(ids) if ids.count(one) > 1]
