"""The commands that work on procedures as files: judge them, and publish them at the first set-up."""

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from qc_service.audit import COMMAND
from qc_service.commands import Refusal
from qc_service.commands.records import records
from qc_service.config import Settings
from qc_service.db import write
from qc_service.procedures.shipping import publish_first
from qc_service.schemas import Code
from qc_service.supervise import Say
from sops.errors import DocumentInvalid, FileRefused
from sops.files import read_yaml
from sops.translations import translation_of

WORKBOOK = ".xlsx"


def check(args: Namespace, _settings: Settings, say: Say) -> None:
    """Every mistake of every file, as `file:line: sentence`."""
    wrong = 0
    for path in args.file:
        found = list(_mistakes(path))
        wrong += bool(found)
        for line in found or [f"{path}: no mistakes"]:
            say(line)
    if wrong:
        raise Refusal(f"{wrong} of {len(args.file)} file(s) cannot be published")


def publish(args: Namespace, settings: Settings, say: Say) -> None:
    """Publish files under the code that is their name; all of them, or none."""
    wrong = [line for path in args.file for line in _mistakes(path)]
    for line in wrong:
        say(line)
    if wrong:
        raise Refusal("nothing was published: correct the files first")
    with records(settings), write():
        for path in args.file:
            document, translations = _read(path)
            found = publish_first(COMMAND, _code(path), document, translations)
            say(f"{found.procedure.code} version {found.version.number} is in force")


def _mistakes(path: Path) -> Iterable[str]:
    try:
        _read(path)
        _code(path)
    except DocumentInvalid as error:
        for one in error.problems:
            yield f"{path}:{one.line}: {one.message}" if one.line else f"{path}: {one.pointer or '/'}: {one.message}"
    except FileRefused as error:
        yield f"{path}: {error}"
    except ValidationError as error:
        yield f"{path}: the file's name must be the procedure's code: {' '.join(error.messages)}"


def _read(path: Path) -> tuple[dict[str, Any], list[Any]]:
    content = path.read_bytes()
    if path.suffix.lower() == WORKBOOK:
        from sops.workbook import read_xlsx  # a library of its own, and seldom needed

        document, translations = read_xlsx(content)
        return document, [translation_of(document, *one) for one in translations]
    return read_yaml(content), []


def _code(path: Path) -> str:
    code: str = Code().deserialize(path.stem)
    return code
