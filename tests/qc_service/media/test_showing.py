"""The copies that screens show: upright, in the right colours, small, and nothing but the picture."""

import pytest
from PIL import Image, ImageCms, ImageOps

from qc_service.media import pictures
from tests import hostile
from tests.pictures import JPEG, PNG, WEBP, jpeg, opened, photo, written


def shown(data, declared=JPEG, side=1600):
    picture = pictures.examine(data, declared)
    copy = next(one for one in picture.copies if one.side == side)
    return picture, opened(copy.content)


def alike(one, other, most=12.0):
    """How far two pictures are from each other, on average, of 255."""
    first, second = one.convert("RGB").tobytes(), other.convert("RGB").resize(one.size).tobytes()
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first) < most


def test_a_small_picture_stays_as_large_as_it_is():
    picture, image = shown(jpeg())

    assert (picture.width, picture.height, picture.type) == (64, 48, JPEG)
    assert image.size == (64, 48)
    assert alike(image, photo())


@pytest.mark.parametrize(
    ("size", "large", "small"), [((3000, 1000), (1600, 533), (400, 133)), ((500, 2000), (400, 1600), (100, 400))]
)
def test_no_side_of_a_copy_is_longer_than_it_may(size, large, small):
    picture = pictures.examine(written(photo(*size), "JPEG"), JPEG)

    assert (picture.width, picture.height) == size
    assert [(copy.width, copy.height) for copy in picture.copies] == [large, small]


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize(("kind", "declared"), [("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_a_picture_is_shown_as_the_camera_was_held(turn, kind, declared):
    upright = photo(160, 120)
    marks = hostile.exif(orientation=turn)
    lying = written(upright, kind, exif=marks, **({"lossless": True} if kind == "WEBP" else {}))

    picture, image = shown(lying, declared)

    wanted = ImageOps.exif_transpose(opened(lying))
    assert image.size == wanted.size == (picture.width, picture.height)
    assert image.size == ((160, 120) if turn < 5 else (120, 160))
    assert alike(image, wanted)


def test_a_picture_with_transparency_keeps_it():
    glass = photo()
    glass.putalpha(Image.linear_gradient("L").resize(glass.size))

    _, image = shown(written(glass, "PNG"), PNG)

    assert (image.format, image.mode) == ("WEBP", "RGBA")
    assert image.getchannel("A").getextrema()[0] < 10


def test_a_transparency_that_nothing_shows_through_is_none():
    glass = photo()
    glass.putalpha(255)

    assert shown(written(glass, "PNG"), PNG)[1].format == "JPEG"


def test_the_transparent_colour_of_a_palette_is_transparent():
    _, image = shown(hostile.palette(), PNG)

    assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA"])
def test_pictures_of_every_mode_look_the_same(mode):
    kind, declared = ("JPEG", JPEG) if mode == "CMYK" else ("PNG", PNG)
    converted = photo().convert(mode)

    _, image = shown(written(converted, kind), declared)

    assert alike(image, converted.convert("RGB"), most=20)


def test_sixteen_bits_a_point_are_brought_to_eight():
    _, image = shown(hostile.sixteen_bits(), PNG)

    assert alike(image, Image.linear_gradient("L"))


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_colours_are_shown_by_the_pictures_own_profile():
    """Of a profile in which red and blue have changed places, the copy shows blue where the bytes say red."""
    swapped = SRGB.replace(b"rXYZ", b"tmp1").replace(b"bXYZ", b"rXYZ").replace(b"tmp1", b"bXYZ")
    red = written(Image.new("RGB", (32, 32), (220, 20, 20)), "JPEG")
    same, other = (shown(written(opened(red), "JPEG", icc_profile=profile))[1] for profile in (SRGB, swapped))

    assert same.getpixel((9, 9))[0] > 2 * same.getpixel((9, 9))[2]
    assert other.getpixel((9, 9))[2] > 2 * other.getpixel((9, 9))[0]


@pytest.mark.parametrize("profile", [b"\xff" * 4096, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_profile_that_is_none_for_the_picture_leaves_its_colours_alone(profile):
    assert alike(shown(jpeg(icc_profile=profile))[1], shown(jpeg())[1], most=1)


def test_nothing_that_a_camera_wrote_is_left():
    data = jpeg(exif=hostile.exif(gps=True), comment=b"made by Secret Camera Works", dpi=(300, 300))
    assert dict(opened(data).getexif().get_ifd(0x8825))

    for side in (1600, 400):
        image = shown(data, side=side)[1]
        assert not dict(image.getexif())
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        assert image.info["jfif_density"] == (1, 1) or image.info["jfif_unit"] == 0
