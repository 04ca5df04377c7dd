"""The names and addresses that a server's certificate is for."""

import fcntl
import ipaddress
import re
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not chosen
HERE = ("localhost", "127.0.0.1", "::1")
LONGEST = 253
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_ADDRESS_OF_INTERFACE = 0x8915  # SIOCGIFADDR
_INTERFACES_IPV6 = Path("/proc/net/if_inet6")
_GLOBAL, _TEMPORARY = "00", 0x01


class NoName(ValueError):
    """Neither a host's name nor an address."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is neither a host's name nor an address: write one such as qc.plant.example, qc.local or "
            "192.168.1.5 (a name with other letters than a-z in its form xn--…)"
        )


@dataclass(frozen=True, slots=True)
class Names:
    """Host names in small letters, and addresses as they are usually written; each once, in order."""

    hosts: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.hosts, *self.addresses)


def normal(text: str) -> str:
    """A host's name or an address in its one form; `NoName` where it is neither."""
    bare = text.strip("[]").rstrip(".").lower()
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        labels = bare.split(".")
        fits = all(_LABEL.fullmatch(label) for label in labels) and len(bare) <= LONGEST
        if not fits or labels[-1].isdecimal():  # the last label of a mistyped address
            raise NoName(text) from None
        return bare
    return str(ipaddress.ip_address(found.packed))  # without the name of an interface behind it


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def host_of(url: str) -> str:
    """The host in an address that people open."""
    try:
        return normal(urlsplit(url).hostname or "")
    except ValueError:
        raise NoName(url) from None


def names(found: Iterable[str]) -> Names:
    every = tuple(dict.fromkeys(found))
    return Names(
        tuple(one for one in every if not is_address(one)), tuple(one for one in every if is_address(one))
    )  # fmt: skip


def asked_for(given: Iterable[str]) -> Names:
    """What somebody wrote: an address that means every one of this machine is none of them."""
    return names(normal(one) for one in given if one not in ANYWHERE)


def of_this_machine() -> Names:
    """Under which names and addresses it is found on the plant's network, and by itself. A name that cannot be one in
    a certificate (with a `_`, for example) is left out."""
    try:
        name = normal(socket.gethostname())
        mine = [name] if name.endswith(".local") or is_address(name) else [name, f"{name.partition('.')[0]}.local"]
    except NoName:
        mine = []
    mine = [one for one in mine if not one.startswith("localhost")]
    return names([*mine, *map(str, lan_addresses()), *HERE])


def lan_addresses() -> list[Address]:
    """The addresses of this machine's interfaces, without those that only it can reach or that soon change."""
    found = [*_ipv4(), *_ipv6()]
    return [one for one in found if not one.is_loopback and not one.is_link_local and not one.is_unspecified]


def _ipv4() -> list[Address]:
    found: list[Address] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asking, _ADDRESS_OF_INTERFACE, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # an interface without an address
            found.append(ipaddress.IPv4Address(answer[20:24]))
    return found


def _ipv6() -> list[Address]:
    if not _INTERFACES_IPV6.exists():
        return []
    rows = (line.split() for line in _INTERFACES_IPV6.read_text().splitlines())
    lasting = (row for row in rows if row[3] == _GLOBAL and not int(row[4], 16) & _TEMPORARY)
    return [ipaddress.IPv6Address(int(row[0], 16)) for row in lasting]
