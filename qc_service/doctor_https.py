"""What is wrong with the certificates of `qc up --tls`; nothing is said where none were made."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from qc_service import clock
from qc_service.config import Settings
from qc_service.doctor import Finding, ok
from qc_service.tls import AUTHORITY, FOLDER, SERVER
from qc_service.tls.folder import RENEW_BEFORE, Standing, standing
from qc_service.tls.names import NoName, host_of

AUTHORITY_ENDS_SOON = timedelta(days=365)
REFUSED = "Tablets and desks refuse the service once it has ended."
MOVE = "Move the folder tls away and start qc up --tls again: every tablet must then trust the new authority."


def certificates(settings: Settings) -> Iterator[Finding]:
    """The certificates of HTTPS."""
    home = settings.data_dir / FOLDER
    for path in (home / AUTHORITY, home / SERVER):
        if path.exists() and path.stat().st_mode & 0o077:
            yield Finding(
                "error",
                f"{path} can be read by other users",
                "Who reads it can pretend to be this service.",
                f"chmod 600 {path}",
            )
    found = standing(settings.data_dir)
    if found is not None:
        now = clock.now()
        yield _server(found, now)
        yield from _authority(found, now)
        yield from _covers(found, settings.base_url)


def _server(found: Standing, now: datetime) -> Finding:
    day = f"{found.until:%Y-%m-%d}"
    todo = "Start qc up --tls again: it makes a new one, which needs nothing done on the tablets."
    if found.until <= now:
        return Finding("error", f"The server's certificate ended on {day}", REFUSED, todo)
    if found.until - now < RENEW_BEFORE:
        return Finding("warning", f"The server's certificate ends on {day}", REFUSED, todo)
    return ok(f"The server's certificate is valid until {day}, for {', '.join(found.names.all)}")


def _authority(found: Standing, now: datetime) -> Iterator[Finding]:
    ends_at = found.authority.not_valid_after_utc
    if ends_at <= now:
        yield Finding("error", f"The authority “{found.title}” ended on {ends_at:%Y-%m-%d}", REFUSED, MOVE)
    elif ends_at - now < AUTHORITY_ENDS_SOON:
        yield Finding("warning", f"The authority “{found.title}” ends on {ends_at:%Y-%m-%d}", REFUSED, MOVE)
    else:
        yield ok(f"The authority's words are {found.words}, its SHA-256 is {found.digits}")


def _covers(found: Standing, base_url: str) -> Iterator[Finding]:
    try:
        host = host_of(base_url)
    except NoName as error:
        yield Finding("error", f"QC_BASE_URL: {error}", "Links in messages lead nowhere.", "Correct QC_BASE_URL.")
        return
    if host not in found.names.all:
        yield Finding(
            "error",
            f"The server's certificate is not for {host}, the host of QC_BASE_URL",
            "Tablets and desks refuse the service under that name.",
            "Start qc up --tls again with this QC_BASE_URL; where a proxy serves HTTPS, move the folder tls away.",
        )
