"""Files that mean harm: each is refused with its reason, or accepted because it does none."""

import json
import subprocess
import sys

import pytest

from qc_service.errors import PROBLEMS, QCError
from qc_service.media import pictures, rules
from tests.hostile import ACCEPTED, CORPUS, SCRIPT, archive
from tests.pictures import opened

MEGABYTE = 1024 * 1024
CPU_SECONDS, MORE_MEMORY = 1.0, 150 * MEGABYTE


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_each_is_refused_with_its_reason_or_does_no_harm(file):
    data = file.make()
    if file.outcome != ACCEPTED:
        with pytest.raises(QCError) as refused:
            pictures.examine(data, file.declared)
        assert (refused.value.code, refused.value.details) == ("picture_refused", {"reason": file.outcome})
        assert refused.value.detail == rules.REASONS[file.outcome]
        return

    shown = pictures.examine(data, file.declared)

    for copy, side in zip(shown.copies, rules.SIDES, strict=True):
        image = opened(copy.content)
        assert (image.format == "WEBP") == (copy.type == "image/webp")
        assert image.size == (copy.width, copy.height)
        assert max(image.size) <= side
        assert not dict(image.getexif())
        assert not {"exif", "icc_profile", "xmp", "comment", "photoshop"} & image.info.keys()
        for foreign in (SCRIPT, archive(), b"Secret Camera", b"Exif", b"ICC_PROFILE"):
            assert foreign not in copy.content


def test_there_are_enough_of_them_and_each_kind_of_end_is_among_them():
    assert len(CORPUS) >= 60
    assert len({file.name for file in CORPUS}) == len(CORPUS)
    of_the_machine = {"too_slow", "crashed"}  # a picture that does this is a fault of the library
    assert {file.outcome for file in CORPUS} == {ACCEPTED, *rules.REASONS} - of_the_machine
    assert PROBLEMS["picture_refused"][0] == 422


# A small process that starts the decoder and says what that took: a large one's own size would be counted in.
PROBE = """
import json, resource, subprocess, sys
data = open(sys.argv[1], "rb").read()
ran = subprocess.run(sys.argv[2:], input=data, capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
"""


def _cost(data, folder):
    (folder / "file").write_bytes(data)
    command = [sys.executable, "-I", "-S", str(pictures._DECODER), pictures._place_of_pillow()]
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROBE, str(folder / "file"), *command],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(ran.stdout)


@pytest.mark.campaign
def test_each_costs_less_than_a_second_and_150_megabytes(tmp_path):
    _, idle = _cost(b"", tmp_path)
    costs = {file.name: _cost(file.make(), tmp_path) for file in CORPUS}

    dear = {name: cost for name, cost in costs.items() if cost[0] > CPU_SECONDS or cost[1] - idle > MORE_MEMORY}
    slowest, largest = max(costs.values()), max(cost[1] for cost in costs.values())
    print(f"{len(costs)} files: at most {slowest[0]:.2f} s and {(largest - idle) / MEGABYTE:.0f} MB more")  # noqa: T201
    assert not dear
