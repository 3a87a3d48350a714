"""The acceptance of issue 2 §3 on the five real texts, paraphrases by other hands than the engine's, and traps."""

import re
from pathlib import Path

import pytest
from opencc import OpenCC

from bot.assistant.answer import Role, Turn
from bot.assistant.cases import read_cases
from bot.assistant.engine import Assistant
from bot.assistant.evaluate import evaluate
from index.policies.library import Library
from tests.bot.assistant.conftest import TODAY, Ask

pytestmark = pytest.mark.shared

SCHEME = "关于推行经营主体以专用信用报告代替有无违法违规记录证明的实施方案（试行）"
MEASURES = "在行政管理中实行信用报告和信用承诺的办法"
OPINION = "盐城市关于加强政务诚信建设的实施意见"
JIANGXI = "江西省加强政务诚信建设的实施方案"
JILIN = "全面推进政务诚信建设努力营造良好营商环境——解读《吉林省政务诚信建设实施方案》"
EXPIRED_FIRST = "该文件有效期至2026年8月31日，已届满"

FOUR_LISTS = ["诚信典型范围清单", "严重失信行为及主体范围清单", "守信激励政策措施清单", "失信惩戒政策措施清单"]
OFFICES = ["省公安厅", "省委组织部", "省人社厅", "省公务员局", "2018年年底前"]
ACCEPTANCE = [
    ("专用信用报告开出来以后多长时间内有效？", SCHEME, ["1个月内有效"]),
    ("首批实施领域有几个，从哪天开始？", SCHEME, ["19个领域", "2024年9月1日"]),
    ("烟草专卖领域归哪个单位负责？什么时候开始实施？", SCHEME, ["市烟草专卖局", "2024年10月1日"]),
    ("信用评价报告有效期多长？", MEASURES, ["一年"]),
    ("江西的方案里公务员诚信档案由哪些单位负责、什么时候完成？", JIANGXI, OFFICES),
    ("吉林要建哪四张清单？", JILIN, FOUR_LISTS),
    ("已经修复的违法记录会不会显示在专用信用报告上？", SCHEME, ["不展示"]),
    ("盐城政务诚信监管平台由谁牵头？", OPINION, ["牵头单位"]),
    ("盐城专用信用报告收费多少钱？", SCHEME, ["免费"]),
]


@pytest.mark.parametrize(("question", "document", "said"), ACCEPTANCE, ids=[a[0] for a in ACCEPTANCE])
def test_acceptance_question_is_answered_from_the_right_document(
    ask_real: Ask, question: str, document: str, said: list[str]
) -> None:
    answer = ask_real(question)
    assert answer.answered, answer.answer
    assert {citation.document for citation in answer.citations} == {document}
    assert [words for words in said if words not in answer.answer] == []
    assert answer.answer.startswith(EXPIRED_FIRST) == (document == SCHEME)


@pytest.mark.parametrize("question", [a[0] for a in ACCEPTANCE])
def test_the_same_question_in_traditional_characters_gets_the_same_answer(ask_real: Ask, question: str) -> None:
    traditional = OpenCC("s2t").convert(question)
    assert traditional != question
    asked = ask_real(traditional)
    assert (asked.answer, asked.citations) == (ask_real(question).answer, ask_real(question).citations)


def test_days_of_processing_that_no_text_gives_are_refused(ask_real: Ask) -> None:
    answer = ask_real("办一份专用信用报告要几个工作日？")
    assert not answer.answered
    assert not re.search(r"[0-9一二三四五六七八九十]+个?工作日", answer.answer)


def test_a_deadline_in_working_days_of_one_city_is_no_answer_for_another(ask_real: Ask) -> None:
    for question in ("南京的专用信用报告收费吗？", "上海市专用信用报告有效期多久？", "云汀市专用信用报告谁负责？"):
        assert not ask_real(question).answered, question


PARAPHRASES = [
    ("开好的专用信用报告过多久就作废了？", SCHEME, "1个月"),
    ("烟草专卖这块归谁管，啥时候开始搞？", SCHEME, "市烟草专卖局"),
    ("体育领域是第几批？", SCHEME, "第二批"),
    ("市自然资源和规划局负责哪些领域？", SCHEME, "林业领域"),
    ("市住建局管哪几个领域？", SCHEME, "住房城乡建设领域"),
    ("第二批实施领域有哪些？", SCHEME, "水电气领域"),
    ("开专用信用报告要不要交费？", SCHEME, "免费"),
    ("对专用信用报告的内容有异议怎么提？", SCHEME, "异议申请"),
    ("谁负责开发专用信用报告的核验功能？", SCHEME, "市发改委"),
    ("农民专业合作社能开专用信用报告吗？", SCHEME, "均可以申请"),
    ("信用评价报告由谁出具？", MEASURES, "信用服务机构"),
    ("信用评价报告包括哪些内容？", MEASURES, "经营业务信息"),
    ("公共信用信息报告分为哪几类？", MEASURES, "个人公共信用信息报告"),
    ("信用主体是指什么？", MEASURES, "完全民事行为能力"),
    ("不履行承诺的会受到什么处理？", MEASURES, "失信惩戒"),
    ("信用报告和信用承诺办法有效期到什么时候？", MEASURES, "2029年8月31日"),
    ("政务诚信实施意见废止了哪个文件？", OPINION, "盐政发〔2019〕75号"),
    ("盐城招商引资领域政务诚信建设的牵头单位是谁？", OPINION, "市商务局"),
    ("系统等保测评多久做一次？", OPINION, "按年度"),
    ("招标人可以用什么替代投标保证金？", OPINION, "信用承诺"),
    ("江西省招标投标领域政务诚信建设什么时候完成？", JIANGXI, "2018年年底前"),
    ("江西政府采购领域的责任单位是谁？", JIANGXI, "省财政厅"),
    ("吉林省政务诚信建设有哪六大领域？", JILIN, "政府采购领域"),
    ("吉林四项制度是哪四项？", JILIN, "信用承诺制度"),
]


