"""What is wrong with this installation: every finding says what, why it matters and what to do.

The doctor changes nothing: it makes no database and applies no migration. What concerns the database itself
is in `doctor_database.py`.
"""

import os
import shutil
import smtplib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from kombu import Connection

from qc_service.config import SECRETS_FILE, VARIABLES, Settings
from qc_service.errors import QCError

Level = Literal["ok", "warning", "error"]

PATIENCE = 5  # seconds for a service to answer
LOW_SPACE, NO_SPACE = 2 * 1024**3, 256 * 1024**2
NETWORK_FILESYSTEMS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs")
SECRET = ("QC_SECRET_KEY", "QC_PIN_PEPPER", "QC_HEARTBEAT_URL")
MADE = ("QC_SECRET_KEY", "QC_PIN_PEPPER")


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    what: str
    why: str = ""
    todo: str = ""


def ok(what: str) -> Finding:
    return Finding("ok", what)


Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings, checks: tuple[Check, ...]) -> list[Finding]:
    """Every check's findings; a check that breaks is a finding itself."""
    found = []
    for check in checks:
        try:
            found += list(check(settings))
        except Exception as error:  # noqa: BLE001 - a doctor who faints helps nobody
            detail = error.detail if isinstance(error, QCError) else " ".join(str(error).split())
            name = (check.__doc__ or check.__name__).splitlines()[0].rstrip(".")
            text = f"could not be examined: {name} ({type(error).__name__}: {detail})"
            found.append(Finding("error", text, "Nothing can be said about it.", "Put that right and ask again."))
    return found


def settings_table(settings: Settings, environ: Mapping[str, str] | None = None) -> list[dict[str, str]]:
    """Each setting, its value without secrets, and where the value comes from."""
    env = os.environ if environ is None else environ
    rows = []
    for name, meaning in VARIABLES.items():
        value, origin = env.get(name, ""), "environment"
        if name == "QC_DATA_DIR" and value != str(settings.data_dir):
            value, origin = str(settings.data_dir), "command line or default"
        elif not value:
            value, origin = _made(name, settings)
        rows.append({"name": name, "value": _shown(name, value), "from": origin, "meaning": meaning})
    return rows


def _made(name: str, settings: Settings) -> tuple[str, str]:
    """A setting that nobody gave, and where it came from."""
    if name in MADE:
        return "made", str(settings.data_dir / SECRETS_FILE)
    return (settings.database_url if name == "QC_DATABASE_URL" else ""), "default"


def _shown(name: str, value: str) -> str:
    if name in SECRET:
        return "(kept secret)" if value else ""
    if "://" not in value or value.startswith("sqlite:"):
        return value
    parts = urlsplit(value)
    who, at, host = parts.netloc.rpartition("@")
    name_only = f"{who.partition(':')[0]}:…" if ":" in who else who
    return urlunsplit(parts._replace(netloc=f"{name_only}{at}{host}", query="…" if parts.query else ""))


def as_json(findings: list[Finding], table: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "ok": all(one.level != "error" for one in findings),
        "settings": table,
        "findings": [asdict(one) for one in findings],
    }


def as_text(findings: list[Finding], table: list[dict[str, str]]) -> Iterator[str]:
    width = max(len(row["name"]) for row in table)
    for row in table:
        yield f"{row['name']:<{width}}  {row['value'] or '-'}  ({row['from']})"
        yield f"{'':<{width}}  {row['meaning']}"
    yield ""
    for one in findings:
        yield f"{one.level:<8} {one.what}"
        if one.why:
            yield f"{'':<8} why: {one.why}"
        if one.todo:
            yield f"{'':<8} do:  {one.todo}"


# -- the machine and the services around ---------------------------------------------------------------------


