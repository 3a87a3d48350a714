"""What the tests of reading take for a watermark is what issuing draws."""

from tests.verify.documents.report import WATERMARK, W
from verify.issuing.wml import watermark


def test_the_watermark_of_the_tests_is_the_one_that_is_issued() -> None:
    assert watermark("示例 · 非真实报告", number=1).replace("<w:r ", f"<w:r {W} ", 1) == WATERMARK
