import ast
import re
from pathlib import Path

import pytest

from sops.languages import LANGUAGES, NAMES, plain

SOPS = Path(__file__).parents[2] / "sops"


def spoken() -> list[tuple[str, ast.Call]]:
    """Every call of `say`, with where it is."""
    found = []
    for file in sorted(SOPS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name == "say":
                    found.append((f"{file.relative_to(SOPS)}:{node.lineno}", node))
    return found


def test_each_language_has_its_own_name():
    assert tuple(NAMES) == LANGUAGES == ("en", "id", "ms", "ca", "fil", "da")
    assert len(set(NAMES.values())) == 6


def test_a_text_without_values_may_hold_a_bare_per_cent_sign():
    assert plain("100 % sure") == "100 % sure"
    assert plain("%(share)s %% of %(what)s", share=5, what="all") == "5 % of all"


def test_a_value_that_is_not_given_is_an_error():
    with pytest.raises(KeyError):
        plain("%(a)s %(b)s", a=1)


def test_whatever_people_read_is_a_literal_so_that_it_can_be_extracted():
    assert spoken()
    assert [place for place, call in spoken() if not isinstance(call.args[0], ast.Constant)] == []


def test_every_placeholder_of_a_text_is_given_its_value():
    wrong = []
    for place, call in spoken():
        names = {keyword.arg for keyword in call.keywords}
        if None not in names and names != set(re.findall(r"%\((\w+)\)s", str(ast.literal_eval(call.args[0])))):
            wrong.append(place)

    assert wrong == []
