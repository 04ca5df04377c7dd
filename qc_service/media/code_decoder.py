"""Finds the codes in one photo, in a process of its own that is confined as the one that opens pictures is.

Run by `code_reader.py` as a script; it knows nothing of the service. In: the bytes, on stdin. Out: `ready`, then a line
of JSON with what each code says, or why the photo is refused.
"""

import json
import sys
import warnings
from io import BytesIO
from typing import Any

if __name__ == "__main__":
    sys.path.extend(sys.argv[1:])  # where the libraries and the packages lie

import zxingcpp
from PIL import Image

from qc_service.media import decoder

LONGEST_SIDE = 2000  # of what is searched; a phone's photo has twice that, and four times the work
MOST_CODES = 20
LONGEST_TEXT = 8000


def codes_in(data: bytes) -> list[dict[str, str]]:
    """What the codes in the photo say, each once. They are found whichever way up it lies."""
    decoder.count_parts(data)
    image: Any = Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    if decoder.TYPES[image.format] != "image/jpeg":
        raise decoder.Refused("other_type")
    most = (LONGEST_SIDE, LONGEST_SIDE)
    image.draft("L", most)
    image.thumbnail(most, Image.Resampling.BILINEAR)
    found = zxingcpp.read_barcodes(image.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    told = {(_text(one)[:LONGEST_TEXT], str(one.format)): None for one in found}
    return [{"text": text, "format": form} for text, form in list(told)[:MOST_CODES]]


def _text(one: Any) -> str:
    """GS1 is told with its identifier before it: without, its parts are no more than digits."""
    return f"{one.symbology_identifier}{one.text}" if one.content_type == zxingcpp.ContentType.GS1 else str(one.text)


def main() -> None:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = decoder.MOST_PIXELS
    Image.preinit()
    out = sys.stdout.buffer
    decoder.confine()
    out.write(b"ready\n")
    told: dict[str, Any]
    try:
        told = {"codes": decoder.guarded(codes_in, sys.stdin.buffer.read())}
    except decoder.Refused as refused:
        told = {"refused": str(refused)}
    out.write(json.dumps(told).encode())


if __name__ == "__main__":
    main()
