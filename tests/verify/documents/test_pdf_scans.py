"""Answers verify/documents/pdf_scans.py: the quick way with a scanned page, and when it must not be gone."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from pyhanko.pdf_utils import generic

from tests.verify.documents.make_sample import WORDS
from tests.verify.documents.pdf_tools import (
    Writer,
    dictionary,
    name,
    numbers,
    page_of,
    saved_again,
    updated,
    with_annotation,
)
from tests.verify.documents.photos import report_page, sealed, sheet
from tests.verify.sample import QR
from verify.documents import pdf_pages, pdf_scans
from verify.documents.codes import codes_as_is
from verify.documents.pdf import SAMPLE, read_pdf
from verify.documents.pdf_drawing import drawn, drawn_within
from verify.documents.pdf_pages import opened
from verify.documents.pdf_scans import codes_of_scan

A4 = 1684, 1191
"""Rows and columns of a page drawn with care."""
OTHER = "https://example.test/v#of-another-report"
PAGES = {
    "a code": report_page(QR),
    "another code": report_page(OTHER),
    "no code": sheet(),
    "two codes": sheet((QR, (160, 12)), (OTHER, (20, 12))),
    "a code under a seal": sealed(report_page(QR), (177, 30)),
    "nothing at all": Image.new("RGB", report_page(QR).size, "white"),
    "grey": report_page(QR).convert("L"),
}


@cache
def scan(page: str = "a code", *, dots: float = 300) -> bytes:
    """An A4 page at ``dots`` an inch as one picture."""
    side, stream = (round(210 * dots / 25.4), round(297 * dots / 25.4)), BytesIO()
    PAGES[page].resize(side, Image.Resampling.BILINEAR).save(stream, "PDF", resolution=dots, quality=80)
    return stream.getvalue()


def quickly(pdf: bytes) -> tuple[str, ...] | None:
    with opened(pdf) as document:
        return codes_of_scan(document[0])


def carefully(pdf: bytes) -> tuple[str, ...]:
    with opened(pdf) as document:
        return codes_as_is(drawn(document[0]))


@pytest.mark.parametrize(
    ("page", "dots"), [*((each, 300) for each in PAGES), *(("a code", each) for each in (400, 600))]
)
def test_the_quick_way_sees_what_the_careful_one_sees(page: str, dots: float) -> None:
    pdf = scan(page, dots=dots)
    found = quickly(pdf)
    assert found is not None
    assert sorted(found) == sorted(carefully(pdf))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_turned_as_the_page_says(turn: int) -> None:
    def edit(writer: Writer) -> None:
        page_of(writer, 0)[name("/Rotate")] = generic.NumberObject(turn)

    assert quickly(updated(scan(), edit, strict=False)) == (QR,)


def test_words_that_a_scanner_lays_under_its_picture_do_not_matter() -> None:
    assert quickly(with_content(b"BT /F 12 Tf 3 Tr 40 700 Td (to be searched) Tj ET", after=False)) == (QR,)


@pytest.mark.parametrize("size", [(595, 842), (595.276, 841.89), (595.2, 841.92), (612, 792)])
def test_a_page_of_any_size_is_drawn_to_the_dot(size: tuple[float, float]) -> None:
    def edit(writer: Writer) -> None:
        page = page_of(writer, 0)
        picture = next(iter(page["/Resources"]["/XObject"]))[1:].encode()
        content = b"%f 0 0 %f 0 0 cm /%b Do" % (*size, picture)
        page[name("/MediaBox")] = numbers(0, 0, *size)
        page[name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=content))

    assert quickly(updated(scan(), edit, strict=False)) == (QR,)


# what the picture has and the page does not show


def with_content(content: bytes, *, after: bool, pdf: bytes = b"", **resources: object) -> bytes:
    """The page of a scan with operators before or after its own."""
    font = dictionary(Type=name("/Font"), Subtype=name("/Type1"), BaseFont=name("/Helvetica"))

    def edit(writer: Writer) -> None:
        page = page_of(writer, 0)
        page["/Resources"].update(
            {name(f"/{key}"): value for key, value in {"Font": dictionary(F=font), **resources}.items()}
        )
        parts = [page.raw_get("/Contents"), writer.add_object(generic.StreamObject(stream_data=content))]
        page[name("/Contents")] = generic.ArrayObject(parts if after else reversed(parts))
        writer.update_container(page)

    return updated(pdf or scan(), edit, strict=False)


def with_picture(change: Callable[[Writer, generic.StreamObject], None]) -> bytes:
    """A scan with something changed in the dictionary of its picture."""

    def edit(writer: Writer) -> None:
        picture = next(iter(page_of(writer, 0)["/Resources"]["/XObject"].values())).get_object()
        change(writer, picture)
        writer.update_container(picture)

    return updated(scan(), edit, strict=False)


def mask(writer: Writer, opaque: Image.Image) -> generic.IndirectObject:
    entries = dictionary(
        Type=name("/XObject"),
        Subtype=name("/Image"),
        Width=generic.NumberObject(opaque.width),
        Height=generic.NumberObject(opaque.height),
        ColorSpace=name("/DeviceGray"),
        BitsPerComponent=generic.NumberObject(8),
    )
    return writer.add_object(generic.StreamObject(entries, stream_data=opaque.tobytes()))


def without_its_code(writer: Writer, picture: generic.StreamObject) -> None:
    """A soft mask that lets everything through but the code."""
    opaque = Image.new("L", (210, 297), 255)
    ImageDraw.Draw(opaque).rectangle((155, 8, 200, 52), fill=0)
    picture[name("/SMask")] = mask(writer, opaque)


def between_the_dots(writer: Writer, picture: generic.StreamObject) -> None:
    """Of the code only the dots that pdfium takes when it leaves out others; below it stands another one."""
    opaque = np.full((picture["/Height"], picture["/Width"]), 255, np.uint8)
    top, bottom, left, right = (round(side * 300 / 25.4) for side in (8, 52, 155, 200))
    opaque[top:bottom, left:right] = 0
    taken = [((np.arange(all_) + 0.5) * side / all_).astype(int) for side, all_ in zip(opaque.shape, A4, strict=True)]
    opaque[np.ix_(*taken)] = 255
    picture[name("/SMask")] = mask(writer, Image.fromarray(opaque))
    code = np.array(zxingcpp.create_barcode(OTHER, zxingcpp.BarcodeFormat.QRCode).to_image(scale=1)) < 128
    side = len(code)
    squares = b"".join(
        b"%d %d 1 1 re " % (across, side - 1 - down) for down, across in zip(*code.nonzero(), strict=True)
    )
    letter = generic.StreamObject(stream_data=b"%d 0 0 0 %d %d d1 %bf" % (side, side, side, squares))
    font = dictionary(
        Type=name("/Font"),
        Subtype=name("/Type3"),
        FontBBox=numbers(0, 0, side, side),
        FontMatrix=numbers(1 / side, 0, 0, 1 / side, 0, 0),
        CharProcs=dictionary(a=writer.add_object(letter)),
        Encoding=dictionary(Differences=generic.ArrayObject([generic.NumberObject(97), name("/a")])),
        FirstChar=generic.NumberObject(97),
        LastChar=generic.NumberObject(97),
        Widths=numbers(side),
    )
    page = page_of(writer, 0)
    page["/Resources"][name("/Font")] = dictionary(F=font)
    words = writer.add_object(generic.StreamObject(stream_data=b"BT /F 1 Tf 105 0 0 105 450 703 Tm (a) Tj ET"))
    page[name("/Contents")] = generic.ArrayObject([words, page.raw_get("/Contents")])
    writer.update_container(page)


def in_other_colours(_writer: Writer, picture: generic.StreamObject) -> None:
    picture[name("/Decode")] = numbers(1, 0, 1, 0, 1, 0)


def white_in_white(_writer: Writer, picture: generic.StreamObject) -> None:
    picture[name("/Decode")] = numbers(1, 1, 1, 1, 1, 1)


def truncated(_writer: Writer, picture: generic.StreamObject) -> None:
    picture._encoded_data = picture.encoded_data[: len(picture.encoded_data) // 2]


UNFAITHFUL = {each.__name__: each for each in (without_its_code, in_other_colours, white_in_white, truncated)}


@pytest.mark.parametrize("change", UNFAITHFUL.values(), ids=UNFAITHFUL)
def test_a_picture_that_is_shown_otherwise_is_drawn_with_care(
    change: Callable[[Writer, generic.StreamObject], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = with_picture(change)
    assert quickly(pdf) is None
    found = read_pdf(pdf).qr_texts
    monkeypatch.setattr(pdf_pages, "codes_of_scan", lambda *_: None)
    assert found == read_pdf(pdf).qr_texts


def test_what_stands_between_the_dots_that_would_be_taken_counts_as_well() -> None:
    pdf = with_picture(between_the_dots)
    assert carefully(pdf) == (OTHER,)
    assert quickly(pdf) is None


def test_a_code_is_read_once_more_where_it_stands_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_scans, "_alike", lambda *_: True)
    assert quickly(scan()) == (QR,)
    assert quickly(scan("no code")) == ()
    assert quickly(with_picture(without_its_code)) is None


CLIPPED = b"0 0 595 700 re W n"
PAPER_OVER = b"q 1 g 440 680 150 160 re f Q"
SEE_THROUGH = dictionary(G=dictionary(ca=generic.FloatObject(0.05)))
TRANSFER = dictionary(
    G=dictionary(
        TR=dictionary(
            FunctionType=generic.NumberObject(2),
            Domain=numbers(0, 1),
            C0=numbers(1),
            C1=numbers(1),
            N=generic.NumberObject(1),
        )
    )
)


@pytest.mark.parametrize(
    ("content", "after", "resources"),
    [
        (CLIPPED, False, {}),
        (PAPER_OVER, True, {}),
        (b"/G gs", False, {"ExtGState": SEE_THROUGH}),
        (b"/G gs", False, {"ExtGState": TRANSFER}),
        (b"0.5 0 0 0.5 0 0 cm", False, {}),
        (b"1 0 0 1 40 -40 cm", False, {}),
        (b"-1 0 0 1 595 0 cm", False, {}),
    ],
    ids=["clipped", "paper over it", "nearly see-through", "a transfer function", "smaller", "moved", "mirrored"],
)
def test_a_page_that_does_not_show_its_picture_as_it_is_is_drawn_with_care(
    content: bytes, after: bool, resources: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = with_content(content, after=after, **resources)
    assert quickly(pdf) is None
    found = read_pdf(pdf).qr_texts
    monkeypatch.setattr(pdf_pages, "codes_of_scan", lambda *_: None)
    assert found == read_pdf(pdf).qr_texts


def test_a_page_that_shows_another_code_than_its_picture_is_drawn_with_care(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(scan()) as picture, opened(scan("another code")) as other:
        assert codes_of_scan(picture[0]) == (QR,)
        monkeypatch.setattr(pdf_scans, "drawn_within", lambda _page, scale: drawn_within(other[0], scale))
        assert codes_of_scan(picture[0]) is None


def test_anything_besides_one_jpeg_is_drawn_with_care() -> None:
    noted = with_annotation(saved_again(scan()), 0, Subtype=name("/Text"), Rect=numbers(40, 40, 60, 60))
    twice = updated(scan(), _shown_again, strict=False)
    unpacked = with_picture(_unpacked)
    few = scan(dots=200)
    drawing = with_content(b"40 40 m 50 50 l S", after=True)
    assert [quickly(pdf) for pdf in (noted, twice, unpacked, few, drawing, SAMPLE.read_bytes())] == [None] * 6
    assert [read_pdf(pdf).qr_texts for pdf in (noted, twice, unpacked, few, drawing)] == [(QR,)] * 5


def _shown_again(writer: Writer) -> None:
    """The same picture once more, small."""
    page = page_of(writer, 0)
    again = b"q 60 0 0 80 20 20 cm /" + next(iter(page["/Resources"]["/XObject"]))[1:].encode() + b" Do Q"
    stream = writer.add_object(generic.StreamObject(stream_data=again))
    page[name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), stream])
    writer.update_container(page)


def _unpacked(_writer: Writer, picture: generic.StreamObject) -> None:
    with Image.open(BytesIO(picture.encoded_data)) as image:
        picture._data, picture._encoded_data = image.convert("RGB").tobytes(), None
    del picture[name("/Filter")]


def test_the_sample_that_workers_begin_with_is_certified_as_reports_are_and_says_that_it_is_fictional() -> None:
    found = read_pdf(SAMPLE.read_bytes()).document
    assert found is not None
    assert found.certification is not None
    assert (found.certification.intact, found.certification.whole_file) == (True, True)
    assert [line.text for line in found.lines] == [WORDS]
