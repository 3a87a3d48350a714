"""Every QR code on one page, whatever photographed it: as it is, through a red seal, out of the dark, a little blurred.

* A page with red ink is read twice, all colours and the red channel alone, where a red seal turns into paper: one
  code may
  lie under the seal and another beside it.
* Only when nothing was found is the page mended, step by step: noise away, edges sharpened, enlarged.
* ``damaged``: no code could be read, yet one is there.

Source: cases 1, 2, 3, 14 of verify-cases. The parts of a structured-append sequence read as texts of their own; none
of them is a
whole code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zxingcpp
    from PIL.Image import Image

ENLARGE_BELOW_PIXELS = 4_000_000
MEND_BELOW_PIXELS = 25_000_000
_SAMPLE_SIDE = 400
_RED_INK, _RED_PIXELS_MIN = 40, 24
"""How much redder than green and blue a dot of ink is, and how many of them a seal has in the sample."""


@dataclass(frozen=True, slots=True)
class Found:
    """``texts`` none twice, in the order in which they were found."""

    texts: tuple[str, ...]
    damaged: bool = False


def codes_on(picture: "Image") -> Found:
    """The codes of ``picture``, which is RGB or L."""
    grey = picture if picture.mode == "L" else picture.convert("L")
    found = texts_in(grey)
    red = picture.getchannel("R") if picture.mode == "RGB" else grey
    if red is not grey and _has_red_ink(picture):
        found += texts_in(red)
    for mended in () if found else _mended(grey, red):
        found = texts_in(mended)
        if found:
            break
    return Found(tuple(dict.fromkeys(found)), damaged=not found and _has_remains(grey, red))


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


def _has_red_ink(picture: "Image") -> bool:
    """Looked for in a sample of the dots: it costs next to nothing."""
    from PIL import Image, ImageChops

    side = (min(_SAMPLE_SIDE, picture.width), min(_SAMPLE_SIDE, picture.height))
    red, green, blue = picture.resize(side, Image.Resampling.NEAREST).split()
    redder = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    return sum(redder.histogram()[_RED_INK:]) >= _RED_PIXELS_MIN


def _mended(grey: "Image", red: "Image") -> Iterator["Image"]:
    from PIL import Image, ImageFilter

    if grey.width * grey.height > MEND_BELOW_PIXELS:
        return
    if red is not grey:
        yield red
    for channel in (red,) if red is grey else (red, grey):
        yield channel.filter(ImageFilter.MedianFilter(3))
        yield channel.filter(ImageFilter.UnsharpMask(6, 250, 2))
        if channel.width * channel.height <= ENLARGE_BELOW_PIXELS:
            yield channel.resize((channel.width * 2, channel.height * 2), Image.Resampling.BICUBIC)


def _has_remains(grey: "Image", red: "Image") -> bool:
    import zxingcpp

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    channels = (grey,) if red is grey else (grey, red)
    return any(zxingcpp.read_barcodes(channel, formats=formats, return_errors=True) for channel in channels)
