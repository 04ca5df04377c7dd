"""The commands that work on the records: people, keys, tablets, the schema and the trail."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from peewee import PeeweeException

from qc_service import clock, ddl, observe
from qc_service.audit import COMMAND
from qc_service.commands import Refusal
from qc_service.config import Settings
from qc_service.db import connected, init_db
from qc_service.demo.people import NotTheDemonstration
from qc_service.demo.plant import fill
from qc_service.errors import QCError
from qc_service.lines.service import ensure_site
from qc_service.people.access import create_key, enrol_device
from qc_service.people.credentials import init_people
from qc_service.people.staff import add_person
from qc_service.procedures.shipping import ship
from qc_service.queue import init_queue
from qc_service.supervise import Say
from qc_service.verify import verify, write_anchor


def migrate(args: Namespace, settings: Settings, say: Say) -> None:
    with _told():
        init_db(settings)
        applied = ddl.migrate(settings)
    for name in applied:
        say(f"applied {name}")
    if not applied:
        say("The database is up to date.")
    if args.procedures:
        with records(settings):
            for code in ship(COMMAND):
                say(f"published {code}")


def create_api_key(args: Namespace, settings: Settings, say: Say) -> None:
    with records(settings):
        say(create_key(COMMAND, args.name, args.scope, site_id=_site(args), days=args.days)[1])


def add_somebody(args: Namespace, settings: Settings, say: Say) -> None:
    with records(settings):
        person = add_person(
            COMMAND, args.code, args.name, args.role, site_id=_site(args), pin=args.pin,
            password=args.password, email=args.email, language=args.language,
        )  # fmt: skip
        say(f"{person.code} is {person.name}: {', '.join(sorted(set(args.role)))}")


def enrol_tablet(args: Namespace, settings: Settings, say: Say) -> None:
    with records(settings):
        say(enrol_device(COMMAND, args.name, site_id=_site(args))[1])


def verify_trail(args: Namespace, settings: Settings, say: Say) -> None:
    broken = 0
    with records(settings):
        for finding in verify(args.anchor):
            broken += 1
            say(str(finding))
    if broken:
        raise Refusal(f"history is broken in {broken} place(s)")
    say("History is whole.")


def anchor_trail(args: Namespace, settings: Settings, _say: Say) -> None:
    with records(settings):
        write_anchor(args.file)


def fill_demonstration(_args: Namespace, settings: Settings, say: Say) -> None:
    with _told():
        init_db(settings)
        ddl.migrate(settings)
    with records(settings):
        ship(COMMAND)
        for line in fill(settings, clock.now()).table():
            say(line)


@contextmanager
def records(settings: Settings) -> Iterator[None]:
    """The records, ready to be written: an empty database gets its schema, an older one must be migrated."""
    with _told():
        observe.init_logging(settings)
        init_db(settings)
        init_queue(settings)
        init_people(settings)
        with connected():
            pending = ddl.pending()
        if pending and len(pending) < len(list(ddl.DIRECTORY.glob("[0-9]*.py"))):
            raise Refusal(f"{len(pending)} migration(s) are pending: run qc migrate")
        if pending:
            ddl.migrate(settings)
        with connected():
            yield


@contextmanager
def _told() -> Iterator[None]:
    """A refusal in words instead of a traceback."""
    try:
        yield
    except QCError as error:
        raise Refusal(" ".join(one.detail for one in error.errors) or error.detail) from error
    except NotTheDemonstration as error:
        raise Refusal(str(error)) from error
    except PeeweeException as error:
        raise Refusal(f"the database refuses: {type(error).__name__}: {error}") from error


def _site(args: Namespace) -> str | None:
    return ensure_site(COMMAND, args.site).id if args.site else None
