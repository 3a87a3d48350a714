"""Several documents in one file: told apart by their names and beginnings, never at attachments or citations."""

from index.policies.cleaning import clean
from index.policies.split import split
from tests.index.policies.texts import LETTER_AND_SCHEME


def test_the_letter_stays_with_the_first_document() -> None:
    first, second = split(clean(LETTER_AND_SCHEME))
    assert (first.title, second.title) == ("云岭市企业公平秤管理办法（试行）", "云岭市茶叶包装整治方案")
    assert first.preamble.startswith("云岭市人民政府办公室文件\n云政办发〔2031〕6号")
    assert second.preamble == ""


def test_a_notice_with_its_own_title_brings_one_document() -> None:
    (part,) = split(
        "云岭市关于印发云岭市茶叶办法的通知\n各区：\n现将办法印发给你们，请执行。\n云岭市茶叶办法\n第一条 为了茶叶。"
    )
    assert part.title == "云岭市茶叶办法"
    assert part.preamble.startswith("云岭市关于印发")


def test_an_attachment_named_like_a_document_begins_none() -> None:
    (part,) = split("云岭市茶叶办法\n第一条 为了茶叶。\n附件\n云岭市茶叶标准\n一、外观")
    assert part.title == "云岭市茶叶办法"


def test_a_subtitle_belongs_to_the_title() -> None:
    (part,) = split("喝好茶\n——解读《云岭市茶叶办法》\n今年春天。")
    assert part.title == "喝好茶——解读《云岭市茶叶办法》"
    assert part.body == "今年春天。\n"


def test_a_text_without_a_formal_title_has_its_first_line() -> None:
    (part,) = split("云岭春茶上市\n昨天上市了。")
    assert part.title == "云岭春茶上市"


def test_a_label_above_the_title_is_not_the_title() -> None:
    for label in ("附件", "附件1：", "附：", "发文机关：云岭市茶业局"):
        (part,) = split(f"{label}\n云岭市茶园名单\n序号 | 茶园 | 区\n1 | 东园 | 东区")
        assert part.title == "云岭市茶园名单"