def data_folder(settings: Settings) -> Iterator[Finding]:
    """The data folder."""
    folder = settings.data_dir
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "error",
            f"{folder} is not writable",
            "The database and its lock files are there.",
            "Give the service's user the right to write there, or name another folder with QC_DATA_DIR.",
        )
    kind = filesystem_of(folder, Path("/proc/mounts").read_text())
    if kind.startswith(NETWORK_FILESYSTEMS):
        yield Finding(
            "error",
            f"{folder} is on a network filesystem ({kind})",
            "SQLite's locks and its write-ahead log are not safe there: records can be lost.",
            "Put the folder on a local disk, or use PostgreSQL (QC_DATABASE_URL).",
        )
    secrets = folder / SECRETS_FILE
    if secrets.exists() and secrets.stat().st_mode & 0o077:
        yield Finding(
            "error",
            f"{secrets} can be read by other users",
            "Who reads it can forge page tokens and try out PINs on a copy of the database.",
            f"chmod 600 {secrets}",
        )
    yield _space(folder)


def filesystem_of(folder: Path, mounts: str) -> str:
    """The type of the filesystem that a folder is on; of mounts on one point the last one counts."""
    kind, longest = "unknown", 0
    real = folder.resolve()
    for line in mounts.splitlines():
        _, point, found, *_ = line.split(" ")
        mounted = Path(point.replace("\\040", " "))
        if real.is_relative_to(mounted) and len(mounted.parts) >= longest:
            kind, longest = found, len(mounted.parts)
    return kind


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB free on the disk of {folder}"
    if free >= LOW_SPACE:
        return ok(text)
    return Finding(
        "error" if free < NO_SPACE else "warning",
        text,
        "When the disk is full nothing can be recorded.",
        "Free some space, or move the data folder to a larger disk.",
    )


def cost_of_passwords(settings: Settings) -> Iterator[Finding]:
    """The cost of a password's hash."""
    if settings.password_cost != "normal":  # noqa: S105 - the name of a cost, not a secret
        yield Finding(
            "error",
            "QC_PASSWORD_COST is low",
            "PINs and passwords in a stolen copy of the database could be tried out quickly.",
            "Remove the setting: it is for tests only.",
        )


def broker(settings: Settings) -> Iterator[Finding]:
    """The broker."""
    if settings.broker_url is None:
        yield ok("No broker: the worker watches the database itself")
        return
    where = _shown("QC_BROKER_URL", settings.broker_url)
    try:
        with Connection(settings.broker_url, connect_timeout=PATIENCE) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
            yield ok(f"The broker answers at {where}")
            if settings.broker_url.startswith("redis"):
                yield from _redis(connection.default_channel)
    except Exception as error:  # noqa: BLE001 - each transport has its own errors
        yield Finding(
            "error",
            f"The broker does not answer at {where} ({type(error).__name__})",
            "Work is found by a slow sweep only: verdicts and alerts come late.",
            "Start the broker, correct QC_BROKER_URL, or remove it to do without one.",
        )


def _redis(channel: Any) -> Iterator[Finding]:
    wanted = {"appendonly": "yes", "maxmemory-policy": "noeviction"}
    why = {
        "appendonly": "Messages that wait are lost when Redis restarts; a sweep finds the work again, later.",
        "maxmemory-policy": "Redis throws messages away when its memory is full.",
    }
    for name, value in wanted.items():
        found = channel.client.config_get(name).get(name)
        if found == value:
            yield ok(f"Redis has {name} {value}")
        else:
            yield Finding("warning", f"Redis has {name} {found}", why[name], f"Set {name} {value} in redis.conf.")


def mail(settings: Settings) -> Iterator[Finding]:
    """The mail server."""
    if settings.smtp_url is None:
        yield Finding(
            "warning",
            "No mail is sent: QC_SMTP_URL is not set",
            "Alerts only wait on the pages for somebody to look.",
            "Set QC_SMTP_URL=smtp://user:password@host:587?from=qc@example.com",
        )
        return
    url = urlsplit(settings.smtp_url)
    where = f"{url.hostname}:{url.port}" if url.port else str(url.hostname)
    kind: type[smtplib.SMTP] = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(url.hostname or "", url.port or 0, timeout=PATIENCE) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "error",
            f"The mail server {where} does not answer ({error})",
            "Alerts cannot be mailed.",
            "Start it, open the way to it, or correct QC_SMTP_URL.",
        )
    else:
        yield ok(f"The mail server {where} answers")
