from datetime import date

import pytest

from bot.assistant.days import day_named

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("question", "day", "rest"),
    [
        ("2024年8月15日的时候渡口办法施行了没有", date(2024, 8, 15), "渡口办法施行了没有"),
        ("2024年8月15日时渡口办法有效吗", date(2024, 8, 15), "渡口办法有效吗"),
        ("二〇二四年八月十五日时渡口办法有效吗", date(2024, 8, 15), "渡口办法有效吗"),
        ("二〇二四年八月的时候有效吗", date(2024, 8, 31), "有效吗"),
        ("去年8月的时候渡口许可收费吗", date(2025, 8, 31), "渡口许可收费吗"),
        ("2025年9月那会儿办法还有效吗", date(2025, 9, 30), "办法还有效吗"),
        ("今天是2025年11月21日星期五,办法还有效吗", date(2025, 11, 21), "办法还有效吗"),
        ("假如今天是2024年2月29日,办法有效吗", date(2024, 2, 29), "办法有效吗"),
        ("下个月办法还能用吗", date(2026, 12, 31), "办法还能用吗"),
        ("办法明年还有效吗", date(2027, 12, 31), "办法还有效吗"),
        ("昨天办法失效了吗", date(2026, 11, 20), "办法失效了吗"),
        ("8月31号以后办法还能用吗", date(2026, 9, 1), "办法还能用吗"),
        ("过了8月31号还能用吗", date(2026, 9, 1), "还能用吗"),
        ("2026年8月31日之前能用吗", date(2026, 8, 30), "能用吗"),
        ("2029年10月8日这个办法还能照着用吗", date(2029, 10, 8), "这个办法还能照着用吗"),
        ("这个月的时候办法有效吗", TODAY, "办法有效吗"),
    ],
)
def test_a_day_for_which_the_answer_is_wanted_is_taken_out(question: str, day: date, rest: str) -> None:
    named = day_named(question, TODAY)
    assert named is not None
    assert (named.day, named.rest) == (day, rest)


@pytest.mark.parametrize(
    "question",
    [
        "2018年1月18日的会议讲了什么",
        "2018年1月18日的会议还有效吗",
        "2026年1月31日开具的报告,最晚哪天还有效",
        "2024年9月20日那会儿开的报告,试点的有多少个领域",
        "去年8月的时候申请的许可证丢了怎么办",
        "自2024年9月1日起施行的办法失效了吗",
        "2024年9月1日施行的那个办法还有效吗",
        "办法有效期至2026年8月31日吗",
        "试行期是不是到2026年8月31日到期",
        "到2025年底要达到什么目标",
        "2018年出台的三份文件叫什么",
        "今年是哪一年",
        "去年报了多少信息",
        "有个公司今年三月刚成立,要不要报年报",
        "首批领域有几个",
        "报告一个月后还有效吗",
        "《2024年工作方案》还有效吗",
        "办法现在还有效吗",
        "今天办法还管用吗",
        "云政发(2019)75号过期了吗",
        "2月30日时有效吗",
    ],
)
def test_a_day_that_is_the_matter_is_left_in_the_question(question: str) -> None:
    assert day_named(question, TODAY) is None


def test_relative_days_count_from_the_day_given_across_the_year() -> None:
    january = date(2026, 1, 10)
    last, following = day_named("上个月办法有效吗", january), day_named("下下个月办法有效吗", date(2026, 11, 5))
    assert last is not None
    assert last.day == date(2025, 12, 31)
    assert following is not None
    assert following.day == date(2027, 1, 31)
