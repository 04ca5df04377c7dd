"""The normal form of documents, their canonical bytes and digest, and everything that is refused about them."""

import random
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema

from sops.document import LARGEST, canonical, check_of, digest, normal, step_of
from sops.document_schema import FIELD_ORDER, SCHEMA, Variant, in_order
from sops.errors import DocumentInvalid
from sops.fields import Items
from tests.effort import examples
from tests.sops.small import SMALL, check, small, told
from tests.sops.strategies import documents

many = settings(
    max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, Mapping):
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name], chance) for name in names}
    return [shuffled(one, chance) for one in value] if isinstance(value, list) else value


TEXTS = ("title", "purpose", "scope", "text", "detail", "control", "help", "meaning")
DEFAULTS = {"layout": "single", "photo_on_defect": False, "help": "", "photos": [], "show_if": None, "defect_codes": []}


def messy(value: Any, chance: random.Random, name: str = "") -> Any:
    """The same document as people and programs write it: decomposed, with white space, defaults and plain numbers."""
    if isinstance(value, Mapping):
        return {key: messy(one, chance, key) for key, one in shuffled(value, chance).items()}
    if isinstance(value, list):
        return [messy(one, chance, name) for one in value]
    if name in TEXTS:
        return (
            chance.choice(("", " ", "\r\n", "\u00a0 "))
            + unicodedata.normalize("NFD", value).replace("\n", "\r\n")
            + "\n "
        )
    whole = isinstance(value, str) and name in ("min", "max", "within") and value == str(int(float(value)))
    return int(value) if whole and chance.random() < 0.5 else value


# -- normal form -----------------------------------------------------------------------------------------


@many
@given(documents())
def test_a_document_in_normal_form_is_its_own_normal_form(document):
    assert normal(document) == document


@many
@given(documents(), st.randoms(use_true_random=False))
def test_the_digest_is_stable_under_the_order_of_fields_and_white_space(document, chance):
    written = messy(document, chance)
    for one in written.get("checks", []):
        one.update({name: value for name, value in DEFAULTS.items() if name not in one})

    assert normal(written) == document
    assert digest(normal(written)) == digest(document) == digest(shuffled(document, chance))


@many
@given(documents(), st.randoms(use_true_random=False))
def test_the_normal_form_has_its_fields_in_one_order(document, chance):
    assert canonical(document) == canonical(shuffled(document, chance))
    assert repr(normal(shuffled(document, chance))) == repr(in_order(document))


@many
@given(documents())
def test_canonical_bytes_are_those_of_rfc_8785(document):
    assert canonical(document) == rfc8785.dumps(document)
    assert len(digest(document)) == 64


def names(schema: Schema) -> Iterator[str]:
    """The fields of a schema and of all that it nests."""
    for name, field in schema.fields.items():
        yield name
        inner = field.inner if isinstance(field, Items) else field
        for one in inner.schemas.values() if isinstance(inner, Variant) else [getattr(inner, "schema", None)]:
            yield from names(one) if one else ()


def test_every_field_has_its_place_in_the_order():
    assert set(names(SCHEMA)) <= FIELD_ORDER.keys()


@pytest.mark.parametrize("given", [338, "338", " 338 "])
def test_numbers_that_are_judged_are_decimal_strings(given):
    assert normal(small(("checks.1.min", given)))["checks"][1]["min"] == "338"


def test_decimals_stay_as_they_were_written():
    document = normal(small(("checks.1.max", "345.50")))

    assert check_of(document, "weight")["max"] == "345.50"
    assert digest(document) != digest(normal(small(("checks.1.max", "345.5"))))


def test_every_unit_is_the_default_of_the_document_but_not_of_a_check():
    assert "sampling" not in normal(small(("sampling", {"rule": "all"})))
    assert normal(SMALL)["checks"][1]["sampling"] == {"rule": "all"}


def test_steps_and_checks_are_found_by_their_ids():
    document = normal(SMALL)

    assert step_of(document, "seal")["within"] == "90"
    assert check_of(document, "lid")["type"] == "confirm"
    with pytest.raises(KeyError):
        step_of(document, "lid")
    with pytest.raises(KeyError):
        check_of({"steps": []}, "seal")


# -- what is refused before it is looked at --------------------------------------------------------------


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def itself() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["a"] = value
    return value


def laughs() -> dict[str, Any]:
    value: Any = ["lol"] * 10
    for _ in range(12):
        value = [value] * 10
    return {"a": value}


WRONG_ELSEWHERE = small(("title", 5), ("language", "fr"))  # which nobody is told who sends too much


TOO_MUCH = {  # made when they are tried: together they fill half a gigabyte
    "a list": (lambda: ["title"], "not_an_object"),
    "nothing": (lambda: None, "not_an_object"),
    "50 MB": (lambda: {**WRONG_ELSEWHERE, "purpose": "x" * 50_000_000}, "too_large"),
    "a long list": (lambda: {**WRONG_ELSEWHERE, "steps": [0] * 50_000_000}, "too_large"),
    "much in many": (lambda: {**WRONG_ELSEWHERE, "steps": [{"id": "a" * 5000}] * 10_000}, "too_large"),
    "a long name": (lambda: {**WRONG_ELSEWHERE, "x" * 50_000_000: 1}, "too_large"),
    "deep": (lambda: {**WRONG_ELSEWHERE, "scope": nested(100_000)}, "too_deep"),
    "itself": (lambda: {**WRONG_ELSEWHERE, "checks": [itself()]}, "too_deep"),
    "laughs": (laughs, "too_large"),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_is_too_much_is_refused_before_it_is_looked_at(case):
    make, code = TOO_MUCH[case]
    data = make()

    assert told(lambda: normal(data)) == [("", code)]


def test_a_document_just_too_large_in_its_canonical_form_is_refused():
    steps = [{"id": f"s{n}", "text": "x", "detail": "x" * 4000} for n in range(200)]
    checks = [check(f"c{n}", help="x" * 800) for n in range(200)]
    size = len(canonical(normal({**SMALL, "steps": [{"id": "seal", "text": "x"}, *steps[1:]], "checks": checks})))
    room = LARGEST - size

    assert 0 < room < 200_000
    for one in checks:
        one["help"] = "é" * 800  # as many characters, one byte more each
    assert told(lambda: normal({**SMALL, "steps": [{"id": "seal", "text": "x"}, *steps[1:]], "checks": checks})) == [
        ("", "too_large")
    ]


# -- anything ------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["seal", "lid", "90"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(FIELD_ORDER)) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A valid document with anything at all in one of its places."""
    document = draw(documents())
    inside: Any = document
    while True:
        place = draw(st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside))))
        if not inside[place] or not isinstance(inside[place], dict | list) or draw(st.booleans()):
            inside[place] = draw(JSON)
            return document
        inside = inside[place]


@many
@given(spoilt() | JSON)
def test_anything_is_a_document_or_refused_in_words(data):
    document, problems = None, ()
    try:
        document = normal(data)
    except DocumentInvalid as error:
        problems = error.problems
    if document is None:
        assert problems
        assert all(one.code and one.message and one.message.encode() for one in problems)
    else:
        assert normal(document) == document
        assert canonical(document) == rfc8785.dumps(document)
