from dataclasses import replace
from hashlib import sha256
from hmac import digest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import PACKAGE
from verify.alignment import EXTRA_LINES_MAX
from verify.binding import Field, FieldPackage, VisibleLine, compare
from verify.encoding import dumps
from verify.reasons import Reason, Rejection

texts = st.text(st.sampled_from("示例未查询到有条 123ABC\u200b"), max_size=12)
packages = st.builds(
    FieldPackage,
    st.binary(min_size=32, max_size=32),
    st.lists(st.builds(Field, texts, st.just("行"), texts), min_size=1, max_size=30).map(tuple),
)


def lines_of(package: FieldPackage) -> list[VisibleLine]:
    return [VisibleLine("正文", field.text) for field in package.fields if field.text]


def leaf(package: FieldPackage, number: int) -> bytes:
    """Written again from docs/credential.md."""
    field = package.fields[number]
    salt = digest(package.seed, number.to_bytes(4), "sha256")
    return sha256(b"\x00" + salt + dumps([field.path, field.kind, field.text])).digest()


def test_the_root_has_the_shape_of_rfc_6962() -> None:
    def node(left: bytes, right: bytes) -> bytes:
        return sha256(b"\x01" + left + right).digest()

    a, b, c, d, e, f = (leaf(PACKAGE, number) for number in range(6))
    assert PACKAGE.root() == node(node(node(a, b), node(c, d)), node(e, f))
    three = replace(PACKAGE, fields=PACKAGE.fields[:3])
    assert three.root() == node(node(a, b), c)
    assert replace(PACKAGE, fields=PACKAGE.fields[:1]).root() == a


@given(packages)
def test_a_package_comes_back_from_its_bytes(package: FieldPackage) -> None:
    data = package.to_bytes()
    assert FieldPackage.from_bytes(data).root() == package.root()
    assert FieldPackage.from_bytes(data).to_bytes() == data


@given(packages, st.data())
def test_any_change_of_any_field_changes_the_root(package: FieldPackage, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(package.fields) - 1))
    field = package.fields[number]
    for changed in (
        replace(field, text=field.text + "."),
        replace(field, path=field.path + "."),
        replace(field, kind=""),
    ):
        fields = (*package.fields[:number], changed, *package.fields[number + 1 :])
        assert replace(package, fields=fields).root() != package.root()
    assert replace(package, seed=bytes(32)).root() != package.root() or package.seed == bytes(32)


DAMAGED = {
    "nothing": b"",
    "another format": dumps([2, bytes(32), [["a", "b", "c"]]]),
    "a short seed": dumps([1, bytes(31), [["a", "b", "c"]]]),
    "no fields": dumps([1, bytes(32), []]),
    "a field of two": dumps([1, bytes(32), [["a", "b"]]]),
    "a number as text": dumps([1, bytes(32), [["a", "b", 1]]]),
    "not NFC": dumps([1, bytes(32), [["a", "b", "e\u0301"]]]),
    "a path without end": dumps([1, bytes(32), [["a" * 401, "b", "c"]]]),
    "trailing bytes": PACKAGE.to_bytes() + b"\x00",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_package_is_rejected(data: bytes) -> None:
    with pytest.raises(Rejection):
        FieldPackage.from_bytes(data)


def test_a_package_beyond_its_limits_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="字段包"):
        FieldPackage(bytes(32), (Field("a", "b", "c" * 20_001),)).to_bytes()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_package_or_a_rejection(data: bytes) -> None:
    with pytest.raises(Rejection) as refusal:
        FieldPackage.from_bytes(data)
    assert refusal.value.reason in Reason


@given(packages)
def test_the_lines_as_issued_show_no_difference(package: FieldPackage) -> None:
    assert compare(package, lines_of(package)) == []


@given(packages, st.data())
def test_any_changed_added_or_removed_line_is_a_difference(package: FieldPackage, data: st.DataObject) -> None:
    lines = lines_of(package)
    at = data.draw(st.integers(0, len(lines)))
    assert compare(package, [*lines[:at], VisibleLine("插入处", "新的一行"), *lines[at:]])
    if at < len(lines):
        assert compare(package, [*lines[:at], *lines[at + 1 :]])
        assert compare(package, [*lines[:at], VisibleLine("正文", lines[at].text + "。"), *lines[at + 1 :]])


def test_canonically_equivalent_text_is_equal_and_compatible_text_is_not() -> None:
    package = FieldPackage(bytes(32), (Field("名称", "行", "Café ﾐ"),))
    assert compare(package, [VisibleLine("正文", "Cafe\u0301 ﾐ")]) == []
    assert compare(package, [VisibleLine("正文", "Café ミ")])


def test_an_edit_next_to_an_insertion_is_still_named_by_its_path() -> None:
    lines = [
        VisibleLine("正文第1段", "经营主体专用信用报告"),
        VisibleLine("正文第2段", "本公司诚信经营"),
        VisibleLine("正文第3段", "盐城示例禾田环保科技有限公司（虚构）"),
        *(VisibleLine("正文", field.text) for field in PACKAGE.fields[2:] if field.text),
    ]
    found = [(each.where, each.issued[:10], each.found) for each in compare(PACKAGE, lines)]
    assert found == [
        ("正文第2段", "", "本公司诚信经营"),
        ("首页／主体信息／名称", "盐城示例禾苗环保科技", "盐城示例禾田环保科技有限公司（虚构）"),
    ]


def test_text_put_into_an_empty_field_is_named_by_its_path() -> None:
    lines = lines_of(PACKAGE)
    found = compare(PACKAGE, [*lines[:4], VisibleLine("表格1／第3行", "已修复"), *lines[4:]])
    assert [(each.where, each.found) for each in found] == [("一、分领域查询结果／第2行 生态环境领域／备注", "已修复")]


def test_a_flood_of_lines_is_bounded_and_still_a_difference() -> None:
    flood = [VisibleLine("正文", "未查询到")] * 30_000
    found = compare(PACKAGE, [*lines_of(PACKAGE), *flood])
    assert 0 < len(found) <= EXTRA_LINES_MAX + len(PACKAGE.fields)
