"""What came after a PDF was signed: the signed revision beside the file in hand, and each change by name.

* The signed revision is the file up to the end of its signature: pdfium shows both, looked at from outside, and no
  rule of what a later update may do is needed. Whatever was appended is said, also when nothing of it is to be seen.
* Pages: added, removed, moved, changed (``pdf_redrawn``). Then attachments, scripts, properties of the file, further
  signatures.

Source: cases 68–70, 73. Decision: docs/decisions/0196.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import chain, islice
from typing import TYPE_CHECKING

from verify.alignment import made_visible
from verify.binding import Difference, FieldPackage
from verify.documents.pdf_pages import opened
from verify.documents.pdf_places import Places
from verify.documents.pdf_redrawn import Look, redrawn
from verify.documents.pdf_signature import PdfSignature
from verify.documents.pdf_text import page_name

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

AFTER = "签名之后"
NAMED_MAX = 100
"""Of the pages; and of the rest."""
ATTACHMENTS_MAX = 100
_WORDS_MAX = 200
_ACTING = {
    b"/OpenAction": ("动作", "打开文件时执行的动作"),
    b"/OCProperties": ("图层", "可以显示或隐藏的图层"),
    b"/XFA": ("动态表单", "动态表单"),
}
_PROPERTIES = {"Title": "标题", "Author": "作者", "Subject": "主题", "Keywords": "关键词", "Creator": "创建程序"}


def came_after(
    data: bytes, signature: PdfSignature, later: Sequence[PdfSignature], package: FieldPackage | None
) -> tuple[Difference, ...]:
    """``signature`` is intact and does not cover all of ``data``; ``later`` come after it. Raises Rejection."""
    with opened(data[: signature.end]) as before, opened(data) as after:
        pages = islice(_pages(before, after, Places(package)), NAMED_MAX)
        rest = chain(
            _around(before, after, data[signature.end :]), _signed_later(later), _told_by_name(data[signature.end :])
        )
        found = [*pages, *islice(rest, NAMED_MAX)]
    size = len(data) - signature.end
    added = Difference(f"{AFTER}：文件末尾", "", f"‹追加了 {size} 字节，看不出其他变化›")
    return tuple(found) or (added,)


def _pages(before: "PdfDocument", after: "PdfDocument", places: Places) -> Iterator[Difference]:
    old, new = [Look.at(page) for page in before], [Look.at(page) for page in after]
    known = {look.digest: number for number, look in enumerate(old, start=1)}
    kept = Counter(look.digest for look in new)
    matcher = SequenceMatcher(None, [look.digest for look in old], [look.digest for look in new], autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "replace" and i_end - i == j_end - j:
            for number, pair in enumerate(zip(old[i:i_end], new[j:j_end], strict=True), start=j + 1):
                yield from redrawn(*pair, f"{AFTER}：{page_name(number)}", places)
        elif tag != "equal":
            yield from _gone(range(i, i_end), old, kept)
            yield from _come(range(j, j_end), new, known, kept)


def _gone(numbers: range, old: Sequence[Look], kept: Counter[bytes]) -> Iterator[Difference]:
    for number in numbers:
        if old[number].digest not in kept:
            yield Difference(f"{AFTER}：签名时的{page_name(number + 1)}", _beginning(old[number]), "‹这一页被删去›")


def _come(
    numbers: range, new: Sequence[Look], known: Mapping[bytes, int], kept: Counter[bytes]
) -> Iterator[Difference]:
    for number in numbers:
        where, was = f"{AFTER}：{page_name(number + 1)}", known.get(new[number].digest)
        if was is None:
            yield Difference(where, "", f"‹添加的一页›{_beginning(new[number])}")
        else:
            done = "移到了这里" if kept[new[number].digest] == 1 else "在这里又出现一次"
            yield Difference(where, "", f"‹签名时的{page_name(was)}，{done}›")


def _beginning(look: Look) -> str:
    return made_visible(" ".join(look.words.get_text_range().split())[:_WORDS_MAX], "")


def _around(before: "PdfDocument", after: "PdfDocument", added: bytes) -> Iterator[Difference]:
    """What is not on the pages."""
    from pypdfium2.raw import FPDF_GetSignatureCount, FPDFDoc_GetJavaScriptActionCount

    if FPDF_GetSignatureCount(after) < FPDF_GetSignatureCount(before):
        yield Difference(f"{AFTER}：电子签名", "", "‹签名从文件中被移出›")
    yield from _exchanged("附件", _attachments(before), _attachments(after))
    scripts = FPDFDoc_GetJavaScriptActionCount(after) - FPDFDoc_GetJavaScriptActionCount(before)
    if scripts or b"/JavaScript" in added:
        yield Difference(f"{AFTER}：脚本", "", f"‹{scripts} 段脚本›" if scripts else "‹脚本›")
    old, new = before.get_metadata_dict(), after.get_metadata_dict()
    for key, name in _PROPERTIES.items():
        if old.get(key, "") != new.get(key, ""):
            words = (made_visible(each.get(key, "")[:_WORDS_MAX], "") for each in (old, new))
            yield Difference(f"{AFTER}：文件属性{name}", *words)


def _attachments(document: "PdfDocument") -> dict[str, bytes]:
    count = min(document.count_attachments(), ATTACHMENTS_MAX)
    found = [document.get_attachment(number) for number in range(count)]
    return {each.get_name()[:_WORDS_MAX]: sha256(bytes(each.get_data())).digest() for each in found}


def _exchanged(kind: str, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Difference]:
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            done = "‹被替换›" if name in old and name in new else "‹新添›" if name in new else "‹被删去›"
            yield Difference(f"{AFTER}：{kind} {made_visible(name, '')}", "", done)


def _told_by_name(added: bytes) -> Iterator[Difference]:
    """What draws nothing now, and may act or show something else later. Names in packed objects are not seen here."""
    for name, (where, what) in _ACTING.items():
        if name in added:
            yield Difference(f"{AFTER}：{where}", "", f"‹{what}›")


def _signed_later(later: Sequence[PdfSignature]) -> Iterator[Difference]:
    for each in later:
        yield Difference(f"{AFTER}：电子签名", "", f"‹又有一个签名：{made_visible(each.signer, '')}›")
