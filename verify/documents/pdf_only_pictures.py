"""Whether a PDF shows pictures and nothing else, as a scan does: what it draws besides makes it a document.

* A page is drawn twice: as it is, and with its pictures alone. What a scanner lays under its picture, or over it
  without ink, leaves no trace; words, lines or patches that somebody laid over the picture do.
* An annotation or a form field may be shown by one program and not by another: any but a link is more than a picture.
* So is a form, which a program may show in the place of the pages, and a script.
* Bounded: the objects of a page.

Source: cases 66, 68, 69. Decision: docs/decisions/0206.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verify.documents.pdf_drawing import drawn
from verify.documents.pdf_text import OBJECTS_MAX, is_painted
from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfObject, PdfPage

_NESTED_MAX = 5
_SCALE = 1.0
_LINK, _POPUP = 2, 16


def acts(document: "PdfDocument") -> bool:
    """Whether it has a form, a field for a signature or a script."""
    from pypdfium2.raw import FPDF_GetFormType, FPDF_GetSignatureCount, FPDFDoc_GetJavaScriptActionCount

    found = (FPDF_GetFormType(document), FPDF_GetSignatureCount(document), FPDFDoc_GetJavaScriptActionCount(document))
    return any(number != 0 for number in found)


def more_than_pictures(page: "PdfPage") -> bool:
    """The page cannot be used for anything else afterwards: it is left without what is no picture."""
    from pypdfium2.raw import FPDFPageObj_SetIsActive

    if _annotated(page):
        return True
    others = list(_no_pictures(page))
    if not others:
        return False
    whole = drawn(page, _SCALE)
    for each in others:
        FPDFPageObj_SetIsActive(each, False)
    return whole.tobytes() != drawn(page, _SCALE).tobytes()


def _annotated(page: "PdfPage") -> bool:
    from pypdfium2.raw import FPDFAnnot_GetSubtype, FPDFPage_CloseAnnot, FPDFPage_GetAnnot, FPDFPage_GetAnnotCount

    for number in range(FPDFPage_GetAnnotCount(page)):
        found = FPDFPage_GetAnnot(page, number)
        kind = FPDFAnnot_GetSubtype(found) if found else 0
        if found:
            FPDFPage_CloseAnnot(found)
        if kind not in (_LINK, _POPUP):
            return True
    return False


def _no_pictures(page: "PdfPage") -> Iterator["PdfObject"]:
    """What might draw something and is no picture; a group of objects too deep to look into counts as a whole."""
    from pypdfium2.raw import FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_TEXT

    for count, each in enumerate(page.get_objects(max_depth=_NESTED_MAX)):
        if count == OBJECTS_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        looked_into = each.type == FPDF_PAGEOBJ_FORM and each.level < _NESTED_MAX - 1
        unseen = each.type == FPDF_PAGEOBJ_TEXT and not is_painted(each)
        if not (each.type == FPDF_PAGEOBJ_IMAGE or looked_into or unseen):
            yield each
