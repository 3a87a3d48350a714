"""A number asked for in a unit is answered by that unit, or by the word that makes the number needless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.measures import asked_measures, holds

NUMERALS = st.integers(0, 9999).map(str) | st.sampled_from("一二三四五六七八九十百两半")
TABLE = (
    ("渡船票价能打百分之几?", ("票价优惠20%", "按百分之五优惠"), ("票价为三元", "由运管处负责")),
    ("老年人占多大比例?", ("比例由市政府确定", "占三成"), ("老年人免费乘船",)),
    ("擅自设渡口罚多少?", ("处二千元以上一万元以下罚款", "处票价三倍罚款"), ("责令改正", "三日内改正")),
    ("补办要多少钱?", ("补办不收费", "免费补办", "工本费10元"), ("向运管处申请补办", "15个工作日内补办")),
    ("罚款是票价的几倍?", ("处票价五倍罚款",), ("处五百元罚款",)),
    ("渡船一年检验几次?", ("每年检验一次", "每次检验由船主申请"), ("每年检验", "由船舶检验所检验")),
    ("许可几天办好?", ("15个工作日内作出决定", "自受理之日起三个月内", "当场办理"), ("作出决定", "共15项材料")),
    ("渡口许可证管多久?", ("有效期为三年", "长期有效"), ("由运管处发放",)),
    ("渡船要配几名船员?", ("配备两名船员", "不少于3人"), ("配备救生衣3件",)),
    ("船员要满多少岁?", ("年满18周岁", "应当成年"), ("持证18年",)),
    ("渡口分几级?", ("渡口分为三级", "a级渡口"), ("渡口分为若干类",)),
    ("这份办法的文号是什么?", ("云政发(2025)3号",), ("自2025年3月1日起施行",)),
    ("渡口的电话是多少?", ("咨询电话0999-8765432", "拨打12345"), ("向运管处咨询", "共1234人")),
    ("申请书交几份?", ("一式三份", "提交2份"), ("提交申请书",)),
    ("办法共几章?", ("共五章",), ("共五条",)),
)  # fmt: skip
ACCEPTED = [(question, clause) for question, held, _ in TABLE for clause in held]
REFUSED = [(question, clause) for question, _, lacking in TABLE for clause in lacking]


@pytest.mark.parametrize(("question", "clause"), ACCEPTED)
def test_a_clause_with_the_unit_asked_for_may_answer(question: str, clause: str) -> None:
    assert asked_measures(question)
    assert holds(clause, asked_measures(question))


@pytest.mark.parametrize(("question", "clause"), REFUSED)
def test_a_clause_without_the_unit_asked_for_may_not(question: str, clause: str) -> None:
    assert not holds(clause, asked_measures(question))


@pytest.mark.parametrize(
    "question", ["渡船检验由谁负责?", "设置渡口要提交什么材料?", "渡口是什么?", "好几天没开船怎么办?", "几日报一次?"]
)
def test_a_question_for_no_number_in_such_a_unit_asks_no_period(question: str) -> None:
    assert not any(holds("有效期为三年", (one,)) for one in asked_measures(question))


@given(st.text())
def test_where_no_measure_is_asked_every_clause_may_answer(clause: str) -> None:
    assert holds(clause, ())


@given(NUMERALS, st.sampled_from(["工作日", "个工作日", "小时", "日", "天", "个月", "年"]))
def test_any_period_answers_how_long_and_none_answers_how_much(number: str, unit: str) -> None:
    clause = f"应当在{number}{unit}内办结"
    assert holds(clause, asked_measures("多久办结?"))
    assert not holds(clause, asked_measures("要收多少钱?"))


@given(NUMERALS)
def test_several_measures_are_content_with_one_of_them(number: str) -> None:
    both = asked_measures("几天办好, 要多少钱?")
    assert len(both) == 2
    assert holds(f"{number}天", both)
    assert holds(f"{number}元", both)
    assert not holds(f"{number}项材料", both)
