"""Answers index/rules/masks.py."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RuleError
from index.rules.masks import SEEN_MOST, Item, MaskRule, mask_rules, read_masks

HEADINGS = "项目,保留前几位,保留后几位,来源\n"
ALL = "".join(f"{item},1,0,示例来源\n" for item in Item)


def test_every_item_has_a_rule_and_its_source() -> None:
    assert set(mask_rules()) == set(Item)
    assert all(rule.source for rule in mask_rules().values())
    assert all(rule.first + rule.last <= SEEN_MOST for rule in mask_rules().values())


@given(st.builds(MaskRule, st.integers(0, 3), st.integers(0, 1), st.just("示例")), st.text(max_size=40))
def test_a_rule_keeps_the_length_and_shows_no_more_than_it_says(rule: MaskRule, text: str) -> None:
    masked = rule.apply(text)
    assert len(masked) == len(text)
    assert len(masked.replace("*", "")) <= rule.first + rule.last
    assert rule.apply(masked) == masked


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADINGS, "缺少项目：姓名"),
        (HEADINGS + "住址,1,0,示例\n", "第 2 行“项目”列：“住址”不认识"),
        (HEADINGS + "姓名,4,1,示例\n", "前后合计超过 4 位"),
        (HEADINGS + "姓名,-1,0,示例\n", "“-1”不是 0–4 的整数"),
        (HEADINGS + "姓名,1,0,\n", "“来源”列：不能为空"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "masks.csv").write_text(content, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        read_masks(tmp_path / "masks.csv")
    assert said in caught.value.message


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "masks.csv").write_text(HEADINGS + ALL, encoding="utf-8")
    assert read_masks(tmp_path / "masks.csv")[Item.NAME] == MaskRule(1, 0, "示例来源")
