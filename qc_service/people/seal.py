"""What a tablet seals for the service: a PIN or a card's secret that nobody else can read, bound to one record.

A tablet keeps neither, nor anything to check one against. It encrypts it with the service's public key, together with
a random number and the hash of the record's bytes, so that what it keeps until the network is back gives nothing away
and fits no other record. RSA-OAEP with SHA-256 (RFC 8017), because every browser has it.
"""

import base64
import binascii
import hashlib
import hmac
import json
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from qc_service.config import Settings, SettingsError, create_private

BITS = 2048
KINDS = ("pin", "card")
LONGEST = 1024  # characters of a seal in its header
_PADDING = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
_files: list[Path] = []


def init_seal(settings: Settings) -> None:
    """Remember where this process finds the key. It is made by whoever needs it first."""
    _files[:] = [settings.seal_key_file or settings.data_dir / "seal.pem"]
    _key.cache_clear()


def public_key() -> dict[str, str]:
    """The key to seal with, as a JSON Web Key, and its name."""
    numbers = _key().public_key().public_numbers()
    return {
        "kid": _name(), "kty": "RSA", "alg": "RSA-OAEP-256", "use": "enc",
        "n": _text(numbers.n), "e": _text(numbers.e),
    }  # fmt: skip


def opened(seal: str, digest: str) -> tuple[str, str] | None:
    """The kind (pin or card) and the secret in a seal that was made for the record with this SHA-256.

    None where it is no such seal.
    """
    if not 1 <= len(seal) <= LONGEST:
        return None
    try:
        plain = _key().decrypt(base64.urlsafe_b64decode(seal + "=" * (-len(seal) % 4)), _PADDING)
        told = json.loads(plain)
        [kind] = set(told) & set(KINDS)
        secret, bound = told[kind], told["sha256"]
    except (ValueError, binascii.Error, KeyError, TypeError, RecursionError):
        return None
    if (
        not isinstance(secret, str)
        or not isinstance(bound, str)
        or not hmac.compare_digest(bound.encode(), digest.encode())
    ):
        return None
    return kind, secret


def _name() -> str:
    raw = _key().public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(raw).hexdigest()[:16]


def _text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode().rstrip("=")


@lru_cache(maxsize=1)
def _key() -> rsa.RSAPrivateKey:
    if not _files:
        raise RuntimeError("call init_seal(settings) first")
    path = _files[0]
    if not path.exists():
        made = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        create_private(path, made.private_bytes(*form).decode())
    key = _read(path.read_bytes())
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"{path} holds no RSA key: give the file that the tablets' seals were made for")
    return key


@lru_cache(maxsize=4)
def _read(pem: bytes) -> PrivateKeyTypes:
    """To prove that a key is one takes a tenth of a second; once is enough for the same bytes."""
    return serialization.load_pem_private_key(pem, password=None)
