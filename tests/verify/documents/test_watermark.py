"""A watermark that is there but cannot be seen is an altered one: "示例 · 非真实报告" must not be made to vanish."""

import pytest

from tests.verify.documents.report import Report
from tests.verify.documents.test_docx import swap, verdict_on
from verify.reasons import Reason, Verdict

HEADER = "word/header1.xml"
COLOUR, FILL = 'fillcolor="#c00000"', '<v:fill opacity="9000f"'
UNSEEN = {
    "white": (COLOUR, 'fillcolor="#ffffff"'),
    "a colour by name": (COLOUR, 'fillcolor="white"'),
    "no colour": (COLOUR, ""),
    "nearly white": (COLOUR, 'fillcolor="#f0f0f0"'),
    "not filled": (COLOUR, f'filled="f" {COLOUR}'),
    "not printed": (COLOUR, f'print="f" {COLOUR}'),
    "another colour in the fill": (FILL, '<v:fill color="#ffffff" opacity="9000f"'),
    "a fill switched off": (FILL, '<v:fill on="f" opacity="9000f"'),
    "fully transparent": (FILL, '<v:fill opacity="0"'),
    "nearly transparent": (FILL, '<v:fill opacity="100f"'),
    "tiny": ("width:430pt;height:60pt", "width:1pt;height:1pt"),
    "a size given twice": ("width:430pt;", "width:430pt;width:1pt;"),
    "a size in another unit": ("width:430pt;", "width:430;"),
    "off the page": ("mso-position-horizontal:center", "mso-position-horizontal:absolute"),
    "letters not stretched": ('fitshape="t"', 'fitshape="f"'),
    "letters switched off": ('<v:textpath on="t"', '<v:textpath on="f"'),
}


@pytest.mark.parametrize(("old", "new"), UNSEEN.values(), ids=UNSEEN)
def test_a_watermark_that_cannot_be_seen_is_altered(report: Report, old: str, new: str) -> None:
    answer = verdict_on(swap(old, new, HEADER)(report))
    assert (answer.verdict, answer.reason) == (Verdict.ALTERED, Reason.FIELDS_DIFFER)
    assert answer.differences[0].found == "‹隐藏：示例 · 非真实报告›"


def test_the_watermark_as_issued_is_seen(report: Report) -> None:
    assert verdict_on(report).verdict is Verdict.VALID
