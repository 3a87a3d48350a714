import io
import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from tests.verify.documents.report import qr_png, white_png
from tests.verify.sample import NOW, QR, TRUST
from verify.documents.examine import examine
from verify.documents.image import PIXELS_MAX, is_picture, read_picture
from verify.reasons import Reason, Rejection


def code() -> Image.Image:
    return Image.open(io.BytesIO(qr_png(QR))).convert("RGB")


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def on_page(*placed: tuple[Image.Image, tuple[int, int]], size: tuple[int, int] = (1654, 2339)) -> Image.Image:
    """A sheet of A4 at 200 dpi."""
    page = Image.new("RGB", size, "white")
    for image, place in placed:
        page.paste(image, place)
    return page


def test_the_code_on_a_page_is_read() -> None:
    assert read_picture(saved(on_page((code(), (1100, 80))))).texts == (QR,)


@pytest.mark.parametrize("degrees", [7, 90, 180, 211, 270])
def test_a_turned_page_is_read(degrees: int) -> None:
    turned = on_page((code(), (600, 600))).rotate(degrees, expand=True, fillcolor="white")
    assert read_picture(saved(turned, "JPEG", quality=80)).texts == (QR,)


def test_a_small_code_is_read() -> None:
    small = code().resize((160, 160), Image.Resampling.LANCZOS)
    assert read_picture(saved(on_page((small, (50, 50)), size=(300, 300)))).texts == (QR,)


def test_a_transparent_code_is_read() -> None:
    image = code().convert("RGBA")
    image.putalpha(image.convert("L").point(lambda value: 255 - value))
    assert read_picture(saved(image)).texts == (QR,)


def test_a_code_under_a_red_seal_is_read_in_the_red_channel() -> None:
    """Stamp ink is translucent: black stays black under it, paper becomes red."""
    image = code()
    seal = Image.new("RGB", image.size, "white")
    ImageDraw.Draw(seal).ellipse((20, 20, image.width - 20, image.height - 20), fill=(255, 20, 20))
    for step in range(0, image.width, 22):
        ImageDraw.Draw(seal).line((step, 0, image.width - step, image.height), fill=(255, 0, 0), width=7)
    stamped = ImageChops.multiply(image, seal)
    hard = stamped.convert("L").point(lambda value: 0 if value < 140 else 255)
    assert read_picture(saved(hard)).texts == (), "the seal must hide the code from a reader of grey values"
    assert read_picture(saved(stamped)).texts == (QR,)


def test_several_codes_are_all_read_and_refused_as_one_question() -> None:
    from tests.verify.sample import FACTS, KEY, URL
    from verify.credential import sign
    from verify.scanned import qr_text

    other = Image.open(io.BytesIO(qr_png(qr_text(sign(replace(FACTS, sequence=18), KEY), URL)))).convert("RGB")
    page = saved(on_page((code(), (50, 50)), (other, (50, 1200))))
    assert len(read_picture(page).texts) == 2
    assert examine(page, name="a.png", trust=TRUST, at=NOW, now=NOW).reason is Reason.SEVERAL_CODES


def test_a_stranger_s_code_beside_ours_is_left_aside() -> None:
    other = Image.open(io.BytesIO(qr_png("https://weixin.example/group"))).convert("RGB")
    page = saved(on_page((code(), (50, 50)), (other, (50, 1200))))
    assert examine(page, name="a.png", trust=TRUST, at=NOW, now=NOW).reason is Reason.OK


def test_the_same_code_twice_is_one_code() -> None:
    page = saved(on_page((code(), (50, 50)), (code(), (50, 1200))))
    assert examine(page, name="a.png", trust=TRUST, at=NOW, now=NOW).reason is Reason.OK


def test_only_a_code_with_nothing_but_paper_around_it_is_plain() -> None:
    assert read_picture(qr_png(QR)).plain
    beside = on_page((code(), (50, 50)))
    assert read_picture(saved(beside)).plain
    ImageDraw.Draw(beside).text((60, 1500), "no violations", fill="black")
    assert not read_picture(saved(beside)).plain


def test_a_picture_without_a_code_is_read_as_such() -> None:
    out = saved(white_png(200, 200))
    assert read_picture(out).texts == ()
    assert examine(out, name="a.png", trust=TRUST, at=NOW, now=NOW).reason is Reason.NO_CODE_FOUND


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and carries almost nothing: a decompression bomb's first half."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("side", [8_000, 12_000, 30_000, 2_000_000])
def test_a_decompression_bomb_is_refused_before_it_unfolds(side: int) -> None:
    assert side * side > PIXELS_MAX
    with pytest.raises(Rejection) as refusal:
        read_picture(png_of(side, side))
    assert refusal.value.reason is Reason.FILE_TOO_LARGE


DAMAGED = {
    "half a png": qr_png(QR)[:400],
    "only a signature": b"\x89PNG\r\n\x1a\n",
    "only a jpeg marker": b"\xff\xd8\xff\xe0",
    "no pixels": png_of(0, 0),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_picture_is_named_so(data: bytes) -> None:
    assert is_picture(data)
    with pytest.raises(Rejection) as refusal:
        read_picture(data)
    assert refusal.value.reason is Reason.DAMAGED_FILE


@settings(max_examples=60, deadline=None)
@given(st.integers(8, 2000), st.binary(min_size=1, max_size=20))
def test_a_mutated_picture_is_read_or_rejected(place: int, junk: bytes) -> None:
    data = qr_png(QR)
    mutated = data[:place] + junk + data[place + len(junk) :]
    try:
        texts = read_picture(mutated).texts
    except Rejection:
        return
    assert set(texts) <= {QR}


def test_a_large_transparent_picture_is_refused_before_it_is_unpacked() -> None:
    """It would stand in memory three times over: 900 MB for 60 million pixels."""
    out = io.BytesIO()
    Image.new("RGBA", (5100, 5100)).save(out, "PNG")
    with pytest.raises(Rejection) as refusal:
        read_picture(out.getvalue())
    assert refusal.value.reason is Reason.FILE_TOO_LARGE
