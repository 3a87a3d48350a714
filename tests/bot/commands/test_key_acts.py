"""Answers bot/commands/key_acts.py: killed before any durable act, no change of the keys is without its audit line."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import rooms
from bot.__main__ import main
from bot.settings import Home
from tests.forking import CONTEXT
from tests.journeys.conftest import Chenghe
from tests.verify.issuing.conftest import quick_disk as quick_disk
from tests.verify.issuing.crashing import before_every_act, left_before_every_act

Line = tuple[str, str, str]
LEAST = 5
"""Two lines and three files."""


def lines(home: Path) -> list[Line]:
    """Action, target and detail of what the audit says of keys, in order."""
    if not (home / "office.db").exists():
        return []
    with closing(sqlite3.connect(home / "office.db")) as store:
        if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone():
            return []
        return store.execute(
            "SELECT action, target, detail FROM audit WHERE action LIKE 'keys.%' ORDER BY id"
        ).fetchall()


def version(home: Path) -> int:
    keys = rooms.keys(Home(home))
    return keys.key_list().version if keys.exists() else 0


def killed_everywhere(prepared: Path, folder: Path, *words: str) -> Iterator[Path]:
    """A home for every durable act of a command before which its process was really killed."""
    for act in count(1):
        home = folder / f"killed before {act}"
        shutil.copytree(prepared, home)
        process = CONTEXT.Process(target=_run, args=(act, home, words))
        process.start()
        process.join()
        if process.exitcode == 0:
            assert act > LEAST
            return
        assert process.exitcode == -signal.SIGKILL
        yield home


def _run(act: int, home: Path, words: tuple[str, ...]) -> None:
    acts = count(1)

    def killed() -> None:
        if next(acts) == act:
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = lambda descriptor: None
    with before_every_act(killed, Engine):
        assert main([*words, "--home", str(home)]) == 0


def left_everywhere(home: Path, folder: Path, *words: str) -> list[Path]:
    """The home as a command left it right before every durable act of it."""

    def work() -> None:
        assert main([*words, "--home", str(home)]) == 0

    homes = left_before_every_act(home, folder, work, Engine)
    assert len(homes) >= LEAST
    return homes


@pytest.fixture
def begun(chenghe: Chenghe, tmp_path: Path) -> Path:
    assert chenghe("keys", "init").status == 0
    return tmp_path / "home"


def assert_accounted_for(home: Path, before: int, earlier: list[Line], chenghe: Chenghe) -> None:
    """A changed list has its line; the next act says of one without an outcome that it was cut off, and only of it."""
    found = lines(home)
    assert found[: len(earlier)] == earlier
    begun = found[len(earlier) :]
    assert begun or version(home) == before, "changed, and nobody can tell by whom"
    standing = version(home)
    assert chenghe("keys", "export", home=home).status == 0
    settled = lines(home)[len(found) :]
    cut_off = len(begun) == 1
    assert [action for action, _, _ in settled] == ["keys.interrupted"] * cut_off + ["keys.intend", "keys.export"]
    if cut_off:
        assert begun[0][0] == "keys.intend"
        assert (f"第 {standing} 版" if standing else "还没有密钥") in settled[0][2]


def test_wherever_it_is_killed_a_changed_key_list_has_its_line(begun: Path, tmp_path: Path, chenghe: Chenghe) -> None:
    kid = rooms.keys(Home(begun)).list()[0].entry.kid.hex()
    earlier, before, outcomes = lines(begun), version(begun), set()
    for home in killed_everywhere(begun, tmp_path, "keys", "revoke", kid, "--reason", "测试被盗"):
        entered = lines(home)[len(earlier) :]
        outcomes.add((len(entered), version(home) - before))
        for _, target, detail in entered:
            assert (target, detail.split("；")[:2]) == (kid, ["keys.revoke", "测试被盗"])
        assert_accounted_for(home, before, earlier, chenghe)
    assert outcomes == {(0, 0), (1, 0), (1, 1)}, "nothing yet; set about; done without its outcome"


def test_what_a_rotation_left_anywhere_is_told_too(begun: Path, tmp_path: Path, chenghe: Chenghe) -> None:
    earlier, before = lines(begun), version(begun)
    for home in left_everywhere(begun, tmp_path, "keys", "rotate"):
        assert_accounted_for(home, before, earlier, chenghe)


def test_a_beginning_left_anywhere_is_told_when_it_is_finished(tmp_path: Path, chenghe: Chenghe) -> None:
    (tmp_path / "empty").mkdir()
    for home in left_everywhere(tmp_path / "empty", tmp_path, "keys", "init"):
        found = lines(home)
        assert found or not list(home.rglob("*.pem"))
        if version(home):
            assert_accounted_for(home, 0, [], chenghe)
            continue
        assert chenghe("keys", "init", home=home).status == 0
        said = [action for action, _, _ in lines(home)[len(found) :]]
        assert said == ["keys.interrupted"] * bool(found) + ["keys.intend", "keys.init"]


def test_what_was_refused_says_so_and_is_not_taken_for_cut_off(begun: Path, chenghe: Chenghe) -> None:
    earlier = lines(begun)
    assert chenghe("keys", "revoke", "0" * 16, "--reason", "试一试").status == 2
    assert chenghe("keys", "witness", "remove", "\udcff").status == 2
    standing = "公钥清单第 1 版，文件签名证书 1 份（停用 0 份）"
    assert lines(begun)[len(earlier) :] == [
        ("keys.intend", "0" * 16, f"keys.revoke；试一试；{standing}"),
        ("keys.failed", "0" * 16, f"keys.revoke；KEY_UNKNOWN；{standing}"),
        ("keys.intend", "?", f"keys.witness.remove；{standing}"),
        ("keys.failed", "?", f"keys.witness.remove；WITNESS_UNKNOWN；{standing}"),
    ]


def test_keys_that_cannot_be_read_do_not_keep_an_act_from_being_entered(begun: Path, chenghe: Chenghe) -> None:
    (begun / "keys" / "root.json").write_text("{", encoding="utf-8")
    assert chenghe("keys", "rotate").status == 2
    assert [detail for _, _, detail in lines(begun)[-2:]] == [
        "keys.rotate；密钥文件不可用（KEY_FILE_UNREADABLE）",
        "keys.rotate；KEY_FILE_UNREADABLE；密钥文件不可用（KEY_FILE_UNREADABLE）",
    ]
