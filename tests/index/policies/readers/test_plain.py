"""Plain text and Markdown: encodings recognised, marks of Markdown gone, nothing else touched."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadablePolicy
from index.policies.readers import read
from index.policies.readers.decoding import decoded
from index.policies.readers.markdown import read_markdown

TEXT = "云岭市茶叶管理办法\n第一条 为保护茶山，制定本办法。\n"
TRADITIONAL = "雲嶺市茶葉管理辦法\n第一條 為保護茶山，制定本辦法。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "甲.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read(path)[0].text == TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "gb18030", "utf-16"])
def test_traditional_script_is_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "甲.txt"
    path.write_bytes(TRADITIONAL.encode(encoding))
    assert read(path)[0].text == TRADITIONAL


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_cut_off_in_the_middle_of_a_character_keeps_its_text(encoding: str) -> None:
    text = decoded((TEXT * 10).encode(encoding)[:-3])
    assert text is not None
    assert text.startswith(TEXT * 9)


def test_many_broken_bytes_are_no_text() -> None:
    assert decoded(TEXT.encode().replace(b"\x8c", b"\xff") * 20) is None


@given(st.binary(max_size=400))
def test_any_bytes_give_a_text_or_none(content: bytes) -> None:
    text = decoded(content)
    assert text is None or isinstance(text, str)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
def test_sound_utf8_is_never_read_as_anything_else(text: str) -> None:
    assert decoded(text.encode()) == text


def test_plain_text_keeps_marks_that_only_mean_something_in_markdown(tmp_path: Path) -> None:
    path = tmp_path / "甲.txt"
    path.write_text("# 不是标题\n**不是粗体**\n- 茶\n", "utf-8")
    assert read(path)[0].text == "# 不是标题\n**不是粗体**\n- 茶\n"


MARKDOWN = """---
title: 元数据不是正文
---
云岭市茶园管理办法
===

## 第一章 总则 ##

**第一条** 为管好[茶园](https://example.org/a_b "园")，制定本办法[^一]。
第二条 茶园*应当*整洁，见 <https://example.org>。
第三条 2*3=6，a_b_c 不变，\\*星号\\* 不变，`代码` 照录，~~删去~~。

> 引用的话。
> 又一句。

- 甲项
- [x] 乙项
  1. 子项

| 序号 | 茶园 |
|:--|--:|
| 1 | 东园<br>西园 |

***

<!-- 注释不是正文 -->
```
| 照录 |
```
![图](a.png)

[^一]: 指**在册**的茶园。
[链]: https://example.org
"""


def test_markdown_leaves_its_words() -> None:
    raw = read_markdown(Path("甲.md"), MARKDOWN.encode())
    assert [line.strip() for line in raw.text.split("\n") if line.strip()] == [
        "云岭市茶园管理办法",
        "第一章 总则",
        "第一条 为管好茶园，制定本办法。",
        "注1：指在册的茶园。",
        "第二条 茶园应当整洁，见 https://example.org。",
        "第三条 2*3=6，a_b_c 不变，*星号* 不变，代码 照录，。",
        "引用的话。",
        "又一句。",
        "甲项",
        "乙项",
        "1. 子项",
        "| 序号 | 茶园 |",
        "| 1 | 东园 西园 |",
        "| 照录 |",
    ]
    assert raw.headings == (("云岭市茶园管理办法", 1), ("第一章 总则", 2))


def test_text_without_chinese_words_is_named(tmp_path: Path) -> None:
    path = tmp_path / "甲.txt"
    path.write_text("nothing to see", "utf-8")
    with pytest.raises(UnreadablePolicy, match="没有中文正文"):
        read(path)
