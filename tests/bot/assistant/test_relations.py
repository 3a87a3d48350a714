"""The value must be tied to what is asked: shares, counts of people, sums, periods (fictional clauses)."""

from pathlib import Path

import pytest

from bot.assistant.evidence import units_of
from bot.assistant.lexicon import load_lexicon
from bot.assistant.question import understand
from bot.assistant.relations import related
from index.policies.library import Library


def fits(question: str, clause: str, folder: Path) -> bool:
    path = folder / "clause.txt"
    path.write_text(f"云汀市渡口办法（虚构样例）\n\n第一条 {clause}\n第二条 本办法自2025年1月1日起施行。\n", "utf-8")
    library = Library(folder / "library")
    library.add(path)
    document = library.documents()[0]
    unit = next(one for passage in document.passages for one in units_of(document, passage) if clause[:4] in one.text)
    return related(understand(question, load_lexicon(), lambda pair: True, frozenset()).asks[0], unit)


@pytest.mark.parametrize(
    ("question", "clause", "tied"),
    [
        ("保证金要按合同额的百分之几存？", "未存储保证金的，处五万元以上十万元以下罚款。", False),
        ("保证金要按合同额的百分之几存？", "保证金按合同额的百分之三存储。", True),
        ("检查渡口最少要几个检查人员？", "检查渡口、渡船、码头等应当认真。", False),
        ("检查渡口最少要几个检查人员？", "检查渡口应当由2名以上检查人员参加。", True),
        ("得多少业主同意才行？", "擅自改变用途的，处1万元以上10万元以下罚款。", False),
        ("得多少业主同意才行？", "应当经三分之二以上的业主同意。", True),
        ("渡船贷款最高能贷多少万？", "渡船贷款由银行办理。", False),
        ("几年以后会被列入名单？", "满三年未履行公示义务的，列入名单。", True),
        ("几年以后会被列入名单？", "公示期为三年，期满列入名单。", False),
    ],
)
def test_a_number_is_of_what_is_asked(question: str, clause: str, tied: bool, tmp_path: Path) -> None:
    assert fits(question, clause, tmp_path) is tied
