"""The command `qc`. Exit status: 0 success, 1 "no", 2 wrong usage."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qc_service.commands import Refusal
from qc_service.config import SettingsError, load
from qc_service.people.rules import KEY_DAYS_MAX
from qc_service.policy import ROLES, SCOPES
from qc_service.supervise import CannotStart
from sops.languages import LANGUAGES

OK, NO, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
HIGHEST_PORT = 65535

Commands = Any  # argparse's own type is private


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        settings = load(data_dir=args.data)
        _command(args.command)(args, settings, say)
    except SettingsError as error:
        return _fail(error, WRONG_USAGE)
    except (Refusal, CannotStart) as error:
        return _fail(error, NO)
    except OSError as error:
        return _fail(f"{error.strerror}: {error.filename}" if error.filename else error, NO)
    except KeyboardInterrupt:
        return INTERRUPTED
    return OK


def _command(name: str) -> Callable[..., None]:
    """Loaded only now: each command pays for what it uses itself."""
    module, _, function = name.partition(":")
    found: Callable[..., None] = getattr(importlib.import_module(f"qc_service.commands.{module}"), function)
    return found


def _fail(reason: object, status: int) -> int:
    print(f"qc: {' '.join(str(reason).split())}", file=sys.stderr)
    return status


def say(line: str) -> None:
    """A line on the standard output, whole whoever else writes; a reader that went away must not end the service."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of the process


# -- usage ---------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qc", description="Quality control on the production floor.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    up = _add(commands, "up", "up:up", "run the service on this machine")
    up.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    up.add_argument(
        "--tls", action="store_true", help="serve HTTPS with a certificate of this plant's own (docs/https.md)"
    )
    up.add_argument(
        "--trust-port", type=_port, metavar="PORT",
        help="with --tls: where a tablet learns to trust it (default: the port after --port)",
    )  # fmt: skip
    demo = _add(commands, "demo", "up:demo", "run the service on the demonstration plant")
    demo.add_argument(
        "--fill-only", dest="command", action="store_const", const="records:fill_demonstration",
        help="fill the database with the plant, print its people, and stop",
    )  # fmt: skip
    for one in (up, demo):
        one.add_argument("--port", type=_port, default=8000, help="default %(default)s; 0: any free one")
    migrated = _add(commands, "migrate", "records:migrate", "bring the database up to date")
    migrated.add_argument(
        "--procedures", action="store_true", help="publish those that come with the service, if there are none"
    )
    examined = _add(commands, "doctor", "examine:examine", "say what is wrong with this installation")
    examined.add_argument("--json", action="store_true", help="for programs")
    _access(commands)
    _procedures(commands)
    trail = _group(commands, "audit", "the trail of changes")
    checked = _add(trail, "verify", "records:verify_trail", "is history whole?")
    checked.add_argument("--anchor", metavar="FILE", type=Path, help="check against an anchor as well")
    anchored = _add(trail, "anchor", "records:anchor_trail", "write what history amounts to now")
    anchored.add_argument("file", type=Path)
    return parser


def _access(commands: Commands) -> None:
    key = _add(_group(commands, "key", "API keys"), "create", "records:create_api_key", "make a key, print it once")
    key.add_argument("name")
    key.add_argument("--scope", action="append", required=True, choices=(*SCOPES, "*"), metavar="S",
                     help=f"may be given several times: {', '.join(SCOPES)}, or * for all")  # fmt: skip
    key.add_argument("--days", type=int, default=KEY_DAYS_MAX, metavar="N", help="life (default %(default)s)")
    person = _add(_group(commands, "person", "people"), "add", "records:add_somebody", "add a person")
    person.add_argument("code", help="also the badge")
    person.add_argument("--name", required=True, metavar="N")
    person.add_argument("--role", action="append", required=True, choices=ROLES, metavar="R",
                        help=f"may be given several times: {', '.join(ROLES)}")  # fmt: skip
    for option in ("pin", "password", "email"):
        person.add_argument(f"--{option}", metavar=option[0].upper())
    person.add_argument("--language", default="en", choices=LANGUAGES, help="default %(default)s")
    device = _add(_group(commands, "device", "tablets"), "enrol", "records:enrol_tablet", "enrol a tablet")
    device.add_argument("name")
    for one in (key, person, device):
        one.add_argument("--site", metavar="S", help="made on first use (default: all sites)")


def _procedures(commands: Commands) -> None:
    group = _group(commands, "sops", "procedures as files")
    checked = _add(group, "check", "sops:check", "what is wrong with these files, line by line?")
    published = _add(
        group, "publish", "sops:publish", "publish a first version of each, its file's name as the code (first set-up)"
    )
    for one in (checked, published):
        one.add_argument("file", nargs="+", type=Path, metavar="FILE", help="YAML, or a workbook (.xlsx)")


def _group(commands: Commands, name: str, text: str) -> Commands:
    return commands.add_parser(name, help=text).add_subparsers(metavar="COMMAND", required=True)


def _add(commands: Commands, name: str, command: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("--data", metavar="DIR", help="data folder (default: QC_DATA_DIR, or ./var)")
    parser.set_defaults(command=command)
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= HIGHEST_PORT:
        raise ValueError
    return port


if __name__ == "__main__":
    sys.exit(main())
