"""A lot in which everything happens that a pack can hold; and packs, unpacked and checked as an auditor does."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from tests.floor_life import OK, Floor, record
from tests.pictures import JPEG, jpeg, sha256
from tests.procedure_life import SIGNED, Somebody

BAD = {**OK, "tight": {"value": "defect"}}
WHY = "I looked at the wrong seam."
CHECKER = Path(__file__).parents[1] / "qc_service" / "packs" / "check_pack.py"


def eventful_lot(floor: Floor) -> dict[str, Any]:
    """Lot A with a photographed defect decided anew, a correction, a void record and a variant; and lot B beside it."""
    floor.person("MIA")
    ines, boss = floor.person("INES"), floor.life.somebody("BOSS", "quality_manager", "supervisor")
    floor.lot("A", "MIA", units=["A-1"])
    floor.lot("B", "MIA")
    photo = put_photo(floor)
    found = {"check": "tight", "defect_code": "LEAK", "units": 2, "disposition": "rework", "photo": photo}
    first = floor.inspect(ines, answers=BAD, nonconformities=[found])
    floor.plant.call("PUT", f"/v1/inspections/{first}", record("INES", units_inspected=9))  # kept as a variant
    another = ines("PUT", f"/inspections/{first}", record("INES", units_inspected=8))
    assert another.status_code == 409
    [one] = floor.get(first)["nonconformities"]
    boss.done("POST", f"/nonconformities/{one['id']}/dispositions",
              {**SIGNED, "disposition": "scrap", "units": 1, "reason": "It cannot be mended."})  # fmt: skip
    second = floor.inspect(ines, amends=first, reason=WHY, answers=BAD)
    boss.done("POST", f"/inspections/{second}/confirm", SIGNED)
    third = floor.inspect(ines)
    ines.done("POST", f"/inspections/{third}/void", {**SIGNED, "reason": WHY})
    boss.done("POST", f"/inspections/{third}/void/agree", SIGNED)
    elsewhere = floor.inspect(ines, lot="B")
    return {"first": first, "second": second, "third": third, "elsewhere": elsewhere, "photo": photo}


def put_photo(floor: Floor, site: str = "S1", seed: int = 1) -> str:
    data = jpeg(seed=seed)
    answer = floor.plant.call("PUT", f"/v1/media/{sha256(data)}?site={site}", data=data, headers={"Content-Type": JPEG})
    assert answer.status_code < 300, answer.text
    return sha256(data)


def pack_of(who: Somebody, **asked: Any) -> bytes:
    """The archive that somebody gets."""
    answer = who("POST", "/evidence-packs", asked)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip"), answer.text
    return bytes(answer.data)


def unpack(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def check(folder: Path, anchor: Path | None = None) -> tuple[int, str]:
    """The pack's own script, run by a Python that knows nothing of ours, from a folder with nothing in it."""
    empty = folder.parent / f"{folder.name}-empty"
    empty.mkdir(exist_ok=True)
    command = [sys.executable, "-I", str(folder / "check_pack.py"), *(["--anchor", str(anchor)] if anchor else [])]
    done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False, timeout=120, env={})
    assert done.stderr == ""
    return done.returncode, done.stdout


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def seal(folder: Path) -> None:
    """Write the manifest anew, as a forger does who knows how it is made."""
    told = manifest(folder)
    here = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    told["files"] = {name: sha256(path.read_bytes()) for name, path in here.items() if name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps(told))
