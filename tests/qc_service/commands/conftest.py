"""`qc` run in this process, in an empty place."""

from pathlib import Path

import pytest

from qc_service import cli
from qc_service.config import VARIABLES
from qc_service.db import db


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty place with an environment that names nothing."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QC_PASSWORD_COST", "low")
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "data"
    if db.obj is not None:
        db.obj.close_all()


class Qc:
    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]):
        self.home, self._capsys = home, capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        try:
            status = cli.main([*words, "--data", str(self.home)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = self._capsys.readouterr()
        return status, out, err


@pytest.fixture
def qc(home, capsys) -> Qc:
    return Qc(home, capsys)
