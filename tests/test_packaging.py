"""The wheel carries everything that the commands need, and the repository's files agree with each other."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("qc_service", "sops", "workers")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network by the backend itself."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(place)
    return place


def files_of(folder: Path) -> set[str]:
    found = (path for package in PACKAGES for path in (folder / package).rglob("*"))
    return {str(path.relative_to(folder)) for path in found if path.is_file() and "__pycache__" not in path.parts}


def test_the_wheel_carries_every_file_of_the_packages(unpacked):
    assert files_of(unpacked) == files_of(ROOT)
    assert {path.name for path in (unpacked / "qc_service" / "demo" / "data").iterdir()} == {
        "SOURCES.md", "circuit.csv", "orangejuice.csv", "orangejuice2.csv",
    }  # fmt: skip
    for kind in ("migrations/0001_core.py", "desk/templates", "desk/static"):
        assert (unpacked / "qc_service" / kind).exists()


def test_the_wheel_carries_nothing_else(unpacked):
    assert {path.name for path in unpacked.iterdir()} - set(PACKAGES) == {next(unpacked.glob("*.dist-info")).name}


def test_the_wheel_names_its_licence_and_its_command(unpacked):
    about = next(unpacked.glob("*.dist-info"))
    assert "Apache License" in (about / "licenses" / "LICENSE").read_text()
    assert "qc = qc_service.cli:main" in (about / "entry_points.txt").read_text()


@pytest.mark.kill
def test_the_command_runs_outside_the_repository(unpacked, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}
    code = "import qc_service.cli as c; print(c.__file__); raise SystemExit(c.main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "migrate", "--data", str(tmp_path / "data")],
        check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == str(unpacked / "qc_service" / "cli.py")
    assert lines[1].startswith("applied 0001_")


# -- the repository's own files ------------------------------------------------------------------------------


def targets() -> set[str]:
    return set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())


def test_every_target_is_made_and_the_readme_names_the_two_commands():
    text = (ROOT / "Makefile").read_text()
    assert {"run", "test", "check", "bench", "campaign", "clean"} <= targets()
    assert all(re.search(rf"^{name}:", text, re.MULTILINE) for name in targets())
    readme = (ROOT / "README.md").read_text()
    assert "make run" in readme
    assert "make test" in readme
    assert set(re.findall(r"`make ([a-z]+)`", readme)) <= targets()


def test_the_tests_run_as_a_newcomer_runs_them():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines == ["#!/usr/bin/env bash", "set -e", "make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_processes_of_the_procfile_replace_their_shell():
    processes = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(processes) == {"release", "web", "worker", "beat"}
    assert all(processes[name].startswith("exec ") for name in ("web", "worker", "beat"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_constraints_pin_every_dependency_and_name_no_place():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.+!]*", line) for line in lines)
    pinned = {normal(line.partition("==")[0]) for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    assert {normal(re.match(r"[A-Za-z0-9._-]+", one)[0]) for one in wanted} <= pinned


@pytest.mark.parametrize("name", ["Makefile", "constraints.txt", ".ci/run", "pyproject.toml", "Procfile"])
def test_no_file_names_a_registry(name):
    assert "://" not in re.sub(r"^\s*#.*", "", (ROOT / name).read_text(), flags=re.MULTILINE)
