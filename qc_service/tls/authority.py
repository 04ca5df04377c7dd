"""The plant's authority and the certificates that it signs.

A tablet that trusts an authority believes it about every address of the world, so this one is bound by its own
certificate to the plant: private addresses, private domains, and the names that it was made for (RFC 5280, name
constraints). Whoever steals its key can pretend to be this service and nobody else.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from qc_service.tls.names import Names, is_address

YEARS = timedelta(days=3652)  # of an authority
DAYS = timedelta(days=397)  # of a server's certificate: what browsers and Apple's devices still accept
SLOW_CLOCKS = timedelta(days=1)  # a tablet whose clock is behind must not find it of the future
NAME_LENGTH = 64  # of a common name

PRIVATE_DOMAINS = ("localhost", "local", "internal", "lan", "home.arpa")
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    key: Key
    certificate: x509.Certificate

    def pem(self) -> str:
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return (self.key.private_bytes(*form) + self.certificate.public_bytes(serialization.Encoding.PEM)).decode()


def read(pem: bytes) -> Pair:
    """What `Pair.pem` wrote; `ValueError` where it is nothing of the kind."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
    except TypeError as error:  # a key with a password
        raise ValueError("the key is encrypted") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError("the key is not the certificate's")
    return Pair(key, certificate)


def make_authority(machine: str, bound_to: Names, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"QC authority of {machine} {now:%Y-%m-%d}")
    builder = (
        _begun(name, name, key, now - SLOW_CLOCKS, now + YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_bounds(bound_to), critical=True)
    )
    return Pair(key, builder.sign(key, hashes.SHA256()))


def make_server(authority: Pair, machine: str, names: Names, now: datetime) -> Pair:
    """A server's certificate for these names. It never outlives its authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    begins = now - SLOW_CLOCKS
    ends = min(begins + DAYS - timedelta(seconds=1), authority.certificate.not_valid_after_utc)
    signer = authority.certificate
    known = signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _begun(_named(f"QC service on {machine}"), signer.subject, key, begins, ends)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known), critical=False)
    )
    return Pair(key, builder.sign(authority.key, hashes.SHA256()))


def names_in(certificate: x509.Certificate) -> Names:
    """What a server's certificate is for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return Names(
        tuple(found.get_values_for_type(x509.DNSName)), tuple(map(str, found.get_values_for_type(x509.IPAddress)))
    )


def outside(authority: x509.Certificate, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that the authority may not vouch for."""
    try:
        bounds = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return ()
    permitted = [one.value for one in bounds.permitted_subtrees or ()]
    return tuple(one for one in names if not any(_within(one, subtree) for subtree in permitted))


def _within(name: str, subtree: object) -> bool:
    if is_address(name):
        address = ipaddress.ip_address(name)
        return isinstance(subtree, ipaddress.IPv4Network | ipaddress.IPv6Network) and address in subtree
    return isinstance(subtree, str) and (name == subtree or name.endswith(f".{subtree}"))


def _bounds(names: Names) -> x509.NameConstraints:
    networks = [ipaddress.ip_network(one) for one in PRIVATE_NETWORKS]
    alone = [one for one in map(ipaddress.ip_address, names.addresses) if not any(one in net for net in networks)]
    domains = [*PRIVATE_DOMAINS, *(one for one in names.hosts if not _private(one))]
    permitted: list[x509.GeneralName] = [x509.DNSName(one) for one in domains]
    permitted += [x509.IPAddress(one) for one in (*networks, *map(ipaddress.ip_network, alone))]
    return x509.NameConstraints(permitted, None)


def _private(host: str) -> bool:
    return any(_within(host, domain) for domain in PRIVATE_DOMAINS)


def _general(names: Names) -> list[x509.GeneralName]:
    return [
        *(x509.DNSName(one) for one in names.hosts),
        *(x509.IPAddress(ipaddress.ip_address(one)) for one in names.addresses),
    ]


def _named(text: str) -> x509.Name:
    """A common name of letters that nobody takes for a host's name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:NAME_LENGTH])])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: Key, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
