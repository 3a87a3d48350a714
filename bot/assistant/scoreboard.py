"""An evaluation as people read it: the figures against their targets, a table per type, the list of failures.

Rules: columns are aligned by what a terminal shows (a Chinese character takes two places); a share without a base is
“—”; long answers are cut, never the question or what went wrong. Source: issue 3 §3.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from bot.assistant.evaluate import Evaluation, Outcome, Tally

ANSWER_CHARACTERS = 160
_TYPES = {
    "amount": "金额", "as-of": "指定日期", "basis": "依据", "colloquial": "口语", "compare": "比较", "compute": "推算",
    "consequence": "后果", "definition": "定义", "expired": "是否失效", "fee": "收费", "fine": "罚款",
    "follow-up": "追问", "how": "怎么办", "how-long": "期限", "how-many": "数量", "how-often": "频次",
    "inconsistency": "前后不一", "list": "列举", "mechanism": "机制", "multi-turn": "多轮", "name": "名称",
    "other": "其他", "principle": "原则", "quote": "引条文", "relative-date": "相对日期", "repeal": "废止关系",
    "reverse-table": "反查表格", "rule": "规则", "table": "查表格", "traditional": "繁体", "two-part": "一问两事",
    "typo": "错别字", "unanswerable": "应拒答", "when": "时间", "where": "地点", "which-units": "哪些单位",
    "who": "由谁负责", "yes-no": "是否",
}  # fmt: skip
"""Names for the types of the question files; a type without one is shown as it is written."""
_HEADER = ("类型", "题数", "正确", "误拒", "答错", "引文正确", "应拒已拒")


def lines(evaluation: Evaluation) -> Iterator[str]:
    """The whole report, line by line."""
    yield from _figures(evaluation)
    yield ""
    yield from _aligned([_HEADER, *_rows(evaluation)])
    failures = evaluation.failures()
    if failures:
        yield f"\n没有全对的问题（{len(failures)}）"
    for failure in failures:
        yield ""
        yield from _failure(failure)


def _figures(evaluation: Evaluation) -> Iterator[str]:
    tally, latency = evaluation.tally(), evaluation.latency()
    shown = f"引用段落含应引原文；逐字引出 {tally.citation_shown}"
    longest = f"p95 {latency['p95_ms']:.0f} ms，最长 {latency['max_ms']:.0f} ms"
    given = tally.notices_required - tally.notices_missing
    yield from _aligned(
        [
            ("问题", str(tally.questions), f"应能作答 {tally.answerable}，应当拒答 {tally.unanswerable}"),
            ("答对", _share(tally.answerable_right, tally.answerable), _wrongly(tally)),
            ("引文正确", _share(tally.citation_right, tally.cited), shown),
            ("补充引文", _share(tally.extra_quotes_cited, tally.extra_quotes), "作答的问题另需的原文"),
            ("正确拒答", _share(tally.unanswerable_refused, tally.unanswerable), "没有依据的问题"),
            ("失效提示", _share(given, tally.notices_required), "作答的问题中，依据已失效须先提示"),
            ("用时", f"p50 {latency['p50_ms']:.0f} ms", longest),
        ]
    )  # fmt: skip


def _wrongly(tally: Tally) -> str:
    return f"误拒 {tally.answerable_refused}，答错或不全 {tally.answered_wrong}"


def _rows(evaluation: Evaluation) -> Iterator[tuple[str, ...]]:
    for kind, tally in evaluation.by_type().items():
        yield (
            _TYPES.get(kind, kind),
            str(tally.questions),
            str(tally.right),
            str(tally.answerable_refused or "·"),
            str(tally.answered_wrong or "·"),
            f"{tally.citation_right}/{tally.cited}" if tally.cited else "·",
            f"{tally.unanswerable_refused}/{tally.unanswerable}" if tally.unanswerable else "·",
        )


def _failure(outcome: Outcome) -> Iterator[str]:
    case, answer = outcome.case, outcome.answer
    yield f"{case.id} 〔{_TYPES.get(case.kind, case.kind)}〕{case.question}"
    for turn in case.context:
        yield f"    上文：{_shortened(turn.content)}"
    yield f"    问题：{'；'.join(outcome.problems)}"
    yield f"    {'作答' if answer.answered else '拒答'}：{_shortened(answer.answer)}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= ANSWER_CHARACTERS else f"{line[:ANSWER_CHARACTERS]}……"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}（{part / whole:.0%}）" if whole else "—"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """Places on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
