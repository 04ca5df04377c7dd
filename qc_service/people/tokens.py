"""Bearer tokens: `qck_` an API key's, `qcd_` a tablet's, `qcs_` a session's.

A token is its record's id and 256 random bits. So many bits need no slow hash: SHA-256 of the whole is kept.
"""

import hashlib
import hmac
import re
import secrets

from qc_service.db import new_id

RECORDS = {"qck": "key", "qcd": "dev", "qcs": "ses"}
_FORM = re.compile(r"(qck|qcd|qcs)_([0-9a-hjkmnp-tv-z]{26})_[A-Za-z0-9_-]{43}")


def mint(kind: str) -> tuple[str, str]:
    """A record's new id and its token, which is shown once and never kept."""
    record_id = new_id(RECORDS[kind])
    return record_id, f"{kind}_{record_id.split('_')[1]}_{secrets.token_urlsafe(32)}"


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def read(token: str) -> tuple[str, str] | None:
    """A token's kind and its record's id; None where it is no token of ours."""
    found = _FORM.fullmatch(token)
    return (found[1], f"{RECORDS[found[1]]}_{found[2]}") if found else None


def fits(token: str, kept: str) -> bool:
    return hmac.compare_digest(digest(token), kept)
