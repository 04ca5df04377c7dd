"""Opens one picture in a process of its own, and makes the copies that screens show.

Whatever a picture does to a decoder happens here, in a process that was given no environment, can open no file and no
connection, and is ended by the kernel where it wants more memory or time than a picture may. Run by `pictures.py`
as a script; it knows nothing of the service. In: the bytes, on stdin. Out: `ready`, a line of JSON, then the copies.
"""

import json
import re
import resource
import struct
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

if __name__ == "__main__":
    sys.path.append(sys.argv[1])  # where Pillow lies, for an interpreter that looks nowhere by itself

from PIL import (
    Image,
    ImageCms,
    ImageOps,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

LATE = (MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)  # else imported when no file can be opened

MORE_MEMORY = 140 * 1024 * 1024  # beyond what the process has when it starts; with what it then touches, 150 MB
CPU_SECONDS = 2
MOST_PIXELS = 40_000_000
MOST_SCANS = 32  # of a JPEG; encoders write about ten, and each costs a walk over the whole picture
MOST_PARTS = 10_000  # segments or chunks
LARGEST_PROFILE = 1024 * 1024
SIDES = (1600, 400)  # the longer side of each copy, at most
TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd8\xff]")
SRGB = ImageCms.createProfile("sRGB")

Found = TypeVar("Found")


class Refused(Exception):
    """Why the picture is refused, in a word that `rules.REASONS` explains."""


def confine() -> None:
    """From here on: no more memory than this, no file, no connection, no process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + MORE_MEMORY
    for what, most in (
        (resource.RLIMIT_AS, (memory, memory)),
        (resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1)),
        (resource.RLIMIT_FSIZE, (0, 0)),
        (resource.RLIMIT_CORE, (0, 0)),
        (resource.RLIMIT_NPROC, (0, 0)),
        (resource.RLIMIT_NOFILE, (0, 0)),  # what is open stays so
    ):
        resource.setrlimit(what, most)


def examine(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """What the picture is, and its copies; `Refused` says why not."""
    return guarded(_examine, data)


def guarded(work: Callable[[bytes], Found], data: bytes) -> Found:
    """What came of the work; whatever a picture makes a library raise is a reason to refuse it."""
    try:
        return work(data)
    except UnidentifiedImageError as error:
        raise Refused("not_a_picture") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused("too_many_pixels") from error
    except MemoryError as error:
        raise Refused("too_much_memory") from error
    except Refused:
        raise
    except Exception as error:  # a picture can make a decoder raise anything
        raise Refused("unreadable") from error


def _examine(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    count_parts(data)
    image: Any = Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    kind = TYPES[image.format]
    if kind != "image/jpeg" and getattr(image, "is_animated", False):
        raise Refused("animated")
    turned = image.getexif().get(0x0112) in (5, 6, 7, 8)  # it lies on its side
    width, height = reversed(image.size) if turned else image.size
    large = _screen(image)
    copies, contents = [], []
    for side in SIDES:
        large.thumbnail((side, side), Image.Resampling.LANCZOS)
        form, content = _encoded(large)
        contents.append(content)
        copies.append({"side": side, "width": large.width, "height": large.height, "type": form, "size": len(content)})
    return {"type": kind, "width": width, "height": height, "copies": copies}, contents


def _screen(image: Any) -> Any:
    """The picture as a screen shows it: small, upright, in the screen's colours, and nothing but pixels."""
    most = (SIDES[0], SIDES[0])
    image.draft(None, most)  # a JPEG is decoded at about the size that is wanted
    if image.mode in ("1", "P", "PA", "La") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail(most, Image.Resampling.LANCZOS)
    if image.mode == "I;16":
        image = _in_eight_bits(image)
    ImageOps.exif_transpose(image, in_place=True)
    image = _in_srgb(image)
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    image.info = {}
    return image


def _in_eight_bits(image: Any) -> Any:
    """The upper byte of each point: Pillow's own way makes everything white that is not nearly black."""
    made = Image.frombytes("L", image.size, image.tobytes()[1::2])
    made.info = image.info
    return made


def _in_srgb(image: Any) -> Any:
    """Colours by the picture's own profile; where it has none, or a broken one, as they are."""
    profile = image.info.get("icc_profile")
    plain = {"L": "L", "LA": "RGBA", "RGBA": "RGBA"}.get(image.mode, "RGB")
    if profile and len(profile) <= LARGEST_PROFILE and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, own, SRGB, outputMode=plain) or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image if image.mode == plain else image.convert(plain)


def _encoded(image: Any) -> tuple[str, bytes]:
    out = BytesIO()
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=82, method=2)
        return "image/webp", out.getvalue()
    image.save(out, "JPEG", quality=82)
    return "image/jpeg", out.getvalue()


def count_parts(data: bytes) -> None:
    """A few bytes can ask for a second of work: as one more scan of the picture, or as one part of a million."""
    scans, parts = _parts_of_jpeg(data) if data.startswith(b"\xff\xd8") else (0, _parts_of_png(data))
    if scans > MOST_SCANS or parts > MOST_PARTS:
        raise Refused("too_many_parts")


def _parts_of_jpeg(data: bytes) -> tuple[int, int]:
    """Scans, and all segments, up to where there are too many."""
    at, scans, parts = 2, 0, 0
    while scans <= MOST_SCANS and parts <= MOST_PARTS:
        at = data.find(b"\xff", at)
        marker = data[at + 1] if 0 <= at < len(data) - 3 else 0xD9
        if marker == 0xD9:
            break
        if marker in (0x00, 0xFF) or 0xD0 <= marker <= 0xD8:  # inside a scan, or between segments
            at = _next_marker(data, at + 1 + (marker != 0xFF))
            continue
        parts, scans = parts + 1, scans + (marker == 0xDA)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return scans, parts


def _next_marker(data: bytes, at: int) -> int:
    """Past the stuffed bytes of a scan, which are many and are no parts."""
    found = MARKER.search(data, at)
    return found.start() if found else len(data)


def _parts_of_png(data: bytes) -> int:
    at, parts = 8, 0
    while at + 8 <= len(data) and parts <= MOST_PARTS:
        at += 12 + struct.unpack_from(">I", data, at)[0]
        parts += 1
    return parts


def main() -> None:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    Image.preinit()
    out = sys.stdout.buffer
    confine()
    out.write(b"ready\n")
    try:
        about, copies = examine(sys.stdin.buffer.read())
    except Refused as refused:
        about, copies = {"refused": str(refused)}, []
    out.write(json.dumps(about).encode() + b"\n")
    out.writelines(copies)


if __name__ == "__main__":
    main()
