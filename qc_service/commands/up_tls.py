"""`qc up --tls`: the certificates, and the plain address where a tablet comes to trust them."""

import contextlib
import json
import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qc_service.config import SettingsError
from qc_service.supervise import Child, listen
from qc_service.tether import tethered
from qc_service.tls import FOLDER, PUBLIC, SERVER
from qc_service.tls.names import ANYWHERE, NoName, host_of, normal

HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Secured:
    """What HTTPS adds to the service: the names it is known by, and where a tablet learns to trust it."""

    folder: Path
    names: Sequence[str]
    asked: Sequence[str]
    until: str
    words: str
    digits: str
    plain: socket.socket

    @property
    def certificate(self) -> Path:
        return self.folder / SERVER

    @property
    def authority(self) -> Path:
        return self.folder / PUBLIC

    def name_for_others(self, wanted: str) -> str:
        """The name for links: the wanted one if the certificate is for it."""
        return wanted if wanted in self.names else self.names[0]

    def trust_url(self, base_url: str) -> str:
        """On the host that people open the service on."""
        host = host_of(base_url)
        bare = f"[{host}]" if ":" in host else host
        return f"http://{bare}:{self.plain.getsockname()[1]}/trust"

    def child(self, data: Path, base_url: str) -> Child:
        number = self.plain.fileno()
        words = ["-m", "qc_service.tls.trust_server", str(number), str(data), base_url, *self.asked]
        return Child("trust", [sys.executable, *words], pass_fds=(number,))

    def banner(self, base_url: str) -> list[str]:
        return [
            f"Tablets learn to trust it at {self.trust_url(base_url)}",
            f"There, and on the tablet, compare these words: {self.words}",
            f"SHA-256: {self.digits}",
            f"Valid until {self.until[:10]} for {', '.join(self.names)}",
        ]


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody asked for, looked through before anything is made."""

    host: str
    trust_port: int
    names: Sequence[str]


def planned(args: Namespace, base_url: str | None) -> Plan | None:
    """None without --tls."""
    if not args.tls:
        if args.trust_port is not None:
            raise SettingsError("--trust-port belongs to --tls: add --tls, or leave it out")
        return None
    if base_url is not None and not base_url.startswith("https://"):
        raise SettingsError(
            f"QC_BASE_URL is {base_url}, but with --tls people open the service by HTTPS: write it with https://, "
            "or leave it out"
        )
    return Plan(args.host, _trust_port(args), _asked(args.host, base_url))


def _trust_port(args: Namespace) -> int:
    if args.trust_port is None:
        if args.port == HIGHEST_PORT:
            raise SettingsError(f"There is no port after {HIGHEST_PORT}: choose one with --trust-port")
        return args.port + 1 if args.port else 0
    if args.trust_port == args.port and args.port:
        raise SettingsError(f"--trust-port is {args.port}, as --port is: choose another")
    return int(args.trust_port)


def _asked(host: str, base_url: str | None) -> list[str]:
    """The names that somebody wrote and that the certificate must be for."""
    found = []
    try:
        if host not in ANYWHERE:
            found.append(normal(host))
    except NoName as error:
        raise SettingsError(f"--host: {error}") from error
    try:
        if base_url is not None:
            found.append(host_of(base_url))
    except NoName as error:
        raise SettingsError(f"QC_BASE_URL: {error}") from error
    return found


@contextlib.contextmanager
def secured(plan: Plan | None, data: Path) -> Iterator[Secured | None]:
    """Everything for HTTPS, made and held."""
    if plan is None:
        yield None
        return
    with contextlib.closing(listen(plan.host, plan.trust_port, option="--trust-port")) as plain:
        made = _made(data, plan.names)
        yield Secured(data / FOLDER, made["names"], plan.names, made["until"], made["words"], made["digits"], plain)


def _made(data: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Made in a process of its own, which says itself what is wrong: this one never loads a key."""
    done = subprocess.run(  # noqa: S603 - our own command
        tethered([sys.executable, "-m", "qc_service.tls", str(data), *asked]),
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    told: dict[str, Any] = json.loads(done.stdout)
    return told
