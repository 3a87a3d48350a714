"""Answers index/directory/changing.py, store.py and accounts.py."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError

from bot.channels.messages import Platform as ChannelPlatform
from index.directory.accounts import Platform, compared, given, written
from index.directory.changing import Changes, Deed, add_account, disable, remove_account
from index.directory.model import Account
from index.directory.store import Directory
from index.errors import AccessDenied, DirectoryError
from index.store import tables
from index.store.engine import open_store, writing
from tests.index.directory.lists import DEED, WECOM, person, take
from tests.index.records.samples import NOW

A = Account("wecom", "ww0123456789abcdef", "a")
DING = Account("dingtalk", "ding1", "Manager01")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    take(engine, tmp_path, [person("1", **{WECOM: "a"}), person("2")])
    return engine


def last_line(engine: Engine) -> tuple[str, ...]:
    columns = tables.audit.c
    with engine.connect() as connection:
        row = connection.execute(
            select(columns.actor, columns.purpose, columns.action, columns.target, columns.detail).order_by(
                columns.id.desc()
            )
        ).first()
    assert row is not None
    return tuple(row)


def test_disabled_member_is_nobody_on_every_account_at_once(engine: Engine) -> None:
    add_account(engine, "1", DING, DEED)
    member = disable(engine, "1", DEED)
    directory = Directory(engine)
    assert (directory.find(A), directory.find(DING)) == (None, None)
    assert directory.get("1") == member
    assert not member.active
    assert last_line(engine) == ("管理员", "人员管理：测试", "staff.change", "1", "状态：在职→停用")


def test_account_is_given_and_taken_with_a_line_each(engine: Engine) -> None:
    assert add_account(engine, "2", DING, DEED) == Changes(changed=("2",))
    assert last_line(engine)[2:] == ("staff.change", "2", "账号：+dingtalk:ding1/Manager01")
    assert add_account(engine, "2", DING, DEED) == Changes()
    found = Directory(engine).find(DING)
    assert found is not None
    assert found.id == "2"
    assert remove_account(engine, DING, DEED) == Changes(changed=("2",))
    assert last_line(engine)[2:] == ("staff.change", "2", "账号：-dingtalk:ding1/Manager01")
    assert Directory(engine).find(DING) is None


REFUSED: list[tuple[Callable[[Engine], object], str]] = [
    (lambda engine: disable(engine, "9", DEED), "STAFF_UNKNOWN"),
    (lambda engine: [disable(engine, "2", DEED), disable(engine, "2", DEED)], "STAFF_DISABLED"),
    (lambda engine: add_account(engine, "9", DING, DEED), "STAFF_UNKNOWN"),
    (lambda engine: add_account(engine, "2", A, DEED), "ACCOUNT_TAKEN"),
    (lambda engine: remove_account(engine, DING, DEED), "ACCOUNT_UNKNOWN"),
]


@pytest.mark.parametrize(("deed", "code"), REFUSED)
def test_what_cannot_be_done_is_refused_by_name(engine: Engine, deed: Callable[[Engine], object], code: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        deed(engine)
    assert caught.value.code == code


def test_change_without_a_name_leaves_everything_as_it_was(engine: Engine) -> None:
    with pytest.raises(AccessDenied):
        disable(engine, "1", Deed(" ", "p", NOW))
    assert Directory(engine).find(A) is not None


def test_member_is_never_deleted(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="never deleted"), writing(engine) as connection:
        connection.execute(delete(tables.staff).where(tables.staff.c.id == "2"))


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (Account("wecom", A.tenant, "A"), True),
        (Account("wecom", "ww0123456789abcdeF", "a"), False),
        (Account("wecom", "", "a"), False),
        (Account("feishu", A.tenant, "a"), False),
        (Account("wecom", A.tenant, "a "), False),
        (Account("wecom", A.tenant, "' OR 1=1 --"), False),
        (Account("wecom", A.tenant, ""), False),
    ],
)
def test_account_is_known_by_platform_company_and_name_together(engine: Engine, asked: Account, known: bool) -> None:
    assert (Directory(engine).find(asked) is not None) == known


@pytest.mark.parametrize("platform", [platform for platform in Platform if platform is not Platform.WECOM])
def test_only_wecom_accounts_are_one_whatever_their_case(platform: Platform) -> None:
    account = Account(platform.value, "t", "AbC")
    assert compared(account) == account


def test_sign_that_looks_like_a_letter_is_none() -> None:
    strange = Account("wecom", "ww1", "\N{KELVIN SIGN}ai")
    assert compared(strange) == strange


def test_platforms_of_channels_are_platforms_of_accounts() -> None:
    assert {platform.value for platform in ChannelPlatform} == {platform.value for platform in Platform} - {"oidc"}


@pytest.mark.parametrize(("tenant", "account"), [("", "a"), ("t", ""), ("t", "张三"), ("t", "a b"), ("t", "a\u202e")])
def test_account_typed_wrongly_is_refused(tenant: str, account: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        given("wecom", tenant, account)
    assert caught.value.code == "ACCOUNT_UNREADABLE"


def test_account_is_written_for_people() -> None:
    assert written(given("wecom", "ww1", "ZhangSan")) == "wecom:ww1/zhangsan"


def test_members_are_listed_by_unit_and_number(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("0", 单位="A 科"), person("3")])
    assert [member.id for member in Directory(engine).members()] == ["0", "1", "2", "3"]
