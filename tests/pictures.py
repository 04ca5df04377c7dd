"""Pictures for tests: small ones, ones that look like a photo, and their hash."""

import hashlib
from io import BytesIO
from typing import Any

import numpy as np
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


def taken(grain: float, width: int = 4000, height: int = 3000) -> bytes:
    """As a camera would write it: detail at every scale, `grain` how much of the finest, and where it was taken."""
    dice = np.random.default_rng(1)
    seen = np.full((height, width), 128.0)
    for step in (500, 250, 100, 50, 20, 8, 4, 2):
        coarse = dice.normal(0, 12 + grain / 4, (height // step + 1, width // step + 1)).astype("float32")
        layer = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        seen += np.asarray(layer)
    seen += dice.normal(0, grain, seen.shape)
    image = Image.merge("RGB", [Image.fromarray(np.clip(seen * of, 0, 255).astype("uint8")) for of in (1, 0.9, 0.8)])
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 40.0, 34.0), 3: "E", 4: (12.0, 34.0, 6.0)})
    return written(image, quality=90, exif=exif)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
