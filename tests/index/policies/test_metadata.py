"""Number, body, day and place come from the formal parts of a text, never from what it cites."""

from datetime import date

import pytest

from index.policies.cleaning import clean
from index.policies.metadata import Signature, letter_covers, place, signature
from index.policies.split import split
from tests.index.policies.texts import LETTER_AND_SCHEME


def test_signature_of_the_letter() -> None:
    first, second = split(clean(LETTER_AND_SCHEME))
    assert signature(first) == Signature("云政办发〔2031〕6号", "云岭市人民政府办公室", date(2031, 3, 5))
    assert signature(second) == Signature()
    assert letter_covers(first.preamble, second.title)


def test_a_cited_number_is_not_the_number_of_the_text() -> None:
    (part,) = split(
        "云岭市茶叶办法\n根据《茶叶条例》（云人发〔2028〕3号），制定本办法。\n2031年3月5日\n云岭市农业农村局"
    )
    assert signature(part) == Signature(None, "云岭市农业农村局", date(2031, 3, 5))


def test_number_in_brackets_below_the_title() -> None:
    (part,) = split("云岭市人民政府关于保护茶山的意见\n（云政发〔2031〕9号）\n为保护茶山，提出本意见。")
    assert signature(part) == Signature("云政发〔2031〕9号", "云岭市人民政府", None)


@pytest.mark.parametrize(
    ("title", "body", "source", "found"),
    [
        ("云岭市关于茶叶的办法", None, "", "云岭"),
        ("江苏省盐城市茶叶办法", None, "", "盐城"),
        ("——解读《吉林省茶叶办法》", None, "", "吉林"),
        ("关于茶叶的办法", "盐城市人民政府", "", "盐城"),
        ("关于推进城市信用建设的意见", None, "本市、各市、区级", None),
        ("加强茶叶工作方案", None, "适用于云岭市行政区域内", "云岭"),
        ("加强茶叶工作方案", None, "市公安局分局、市人民政府", None),
    ],
)
def test_place(title: str, body: str | None, source: str, found: str | None) -> None:
    assert place(title, body, source) == found
