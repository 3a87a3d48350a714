"""Answers index/directory/importing.py and list_cells.py: a whole list of staff or nothing."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from index.directory.changing import Changes, Deed, disable
from index.directory.importing import import_staff
from index.directory.model import Account, Role, Staff
from index.directory.store import Directory
from index.directory.syncing import Contact, sync
from index.errors import AccessDenied, DirectoryError, UnreadableImport
from index.store.engine import open_store
from index.store.tables import audit
from tests.index.directory.lists import DEED, FEISHU, OFFICE, WECOM, person, take
from tests.index.records.samples import NOW
from tests.index.records.workbooks import sheet_xml, text_row, write_workbook

CORP = "ww0123456789abcdef"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(tmp_path / "office.db")


def told(engine: Engine) -> list[tuple[str, str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.target, audit.c.detail).order_by(audit.c.id))
        return [(row.action, row.target, row.detail) for row in rows]


def test_list_becomes_members_with_roles_matters_and_accounts(engine: Engine, tmp_path: Path) -> None:
    cells = {
        "角色": "查询记录、受理异议和修复",
        "办理事项": "行政许可审查；评优评先",
        "状态": "在职",
        WECOM: "ZhangSan、zs2",
    }
    report = take(engine, tmp_path, [person("1001", **cells), person("1002")])
    assert (report.rows, report.changes, report.errors) == (2, Changes(added=("1001", "1002")), ())
    roles = frozenset({Role.RECORDS, Role.CASES})
    member = Staff("1001", "张1001", "市生态环境局", roles, ("行政许可审查", "评优评先"))
    directory = Directory(engine)
    assert directory.get("1001") == directory.find(Account("wecom", CORP, "zhangsan")) == member
    assert directory.find(Account("wecom", CORP, "zs2")) == member
    assert directory.get("1002") == Staff("1002", "张1002", "市生态环境局")
    assert told(engine)[0] == (
        "staff.add",
        "1001",
        "姓名：张1001；单位：市生态环境局；角色：受理异议和修复、查询记录；办理事项：行政许可审查、评优评先；状态：在职；"
        f"账号：+wecom:{CORP}/zhangsan，+wecom:{CORP}/zs2",
    )


def test_same_list_again_changes_nothing_and_leaves_no_line(engine: Engine, tmp_path: Path) -> None:
    rows = [person("1", **{"角色": "管理", "办理事项": "甲、乙", WECOM: "a"}), person("2", **{WECOM: "b"})]
    take(engine, tmp_path, rows)
    lines = told(engine)
    assert take(engine, tmp_path, rows).changes == Changes()
    assert told(engine) == lines


def test_workbook_is_read_too(engine: Engine, tmp_path: Path) -> None:
    rows = [
        text_row(["某单位人员名册"]),
        text_row(["工号", "姓名", "单位", WECOM]),
        text_row(["1", "张三", "某科室", "zs"]),
    ]
    path = write_workbook(tmp_path / "名册.xlsx", {"名册": sheet_xml(rows)})
    assert import_staff(engine, path, OFFICE, DEED).changes.added == ("1",)
    found = Directory(engine).find(Account("wecom", CORP, "ZS"))
    assert found == Staff("1", "张三", "某科室")


BAD: list[tuple[dict[str, str], str, str]] = [
    ({"工号": ""}, "工号", "STAFF_ID"),
    ({"工号": "1 2"}, "工号", "STAFF_ID"),
    ({"工号": "1" * 65}, "工号", "TOO_LONG"),
    ({"姓名": " "}, "姓名", "EMPTY"),
    ({"姓名": "张\u202e三"}, "姓名", "CONTROL_CHARACTER"),
    ({"姓名": "张\n三"}, "姓名", "LINE_BREAK"),
    ({"单位": ""}, "单位", "EMPTY"),
    ({"角色": "局长"}, "角色", "STAFF_ROLE"),
    ({"角色": "查询记录、root"}, "角色", "STAFF_ROLE"),
    ({"角色": "查询记录", "单位": "某某公司"}, "单位", "UNIT_UNKNOWN"),
    ({"办理事项": "、".join(f"事项{number}" for number in range(51))}, "办理事项", "TOO_MANY"),
    ({"办理事项": "长" * 41}, "办理事项", "TOO_LONG"),
    ({"状态": "请假"}, "状态", "STAFF_STATE"),
    ({WECOM: "张三"}, WECOM, "STAFF_ACCOUNT"),
    ({WECOM: "a" * 256}, WECOM, "STAFF_ACCOUNT"),
    ({WECOM: "、".join(f"a{number}" for number in range(21))}, WECOM, "TOO_MANY"),
    ({WECOM: "taken"}, WECOM, "ACCOUNT_TAKEN"),
    ({WECOM: "TAKEN"}, WECOM, "ACCOUNT_TAKEN"),
    ({"工号": "2"}, "工号", "STAFF_TWICE"),
]


@pytest.mark.parametrize(("cells", "column", "code"), BAD)
def test_one_bad_cell_is_named_and_nothing_of_the_list_lands(
    engine: Engine, tmp_path: Path, cells: dict[str, str], column: str, code: str
) -> None:
    take(engine, tmp_path, [person("0", **{WECOM: "taken"})])
    before = told(engine)
    rows = [person("2"), person("3") | cells, person("4")]
    report = take(engine, tmp_path, rows)
    assert [(error.row, error.column, error.code) for error in report.errors] == [(3, column, code)]
    assert report.errors[0].message
    assert report.errors[0].next_step
    assert [member.id for member in Directory(engine).members()] == ["0"]
    assert told(engine) == before


def test_every_bad_cell_is_named_at_once(engine: Engine, tmp_path: Path) -> None:
    rows = [person("1", 姓名="", 状态="请假"), person("2", 角色="局长"), person("3", 单位="某公司", 角色="查询记录")]
    report = take(engine, tmp_path, rows)
    assert [(error.row, error.column) for error in report.errors] == [
        (2, "姓名"),
        (2, "状态"),
        (3, "角色"),
        (4, "单位"),
    ]


def test_errors_are_counted_and_the_first_thousand_named(engine: Engine, tmp_path: Path) -> None:
    report = take(engine, tmp_path, [person(str(number), 姓名="") for number in range(1_200)])
    assert (report.error_count, len(report.errors)) == (1_200, 1_000)


HEADINGS = [
    (["工号", "姓名"], "单位"),
    (["工号", "姓名", "单位", "姓名"], "姓名"),
    (["工号", "姓名", "单位", "企业微信账号"], "企业微信账号"),
    (["工号", "姓名", "单位", WECOM, "wecom(ww0123456789abcdef)"], "重复"),
]


@pytest.mark.parametrize(("headings", "named"), HEADINGS)
def test_wrong_heading_row_is_refused_by_name(engine: Engine, tmp_path: Path, headings: list[str], named: str) -> None:
    path = tmp_path / "名册.csv"
    path.write_text(",".join(headings) + "\n", encoding="utf-8")
    with pytest.raises(DirectoryError, match=named) as caught:
        import_staff(engine, path, OFFICE, DEED)
    assert caught.value.code == "STAFF_HEADING"


def test_other_columns_are_left_out_and_said(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, [person("1", 电话="", 生日="")]).ignored_columns == ("电话", "生日")


def test_column_the_list_does_not_have_changes_nothing_and_an_empty_cell_empties(
    engine: Engine, tmp_path: Path
) -> None:
    take(engine, tmp_path, [person("1", **{"角色": "管理", "办理事项": "甲", WECOM: "a", FEISHU: "ou_1"})])
    take(engine, tmp_path, [person("1", 姓名="张三")])
    assert Directory(engine).get("1") == Staff("1", "张三", "市生态环境局", frozenset({Role.ADMIN}), ("甲",))
    take(engine, tmp_path, [person("1", **{"姓名": "张三", "角色": "", WECOM: ""})])
    assert Directory(engine).get("1") == Staff("1", "张三", "市生态环境局", frozenset(), ("甲",))
    assert [account for account, _ in Directory(engine).accounts("1")] == [Account("feishu", FEISHU[5:-1], "ou_1")]
    assert told(engine)[-1][2] == f"角色：管理→无；账号：-wecom:{CORP}/a"


def test_full_list_ends_who_is_missing_and_only_a_full_one(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("1", **{WECOM: "a"}), person("2")])
    assert take(engine, tmp_path, [person("2")]).changes == Changes()
    assert take(engine, tmp_path, [person("2")], full=True).changes == Changes(changed=("1",), disabled=("1",))
    assert Directory(engine).find(Account("wecom", CORP, "a")) is None
    assert told(engine)[-1] == ("staff.change", "1", "状态：在职→停用")
    assert take(engine, tmp_path, [person("2")], full=True).changes == Changes()


def test_full_list_of_nobody_is_refused(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("1")])
    with pytest.raises(DirectoryError) as refused:
        take(engine, tmp_path, [dict.fromkeys(person("1"), "")], full=True)
    assert refused.value.code == "STAFF_NOBODY"
    assert all(member.active for member in Directory(engine).members())


def test_full_list_leaves_those_a_platform_brought(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("s")], Deed("同步", "人员同步", NOW, source="wecom:x"))
    assert take(engine, tmp_path, [person("1")], full=True).changes == Changes(added=("1",))


def test_disabled_member_stays_so_until_the_list_says_otherwise(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("1")])
    disable(engine, "1", DEED)
    assert take(engine, tmp_path, [person("1")]).changes == Changes()
    changes = take(engine, tmp_path, [person("1", 状态="在职")]).changes
    assert changes == Changes(changed=("1",), enabled=("1",))


def test_account_passes_between_rows_and_from_who_has_left(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("1", **{WECOM: "a"}), person("2", **{WECOM: "b"}), person("3", **{WECOM: "c"})])
    swapped = [person("1", **{WECOM: "b"}), person("2", **{WECOM: "a"})]
    assert take(engine, tmp_path, swapped).changes == Changes(changed=("1", "2"))
    disable(engine, "3", DEED)
    assert take(engine, tmp_path, [person("4", **{WECOM: "c"})]).errors == ()
    held = {account.account: member for account, member in Directory(engine).accounts()}
    assert held == {"a": "2", "b": "1", "c": "4"}


def test_list_says_whose_an_account_is_that_a_platform_brought(engine: Engine, tmp_path: Path) -> None:
    sync(engine, "wecom", CORP, [Contact(Account("wecom", CORP, name), "张三", "某处") for name in "ab"], DEED)
    changes = take(engine, tmp_path, [person("1", **{WECOM: "a"})]).changes
    assert changes == Changes(added=("1",), changed=("wecom-a",), disabled=("wecom-a",))
    found = Directory(engine).find(Account("wecom", CORP, "a"))
    assert found is not None
    assert found.id == "1"
    assert take(engine, tmp_path, [person("1", **{WECOM: "a"})]).changes == Changes()
    assert Directory(engine).find(Account("wecom", CORP, "b")) is not None


def test_account_given_to_two_in_one_list_is_refused_with_the_other_row(engine: Engine, tmp_path: Path) -> None:
    report = take(engine, tmp_path, [person("1", **{WECOM: "a"}), person("2", **{WECOM: "A"})])
    assert [(error.row, error.code) for error in report.errors] == [(3, "ACCOUNT_TAKEN")]
    assert "第 2 行" in report.errors[0].message


def test_check_says_what_would_change_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    assert take(engine, tmp_path, [person("1")], only_check=True).changes == Changes(added=("1",))
    assert Directory(engine).members() == ()
    assert told(engine) == []


@pytest.mark.parametrize("deed", [Deed("", "p", NOW), Deed("a", " ", NOW)])
def test_nobody_imports_without_name_and_purpose(engine: Engine, tmp_path: Path, deed: Deed) -> None:
    with pytest.raises(AccessDenied):
        take(engine, tmp_path, [person("1")], deed)
    assert Directory(engine).members() == ()


def test_too_many_rows_are_refused(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.directory.importing.MAX_ROWS", 3)
    with pytest.raises(DirectoryError) as caught:
        take(engine, tmp_path, [person(str(number)) for number in range(4)])
    assert caught.value.code == "STAFF_TOO_MANY"


def test_file_that_is_no_list_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\x00\x01")
    with pytest.raises(UnreadableImport):
        import_staff(engine, path, OFFICE, DEED)


ROWS = st.lists(
    st.fixed_dictionaries(
        {"工号": st.sampled_from("123"), WECOM: st.sampled_from(["", "a", "b", "a、b", "B"])},
        optional={"状态": st.sampled_from(["在职", "离职"]), "角色": st.sampled_from(["", "管理"])},
    ),
    max_size=4,
)


@given(lists=st.lists(st.tuples(ROWS, st.booleans()), min_size=1, max_size=4))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_lists_come_an_account_is_one_members_and_a_taken_list_holds(
    tmp_path_factory: pytest.TempPathFactory, lists: list[tuple[list[dict[str, str]], bool]]
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    engine = open_store(folder / "office.db")
    for rows, full in lists:
        people: list[dict[str, Any]] = [person("9", **{WECOM: "x"}), *({**person(row["工号"]), **row} for row in rows)]
        before = Directory(engine).members()
        report = take(engine, folder, people, full=full)
        if report.errors:
            assert Directory(engine).members() == before
            continue
        assert take(engine, folder, people, full=full).changes == Changes()
        for row in people:
            member = Directory(engine).get(row["工号"])
            assert member is not None
            for account in filter(None, row[WECOM].split("、")):
                found = Directory(engine).find(Account("wecom", CORP, account))
                assert found == (member if member.active else None)
    engine.dispose()
