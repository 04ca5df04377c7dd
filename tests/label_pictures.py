"""Photos of codes: as they are printed, turned, blurred, far away, several at once."""

from io import BytesIO

import numpy as np
import segno
import zxingcpp
from PIL import Image, ImageFilter

from tests.pictures import photo, written


def qr(text: str, scale: int = 6, error: str = "q") -> Image.Image:
    out = BytesIO()
    segno.make(text, error=error, micro=False).save(out, kind="png", scale=scale, border=4)
    return Image.open(out).convert("L")


def code128(text: str, scale: int = 3) -> Image.Image:
    return _framed(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128), scale)


def gs1(text: str, scale: int = 8) -> Image.Image:
    return _framed(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True), scale)


def _framed(code: zxingcpp.Barcode, scale: int) -> Image.Image:
    bars = Image.fromarray(np.array(code.to_image(scale=scale)))
    framed = Image.new("L", (bars.width + 80, bars.height + 80), "white")
    framed.paste(bars, (40, 40))
    return framed


def table(*codes: Image.Image, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """The codes side by side on something that is not white."""
    ground = photo(*size)
    at = 40
    for code in codes:
        ground.paste(code, (at, 200))
        at += code.width + 60
    return ground


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, expand=True, fillcolor="white" if image.mode == "L" else (200, 200, 200))


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def shot(image: Image.Image, quality: int = 80) -> bytes:
    """The bytes that a tablet sends."""
    return written(image.convert("RGB"), "JPEG", quality=quality)
