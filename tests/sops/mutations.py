"""Hypothesis strategies for two versions of one document: the second is the first after a few edits an author makes."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import sops
from sops.document import normal
from sops.errors import DocumentInvalid
from sops.files import read_yaml
from sops.steps import KINDS
from tests.effort import examples
from tests.sops.strategies import any_spec, documents, ids, lines, samplings

Document = dict[str, Any]
Edit = Callable[[st.DrawFn, Document], None]

PATIENT = settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Whole documents take a while to draw."""

_FILES = sorted(Path(sops.__file__).parent.glob("library/*.yaml"))
LIBRARY = [read_yaml(path.read_bytes()) for path in _FILES if "." not in path.stem]  # others are translations

LISTS = ("hazards", "tools", "defects", "steps", "checks")
OWN = frozenset().union(*(kind.schema().fields for kind in KINDS.values()))


@st.composite
def versions(draw: st.DrawFn, *, most_edits: int = 3) -> tuple[Document, Document]:
    """A document and what an author made of it; both valid and in normal form, sometimes equal."""
    first = draw(st.sampled_from(LIBRARY) | documents(most_steps=3, most_checks=3))
    return first, draw(edited(first, most_edits=most_edits))


@st.composite
def edited(draw: st.DrawFn, document: Document, *, most_edits: int = 3) -> Document:
    """A document after up to so many edits; what would make it invalid is not done."""
    for _ in range(draw(st.integers(1, most_edits))):
        attempt = deepcopy(document)
        draw(st.sampled_from(EDITS))(draw, attempt)
        try:
            document = normal(attempt)
        except DocumentInvalid:
            continue
    return document


def _item(draw: st.DrawFn, document: Document, names: tuple[str, ...]) -> dict[str, Any] | None:
    there = [item for name in names for item in document.get(name, [])]
    return draw(st.sampled_from(there)) if there else None


def _change_limit(draw: st.DrawFn, document: Document) -> None:
    places = [
        (item, name)
        for item in (*document["steps"], *document.get("checks", []))
        for name in ("min", "max", "nominal", "tolerance", "within", "at_least", "samples", "accept", "max_length")
        if name in item
    ]
    if places:
        item, name = draw(st.sampled_from(places))
        item[name] = draw(st.integers(0, 999)) if isinstance(item[name], int) else str(draw(st.integers(0, 999)))


def _change_text(draw: st.DrawFn, document: Document) -> None:
    item = _item(draw, document, LISTS) or document
    there = [name for name in ("text", "detail", "help", "control", "title", "purpose", "scope") if name in item]
    item[draw(st.sampled_from(there))] = draw(lines())


def _reorder(draw: st.DrawFn, document: Document) -> None:
    items = (document, *document["steps"], *document.get("checks", []))
    lists = [value for item in items for value in item.values() if isinstance(value, list) and len(value) > 1]
    if lists:
        chosen = draw(st.sampled_from(lists))
        chosen[:] = draw(st.permutations(chosen))


def _rename(draw: st.DrawFn, document: Document) -> None:
    name = draw(st.sampled_from([name for name in LISTS if name in document and name != "defects"]))
    item, new = draw(st.sampled_from(document[name])), draw(ids("n"))
    old, item["id"] = item["id"], new
    for other in (*document["steps"], *document.get("checks", [])):
        for field in ("step", "gauge"):
            if other.get(field) == old and name in ("steps", "tools"):
                other[field] = new
        if name in ("hazards", "tools") and old in other.get(name, ()):
            other[name] = [new if one == old else one for one in other[name]]
        if name == "checks" and other.get("show_if", {}).get("check") == old:
            other["show_if"]["check"] = new


def _change_type(draw: st.DrawFn, document: Document) -> None:
    item = _item(draw, document, ("steps", "checks"))
    assert item
    for name in OWN.intersection(item):
        del item[name]
    item |= draw(any_spec())
    item["text"] = draw(lines())


def _add(draw: st.DrawFn, document: Document) -> None:
    name, new, text = draw(st.sampled_from(LISTS)), draw(ids("x")), draw(lines())
    step = draw(st.sampled_from(document["steps"]))["id"]
    made: dict[str, dict[str, Any]] = {
        "hazards": {"id": new, "text": text, "control": text},
        "tools": {"id": new, "text": text},
        "defects": {"code": new.upper(), "text": text},
        "steps": {"id": new, "text": text},
        "checks": {"id": new, "step": step, "text": text, "severity": "critical", **draw(any_spec())},
    }
    items = document.setdefault(name, [])
    items.insert(draw(st.integers(0, len(items))), made[name])


def _remove(draw: st.DrawFn, document: Document) -> None:
    name = draw(st.sampled_from([name for name in LISTS if document.get(name)]))
    document[name].remove(draw(st.sampled_from(document[name])))


def _remove_all(draw: st.DrawFn, document: Document) -> None:
    there = [name for name in document if name not in ("title", "purpose", "language", "steps")]
    if there:
        del document[draw(st.sampled_from(there))]


def _change_check(draw: st.DrawFn, document: Document) -> None:
    check = _item(draw, document, ("checks",))
    if check:
        field, value = draw(
            st.one_of(
                st.tuples(st.just("severity"), st.sampled_from(("critical", "major", "minor"))),
                st.tuples(st.just("sampling"), samplings() | st.none()),
                st.tuples(st.just("layout"), st.sampled_from(("single", "group"))),
                st.tuples(st.just("photo_on_defect"), st.booleans()),
                st.tuples(st.just("show_if"), st.none()),
                st.tuples(st.just("help"), lines() | st.none()),
                st.tuples(st.just("step"), st.sampled_from([step["id"] for step in document["steps"]])),
            )
        )
        check[field] = value


def _change_head(draw: st.DrawFn, document: Document) -> None:
    field, value = draw(
        st.one_of(
            st.tuples(st.just("sampling"), samplings() | st.none()),
            st.tuples(st.just("language"), st.sampled_from(("en", "da"))),
            st.tuples(st.just("scope"), lines() | st.none()),
            st.tuples(
                st.just("skill"),
                st.none() | st.fixed_dictionaries({"text": lines(), "valid_for_days": st.integers(1, 400)}),
            ),
        )
    )
    document[field] = value


EDITS: tuple[Edit, ...] = (
    _change_limit,
    _change_text,
    _reorder,
    _rename,
    _change_type,
    _add,
    _remove,
    _remove_all,
    _change_check,
    _change_head,
)
