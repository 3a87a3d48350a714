"""What part A asks of answers, from the real texts: B05's mismatch, B15's missing days, B17–B22."""

import pytest

from tests.inventory.conftest import Ask

pytestmark = pytest.mark.shared

SCHEME = "关于推行经营主体以专用信用报告代替有无违法违规记录证明的实施方案（试行）"
EXPIRED = "该文件有效期至2026年8月31日，已届满，以下供参考，请核实有无延期或新文件"


def said(ask: Ask, question: str) -> str:
    """The answer, which rests on the scheme alone and says first that it has expired."""
    answer = ask(question)
    assert answer.answered, answer.answer
    assert {citation.document for citation in answer.citations} == {SCHEME}
    assert answer.answer.startswith(EXPIRED)
    return answer.answer


def test_b05_the_answer_points_out_that_the_body_names_47_domains_and_the_annex_45(ask: Ask) -> None:
    answer = said(ask, "专用信用报告适用领域有几个？")
    assert "正文列举47个，附表为45行，二者不一致" in answer
    missing = answer.split("正文有而附表没有：")[1].split("；")[0]
    assert {"团市委", "水文"} <= set(missing.split("、"))


def test_b15_no_days_are_invented_for_the_answer_to_an_objection(ask: Ask) -> None:
    for question in ("异议要几个工作日答复？", "责任单位几天内办结异议？"):
        answer = ask(question)
        assert not answer.answered
        assert "工作日内" not in answer.answer
    assert "及时受理并核实反馈" in said(ask, "对专用信用报告的内容有异议怎么提？")


def test_b17_training_and_publicity_are_answered_from_the_text(ask: Ask) -> None:
    answer = said(ask, "谁组织专用信用报告的专项培训？")
    assert "市发改委（市信用办）要组织全市开展专项培训" in answer
    assert "微信公众号" in said(ask, "市级部门怎么做专用信用报告的培训和宣传？")


def test_b18_extension_to_more_subjects_and_places_is_answered_as_what_it_is_an_exploration(ask: Ask) -> None:
    answer = said(ask, "专用信用报告以后会扩展到哪些社会主体？")
    assert "积极扩展专用信用范围，为更多类型的社会主体提供便利" in answer


def test_b19_an_answer_from_the_expired_scheme_says_so_first_and_names_its_term(ask: Ask) -> None:
    answer = said(ask, "专用信用报告方案施行到什么时候？")
    assert "自2024年9月1日起施行" in answer
    assert "不再有效" in answer


def test_b20_the_texts_the_scheme_rests_on_are_named(ask: Ask) -> None:
    answer = said(ask, "推行专用信用报告的依据是哪些文件？")
    assert "《失信行为纠正后的信用信息修复管理办法（试行）》《江苏省社会信用条例》" in answer


def test_b21_the_platforms_are_called_by_their_names(ask: Ask) -> None:
    answer = said(ask, "专用信用报告依托哪些平台？")
    for name in (
        "盐城市信息资源中心平台",
        "市县一体化公共信用信息系统",
        "市信用信息共享交换平台",
        "信用中国（江苏盐城）",
    ):
        assert name in answer


def test_b22_the_three_ones_and_the_principles_are_quoted(ask: Ask) -> None:
    answer = said(ask, "什么是一个平台共享、一站式完成、一个报告证明？")
    for one in ("一个平台共享", "一站式完成", "一个报告证明"):
        assert f"“{one}”" in answer
    assert "需求导向、依法依规、数据赋能、信用惠企" in said(ask, "专用信用报告方案的原则是什么？")
