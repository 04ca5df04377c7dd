"""Files that mean harm, or look as if they did, each with what must become of it.

Run as a module it writes them into a folder: `python -m tests.hostile FOLDER`.
"""

import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.pictures import JPEG, PNG, WEBP, jpeg, photo, written

ACCEPTED = "accepted"
SCRIPT = b"<html><script>alert(document.domain)</script></html>"


@dataclass(frozen=True)
class Hostile:
    """`outcome`: accepted, or the reason of the refusal."""

    name: str
    declared: str
    outcome: str
    make: Callable[[], bytes]


# --- parts of which files are made ---


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*more: bytes, width: int = 4, height: int = 4, depth: int = 8, colour: int = 2) -> bytes:
    """A picture of one colour, with further chunks in front of its pixels."""
    head = struct.pack(">IIBBBBB", width & 0xFFFFFFFF, height & 0xFFFFFFFF, depth, colour, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x40" * (4 * 3)) * 4)
    parts = (chunk(b"IHDR", head), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def with_segments(*segments: bytes, base: bytes | None = None) -> bytes:
    base = base or jpeg()
    return base[:2] + b"".join(segments) + base[2:]


def profile_part(number: int, of: int) -> bytes:
    return segment(0xE2, b"ICC_PROFILE\0" + bytes((number, of)) + bytes(65_000))


def resized(data: bytes, width: int, height: int) -> bytes:
    """The same JPEG, whose head claims another size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def archive(*, link: bool = False, bomb: bool = False) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        if bomb:
            file.writestr("zeros", bytes(20_000_000))
        if link:
            entry = zipfile.ZipInfo("passwords.jpg")
            entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            file.writestr(entry, "/etc/passwd")
        file.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
    return out.getvalue()


def exif(**tags: object) -> bytes:
    found = Image.Exif()
    found[0x0112] = tags.get("orientation", 1)
    if "gps" in tags:
        found[0x8825] = {1: "N", 2: (52.0, 31.0, 12.5), 3: "E", 4: (13.0, 24.0, 17.2)}
        found[0x010F] = "Secret Camera Works"
    return found.tobytes()


def animated(kind: str) -> bytes:
    frames = [photo(seed=number) for number in range(3)]
    return written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def many_scans(count: int) -> bytes:
    """A progressive JPEG that asks for one more pass over millions of points with every few bytes."""
    base = resized_progressive(6000, 4000)
    end = base.rindex(b"\xff\xda")
    scan = base[end:-2]
    return base[:end] + scan * count + b"\xff\xd9"


def resized_progressive(width: int, height: int) -> bytes:
    data = written(Image.new("RGB", (16, 16), "grey"), "JPEG", progressive=True)
    at = data.index(b"\xff\xc2")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def looping_exif() -> bytes:
    """Its directories point at themselves."""
    head = b"MM\0*\0\0\0\x08"
    entries = struct.pack(">HHII", 0x8769, 4, 1, 8) + struct.pack(">HHII", 0x8825, 4, 1, 8)
    return b"Exif\0\0" + head + struct.pack(">H", 2) + entries + struct.pack(">I", 8)


def interlaced() -> bytes:
    """4 x 4 points in the passes of Adam7, of which two are empty."""
    lines = b"".join(b"\0" + b"\x40\x80\xc0" * width for width in (1, 1, 2, 2, 2, 4, 4))
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 1)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def stripes(width: int, height: int) -> bytes:
    return written(Image.new("RGB", (width, height), "teal"), "PNG")


def palette() -> bytes:
    image = photo().quantize(16)
    image.info["transparency"] = 3
    return written(image, "PNG", transparency=3)


def sixteen_bits() -> bytes:
    return written(Image.linear_gradient("L").convert("I;16").point(lambda value: value * 256), "PNG")


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def bomb_of(kind: bytes, head: bytes) -> bytes:
    return chunk(kind, head + zlib.compress(bytes(60_000_000), 9))


BIG = written(photo(900, 600), "JPEG", quality=90)

CORPUS = [
    # more points or parts than fit
    Hostile("pixel bomb, PNG", PNG, "too_many_pixels", lambda: png(width=50_000, height=50_000)),
    Hostile("pixel bomb, JPEG", JPEG, "too_many_pixels", lambda: resized(jpeg(), 65_500, 65_500)),
    Hostile("39 million points, PNG", PNG, "too_much_memory", lambda: stripes(6500, 6000)),
    Hostile(
        "39 million points, WebP", WEBP, "unreadable",
        lambda: written(Image.new("RGB", (6500, 6000)), "WEBP", lossless=True, method=0),
    ),
    Hostile("one scan after another", JPEG, "too_many_parts", lambda: many_scans(5_000)),
    Hostile("a million segments", JPEG, "too_many_parts", lambda: with_segments(segment(0xFE, b"") * 1_000_000)),
    Hostile("a million chunks", PNG, "too_many_parts", lambda: png(chunk(b"juNk", b"") * 900_000)),
    Hostile("JPEG that claims 39 million points and has few", JPEG, ACCEPTED, lambda: resized(BIG, 6500, 6000)),
    Hostile("negative width", PNG, "too_many_pixels", lambda: png(width=-1)),
    Hostile("negative height", PNG, "too_many_pixels", lambda: png(height=-4)),
    Hostile("no width at all", PNG, "not_a_picture", lambda: png(width=0)),
    Hostile("1 x 60000", PNG, ACCEPTED, lambda: stripes(1, 60_000)),
    # bombs in what stands beside the picture
    Hostile("iTXt bomb", PNG, "unreadable", lambda: png(bomb_of(b"iTXt", b"Title\0\1\0\0\0"))),
    Hostile("zTXt bomb", PNG, "unreadable", lambda: png(bomb_of(b"zTXt", b"Title\0\0"))),
    Hostile("iCCP bomb", PNG, "unreadable", lambda: png(bomb_of(b"iCCP", b"icc\0\0"))),
    Hostile("pixels that unpack to more than there are", PNG, ACCEPTED, lambda: png(bomb_of(b"IDAT", b""))),
    Hostile(
        "huge ICC profile", JPEG, ACCEPTED,
        lambda: with_segments(*(profile_part(n, 160) for n in range(1, 161))),
    ),
    Hostile("ICC profile of rubbish", JPEG, ACCEPTED, lambda: jpeg(icc_profile=b"\xff" * 4096)),
    Hostile(
        "huge EXIF", JPEG, ACCEPTED,
        lambda: with_segments(*(segment(0xE1, b"Exif\0\0" + bytes(65_000)) for _ in range(160))),
    ),
    Hostile("huge EXIF, PNG", PNG, ACCEPTED, lambda: png(chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 10_000_000))),
    Hostile("EXIF that leads in circles", JPEG, ACCEPTED, lambda: with_segments(segment(0xE1, looping_exif()))),
    # two files in one: harmless, since neither copy nor original is ever taken for the other
    Hostile("JPEG with a page in a comment", JPEG, ACCEPTED, lambda: with_segments(segment(0xFE, SCRIPT))),
    Hostile("JPEG with a page behind it", JPEG, ACCEPTED, lambda: jpeg() + SCRIPT),
    Hostile("JPEG with an archive behind it", JPEG, ACCEPTED, lambda: jpeg() + archive()),
    Hostile("PNG with a program behind it", PNG, ACCEPTED, lambda: png() + archive()),
    Hostile("GIFAR", JPEG, "not_a_picture", lambda: written(photo(), "GIF") + archive()),
    # other kinds of file
    Hostile("zip bomb", JPEG, "not_a_picture", lambda: archive(bomb=True)),
    Hostile("zip with a symbolic link", PNG, "not_a_picture", lambda: archive(link=True)),
    Hostile("SVG", PNG, "not_a_picture", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    Hostile("page", WEBP, "not_a_picture", lambda: SCRIPT),
    Hostile("GIF", PNG, "not_a_picture", lambda: written(photo(), "GIF")),
    Hostile("BMP", PNG, "not_a_picture", lambda: written(photo(), "BMP")),
    Hostile("TIFF", JPEG, "not_a_picture", lambda: written(photo(), "TIFF")),
    Hostile("PDF", JPEG, "not_a_picture", lambda: written(photo(), "PDF")),
    Hostile("PostScript", JPEG, "not_a_picture", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file"),
    Hostile("HEIC", JPEG, "not_a_picture", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)),
    Hostile("PNG that is said to be a JPEG", JPEG, "other_type", png),
    Hostile("JPEG with another beginning", JPEG, "not_a_picture", lambda: b"MZ\x90\0" + jpeg()[4:]),
    # cut off and damaged
    *(
        Hostile(f"JPEG, the first {share} %", JPEG, "unreadable", lambda share=share: cut(BIG, share / 100))
        for share in (5, 15, 25, 35, 45, 55, 65, 75, 85, 95)
    ),
    Hostile("PNG, the first half", PNG, "unreadable", lambda: cut(written(photo(300, 200), "PNG"), 0.5)),
    Hostile("WebP, the first half", WEBP, "unreadable", lambda: cut(written(photo(300, 200), "WEBP"), 0.5)),
    Hostile("0 bytes", JPEG, "not_a_picture", lambda: b""),
    Hostile("1 byte", PNG, "not_a_picture", lambda: b"\x89"),
    Hostile("the first bytes alone", JPEG, "not_a_picture", lambda: b"\xff\xd8\xff"),
    Hostile("PNG with a wrong checksum", PNG, "unreadable", lambda: png().replace(b"IDAT", b"IDAT\0", 1)),
    # unusual
    Hostile("moving PNG", PNG, "animated", lambda: animated("PNG")),
    Hostile("moving WebP", WEBP, "animated", lambda: animated("WEBP")),
    Hostile("two pictures in one JPEG", JPEG, ACCEPTED, lambda: animated("MPO")),
    Hostile("where it was taken", JPEG, ACCEPTED, lambda: jpeg(exif=exif(gps=True))),
    *(
        Hostile(f"turned, {turn}", JPEG, ACCEPTED, lambda turn=turn: jpeg(exif=exif(orientation=turn)))
        for turn in range(1, 9)
    ),
    Hostile("CMYK", JPEG, ACCEPTED, lambda: written(photo().convert("CMYK"), "JPEG")),
    Hostile("16 bits a point", PNG, ACCEPTED, sixteen_bits),
    Hostile("1 bit a point", PNG, ACCEPTED, lambda: written(photo().convert("1"), "PNG")),
    Hostile("progressive", JPEG, ACCEPTED, lambda: written(photo(), "JPEG", progressive=True)),
    Hostile("interlaced", PNG, ACCEPTED, interlaced),
    Hostile("palette with a transparent colour", PNG, ACCEPTED, palette),
    Hostile("grey with transparency", PNG, ACCEPTED, lambda: written(photo().convert("LA"), "PNG")),
]  # fmt: skip


def main(folder: str) -> None:
    for number, one in enumerate(CORPUS):
        (Path(folder) / f"{number:02} {one.name}.{one.declared.partition('/')[2]}").write_bytes(one.make())


if __name__ == "__main__":
    main(sys.argv[1])
