"""Finds every way there is to make somebody a maker or an inspector: in the service's source and in its addresses."""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

PACKAGES = ("qc_service", "workers")
ROOT = Path(__file__).parents[2]

TABLES = {"LotMaker", "Participation", "CountedInspection"}
WRITES = {
    "insert", "insert_many", "update", "delete", "create", "get_or_create", "replace", "bulk_create", "bulk_insert",
    "bulk_update", "save", "delete_instance", "delete_by_id", "set_by_id", "noted", "release",
}  # fmt: skip
BY_HAND = re.compile(r"(?i)(insert\s+into|update|delete\s+from)\s+\W?(lot_maker|participation|counted_inspection)")

# Whoever calls it writes through it.
SETTLES = "settle"


def writers() -> set[str]:
    """Functions that write one of the tables, or have a lot brought to where it stands, as `path: name`."""
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            place = str(file.relative_to(ROOT))
            if "migrations" not in file.parts:
                found |= {f"{place}: {name}" for name in writing(ast.parse(file.read_text()))}
    return found


def writing(tree: ast.AST) -> set[str]:
    """The functions of a module that do."""
    return {name for name, function in _functions(tree) if _writes(function)}


def entered(codes: Collection[CodeType]) -> set[str]:
    """The same names, of functions that ran."""
    return {
        f"{Path(one.co_filename).relative_to(ROOT)}: {one.co_qualname.replace('.<locals>', '')}"
        for one in codes
        if Path(one.co_filename).is_relative_to(ROOT)
    }


def addresses(app: Any) -> set[str]:
    """What changes lots, inspections or who is the same human being, by the action of its view."""
    found = set()
    for rule in app.url_map.iter_rules():
        action = getattr(app.view_functions[rule.endpoint], "qc_action", None) or ""
        if action in ("lot.write", "person.same_as", "deed.send") or action.startswith("inspection."):
            found |= {f"{method} {rule.rule}" for method in rule.methods - {"GET", "HEAD", "OPTIONS"}}
    return found


def _functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        name = f"{within}{node.name}" if named else within
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield name, node
        yield from _functions(node, f"{name}." if named else within)


def _writes(function: ast.AST) -> bool:
    for node in _own(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and BY_HAND.search(node.value):
            return True
        if isinstance(node, ast.Call):
            called = node.func
            verb = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if verb in WRITES and TABLES & _names(node):
                return True
            if verb == SETTLES and _names(called) & {"standing", SETTLES}:
                return True
    return False


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in the function itself, and not in one inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _own(node)


def _names(node: ast.AST) -> set[str]:
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and one.attr in TABLES}
