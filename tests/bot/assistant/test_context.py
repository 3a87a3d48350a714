import pytest

from bot.assistant.answer import Role, Turn
from bot.assistant.context import complete, readings

PLACES = frozenset({"云汀", "江州"})
RULES = "根据《云汀市渡口管理办法》第四条：“办理渡口许可不收取费用。”"


def turns(*lines: str) -> list[Turn]:
    """What was asked, and what was answered, in turn."""
    return [Turn(Role.ASSISTANT if place % 2 else Role.USER, line) for place, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        # the part of the same kind is exchanged
        ("渔业领域归哪家单位负责?", "那航运领域呢？", "航运领域归哪家单位负责"),
        ("渔业领域归哪家单位负责?", "那航运这块呢？", "航运归哪家单位负责"),
        ("云汀的渡口许可收费吗?", "江州呢？", "江州的渡口许可收费吗"),
        ("云汀的渡口许可收费吗?", "那江州市呢", "江州的渡口许可收费吗"),
        ("渡口许可收费吗", "江州呢？", "江州渡口许可收费吗"),
        ("首批实施领域有哪些?", "第二批呢？", "第二批实施领域有哪些"),
        ("渡口管理办法第二条说的什么", "第三条呢", "渡口管理办法第三条说的什么"),
        ("云汀方案的三项基础工作是什么", "那四个机制呢", "云汀方案的四个机制是什么"),
        ("企业申请渡口许可要交钱吗", "个人呢", "个人申请渡口许可要交钱吗"),
        ("船检所管哪几项工作", "那市农业局呢", "市农业局管哪几项工作"),
        ("云汀到2025年底要达到什么目标", "2027年呢", "云汀到2027年要达到什么目标"),
        ("渡口许可证有效期多久", "那船舶检验证呢", "船舶检验证有效期多久"),
        # a new matter takes the place of the old one, a case is put after it
        ("什么叫渡口", "那渡船呢", "什么叫渡船"),
        ("谁负责渡船检验", "那种子抽检呢", "谁负责种子抽检"),
        ("渡口许可多久办完", "那逾期呢", "渡口许可逾期怎么处理"),
        ("船主到期不检验,谁来催", "催过了还是不检呢", "船主到期不检验催过了还是不检怎么处理"),
        # pronouns
        ("渡口管理办法是哪天施行的?", "它什么时候到期？", "渡口管理办法什么时候到期"),
        ("渡口许可证有效期多久", "上面说的那个什么时候截止", "渡口许可证什么时候截止"),
        ("渡口管理办法有效期多久", "该办法由谁解释", "渡口管理办法由谁解释"),
        ("分工表第9项是什么", "那它的牵头单位是谁", "分工表第9项牵头单位是谁"),
        # no matter of its own
        ("渡口许可证有效期多久", "那要交钱吗", "渡口许可证要交钱吗"),
        ("渡口许可多久办完", "谁负责", "渡口许可谁负责"),
        ("渡口许可要什么材料", "在哪办", "渡口许可在哪办"),
        ("渡口许可要什么材料", "好的，那多久能办下来？", "渡口许可多久能办下来"),
        ("渔业领域属于第几批", "什么时候开始", "渔业领域什么时候开始"),
        ("渔业领域谁牵头", "那配合单位呢", "渔业领域配合单位是谁"),
        # once more
        ("渡口许可多久办完", "还有呢", "渡口许可多久办完"),
        ("渡口许可多久办完", "能说得具体一点吗", "渡口许可多久办完"),
        ("渡口许可多久办完", "原文呢", "渡口许可多久办完"),
        # corrections
        ("渔业领域归谁负责", "不是，我问的是航运领域", "航运领域归谁负责"),
        ("江州的方案什么时候印发的", "不是江州，是云汀", "云汀的方案什么时候印发的"),
        ("渡口许可要什么材料", "我问的是渡船检验要什么材料", "渡船检验要什么材料"),
    ],
)
def test_a_follow_up_is_made_whole(before: str, question: str, whole: str) -> None:
    assert complete(question, turns(before), PLACES).rstrip("?") == whole


@pytest.mark.parametrize(
    "question",
    ["渡船多久检验一次？", "种子抽检由谁牵头", "擅自设置渡口罚多少", "江州的种子抽检方案哪天印发的", "什么叫渡口"],
)
def test_a_question_that_names_its_matter_stands_alone(question: str) -> None:
    assert readings(question, turns("渡口许可收费吗？"), PLACES) == (question,)


def test_a_question_linked_by_那_is_tried_with_the_old_matter_first_and_then_alone() -> None:
    ways = readings("那补发许可证要交钱吗", turns("渡口许可证丢了怎么办"), PLACES)
    assert ways == ("渡口许可证丢了,补发许可证要交钱吗", "补发许可证要交钱吗")


def test_the_place_asked_about_stays_where_the_follow_up_names_none() -> None:
    ways = readings("那种子抽检谁牵头", turns("云汀的渡口许可收费吗"), PLACES)
    assert ways[-1] == "种子抽检谁牵头"
    assert "云汀种子抽检谁牵头" in ways


def test_an_article_without_a_document_is_one_of_the_document_cited() -> None:
    assert complete("第三条呢", turns("渡口收费吗", RULES), PLACES) == "《云汀市渡口管理办法》第三条怎么规定的"


def test_the_document_cited_is_what_这个文件_means() -> None:
    assert complete("这个文件还有效吗", turns("渡口收费吗", RULES), PLACES) == "《云汀市渡口管理办法》还有效吗"


def test_a_follow_up_to_a_follow_up_goes_back_to_the_first_question() -> None:
    before = turns("首批实施领域有几个？", "19个。", "那第二批呢", "26个。")
    assert complete("谁负责", before, PLACES) == "第二批实施领域谁负责"


def test_thanks_in_between_do_not_end_the_topic() -> None:
    before = turns("渡口许可多久办完？", "15个工作日。", "谢谢", "不客气。")
    assert complete("那要交钱吗？", before, PLACES) == "渡口许可要交钱吗"


def test_what_the_assistant_said_is_no_question() -> None:
    before = turns("渔业领域归谁管?", "航运领域归市港航局。")
    assert complete("那航运领域呢？", before, PLACES) == "航运领域归谁管"


def test_without_earlier_turns_nothing_changes() -> None:
    assert readings("那航运领域呢？", [], PLACES) == ("那航运领域呢？",)


@pytest.mark.parametrize("words", ["还也都", "能可以要", "还有", "时间", "有效期限"])
def test_the_same_words_a_thousand_times_over_are_still_one_question(words: str) -> None:
    """Patterns that try every way to part such a text would never come to an end."""
    ways = readings(words * 1_000, turns("渡口许可收费吗", "免费。", words * 1_000, "……"), PLACES)
    assert 1 <= len(ways) <= 3
