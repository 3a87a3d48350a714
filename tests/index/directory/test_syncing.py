"""Answers index/directory/syncing.py: the directory follows a platform's contacts and gives no rights."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from index.directory.changing import Changes, add_account
from index.directory.model import Account, Role, Staff
from index.directory.store import Directory
from index.directory.syncing import Contact, sync
from index.errors import DirectoryError
from index.store.engine import open_store
from tests.index.directory.lists import DEED, WECOM, person, take

CORP = "ww0123456789abcdef"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(tmp_path / "office.db")


def contact(account: str, name: str = "", unit: str = "某处") -> Contact:
    return Contact(Account("wecom", CORP, account), name or f"名{account}", unit)


def follow(engine: Engine, *contacts: Contact) -> Changes:
    return sync(engine, "wecom", CORP, contacts, DEED)


def find(engine: Engine, account: str) -> Staff | None:
    return Directory(engine).find(Account("wecom", CORP, account))


def test_who_is_there_becomes_a_member_without_roles(engine: Engine) -> None:
    assert follow(engine, contact("A"), contact("b")) == Changes(added=("wecom-a", "wecom-b"))
    assert find(engine, "a") == Staff("wecom-a", "名A", "某处")
    assert follow(engine, contact("A"), contact("b")) == Changes()


def test_new_name_and_department_are_taken_for_members_of_the_platform_only(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("1", **{"角色": "查询记录", WECOM: "a"})])
    follow(engine, contact("a", "别名", "别处"), contact("b"))
    assert find(engine, "a") == Staff("1", "张1", "市生态环境局", frozenset({Role.RECORDS}))
    assert follow(engine, contact("a"), contact("b", "新名", "新处")) == Changes(changed=("wecom-b",))
    assert find(engine, "b") == Staff("wecom-b", "新名", "新处")


def test_department_named_on_the_platform_moves_no_role_to_another_unit(engine: Engine, tmp_path: Path) -> None:
    follow(engine, contact("a"))
    take(engine, tmp_path, [person("wecom-a", **{"角色": "查询记录", WECOM: "a"})])
    assert follow(engine, contact("a", "别名", "市公安局")) == Changes()
    found = find(engine, "a")
    assert found is not None
    assert (found.unit, found.roles) == ("市生态环境局", frozenset({Role.RECORDS}))


def test_who_has_gone_is_nobody(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("1", **{WECOM: "a"})])
    follow(engine, contact("a"), contact("b"), contact("c"))
    assert follow(engine, contact("c")) == Changes(changed=("1", "wecom-b"), disabled=("wecom-b",))
    assert (find(engine, "a"), find(engine, "b")) == (None, None)
    member = Directory(engine).get("1")
    assert member is not None
    assert member.active


def test_who_was_disabled_does_not_come_back_by_himself(engine: Engine) -> None:
    follow(engine, contact("a"), contact("b"))
    follow(engine, contact("b"))
    assert follow(engine, contact("a"), contact("b")) == Changes()
    assert find(engine, "a") is None


def test_what_does_not_show_is_left_out_and_what_is_no_account_is_refused(engine: Engine) -> None:
    follow(engine, contact("a", "张\u202e三\n", ""), contact("b", "\u200b", "长" * 300))
    assert find(engine, "a") == Staff("wecom-a", "张三", "未写明部门")
    assert find(engine, "b") == Staff("wecom-b", "b", "长" * 100)
    with pytest.raises(DirectoryError) as caught:
        follow(engine, contact("a"), contact("b"), contact("张三"))
    assert caught.value.code == "ACCOUNT_UNREADABLE"


def test_other_platforms_and_companies_are_left_alone(engine: Engine) -> None:
    follow(engine, contact("a"))
    for account in (Account("feishu", CORP, "x"), Account("wecom", "ww2", "x")):
        add_account(engine, "wecom-a", account, DEED)
    follow(engine, contact("b"))
    assert Directory(engine).find(Account("feishu", CORP, "x")) is None  # its member has gone
    assert len(Directory(engine).accounts("wecom-a")) == 3


def test_platform_that_shows_nobody_or_loses_half_is_not_believed(engine: Engine) -> None:
    follow(engine, *(contact(f"m{number}") for number in range(12)))
    for left in (0, 5):
        with pytest.raises(DirectoryError) as caught:
            follow(engine, *(contact(f"m{number}") for number in range(left)))
        assert caught.value.code == "SYNC_TOO_MANY"
    assert all(member.active for member in Directory(engine).members())
    assert len(follow(engine, *(contact(f"m{number}") for number in range(6))).disabled) == 6


def test_number_that_somebody_has_is_not_given_to_another(engine: Engine, tmp_path: Path) -> None:
    take(engine, tmp_path, [person("wecom-a", 角色="管理")])
    with pytest.raises(DirectoryError) as caught:
        follow(engine, contact("a"))
    assert caught.value.code == "SYNC_NUMBER"
    assert find(engine, "a") is None


def test_members_of_two_companies_with_the_same_account_are_two(engine: Engine) -> None:
    other, there = "ww-other", Contact(Account("wecom", "ww-other", "a"), "乙", "别处")
    follow(engine, contact("a", "甲"))
    assert sync(engine, "wecom", other, [there], DEED).added == ("wecom-ww-other-a",)
    assert sync(engine, "wecom", other, [there], DEED) == Changes()
    assert follow(engine, contact("a", "甲")) == Changes()
    known = [Directory(engine).find(account) for account in (Account("wecom", CORP, "a"), there.account)]
    assert [member and (member.id, member.name) for member in known] == [
        ("wecom-a", "甲"),
        ("wecom-ww-other-a", "乙"),
    ]
    gone = sync(engine, "wecom", other, [Contact(Account("wecom", other, "b"), "丙", "别处")], DEED)
    assert gone.disabled == ("wecom-ww-other-a",)
    assert find(engine, "a") is not None


@given(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=4))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_sync_ever_gives_a_role_and_the_same_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[set[str]]
) -> None:
    engine = open_store(tmp_path_factory.mktemp("sync") / "office.db")
    for there in rounds:
        contacts = [contact(account) for account in sorted(there)]
        follow(engine, *contacts)
        assert follow(engine, *contacts) == Changes()
        members = Directory(engine).members()
        assert not any(member.roles for member in members)
        assert {member.id for member in members if member.active} <= {f"wecom-{account}" for account in there}
    engine.dispose()
