"""Answers index/masking.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.masking import Personal, mask_id, mask_name, mask_persons, mask_text, persons_in


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小三", "张**"),
        ("欧阳文忠", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("张", "*"),
        ("", ""),
        ("张三、李小四", "张*、李**"),
        ("张三,李四", "张*,李*"),
        ("阿卜杜拉·艾合买提", "阿********"),
        ("John Smith", "J*********"),
        ("张三 、 李四", "张* 、 李*"),
        ("盐城示例投资有限公司", "盐城示例投资有限公司"),
        ("盐城示例投资合伙企业（有限合伙）", "盐城示例投资合伙企业（有限合伙）"),
        ("张三示例投资有限公司（委派代表：张三）", "张三示例投资有限公司（委派代表：张*）"),
        ("示例投资中心(委派代表 欧阳文忠)、李四", "示例投资中心(委派代表 欧阳**)、李*"),
        ("王公司", "王**"),
        ("𠮷田", "𠮷*"),
    ],
)
def test_name_keeps_its_surname_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("320902199001011234", "320" + "*" * 14 + "4"), ("E12345678", "E12*****8"), ("1234", "****"), ("", "")],
)
def test_id_keeps_first_three_and_last_one(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=4))
def test_mask_never_shows_the_end_of_a_chinese_name(name: str) -> None:
    masked = mask_name(name)
    assert masked.endswith("*")
    assert len(masked) == len(name)
    assert name.startswith(masked.rstrip("*"))


@given(st.text(max_size=30))
def test_mask_of_an_id_shows_at_most_four_characters(number: str) -> None:
    assert len(mask_id(number).replace("*", "")) <= 4


@pytest.mark.parametrize(
    ("text", "masked", "kinds"),
    [
        ("身份证320902199001011234的", "身份证320**************4的", (Personal.IDENTITY,)),
        ("身份证32090219900101123X", "身份证320**************X", (Personal.IDENTITY,)),
        ("旧证320902900101123。", "旧证320***********3。", (Personal.IDENTITY,)),
        ("电话138 1234 5678", "电话138*********8", (Personal.MOBILE,)),
        ("电话１３８１２３４５６７８", "电话１３８*******８", (Personal.MOBILE,)),
        ("卡号4111 1111 1111 1111", "卡号411***************1", (Personal.CARD,)),
        ("写信到zhang.san@example.cn", "写信到zha****************n", (Personal.MAIL,)),
        ("13812345678和320902199001011234", "138*******8和320**************4", (Personal.IDENTITY, Personal.MOBILE)),
        ("Tel13812345678", "Tel138*******8", (Personal.MOBILE,)),
        ("ID320902199001011234号", "ID320**************4号", (Personal.IDENTITY,)),
        ("手机138.1234.5678", "手机138*********8", (Personal.MOBILE,)),
        ("手机(138)1234–5678", "手机(138*********8", (Personal.MOBILE,)),
        ("手机0086 138 1234 5678", "手机008**************8", (Personal.MOBILE,)),
        ("手机١٣٨١٢٣٤٥٦٧٨", "手机١٣٨*******٨", (Personal.MOBILE,)),
        ("证320902 1990-0101 1234", "证320*****************4", (Personal.IDENTITY,)),
        ("代码91320902MA1EX0M1XB", "代码91320902MA1EX0M1XB", ()),
        ("食品生产许可证SC13132090200123，批号20250312001", None, ()),
        ("盐政办发〔2015〕73号，2024年8月15日至2026-08-31，罚款120000元", None, ()),
        ("卡号4111 1111 1111 1112，编号20261122000000011", None, ()),
    ],
)
def test_numbers_of_persons_in_a_text_are_masked(text: str, masked: str | None, kinds: tuple[Personal, ...]) -> None:
    found = mask_text(text)
    assert (found.text, found.kinds) == (text if masked is None else masked, kinds)


@given(st.text(alphabet="0123456789Xx -+86@.cn年月日号身份证()（–·１٣"))
def test_a_masked_text_keeps_its_length_and_is_masked_already(text: str) -> None:
    masked = mask_text(text).text
    assert len(masked) == len(text)
    assert mask_text(masked).text == masked


def test_persons_of_a_name_field_are_told_from_organisations() -> None:
    field = "张三示例投资有限公司（委派代表：张三）、李小四、示例投资中心"
    assert persons_in(field) == ("张三", "李小四")
    assert persons_in("") == ()


def test_a_known_person_is_masked_wherever_the_name_stands() -> None:
    text = "张三丰和张三（电话13812345678）违法"
    assert mask_persons(text, "张三、张三丰") == "张**和张*（电话138*******8）违法"


@given(st.text(alphabet="张三欧阳诸葛·、,; John公司有限（委派代表：）*", max_size=30))
def test_a_masked_name_keeps_its_length_and_is_masked_already(name: str) -> None:
    masked = mask_name(name)
    assert len(masked) == len(name)
    assert mask_name(masked) == masked


@given(st.text(min_size=5, max_size=30).map(str.strip).filter(lambda text: len(text) > 4))
def test_a_masked_id_keeps_its_length_and_shows_first_three_and_last_one(number: str) -> None:
    masked = mask_id(number)
    assert len(masked) == len(number)
    assert masked == number[:3] + "*" * (len(number) - 4) + number[-1]
    assert mask_id(masked) == masked


@given(
    st.from_regex(r"[1-8][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}[0-9X]", fullmatch=True),
    st.text(alphabet="，。甲乙 ", max_size=5),
)
def test_one_number_has_one_mask_as_a_field_and_in_a_text(number: str, around: str) -> None:
    assert mask_text(f"{around}{number}{around}").text == f"{around}{mask_id(number)}{around}"
    assert mask_persons(number, None) == mask_id(number)
