"""Answers bot/commands/staff.py."""

import asyncio
from pathlib import Path

import pytest

from tests.bot.channels.wecom_server import AES_KEY, AGENT, CORP, SECRET, TOKEN, WecomServer
from tests.journeys.conftest import Chenghe, Said

LIST = """工号,姓名,单位,角色,办理事项,企业微信账号（ww0123456789abcdef）,电话
1001,张三,盐城市生态环境局,查询记录,行政许可审查,ZhangSan,
1002,李四,某科室,,,,
"""
ACCOUNT = ("wecom", "ww0123456789abcdef", "zhangsan")


@pytest.fixture
def taken(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    path = tmp_path / "名册.csv"
    path.write_text(LIST, encoding="utf-8")
    said = chenghe("staff", "import", path)
    assert said.status == 0
    assert "共 2 人，已经新增 2" in said.err
    assert "没有保存的列：电话" in said.err
    return chenghe


def test_member_is_shown_with_roles_matters_and_accounts(taken: Chenghe) -> None:
    assert taken("staff", "show", "1001", "--json").json == {
        "id": "1001",
        "name": "张三",
        "unit": "市生态环境局",
        "roles": ["records"],
        "matters": ["行政许可审查"],
        "active": True,
        "accounts": [dict(zip(("platform", "tenant", "account"), ACCOUNT, strict=True))],
    }
    shown = taken("staff", "show", "1001").out
    assert "查询记录" in shown
    assert "wecom:ww0123456789abcdef/zhangsan" in shown


def test_list_shows_active_members_and_all_when_asked(taken: Chenghe) -> None:
    assert taken("staff", "disable", "1002", "--reason", "调离").status == 0
    assert [member["id"] for member in taken("staff", "list", "--json").json] == ["1001"]
    assert [member["id"] for member in taken("staff", "list", "--all", "--json").json] == ["1001", "1002"]
    assert [member["id"] for member in taken("staff", "list", "--all", "--unit", "某科室", "--json").json] == ["1002"]
    assert "停用" in taken("staff", "list", "--all").out


def test_accounts_are_listed_added_and_removed(taken: Chenghe) -> None:
    assert taken("staff", "accounts", "add", "1002", "oidc", "https://id.example.gov.cn", "s-1").status == 0
    assert {found["staff"] for found in taken("staff", "accounts", "list", "--json").json} == {"1001", "1002"}
    assert taken("staff", "accounts", "remove", "wecom", "ww0123456789abcdef", "ZHANGSAN").status == 0
    assert taken("staff", "accounts", "list").out == "oidc:https://id.example.gov.cn/s-1　1002\n"


def test_bad_list_is_told_cell_by_cell_and_not_taken(chenghe: Chenghe, tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_text(LIST.replace("查询记录", "局长"), encoding="utf-8")
    said = chenghe("staff", "import", path, "--json")
    assert said.status == 1
    assert (said.json["imported"], said.json["error_count"], said.json["errors"][0]["column"]) == (False, 1, "角色")
    assert "第 2 行 角色：“局长”不是角色。下一步：可填：" in said.err
    assert "整份没有导入" in said.err
    assert chenghe("staff", "list", "--json").json == []


def test_check_writes_nothing(chenghe: Chenghe, tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_text(LIST, encoding="utf-8")
    said = chenghe("staff", "import", path, "--check", "--full", "--json")
    assert said.status == 0
    assert said.json["added"] == ["1001", "1002"]
    assert said.json["imported"] is False
    assert "将会新增 2" in said.err
    assert chenghe("staff", "list", "--json").json == []


def test_sync_follows_the_contacts_of_an_app_and_says_when_it_cannot(chenghe: Chenghe, tmp_path: Path) -> None:
    server = WecomServer("office")
    home = tmp_path / "home"
    home.mkdir()
    (home / "channels.toml").touch(mode=0o600)
    (home / "channels.toml").write_text(
        f'[[app]]\nname = "office"\nkind = "wecom"\ncorp_id = "{CORP}"\nagent_id = "{AGENT}"\nsecret = "{SECRET}"\n'
        f'token = "{TOKEN}"\naes_key = "{AES_KEY}"\napi = "{server.served.origin}"\n',
        encoding="utf-8",
    )

    async def synced() -> list[Said]:
        await server.served.start()
        said = [await asyncio.to_thread(chenghe, "staff", "sync", app, "--json") for app in ("office", "other")]
        server.trusted = False
        said.append(await asyncio.to_thread(chenghe, "staff", "sync", "office"))
        await server.served.stop()
        return said

    done, other, refused = asyncio.run(synced())
    assert (done.status, done.json["added"]) == (0, ["wecom-li", "wecom-wang", "wecom-zhang"])
    assert "没有角色" in done.err
    assert (other.status, other.json["error"]["code"]) == (2, "SYNC_APP")
    assert refused.status == 2
    assert "SYNC_REFUSED" in refused.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "9"), "STAFF_UNKNOWN"),
        (("disable", "9", "--reason", "调离"), "STAFF_UNKNOWN"),
        (("disable", "1001", "--reason", " "), "ACCESS_UNSTATED"),
        (("import", "absent.csv"), "IMPORT_UNREADABLE"),
        (("accounts", "add", "1002", *ACCOUNT), "ACCOUNT_TAKEN"),
        (("accounts", "add", "1002", "wecom", "ww", "张三"), "ACCOUNT_UNREADABLE"),
        (("accounts", "remove", "dingtalk", "d", "x"), "ACCOUNT_UNKNOWN"),
        (("accounts", "add", "1002", "qq", "x", "y"), "USAGE"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_code(taken: Chenghe, words: tuple[str, ...], code: str) -> None:
    said = taken("staff", *words)
    assert said.status == 2
    assert code in said.err
    assert "下一步" in said.err
