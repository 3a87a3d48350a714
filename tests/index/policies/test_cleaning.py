"""Cleaning: every stage keeps its promise, each is idempotent, and the real texts come out as their clean forms."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.cleaning import STAGES, Pipeline, Stage, clean, to_simplified
from index.policies.cleaning.chrome import drop_chrome
from index.policies.cleaning.lines import close_spaced_headings, drop_repetitions, even_lines, join_broken_lines
from index.policies.cleaning.mojibake import repair_mojibake
from index.policies.cleaning.punctuation import widen_punctuation
from index.policies.cleaning.script import drop_pinyin, simplify_traditional
from index.policies.cleaning.tables import even_rows

CORPUS = {"000": ["000"], "001": ["001"], "002": ["002"], "003": ["003"], "004": ["004a", "004b", "004c"]}
MOST_ERRORS = 0.001

pieces = st.sampled_from(
    [
        *"務发區(qū)著力?;谑锌h負回p\u3000\t\r\n ,，.。:：;()（）“”\"'|《》<>[]〔〕12年",
        *"第一章条总则附件-—+!！\ufeff\u200b",
        *(
            "強(qiáng)",
            "第一章 总 则",
            " | ",
            "附件：",
            "附 件",
            "2024年7月21日",
            "http://a.cn/b,c",
            "打印",
            "的方案",
            "——",
        ),
    ]
)
texts = st.lists(pieces, max_size=60).map("".join)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
@given(text=texts)
def test_a_stage_applied_twice_changes_nothing_more(stage: Stage, text: str) -> None:
    once = stage(text)
    assert stage(once) == once


@given(text=texts)
def test_the_pipeline_is_a_stage_too(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


def test_a_pipeline_of_pipelines_is_a_pipeline() -> None:
    assert Pipeline((Pipeline((even_lines,)), drop_pinyin))("  強(qiáng)  \r\n\r\n") == "強"


def test_damage_of_every_code_is_repaired_in_a_fictional_text() -> None:
    raw = (
        "\ufeff雲嶺市關(guān)于茶葉包裝的辦法\r\n\r\n時間:2031-01-07 15:29:00\r\n"
        "導(dǎo)語:本文來源于網(wǎng)友上傳,不代表本站觀點(diǎn)。\r\n雲嶺市關(guān)于茶葉包裝的辦法\r\n"
        "第一章 總 則\r\n　　第一條　為保護(hù)消費(fèi)者,著力治理過度包裝(三層以上),制定本辦法.\r\n"
    )
    assert clean(raw) == (
        "云岭市关于茶叶包装的办法\n第一章 总则\n第一条 为保护消费者，着力治理过度包装（三层以上），制定本办法."
    )


def test_even_lines_drops_indents_blank_lines_and_what_cannot_be_seen() -> None:
    assert even_lines("\ufeff　　甲\u200b乙\r\n \r\n\t丙　　丁\u0000 ") == "甲乙\n丙 丁"


def test_a_reading_goes_but_other_brackets_stay() -> None:
    assert drop_pinyin("強(qiáng)化（PPP）項目(qu)，第(1)項") == "強化（PPP）項目(qu)，第(1)項"
    assert drop_pinyin("信用(xìn yòng)報告（xin yong）") == "信用報告（xin yong）"


def test_simplified_text_is_never_converted() -> None:
    text = "显著提高，乾隆年间的著作，瞭望。"
    assert simplify_traditional(text) == text


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("附著物與執著的土著", "附着物与执着的土著"),
        ("著力推進沿著方向", "着力推进沿着方向"),
        ("顯著的著作", "显著的著作"),
        ("於鹽城發佈", "于盐城发布"),
    ],
)
def test_variants_follow_mainland_usage(traditional: str, simplified: str) -> None:
    assert to_simplified(traditional) == simplified


def test_lost_full_stop_is_put_back_by_the_bytes() -> None:
    """。《鹽 with its first byte A1 lost reads ?！ + 尔 + }: fictional sentence, same damage."""
    damaged = "自三月起施行。?!尔}湖辦法》同時廢止。鹽湖是好地方。"
    assert repair_mojibake(damaged) == "自三月起施行。。《鹽湖辦法》同時廢止。鹽湖是好地方。"


def test_swallowed_byte_is_known_from_the_other_annotations() -> None:
    assert repair_mojibake("擔負(fù)責任，挽回?fù)p失") == "擔負(fù)責任，挽回損失"


@pytest.mark.parametrize("text", ["为什么?因为ABC。", "是吗?!好的a", "请问?;甲乙丙z"])
def test_an_honest_question_mark_stays(text: str) -> None:
    assert repair_mojibake(text) == text


@pytest.mark.parametrize(
    ("raw", "widened"),
    [
        ("建设,努力;甲:乙(丙)!", "建设，努力；甲：乙（丙）！"),
        ("07:12:39 | 来源:新华社", "07:12:39 | 来源：新华社"),
        ("共2,000元,约1.5%", "共2,000元，约1.5%"),
        ("见http://a.gov.cn/x,y;z 和(PPP)项目", "见http://a.gov.cn/x,y;z 和（PPP）项目"),
        ('“信用"及甲', "“信用”及甲"),
        ('甲"乙"丙', "甲“乙”丙"),
        ("‘两个'清单,it's", "‘两个’清单，it's"),
        ("到2025年,完成80%;", "到2025年，完成80%；"),
        (
            "时间8:30-17:30,比例3.5:1,编号A-1:2",
            "时间8:30-17:30,比例3.5:1,编号A-1:2".replace(",比", "，比").replace(",编", "，编"),
        ),
        ("执行GB/T 9704-2012,ISO 9001:2015标准", "执行GB/T 9704-2012,ISO 9001:2015标准"),
        ("邮箱a.b@c.com,联系人:张三", "邮箱a.b@c.com，联系人：张三"),
        ("总额1,234,567.89元;下同", "总额1,234,567.89元；下同"),
        ("某发[2031]75号<甲>", "某发[2031]75号<甲>"),
        ("3．保障措施", "3.保障措施"),
        ("plain (text), only", "plain (text), only"),
    ],
)
def test_punctuation_is_widened_in_chinese_context_only(raw: str, widened: str) -> None:
    assert widen_punctuation(raw) == widened


def test_spaced_headings_are_closed_and_other_blanks_stay() -> None:
    assert (
        close_spaced_headings("第一章 总 则\n附 件\n第一条 为了\n甲乙 丙丁")
        == "第一章 总则\n附件\n第一条 为了\n甲乙 丙丁"
    )


def test_rows_lose_trailing_bars_and_stray_blanks_but_keep_entries_apart() -> None:
    assert even_rows("首批（2个） | ||||\n1 | 网络 安全 （含 数据） | 牵头单位：甲 配合单位：乙 |") == (
        "首批（2个）\n1 | 网络安全（含数据） | 牵头单位：甲 配合单位：乙"
    )


@pytest.mark.parametrize(
    ("cell", "cleaned"),
    [
        ("市茶业局 市公安局（牵头）", "市茶业局 市公安局（牵头）"),
        ("甲镇人民政府 各县（市、区）人民政府", "甲镇人民政府 各县（市、区）人民政府"),
        ("具有茶园管理 职责的部门", "具有茶园管理职责的部门"),
        ("市茶业局 （新闻办）", "市茶业局（新闻办）"),
        ("市发展改革委 员会", "市发展改革委员会"),
        ("市住房和城乡 建设局", "市住房和城乡建设局"),
    ],
)
def test_names_of_units_in_one_cell_stay_apart_and_broken_words_are_joined(cell: str, cleaned: str) -> None:
    assert clean(f"序号 | 单位 | 时限\n1 | {cell} | 三月") == f"序号 | 单位 | 时限\n1 | {cleaned} | 三月"


def test_titles_cut_in_two_are_joined_only_on_evidence() -> None:
    text = "《关于云岭茶叶\n包装的办法》附表\n甲乙丙的\n重点任务表\n甲乙丙的重点任务表\n全面推进\n努力营造"
    assert (
        join_broken_lines(text)
        == "《关于云岭茶叶包装的办法》附表\n甲乙丙的重点任务表\n甲乙丙的重点任务表\n全面推进\n努力营造"
    )


def test_a_body_pasted_twice_is_kept_once() -> None:
    assert drop_repetitions("题\n题\n甲\n乙\n丙\n题\n甲\n乙\n丙") == "题\n甲\n乙\n丙"
    assert drop_repetitions("1 | 甲\n1 | 甲") == "1 | 甲\n1 | 甲"


def test_chrome_goes_and_the_source_of_news_stays() -> None:
    kept = "2031年02月25日 07:12:39 | 来源：云岭日报\n正文提到下载客户端的方法。"
    assert drop_chrome(f"首页>政务公开>文件\n您当前所在的位置：首页 > 正文\n{kept}") == kept
    assert drop_chrome(f"字号变大| 字号变小\n我要说两句\nlayer\n分享到：\n{kept}\n打印 关闭窗口") == kept


@pytest.mark.parametrize(
    "line",
    [
        "字号中含有“云岭”字样的，应当报批。",
        "相关新闻单位负责宣传报道。",
        "分享经验，推广做法。",
        "网站地图应当公开",
        "版权所有人应当登记。",
        "（三）未办理ICP备案的网站。",
        "申请人扫码关注公众号后，提交材料。",
        "下载“云岭通”APP，按提示申请。",
    ],
)
def test_a_line_that_only_begins_like_chrome_is_text(line: str) -> None:
    assert clean(line) == line


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(CORPUS))
def test_character_error_rate_of_the_real_texts(shared: Path, name: str) -> None:
    """Damage that cannot be undone (artefacts.json) is kept by both sides, so nothing needs to be excepted."""
    (raw,) = shared.glob(f"corpus/raw/{name}_*.txt")
    expected = "\n".join((shared / f"corpus/clean/{part}.txt").read_text("utf-8").strip() for part in CORPUS[name])
    found = clean(raw.read_bytes().decode("utf-8"))
    rate = _distance(found, expected) / len(expected)
    print(f"{name}: CER {rate:.4%}")
    assert rate <= MOST_ERRORS
    assert name in json.loads((shared / "corpus/artefacts.json").read_text("utf-8"))


def _distance(left: str, right: str) -> int:
    """Levenshtein distance of the lines that differ (equal lines cost nothing)."""
    from difflib import SequenceMatcher

    a, b = left.split("\n"), right.split("\n")
    opcodes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return sum(_edits("\n".join(a[i:j]), "\n".join(b[k:m])) for tag, i, j, k, m in opcodes if tag != "equal")


def _edits(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for at, char in enumerate(left, 1):
        before, row[0] = row[0], at
        for other, seen in enumerate(right, 1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (char != seen))
    return row[-1]
