"""The rules of the house hold, and a planted breach of each is found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
READ = (".py", ".js", ".css", ".html")
LINT = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"]

BREACHES = {
    "a service that knows its workers": ("qc_service/fixes/service.py", "import workers.judging"),
    "a detector that knows the database": ("workers/detectors/values.py", "import peewee"),
    "a rule that knows the web": ("qc_service/counts/rules.py", "import flask"),
    "a worker that knows the web": ("workers/following.py", "import qc_service.routes"),
    "a slice that knows one above it": ("qc_service/counts/service.py", "import qc_service.flags.service"),
    "a model that knows its service": ("qc_service/fixes/models.py", "import qc_service.fixes.service"),
    "a part that no rule has heard of": ("qc_service/sundries.py", ""),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A copy of the packages that may be spoilt."""
    copy = tmp_path_factory.mktemp("house")
    for package in ("sops", "qc_service", "workers"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINT, "--no-cache"], cwd=house, capture_output=True, text=True, timeout=120, check=False)


def test_the_house_as_it_stands_breaks_no_rule(house):
    found = lint(house)

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_found(house, breach):
    name, line = BREACHES[breach]
    place = house / name
    before = place.read_text() if place.exists() else None
    place.write_text(f"{line}\n{before or ''}")
    try:
        found = lint(house)
    finally:
        place.write_text(before) if before is not None else place.unlink()

    assert found.returncode == 1, found.stdout
    assert "BROKEN" in found.stdout or "exhaustive" in found.stdout.lower()


def test_no_module_is_longer_than_a_person_reads_at_once():
    files = [
        *ROOT.glob("*.py"),
        *(f for p in ("sops", "qc_service", "workers", "tests") for f in (ROOT / p).rglob("*.*") if f.suffix in READ),
    ]
    long = {str(f.relative_to(ROOT)): n for f in files if (n := len(f.read_text().splitlines())) > LONGEST}

    assert long == {}
