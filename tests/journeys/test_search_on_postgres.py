"""An office whose index is on a PostgreSQL server: the same commands, the same answers, also after a restart."""

import argparse
from pathlib import Path

import pytest

from bot.commands import demo
from bot.settings import Home
from index.search.opening import DATABASE_VARIABLE, OWNER_FILE, owner_of
from index.search.postgres_backend import PostgresBackend
from tests.journeys.conftest import Chenghe
from tests.postgres import PostgresServer

TEXT = """云汀市渡船管理办法（虚构）

第一条 渡船每年检验一次。

第二条 夜间渡运由云汀市渡运管理处负责。
"""


@pytest.fixture
def ferry(tmp_path: Path) -> Path:
    file = tmp_path / "渡船.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def office(search_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(DATABASE_VARIABLE, search_database)
    return search_database


def test_policies_are_added_asked_and_removed(
    office: str, chenghe: Chenghe, ferry: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    assert chenghe("policies", "add", ferry).status == 0
    with PostgresBackend(office, owner_of(tmp_path / "home" / "search")) as backend:
        (name,) = backend.document_ids()
    assert [file.name for file in (tmp_path / "home" / "search").iterdir()] == [OWNER_FILE]
    assert "夜间渡运" in chenghe("search", "夜间渡运", "--json").json[0]["text"]
    postgres_server.stop()
    postgres_server.start()
    answer = chenghe("ask", "夜间渡运由谁负责？", "--json").json
    assert answer["answered"]
    assert "渡运管理处" in answer["answer"]
    assert chenghe("policies", "remove", name).status == 0
    assert chenghe("search", "夜间渡运", "--json").json == []


def test_the_answer_is_that_of_the_embedded_index(
    office: str, chenghe: Chenghe, ferry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chenghe("policies", "add", ferry)
    there = chenghe("search", "渡船检验", "--json").json
    monkeypatch.delenv(DATABASE_VARIABLE)
    assert chenghe("search", "渡船检验", "--json").json == there
    assert len(list((tmp_path / "home" / "search").iterdir())) > 1


def test_a_second_home_cannot_empty_the_index_of_the_first(
    office: str, chenghe: Chenghe, ferry: Path, tmp_path: Path
) -> None:
    chenghe("policies", "add", ferry)
    said = chenghe("search", "渡船", "--json", home=tmp_path / "second")
    assert (said.status, said.json["error"]["code"]) == (2, "SEARCH_SERVER_TAKEN")
    assert chenghe("search", "夜间渡运", "--json").json


def test_a_server_that_is_away_is_said_without_a_traceback(
    chenghe: Chenghe, ferry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, "postgresql://clerk:hidden@127.0.0.1:1/office")
    said = chenghe("ask", "夜间渡运由谁负责？", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "SEARCH_SERVER")
    assert "hidden" not in said.out + said.err


def test_the_demo_never_touches_the_index_of_the_office(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Home] = []
    monkeypatch.setattr("bot.demo.story.tell", lambda home, now: told.append(home) or 0)
    assert demo.run(argparse.Namespace(), Home.from_argument(None)) == 0
    assert Home.from_argument(None).search_database == office
    assert told[0].search_database is None


def test_no_setting_shows_the_password() -> None:
    assert "hidden" not in repr(Home(Path("home"), "postgresql://clerk:hidden@127.0.0.1/office"))
