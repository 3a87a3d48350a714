"""Tokens given, listed and revoked at the command line; each act with its audit line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import clock, rooms
from bot.__main__ import main
from bot.holders import Holders
from bot.settings import Home
from index.directory.changing import Deed, change, disable
from index.directory.model import Staff
from index.store.tables import audit


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


class Shell:
    def __init__(self, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        self._capsys.readouterr()
        assert main(["api-token", *words, "--home", str(self.home.root)]) == status
        self.said = self._capsys.readouterr()
        return self.said.out


@pytest.fixture
def shell(home: Home, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(home, capsys)


def audited(home: Home) -> list[tuple[str, str]]:
    engine = rooms.store(home)
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(audit.c.action, audit.c.target).order_by(audit.c.id)).all()
    finally:
        engine.dispose()
    return [(row.action, row.target) for row in rows]


def test_a_new_token_lets_in_until_it_is_revoked(shell: Shell, home: Home) -> None:
    sent = shell("new", "Open WebUI").strip()
    holders = Holders(home)
    token = holders.check(sent, clock.now())
    assert token is not None
    assert token.name == "Open WebUI"
    assert "只显示这一次" in shell.said.err
    shell("revoke", token.id)
    assert holders.check(sent, clock.now()) is None
    assert audited(home) == [("发接口令牌", token.id), ("停用接口令牌", token.id)]


def test_a_token_for_a_member_needs_the_member_and_ends_with_them(shell: Shell, home: Home) -> None:
    shell("new", "Word", "--staff", "z001", status=2)
    assert "STAFF_UNKNOWN" in shell.said.err
    assert audited(home) == []
    engine = rooms.store(home)
    change(engine, lambda before: before.with_member(Staff("z001", "张示例", "示例局")), _deed())
    sent = json.loads(shell("new", "Word", "--staff", "z001", "--days", "7", "--json"))
    assert sent["staff"] == "z001"
    holders = Holders(home)
    assert holders.check(sent["token"], clock.now()) is not None
    assert holders.check(sent["token"], clock.now() + timedelta(days=7)) is None
    disable(engine, "z001", _deed())
    assert holders.check(sent["token"], clock.now()) is None
    holders.close()
    engine.dispose()


def test_the_list_shows_nothing_that_lets_in(shell: Shell, home: Home) -> None:
    assert shell("list") == ""
    sent = shell("new", "Dify").strip()
    shown, data = shell("list"), shell("list", "--json")
    secret = sent.split("-", 2)[2]
    assert "Dify" in shown
    assert "有效" in shown
    for text in (shown, data, home.api_tokens.read_text("utf-8")):
        assert secret not in text
    assert "digest" not in data


@pytest.mark.parametrize("days", ["0", "99999"])
def test_a_refused_token_leaves_no_line(shell: Shell, home: Home, days: str) -> None:
    shell("new", "Dify", "--days", days, status=2)
    assert audited(home) == []
    assert not home.api_tokens.exists()


def test_an_unknown_token_cannot_be_revoked(shell: Shell, home: Home) -> None:
    shell("revoke", "0123456789ab", status=2)
    assert audited(home) == []


def _deed() -> Deed:
    return Deed("管理员", "测试", clock.now())
