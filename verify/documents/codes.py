"""Every QR code on one page, whatever photographed it: as it is, through a red seal, out of the dark, a little blurred.

* A page with red ink is read twice, all colours and the red channel alone, where a red seal turns into paper: one code
  may lie under the seal and another beside it.
* ``at_a_glance`` looks at a page of half the size: when what is there is printed large enough and no seal is, nothing
  of the size of a report's code can have been missed.
* Only when nothing was found is the page mended, step by step: noise away, edges sharpened, enlarged.
* ``damaged``: no code could be read, yet one is there.

Source: cases 1, 2, 3, 14 of verify-cases. The parts of a structured-append sequence read as texts of their own; none
of them is a
whole code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import dist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zxingcpp
    from PIL.Image import Image

ENLARGE_BELOW_PIXELS = 4_000_000
MEND_BELOW_PIXELS = 25_000_000
GLANCE_MODULE_MIN = 2.5
"""Dots a module from which on a glance is enough: zxing-cpp needs less than two."""
_SAMPLE_SIDE = 400
_RED_INK, _RED_PIXELS_MIN = 40, 24
"""How much redder than green and blue a dot of ink is, and how many of them a seal has in the sample."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in dots."""


@dataclass(frozen=True, slots=True)
class Found:
    """``texts`` none twice, in the order in which they were found."""

    texts: tuple[str, ...]
    damaged: bool = False


def at_a_glance(picture: "Image") -> Found | None:
    """The codes of ``picture``, which has no red ink and is smaller than it might be; None when it must be looked at in
    full."""
    codes = codes_in(picture if picture.mode == "L" else picture.convert("L"))
    if not codes or any(_module(code) < GLANCE_MODULE_MIN for code in codes):
        return None
    return Found(tuple(dict.fromkeys(code.text for code in codes)))


def _module(code: "zxingcpp.Barcode") -> float:
    """The shortest side of the code, in dots a module."""
    corners = _corners(code)
    shortest = min(dist(one, other) for one, other in zip(corners, corners[1:] + corners[:1], strict=True))
    extra: dict[str, str] = code.extra  # type: ignore[assignment]
    version = int(extra.get("Version", 40))
    return float(shortest / (17 + 4 * version))


def codes_on(picture: "Image") -> Found:
    """The codes of ``picture``, which is RGB or L, whatever it takes."""
    found = codes_as_is(picture)
    if found:
        return Found(found)
    channel = picture if picture.mode == "L" else picture.getchannel("R")
    for mended in _mended(channel):
        found = texts_in(mended)
        if found:
            return Found(found)
    return Found((), damaged=_has_remains(channel))


def codes_as_is(picture: "Image") -> tuple[str, ...]:
    """The codes of one page of many, most of which have none: nothing is mended."""
    return tuple(places_of_codes(picture))


def places_of_codes(picture: "Image") -> dict[str, Box]:
    """The same, each with the place where it stands first."""
    found = codes_in(picture if picture.mode == "L" else picture.convert("L"))
    if has_red_ink(picture):
        found += codes_in(picture.getchannel("R"))
    places: dict[str, Box] = {}
    for code in found:
        places.setdefault(code.text, _place(code))
    return places


def _place(code: "zxingcpp.Barcode") -> Box:
    across, down = zip(*_corners(code), strict=True)
    return min(across), min(down), max(across), max(down)


def _corners(code: "zxingcpp.Barcode") -> list[tuple[int, int]]:
    place = code.position
    return [(each.x, each.y) for each in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]


def texts_in(image: "Image") -> tuple[str, ...]:
    return tuple(code.text for code in codes_in(image))


def codes_in(image: "Image") -> "list[zxingcpp.Barcode]":
    """The QR codes of one picture as it is."""
    import zxingcpp

    return list(
        zxingcpp.read_barcodes(
            image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]), text_mode=zxingcpp.TextMode.Plain
        )
    )


def has_red_ink(picture: "Image") -> bool:
    """Whether ``picture``, RGB or L, has any; looked for in a sample of the dots: it costs next to nothing."""
    from PIL import Image, ImageChops

    if picture.mode != "RGB":
        return False
    side = (min(_SAMPLE_SIDE, picture.width), min(_SAMPLE_SIDE, picture.height))
    red, green, blue = picture.resize(side, Image.Resampling.NEAREST).split()
    redder = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    return sum(redder.histogram()[_RED_INK:]) >= _RED_PIXELS_MIN


def _mended(channel: "Image") -> Iterator["Image"]:
    """Of a colour picture the red channel, in which seals are paper."""
    from PIL import Image, ImageFilter

    if channel.width * channel.height > MEND_BELOW_PIXELS:
        return
    yield channel
    yield channel.filter(ImageFilter.MedianFilter(3))
    yield channel.filter(ImageFilter.UnsharpMask(6, 250, 2))
    if channel.width * channel.height <= ENLARGE_BELOW_PIXELS:
        yield channel.resize((channel.width * 2, channel.height * 2), Image.Resampling.BICUBIC)


def _has_remains(channel: "Image") -> bool:
    import zxingcpp

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    return bool(zxingcpp.read_barcodes(channel, formats=formats, return_errors=True))
