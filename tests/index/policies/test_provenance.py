"""Staff are warned about texts of doubtful origin, and only about those."""

import pytest

from index.policies.provenance import provenance


@pytest.mark.parametrize(
    ("raw", "source", "title", "word"),
    [
        ("本文来源于网友上传", "正文", "茶叶办法", "网友上传"),
        ("正文", "根据（府发〔2018〕7号）", "茶叶办法", "抹去"),
        ("正文", "茶叶上市\n2031年02月25日 07:12:39 | 来源：云岭日报\n昨天", "茶叶上市", "来源：云岭日报"),
        ("正文", "茶叶上市\n日，全市采茶开始。", "茶叶上市", "缺字"),
        ("正文", "正文", "《云岭市茶叶办法》解读", "解读"),
    ],
)
def test_what_is_doubtful_is_said(raw: str, source: str, title: str, word: str) -> None:
    found = provenance(raw, source, title)
    assert found is not None
    assert word in found
    assert found.endswith("。")


def test_an_official_text_needs_no_warning() -> None:
    assert provenance("正文", "根据《甲》（云政发〔2018〕7号），“信用云岭”网站，制定本办法。", "云岭市茶叶办法") is None
