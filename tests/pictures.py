"""Pictures for tests: small ones, ones that look like a photo, and their hash."""

import hashlib
from io import BytesIO
from typing import Any

from PIL import Image

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def photo(width: int = 64, height: int = 48, seed: int = 1) -> Image.Image:
    """A picture with something to see, the same each time."""
    small = [((x * 37 + seed * 11) % 256, (x * 59) % 256, (x * 83 + seed) % 256) for x in range(12 * 9)]
    image = Image.new("RGB", (12, 9))
    image.putdata(small)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def jpeg(seed: int = 1, **options: Any) -> bytes:
    return written(photo(seed=seed), "JPEG", **options)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
