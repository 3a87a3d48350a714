"""Answers index/questions/sameness.py: the same question is known again, another one never taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.questions.sameness import same_key, stands_alone

SAME = [
    ("专用信用报告多长时间内有效？", "請問專用信用報告多久內有效呢"),
    ("专用信用报告多长时间内有效？", "您好，请问一下：专用信用报告 多少时间 内有效啊？谢谢您！"),
    ("两年的报告怎么下载", "2年报告如何下载？"),
    ("能不能延期", "是否可以延期吗？"),
    ("船票能在网上退吗？", "请问船票可不可以在网上退"),
    ("报告是否收费", "报告收不收费"),
    ("需不需要盖章", "要盖章吗"),
    ("有没有补贴", "有补贴吗？"),
    ("处罚到期了什么时候撤下？", "处罚到期，何时撤下"),
    ("ＡＢ报告要收费吗", "ab报告要收费"),
]
DIFFERENT = [
    ("逾期能延期吗", "逾期不能延期吗"),
    ("1.5万元以上怎么办", "15万元以上怎么办"),
    ("罚款≥5万元怎么办", "罚款≤5万元怎么办"),
    ("比例20%怎么算", "比例20怎么算"),
    ("能不能延期", "不能延期吗"),
    ("有没有补贴", "没有补贴吗"),
    ("是否不收费", "是否收费"),
    ("第二批有哪些事项", "第一批有哪些事项"),
    ("盐城的报告多久有效", "吉林的报告多久有效"),
    ("甲局负责吗", "乙局负责吗"),
    ("一年的报告怎么下载", "三年的报告怎么下载"),
    ("报告有效期多久", "报告多久能下载"),
    ("谁向谁提出异议", "提出异议谁向谁"),
    ("公示前要告知吗", "公示要前告知吗"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_wordings_of_one_question_are_the_same(one: str, other: str) -> None:
    assert same_key(one) == same_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_difference_in_the_matter_is_another_question(one: str, other: str) -> None:
    assert same_key(one) != same_key(other)


@given(
    st.text(
        alphabet="不未无非零一二三四五六七八九十甲乙丙局委罚款报告期年月%≥≤<>-./0123456789吗的", min_size=1, max_size=20
    )
)
def test_no_number_and_no_negation_is_lost(text: str) -> None:
    kept = same_key(f"题{text}题")
    for sign in "不未无非局%≥≤<>":
        assert kept.count(sign) == text.count(sign)
    numerals = dict(zip("一二三四五六七八九", "123456789", strict=True))
    digits = [numerals.get(sign, sign) for sign in text if sign in numerals or sign.isdigit()]
    assert [numerals.get(sign, sign) for sign in kept if sign in numerals or sign.isdigit()] == digits


@given(st.text(max_size=60))
def test_a_key_is_made_of_anything_and_folding_changes_nothing_more(text: str) -> None:
    assert same_key(same_key(text)) == same_key(same_key(same_key(text)))


def test_an_empty_or_short_question_does_not_stand_alone() -> None:
    assert same_key("？！ ") == ""
    assert not stands_alone("收费吗？")
    assert stands_alone("专用信用报告收费吗？")
