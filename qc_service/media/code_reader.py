"""What the codes in a photo say: for tablets whose browser cannot read codes itself. Nothing of the photo is kept."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from qc_service.errors import QCError
from qc_service.media import pictures, rules
from qc_service.texts import later

log = structlog.get_logger(__name__)

MOST_BYTES = 4_000_000
TYPE = "image/jpeg"
MOST_OUT = 1_000_000
MOST_CODES = 20

_DECODER = Path(__file__).with_name("code_decoder.py")
_PACKAGES = Path(__file__).parents[2]


def read(data: bytes) -> list[dict[str, str]]:
    """The text and the kind of each code in a JPEG; a photo that cannot be opened is refused with a reason."""
    places = [pictures.place_of("PIL"), pictures.place_of("zxingcpp"), str(_PACKAGES)]
    if None in places:
        raise QCError("unavailable", later("The service lacks zxing-cpp, which reads codes in photos."))
    with pictures.turn():
        said, status = pictures.run_alone(_DECODER, [one for one in places if one], data, MOST_OUT)
    rest = pictures.said_after_ready(said, status)
    if status == 0:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return _codes(json.loads(rest))
    log.warning("media.code_decoder_ended", status=status, bytes=len(said))
    raise pictures.refused(pictures.why_ended(said, status, MOST_OUT))


def _codes(told: dict[str, Any]) -> list[dict[str, str]]:
    """What came out of the process, which a photo may have taken over: none of it is trusted."""
    reason = told.get("refused")
    if reason is not None:
        raise pictures.refused(reason if reason in rules.REASONS else "crashed")
    codes = [{"text": one["text"], "format": one["format"]} for one in told["codes"]]
    if len(codes) > MOST_CODES or not all(isinstance(value, str) for one in codes for value in one.values()):
        raise ValueError(len(codes))
    return codes
