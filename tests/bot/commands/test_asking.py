"""How answers are printed (``bot.commands.asking``)."""

from datetime import date

import pytest

from bot.assistant.answer import Answer, Citation
from bot.commands.asking import print_answer
from index.policies.model import State, Status

DAY = date(2026, 11, 21)
NOTICE = "该文件有效期至2026年8月31日，已届满，以下供参考，请核实有无延期或新文件。"


def _answer(text: str, notice: str) -> Answer:
    status = Status(State.EXPIRED, None, date(2026, 8, 31))
    citation = Citation("云汀市渡口管理办法（虚构）", None, ("第一条",), "渡口免费。", "渡口", 0, 5, status)
    return Answer("渡口收费吗？", DAY, True, text, (citation,), (notice,))


@pytest.mark.parametrize("text", [f"{NOTICE}\n渡口免费。", "渡口免费。"])
def test_a_notice_is_printed_once(capsys: pytest.CaptureFixture[str], text: str) -> None:
    print_answer(_answer(text, NOTICE))
    assert capsys.readouterr().out.count("已届满，以下供参考") == 1
