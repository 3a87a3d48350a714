"""The issued content arranged for reading: nothing reworded, nothing left out but page margins."""

from hypothesis import given
from hypothesis import strategies as st

from tests.verify.public.published import NAME, fields
from verify.binding import Field
from verify.public.content import sections


def test_parts_are_sections_in_order() -> None:
    assert [section.title for section in sections(fields())] == ["首页", "一、分领域查询结果", "二、违法违规记录明细"]


def test_labels_stand_beside_their_values() -> None:
    front = sections(fields())[0]
    assert [block.title for block in front.blocks if block.title] == ["主体信息"]
    assert [block.rows for block in front.blocks if block.rows] == [(("名称", NAME),)]


def test_domains_are_one_table_under_its_header() -> None:
    part = sections(fields())[1]
    table = next(block for block in part.blocks if block.rows)
    assert table.header == ("序号", "领域", "责任单位", "数据更新至", "查询结果", "备注")
    assert [row[4] for row in table.rows] == ["未查询到", "暂未接入"]
    assert part.note == "2 项"


KINDS = ("栏目名", "栏目值", "表头", "表格文字", "表格居中", "小标题", "正文段落", "查询结论", "水印", "未来的种类")
_FIELDS = st.lists(
    st.builds(
        Field,
        path=st.lists(st.sampled_from(["首页", "第1行", "名称", "页眉"]), min_size=1, max_size=3).map("／".join),
        kind=st.sampled_from(KINDS),
        text=st.text(min_size=1, max_size=5),
    ),
    max_size=12,
)


@given(_FIELDS)
def test_every_visible_text_is_shown_once(given_fields: list[Field]) -> None:
    shown = [
        text
        for section in sections(given_fields)
        for block in section.blocks
        for text in (block.title, block.text, *block.header, *(cell for row in block.rows for cell in row))
        if text
    ]
    wanted = [
        field.text for field in given_fields if field.kind != "水印" and not field.path.split("／")[0].endswith("页眉")
    ]
    assert sorted(shown) == sorted(wanted)
