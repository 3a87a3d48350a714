"""The same assistant on other law texts (articles of ../shared/retrieval).

Rules were corrected where these questions showed mistakes, so this guards what was learnt; it is no unseen measure.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.assistant.engine import Assistant
from tests.bot.assistant.conftest import TODAY, assistant_over

pytestmark = pytest.mark.shared

LAWS = (
    "中华人民共和国劳动合同法",
    "中华人民共和国政府信息公开条例",
    "征信业管理条例",
    "居住证暂行条例",
    "失业保险条例",
)


@pytest.fixture(scope="module")
def laws(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    texts: dict[str, list[str]] = {}
    with gzip.open(shared / "retrieval" / "law.corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for article in map(json.loads, lines):
            if article["title"] in LAWS:
                lines_of = texts.setdefault(article["title"], [article["title"], ""])
                if article["path"] and article["path"][-1] not in lines_of:
                    lines_of.append(article["path"][-1])
                lines_of.append(f"{article['art']} {article['text']}")
    joined = {title: "\n".join(parts) + "\n" for title, parts in texts.items()}
    assistant, _, backend = assistant_over(joined, tmp_path_factory.mktemp("laws"))
    with backend:
        yield assistant


@pytest.mark.parametrize(
    ("question", "article", "said"),
    [
        ("劳动合同试用期最长多久？", "第十九条", "不得超过六个月"),
        ("竞业限制期限不得超过几年？", "第二十四条", "二年"),
        ("劳动者提前几天通知可以解除劳动合同？", "第三十七条", "三十日"),
        ("试用期工资不得低于多少？", "第二十条", "百分之八十"),
        ("经济补偿怎么算？", "第四十七条", "每满一年支付一个月工资"),
        ("申请政府信息公开要收费吗？", "第四十二条", "不收取费用"),
        ("行政机关收到信息公开申请后几个工作日内答复？", "第三十三条", "20个工作日"),
        ("居住证多久签注一次？", "第十条", "每年签注1次"),
        ("办居住证收钱吗？", "第二十一条", "免收证件工本费"),
        ("申领居住证要什么材料？", "第九条", "居民身份证"),
        ("个人每年可以免费查几次自己的信用报告？", "第十七条", "每年两次"),
        ("异议申请多少天内答复？", "第二十五条", "20日内"),
        ("失业保险费单位交多少？", "第六条", "2%"),
        ("劳动合同法什么时候施行？", "第九十八条", "2008年1月1日"),
        ("孕妇能被辞退吗？", "第四十二条", "女职工在孕期、产期、哺乳期的"),
    ],
)
def test_a_question_on_another_law_finds_its_article(laws: Assistant, question: str, article: str, said: str) -> None:
    answer = laws.ask(question, as_of=TODAY)
    assert answer.answered, answer.answer
    assert article in answer.citations[0].heading
    assert said in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "居住证可以抵押贷款吗？",
        "居住证换领要带身份证吗？",
        "征信中心的电话是多少？",
        "失业保险金每月发多少元？",
        "工资最低标准是多少元？",
        "盐城的居住证办理要几天？",
        "企业所得税税率是多少？",
    ],
)
def test_what_these_laws_do_not_say_in_so_many_words_is_refused(laws: Assistant, question: str) -> None:
    answer = laws.ask(question, as_of=TODAY)
    assert not answer.answered, answer.answer
