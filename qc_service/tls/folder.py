"""What lies in the data folder's `tls`: the authority, made once, and the server's certificate, made anew in time."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization

from qc_service.config import create_private
from qc_service.supervise import CannotStart
from qc_service.tls import AUTHORITY, FOLDER, PUBLIC, SERVER, fingerprint
from qc_service.tls import authority as signing
from qc_service.tls.authority import Pair
from qc_service.tls.names import Names, names, of_this_machine

RENEW_BEFORE = timedelta(days=30)
ANEW = "Every tablet must then trust the new one."


@dataclass(frozen=True, slots=True)
class Standing:
    """The two certificates as they are, without their keys."""

    authority: x509.Certificate
    server: x509.Certificate

    @property
    def names(self) -> Names:
        return signing.names_in(self.server)

    @property
    def until(self) -> datetime:
        return self.server.not_valid_after_utc

    @property
    def words(self) -> str:
        return fingerprint.words(self.authority.fingerprint(hashes.SHA256()))

    @property
    def digits(self) -> str:
        return fingerprint.full(self.authority.fingerprint(hashes.SHA256()))

    @property
    def title(self) -> str:
        """How devices call the authority in their lists."""
        return str(self.authority.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def keep(data: Path, asked: Names, now: datetime) -> Standing:
    """Make what is missing, ended or for other names; leave the rest as it is."""
    home = data / FOLDER
    with _told(home):
        home.mkdir(parents=True, exist_ok=True)
        mine = of_this_machine()
        signer = _authority(home, names((*asked.all, *mine.all)), now)
        wanted = _vouched_for(home, signer.certificate, asked, mine)
        kept = _kept(home / SERVER)
        if kept is None or not _good(kept.certificate, signer.certificate, wanted, now):
            kept = signing.make_server(signer, socket.gethostname(), wanted, now)
            _replace(home / SERVER, kept.pem().encode(), 0o600)
    return Standing(signer.certificate, kept.certificate)


def standing(data: Path) -> Standing | None:
    """What is there now; None where nothing was made, `ValueError` where a file is not what it should be."""
    try:
        public, server = (data / FOLDER / name for name in (PUBLIC, SERVER))
        found = Standing(
            x509.load_pem_x509_certificate(public.read_bytes()), x509.load_pem_x509_certificate(server.read_bytes())
        )
    except FileNotFoundError:
        return None
    return found


def _authority(home: Path, bound_to: Names, now: datetime) -> Pair:
    path = home / AUTHORITY
    if not path.exists():
        if (home / PUBLIC).exists():
            raise CannotStart(
                f"{path} is missing: restore it from a backup, or move {home} away to make a new authority. {ANEW}"
            )
        create_private(path, signing.make_authority(socket.gethostname(), bound_to, now).pem())
    found = _kept(path)
    if found is None:
        raise CannotStart(
            f"{path} does not hold the authority's key and certificate: restore it from a backup, or move {home} away "
            f"to make a new one. {ANEW}"
        )
    ended_at = found.certificate.not_valid_after_utc
    if ended_at <= now:
        raise CannotStart(
            f"The authority in {path} ended on {ended_at:%Y-%m-%d}: check this machine's clock, or move {home} away to "
            f"make a new one. {ANEW}"
        )
    public = found.certificate.public_bytes(serialization.Encoding.PEM)
    if not (home / PUBLIC).exists() or (home / PUBLIC).read_bytes() != public:
        _replace(home / PUBLIC, public, 0o644)
    return found


def _vouched_for(home: Path, signer: x509.Certificate, asked: Names, mine: Names) -> Names:
    """The names for the certificate: all that were asked for, and those of this machine that the authority allows."""
    refused = signing.outside(signer, asked.all)
    if refused:
        raise CannotStart(
            f"The authority in {home / AUTHORITY} was made for other names than {', '.join(refused)}: use one of those "
            f"({', '.join(sorted(_own(signer)))}), or move {home} away to make a new one. {ANEW}"
        )
    left_out = set(signing.outside(signer, mine.all))
    return names(one for one in (*asked.all, *mine.all) if one not in left_out)


def _own(signer: x509.Certificate) -> set[str]:
    bounds = signer.extensions.get_extension_for_class(x509.NameConstraints).value
    return {str(one.value) for one in bounds.permitted_subtrees or ()}


def _kept(path: Path) -> Pair | None:
    """The pair in a file; None where there is no such file or it is damaged."""
    try:
        return signing.read(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _good(server: x509.Certificate, signer: x509.Certificate, wanted: Names, now: datetime) -> bool:
    try:
        server.verify_directly_issued_by(signer)
        covered = set(signing.names_in(server).all)
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    lasting = server.not_valid_before_utc <= now <= server.not_valid_after_utc - RENEW_BEFORE
    return lasting and covered >= set(wanted.all)  # an address that is gone for a moment is not taken away


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others in between."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def _told(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"Cannot keep the certificates in {home} ({error.strerror}): give the service's user the right to write "
            "there, or name another folder with --data"
        ) from error
