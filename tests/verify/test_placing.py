"""The same words in other rows or columns are noticed; the same words in their places are not."""

from verify.binding import Difference, Field, FieldPackage, VisibleLine, compare
from verify.placing import Cell, moved

TABLE = "一、分领域查询结果"
ISSUED = [
    (f"{TABLE}／表头／领域", "正文／表格4／第1行／第2列"),
    (f"{TABLE}／表头／查询结果", "正文／表格4／第1行／第5列"),
    (f"{TABLE}／第1行 市场监管领域／领域", "正文／表格4／第2行／第2列"),
    (f"{TABLE}／第1行 市场监管领域／查询结果", "正文／表格4／第2行／第5列"),
    (f"{TABLE}／第2行 生态环境领域／领域", "正文／表格4／第3行／第2列"),
    (f"{TABLE}／第2行 生态环境领域／查询结果", "正文／表格4／第3行／第5列"),
    ("首页／主体信息／名称（栏目名）", "正文／表格2／第1行／第1列"),
    ("首页／主体信息／名称", "正文／表格2／第1行／第2列"),
    ("首页／查询结论／结论", "正文第5段"),
]


def found_at(**places: str) -> list[int]:
    """The lines of ``ISSUED`` that are noticed when line n (``n5="…"``) stands elsewhere."""
    elsewhere = {int(key[1:]): place for key, place in places.items()}
    return list(moved([path for path, _ in ISSUED], [elsewhere.get(n, place) for n, (_, place) in enumerate(ISSUED)]))


def test_a_report_as_issued_has_nothing_moved() -> None:
    assert found_at() == []


def test_a_finding_moved_to_another_row_is_noticed() -> None:
    assert found_at(n5="正文／表格4／第4行／第5列") == [5]
    assert found_at(n5="正文／表格4／第2行／第5列") == [5]


def test_a_finding_moved_under_another_heading_is_noticed() -> None:
    assert found_at(n5="正文／表格4／第3行／第6列") == [5]


def test_a_cell_taken_out_of_its_table_is_noticed() -> None:
    assert found_at(n5="正文第9段") == [5]


def test_a_value_before_or_below_its_label_is_noticed() -> None:
    assert found_at(n7="正文／表格2／第2行／第2列") == [7]
    assert found_at(n7="正文／表格2／第1行／第1列") == [7]


def test_all_rows_may_be_counted_otherwise() -> None:
    """A program may split a table: what matters is what stands together."""
    later = {f"n{n}": place.replace("表格4", "表格5") for n, (_, place) in enumerate(ISSUED) if "表格4" in place}
    assert found_at(**later) == []


def test_a_cell_in_a_content_control_keeps_its_place() -> None:
    assert Cell.of("正文／表格4／第3行／内容控件／第5列／内容控件") == Cell("正文／表格4／第3行", 5)
    assert Cell.of("正文第3段").row is None


def test_the_comparison_says_where_it_stands_now() -> None:
    path = f"{TABLE}／第2行 生态环境领域／"
    package = FieldPackage(
        b"s" * 32, (Field(f"{path}领域", "", "生态环境领域"), Field(f"{path}查询结果", "", "有 1 条"))
    )
    lines = [
        VisibleLine("正文／表格4／第3行／第2列", "生态环境领域"),
        VisibleLine("正文／表格4／第4行／第5列", "有 1 条"),
    ]
    assert compare(package, lines) == [
        Difference(f"{path}查询结果", "有 1 条", "‹移到正文／表格4／第4行／第5列›有 1 条")
    ]
