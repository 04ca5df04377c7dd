"""The command `qc`. Exit status: 0 success, 1 "no", 2 wrong usage."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from peewee import PeeweeException

from qc_service import clock, ddl, doctor, doctor_database, observe
from qc_service.audit import COMMAND
from qc_service.commands.up import make_ready, serve
from qc_service.config import Settings, SettingsError, load
from qc_service.db import connected, init_db
from qc_service.demo import feeder, plant
from qc_service.demo.sandbox import NotTheDemonstration, Sandbox
from qc_service.errors import QCError
from qc_service.lines.service import ensure_site
from qc_service.people.access import EVERY_SCOPE, create_key, enrol_device
from qc_service.people.credentials import init_people
from qc_service.people.rules import KEY_DAYS_MAX
from qc_service.people.staff import add_person
from qc_service.policy import ROLES, SCOPES
from qc_service.queue import init_queue
from qc_service.supervise import CannotStart, Child
from qc_service.verify import verify, write_anchor

OK, NO, WRONG_USAGE = 0, 1, 2
CHECKS = (doctor.data_folder, doctor_database.database, doctor.cost_of_passwords, doctor.broker, doctor.mail)

Command = Callable[[argparse.Namespace, Settings], int]


class SchemaNotReady(Exception):  # noqa: N818 - it says the fact
    """The database is not as this version needs it."""


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    command: Command = args.command
    try:
        settings = load(data_dir=args.data)
        observe.init_logging(settings)
        return command(args, settings)
    except SettingsError as error:
        return _fail(str(error), WRONG_USAGE)
    except QCError as error:
        return _fail(" ".join(one.detail for one in error.errors) or error.detail)
    except (CannotStart, NotTheDemonstration, SchemaNotReady) as error:
        return _fail(str(error))
    except (PeeweeException, OSError) as error:
        return _fail(f"{type(error).__name__}: {str(error).strip()}")
    except KeyboardInterrupt:
        return 130


def _fail(text: str, status: int = NO) -> int:
    print(f"qc: {' '.join(text.split())}", file=sys.stderr)
    return status


def say(line: str) -> None:
    """A line on the standard output; a reader that went away must not end the service."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of the process


# -- the service ---------------------------------------------------------------------------------------------


def _up(args: argparse.Namespace, settings: Settings) -> int:
    serve(settings, args.host, args.port, say)
    return OK


def _demo(args: argparse.Namespace, settings: Settings) -> int:
    filled: list[Sandbox] = []

    def feed(url: str) -> list[Child]:
        module = feeder.__spec__.name
        return [Child("demo", [sys.executable, "-m", module, url, str(settings.data_dir)], once=True)]

    def banner() -> Iterator[str]:
        yield "The demonstration plant. Sign in with a badge and its password, or on the tablet with the PIN:"
        yield from (f"  {line}" for line in filled[0].table())

    serve(
        settings, "127.0.0.1", args.port, say,
        prepare=lambda: filled.append(plant.fill(settings, clock.now())), also=feed, banner=banner,
    )  # fmt: skip
    return OK


def _migrate(_args: argparse.Namespace, settings: Settings) -> int:
    init_db(settings)
    applied = ddl.migrate(settings)
    for name in applied:
        print(f"applied {name}")
    if not applied:
        print("The database is up to date.")
    return OK


