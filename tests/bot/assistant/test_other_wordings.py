"""Other wordings of the questions of issue 2, five real texts loaded: the same clause, or the same refusal."""

import pytest

from tests.bot.assistant.conftest import Ask

ANSWERED = (
    ("专用信用报告的有效期是多久", "1个月"),
    ("专用信用报告有效期多长", "1个月"),
    ("开具的专用信用报告几个月内有效", "1个月"),
    ("专用信用报告过多久就失效", "1个月"),
    ("首批领域有多少个？什么时候开始？", "19"),
    ("首批实施的领域是几个", "19"),
    ("第一批实施领域有几个", "19"),
    ("烟草专卖由谁负责", "市烟草专卖局"),
    ("烟草领域何时实施", "2024年10月1日"),
    ("烟草专卖领域的责任单位和实施时间", "市烟草专卖局"),
    ("信用评价报告的有效期", "一年"),
    ("信用评价报告多久有效", "一年"),
    ("信用评价报告几年有效", "一年"),
    ("江西公务员诚信档案谁负责", "省公安厅"),
    ("江西省公务员诚信档案什么时候完成", "2018年年底前"),
    ("江西方案中建立完善公务员诚信档案的责任单位有哪些", "省公务员局"),
    ("吉林的四张清单是什么", "诚信典型范围清单"),
    ("吉林省要形成哪四张清单", "失信惩戒政策措施清单"),
    ("修复了的违法记录还会在专用信用报告里显示吗", "不展示"),
    ("信用修复后专用信用报告还显示违法违规记录吗", "不展示"),
    ("已修复的记录专用信用报告会展示吗", "不展示"),
    ("盐城政务诚信监管平台牵头单位是谁", "市发改委"),
    ("谁牵头建设盐城的政务诚信监管平台", "市发改委"),
    ("政务诚信监管平台由哪个单位牵头建设", "市发改委"),
    ("专用信用报告要钱吗", "免费"),
    ("盐城专用信用报告免费吗", "免费"),
    ("下载专用信用报告需要交费吗", "免费"),
)
REFUSED = (
    "办理专用信用报告需要多少个工作日",
    "专用信用报告几天能办好",
    "专用信用报告多长时间能出来",
    "盐城专用信用报告要等几个工作日才能拿到",
)


@pytest.mark.parametrize(("question", "said"), ANSWERED, ids=[question for question, _ in ANSWERED])
def test_another_wording_gets_the_same_fact(ask_real: Ask, question: str, said: str) -> None:
    answer = ask_real(question)
    assert answer.answered, answer.answer
    assert said in answer.answer


@pytest.mark.parametrize("question", REFUSED)
def test_a_processing_time_the_texts_do_not_give_is_refused(ask_real: Ask, question: str) -> None:
    assert not ask_real(question).answered
