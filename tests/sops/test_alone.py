"""`sops` works by itself: copied beside marshmallow and PyYAML, with nothing else to import."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import sops

NEEDED = ("marshmallow", "yaml", "_yaml", "typing_extensions")
WITHOUT_SPREADSHEETS = "workbook"  # the one module that needs another package

SCRIPT = """
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import sops

loaded, refused = [], []
for module in pkgutil.walk_packages(sops.__path__, "sops."):
    try:
        importlib.import_module(module.name)
        loaded.append(module.name)
    except ModuleNotFoundError as error:
        refused.append([module.name, error.name])

from sops.checklist import as_text, judge
from sops.document import digest
from sops.files import read_yaml, write_yaml

first = read_yaml(TEXT)
second = read_yaml(TEXT.replace("345", "344"))
answers = {"lid": {"value": "ok"}, "weight": {"value": ["344.5"]}}
told = {
    "loaded": loaded, "refused": refused, "round": read_yaml(write_yaml(first)) == first,
    "results": [judge(one, answers).result for one in (first, second)],
    "text": as_text(first), "digest": digest(first),
}
if "sops.diff" in loaded:
    from sops.diff import apply, classify, difference
    changes = difference(first, second)
    told["same"] = apply(first, changes) == second
    told["class"] = str(classify(first, second))
print(json.dumps(told))
"""

PROCEDURE = """
title: Fill a can
purpose: Every can leaves full.
language: en
steps:
  - {id: fill, text: Fill the can.}
checks:
  - {id: lid, step: fill, type: confirm, text: Is the lid on?, severity: critical}
  - {id: weight, step: fill, type: measure, text: Weigh it., unit: g, min: 338, max: 345, decimals: 1, severity: major}
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the copy says of itself."""
    place = tmp_path_factory.mktemp("alone")
    shutil.copytree(Path(sops.__file__).parent, place / "sops", ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        spec = find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            copy = shutil.copytree if origin.name == "__init__.py" else shutil.copy
            copy(
                origin.parent if copy is shutil.copytree else origin, place / (name if copy is shutil.copytree else "")
            )
    script = place / "script.py"
    script.write_text(f"TEXT = {PROCEDURE!r}\n{SCRIPT}")
    # -I and -S: no site-packages, no environment, no folder of the script.
    command = [sys.executable, "-I", "-S", str(script), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=place)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_everything_but_spreadsheets_is_imported(told):
    assert told["refused"] == [[f"sops.{WITHOUT_SPREADSHEETS}", "openpyxl"]]
    assert {"sops.document", "sops.files", "sops.checklist", "sops.steps.measure"} <= set(told["loaded"])


def test_it_reads_judges_and_renders_a_checklist(told):
    assert told["round"]
    assert told["results"] == ["pass", "fail"]
    assert len(told["digest"]) == 64
    assert "Is the lid on?" in told["text"]
    assert "338" in told["text"]


def test_it_compares_two_versions(told):
    if "same" not in told:
        pytest.skip("there is no comparison yet")
    assert told["same"]
    assert told["class"] == "check_changed"