def _doctor(args: argparse.Namespace, settings: Settings) -> int:
    findings = doctor.examine(settings, CHECKS)
    table = doctor.settings_table(settings)
    report = doctor.as_json(findings, table)
    if args.json:
        print(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        for line in doctor.as_text(findings, table):
            print(line)
    return OK if report["ok"] else NO


# -- people, keys and tablets --------------------------------------------------------------------------------


@contextmanager
def _records(settings: Settings) -> Iterator[None]:
    """The records, ready to be written: an empty database gets its schema, an older one must be migrated."""
    init_db(settings)
    with connected():
        pending = ddl.pending()
    if pending and len(pending) < len(list(ddl.DIRECTORY.glob("[0-9]*.py"))):
        raise SchemaNotReady(f"{len(pending)} migration(s) are pending: run qc migrate")
    if pending:
        make_ready(settings)
    else:
        init_queue(settings)
        init_people(settings)
    with connected():
        yield


def _site(args: argparse.Namespace) -> str | None:
    return ensure_site(COMMAND, args.site).id if args.site else None


def _key_create(args: argparse.Namespace, settings: Settings) -> int:
    with _records(settings):
        print(create_key(COMMAND, args.name, args.scope, site_id=_site(args), days=args.days)[1])
    return OK


def _person_add(args: argparse.Namespace, settings: Settings) -> int:
    with _records(settings):
        person = add_person(
            COMMAND, args.code, args.name, args.role, site_id=_site(args), pin=args.pin,
            password=args.password, email=args.email, language=args.language,
        )  # fmt: skip
        print(f"{person.code} is {person.name}: {', '.join(sorted(set(args.role)))}")
    return OK


def _device_enrol(args: argparse.Namespace, settings: Settings) -> int:
    with _records(settings):
        print(enrol_device(COMMAND, args.name, site_id=_site(args))[1])
    return OK


# -- the trail -----------------------------------------------------------------------------------------------


def _audit_verify(args: argparse.Namespace, settings: Settings) -> int:
    broken = 0
    with _records(settings):
        for finding in verify(args.anchor):
            broken += 1
            print(finding)
    if broken:
        return _fail(f"history is broken in {broken} place(s)")
    print("History is whole.")
    return OK


def _audit_anchor(args: argparse.Namespace, settings: Settings) -> int:
    with _records(settings):
        write_anchor(args.file)
    return OK


# -- usage ---------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qc", description="Quality control on the production floor.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    up = _add(commands, "up", _up, "run the service on this machine")
    up.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    demo = _add(commands, "demo", _demo, "run the service on the demonstration plant")
    for one in (up, demo):
        one.add_argument("--port", type=_port, default=8000, help="default %(default)s; 0: any free one")
    _add(commands, "migrate", _migrate, "bring the database up to date")
    examined = _add(commands, "doctor", _doctor, "say what is wrong with this installation")
    examined.add_argument("--json", action="store_true", help="for programs")
    _access(commands)
    trail = _group(commands, "audit", "the trail of changes")
    checked = _add(trail, "verify", _audit_verify, "is history whole?")
    checked.add_argument("--anchor", metavar="FILE", type=Path, help="check against an anchor as well")
    _add(trail, "anchor", _audit_anchor, "write what history amounts to now").add_argument("file", type=Path)
    return parser


def _access(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    key = _add(_group(commands, "key", "API keys"), "create", _key_create, "make a key and print it once")
    key.add_argument("name")
    key.add_argument("--scope", action="append", required=True, choices=(*SCOPES, EVERY_SCOPE), metavar="S",
                     help=f"may be given several times: {', '.join(SCOPES)}, or * for all")  # fmt: skip
    key.add_argument("--days", type=int, default=KEY_DAYS_MAX, metavar="N", help="life (default %(default)s)")
    person = _add(_group(commands, "person", "people"), "add", _person_add, "add a person")
    person.add_argument("code", help="also the badge")
    person.add_argument("--name", required=True, metavar="N")
    person.add_argument("--role", action="append", required=True, choices=ROLES, metavar="R",
                        help=f"may be given several times: {', '.join(ROLES)}")  # fmt: skip
    for option in ("pin", "password", "email"):
        person.add_argument(f"--{option}", metavar=option[0].upper())
    person.add_argument("--language", default="en", metavar="L", help="default %(default)s")
    device = _add(_group(commands, "device", "tablets"), "enrol", _device_enrol, "enrol a tablet")
    device.add_argument("name")
    for one in (key, person, device):
        one.add_argument("--site", metavar="S", help="made on first use (default: all sites)")


def _group(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    return commands.add_parser(name, help=text).add_subparsers(metavar="COMMAND", required=True)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text)
    parser.add_argument("--data", metavar="DIR", help="data folder (default: QC_DATA_DIR, or ./var)")
    parser.set_defaults(command=command)
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:  # noqa: PLR2004 - what a port can be
        raise ValueError
    return port


if __name__ == "__main__":
    sys.exit(main())
