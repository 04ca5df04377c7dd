"""What an author, a reviewer and an approver do at their desks."""

import io
import re

import pytest

from qc_service.db import connected
from qc_service.procedures import finding
from qc_service.procedures.models import Procedure
from sops.files import write_yaml
from tests.procedure_life import document
from tests.reader import PASSWORD

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
FIRST = "/procedures/CAN/versions/1"


def begun(desk, **more):
    """A new procedure, with what its first page asks for."""
    desk.get("/procedures/new")
    return desk.post(
        "/procedures/new",
        **{
            "title": "Fill and seal a can", "code": "CAN", "owner": "P-4", "site": "", "start": "empty",
            "language": "en", "purpose": "Every can leaves tight and full.", "first_step": "Close the lid.", **more,
        },
    )  # fmt: skip


def from_file(desk, doc=None, name="can.yaml", **more):
    desk.get("/procedures/new")
    file = (io.BytesIO(write_yaml(doc or document()).encode()), name)
    return desk.post("/procedures/new", title="Fill and seal a can", code="CAN", start="file", file=file, **more)


def saved(desk, path, **typed):
    """Open an item's form, change some of what stands in it, and save it."""
    desk.get(path)
    assert desk.answer.status_code == 200, desk.text
    return desk.post(path.partition("?")[0], **{**fields(desk), **typed})


def fields(desk):
    """Everything that a browser would send with the form as it stands, but for what is ticked."""
    found = {name: value for name, value in desk.fields.items() if name != "csrf"}
    ticked = re.findall(r'type="checkbox" id="[^"]*" name="([^"]*)" value="([^"]*)" checked', desk.answer.text)
    for name, value in ticked:
        found[name] = [*found.get(name, []), value]
    return found


def submitted(desk, path=FIRST, note="As agreed", **more):
    desk.get(f"{path}/compare")
    return desk.post(f"{path}/submit", **{**seen(desk), "change_note": note, **more})


def seen(desk):
    found = re.search(r'name="seen" value="(\w+)"', desk.answer.text)
    return {"seen": found[1]} if found else {}


def decided(desk, kind, path=FIRST, **form):
    desk.get(f"{path}/compare")
    return desk.post(f"{path}/{kind}", **{**seen(desk), **form})


def signed(desk, kind, path=FIRST, **form):
    return decided(desk, kind, path, password=PASSWORD, **form)


def beside(desk):
    """The errors by the field that they stand beside."""
    return dict(re.findall(r'id="([\w-]+)-error">.*?</span> (.*?)</p>', desk.answer.text, re.DOTALL))


def text_of(number=1):
    with connected():
        return finding.load(Procedure.get(), number).document


def state_of(number=1):
    with connected():
        return finding.load(Procedure.get(), number).state.value
