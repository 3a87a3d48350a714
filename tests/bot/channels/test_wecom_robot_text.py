"""bot.channels.wecom_robot_text: what a member reads of the Markdown is what was said."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom_robot_text import CONTENT_BYTES, as_markdown


def test_masked_names_lines_and_brackets_stay_as_they_are_read() -> None:
    assert as_markdown("张*、李*\n[见](https://x.example)") == "张＊、李＊  \n[见］(https://x.example)"
    assert as_markdown("# 一\n> 二 # 三 > 四") == "＃ 一  \n＞ 二 # 三 > 四"
    assert as_markdown("第一条 一个月内有效。") == "第一条 一个月内有效。"


@given(st.text(st.sampled_from("张*`~|<#>[]()\n 一"), max_size=12000))
def test_nothing_is_swallowed_and_nothing_becomes_too_long(text: str) -> None:
    written = as_markdown(text)
    assert len(written.encode()) <= max(CONTENT_BYTES, len(text.encode()))
    assert len(written) >= len(text)
    if written != text:
        assert not set("*`~|<") & set(written)
        assert "](" not in written