@pytest.mark.parametrize(("question", "document", "said"), PARAPHRASES, ids=[p[0] for p in PARAPHRASES])
def test_a_paraphrase_finds_the_same_clause(ask_real: Ask, question: str, document: str, said: str) -> None:
    answer = ask_real(question)
    assert answer.answered, answer.answer
    assert document in {citation.document for citation in answer.citations}
    assert said in answer.answer


TRAPS = [
    "专用信用报告几天能办下来？",
    "专用信用报告多久能开出来？",
    "信用修复要交多少钱？",
    "信用修复需要几个工作日？",
    "专用信用报告补办要多少钱？",
    "异议申请几个工作日内办结？",
    "公共信用信息报告有效期多久？",
    "公共信用信息报告收费吗？",
    "盐城市市长是谁？",
    "专用信用报告的二维码用什么字体？",
    "企业所得税税率是多少？",
    "烟草专卖许可证怎么办理？",
    "第四批实施领域什么时候开始？",
    "盐城市发改委的联系电话是多少？",
    "江西的专用信用报告怎么下载？",
    "吉林的方案什么时候失效？",
    "失信被执行人名单保留几年？",
    "违法违规记录公示期是多长时间？",
    "不履行信用承诺会被判几年？",
    "江西公务员诚信档案的经费是多少？",
    "信用服务机构的准入条件是什么？",
    "专用信用报告可以用于出国签证吗？",
    "水电气领域第一批实施了吗？",
]


@pytest.mark.parametrize("question", TRAPS)
def test_a_trap_is_refused_and_quotes_nothing(ask_real: Ask, question: str) -> None:
    answer = ask_real(question)
    assert not answer.answered, answer.answer
    assert answer.citations == ()


def test_a_follow_up_carries_the_question(ask_real: Ask) -> None:
    before = [Turn(Role.USER, "金融领域归哪家单位负责？"), Turn(Role.ASSISTANT, "市政府办。")]
    assert "市教育局" in ask_real("那教育领域呢？", context=before).answer
    assert (
        "2029年8月31日"
        in ask_real(
            "它什么时候到期？", context=[Turn(Role.USER, "盐城市关于加强政务诚信建设的实施意见是哪天开始施行的？")]
        ).answer
    )


def test_a_text_of_unknown_origin_says_so(ask_real: Ask) -> None:
    answer = ask_real("区里环境保护领域政务诚信由谁牵头？")
    assert "区生态环境局" in answer.answer
    assert any("来源" in notice for notice in answer.notices)


def test_the_seventy_questions_of_the_shared_folder(real: tuple[Assistant, Library], shared: Path) -> None:
    assistant, library = real
    evaluation = evaluate(assistant, library, read_cases(shared / "questions" / "dev.jsonl"), as_of=TODAY)
    summary = evaluation.summary()
    assert summary["answerable_right"] >= 52, summary["wrong"]
    assert summary["unanswerable_refused"] == summary["unanswerable"] == 13
    assert summary["notices_missing"] == 0
    assert summary["citation_right"] >= 0.95 * (summary["answerable"] - summary["answerable_refused"])
    assert all(outcome.citations_exact for outcome in evaluation.outcomes)
    assert summary["p95_ms"] < 150 * 3, "150 ms on a quiet machine; the test leaves room for a busy one"


MORE = [
    ("专用信用报告能查几年的记录？", "三年内"),
    ("刑事领域的违法记录怎么算？", "参照相关规定确定"),
    ("行政机关可以要求企业提供公共信用信息报告吗？", "可以要求行政相对人提供公共信用信息报告"),
    ("信用承诺可以代替证明材料吗？", "可以信用承诺代替证明"),
    ("医保领域由谁负责？", "市医疗保障局"),
    ("第一批有哪些领域？", "税务领域"),
    ("财政领域和税务领域分别由谁负责？", "市税务局"),
    ("区里公务员诚信教育由谁负责？", "区委组织部"),
    ("江西对列入不良行为名单的供应商怎么处理？", "依法限制参与政府采购活动"),
    ("江西投诉举报平台由谁负责，什么时候完成？", "省信访局，2018年年底前完成"),
    ("吉林政务诚信方案的文号是多少？", "75号"),
    ("到2023年要建成什么？", "信用状况监测预警机制"),
    ("专用信用报告实施方案还有效吗？", "不再有效"),
]


@pytest.mark.parametrize(("question", "said"), MORE, ids=[m[0] for m in MORE])
def test_more_wordings_find_their_clause(ask_real: Ask, question: str, said: str) -> None:
    assert said in ask_real(question).answer


MORE_TRAPS = [
    "水文领域归谁管？",
    "团市委负责哪个领域？",
    "专用信用报告盖什么章？",
    "专用信用报告能邮寄吗？",
    "专用信用报告每年最多开几份？",
    "窗口能打印专用信用报告吗？",
    "自然人能不能开专用信用报告？",
    "未成年人能查公共信用信息报告吗？",
    "谁负责监督管理信用服务机构的收费？",
    "信用评价报告由市发改委出具吗？",
    "无锡市信用评价报告有效期多长？",
    "失信行为纠正后的信用信息修复管理办法过期了吗？",
    "盐城和江西比，谁的规定更严？",
    "政务诚信实施意见是哪天印发的？",
]


@pytest.mark.parametrize("question", MORE_TRAPS)
def test_more_traps_are_refused(ask_real: Ask, question: str) -> None:
    answer = ask_real(question)
    assert not answer.answered, answer.answer
