"""``chenghe demo`` tells the whole story, in its own folder, and stops if anything comes out differently."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.demo.story import MARKER, tell
from bot.errors import BotError
from bot.settings import Home
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)


def test_the_demo_goes_from_question_to_forged_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(Home(tmp_path / "demo"), NOW) == 0
    story = capsys.readouterr().out
    for word in (
        "一个月",
        "市生态环境局",
        "有效期已届满",
        "事业单位",
        "不列入：已纠正",
        "内容不一致",
        "已过期",
        "已撤销",
        "核验不通过",
    ):
        assert word in story, word
    assert "查询结果" in story[story.index("未查询到”") - 400 : story.index("内容不一致") + 800]


def test_the_demo_can_be_told_again_but_empties_no_other_folder(tmp_path: Path) -> None:
    assert tell(Home(tmp_path / "demo"), NOW) == 0
    assert tell(Home(tmp_path / "demo"), NOW) == 0
    other = tmp_path / "mine"
    other.mkdir()
    (other / "diary.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(BotError) as refused:
        tell(Home(other), NOW)
    assert refused.value.code == "DEMO_HOME_IN_USE"
    assert [path.name for path in other.iterdir()] == ["diary.txt"]
    assert (tmp_path / "demo" / MARKER).exists()
