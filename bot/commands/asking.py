"""``chenghe ask``, ``chenghe search``, ``chenghe evaluate``: questions to the library of policy texts."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.settings import Home

if TYPE_CHECKING:
    from bot.assistant.answer import Answer


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    asking = commands.add_parser("ask", parents=[common], help="提问：有据则答并引原文，无据则说明")
    asking.add_argument("question", metavar="问题")
    asking.set_defaults(run=ask)
    searching = commands.add_parser("search", parents=[common], help="检索段落")
    searching.add_argument("words", nargs="+", metavar="词")
    searching.add_argument("--limit", type=int, default=10, metavar="N", help="最多几条（默认 10）")
    searching.set_defaults(run=search)
    evaluating = commands.add_parser("evaluate", parents=[common], help="用一组标准问题检验问答质量")
    evaluating.add_argument("file", metavar="FILE.jsonl")
    evaluating.set_defaults(run=evaluate)
    for parser in (asking, searching, evaluating):
        parser.add_argument("--as-of", metavar="DATE", help="按哪一天的效力回答（默认今天，北京时间）")
        parser.add_argument("--json", action="store_true", help="输出 JSON")


def ask(options: argparse.Namespace, home: Home) -> int:
    """The answer is out before the question goes into the log."""
    from index.questions.model import Channel

    with rooms.desk(home) as desk:
        exchange = desk.ask(options.question, as_of=_as_of(options), channel=Channel.TERMINAL)
        if options.json:
            console.print_json(_with_paths(exchange.answer.to_json(), home))
        else:
            print_answer(exchange.answer)
        sys.stdout.flush()
        desk.keep(exchange)
    return 0


def _with_paths(answer: dict[str, Any], home: Home) -> dict[str, Any]:
    """On the command line ``source`` is the path of the clean text, so that anyone can open it at the quote."""
    for citation in answer["citations"]:
        citation["source"] = str(home.library / citation["source"] / "source.txt")
    return answer


def search(options: argparse.Namespace, home: Home) -> int:
    from bot.assistant.retrieval import find

    with rooms.learned(home) as (library, index):
        found = find(library, index, " ".join(options.words), limit=options.limit, as_of=_as_of(options))
    if options.json:
        console.print_json([item.to_json() for item in found])
        return 0
    for item in found:
        shown = item.to_json()
        console.line(f"{item.score:6.2f}  《{shown['document']}》（{item.status.state.label}）")
        console.line(f"        {shown['text']}")
    if not found:
        console.say("没有找到相关段落。")
    return 0


def evaluate(options: argparse.Namespace, home: Home) -> int:
    """0 when every question came out right, 1 otherwise."""
    from bot.assistant import scoreboard
    from bot.assistant.cases import read_cases
    from bot.assistant.engine import Assistant
    from bot.assistant.evaluate import evaluate as ask_all

    cases = read_cases(Path(options.file))
    with rooms.indexed(home) as (library, index):
        asked = console.progress(cases, label="提问", total=len(cases))
        evaluation = ask_all(Assistant(library, index), library, asked, as_of=_as_of(options))
    if options.json:
        console.print_json(evaluation.to_json())
    else:
        for text in scoreboard.lines(evaluation):
            console.line(text)
    return 0 if evaluation.tally().right == len(cases) else 1


def print_answer(answer: "Answer") -> None:
    for text in answer_lines(answer):
        console.line(text)


def answer_lines(answer: "Answer") -> list[str]:
    """The answer, its sources by number, what to watch, what else to ask."""
    lines = [answer.answer]
    for number, citation in enumerate(answer.citations, 1):
        place = f"《{citation.document}》{' › '.join(citation.heading)}"
        lines.append(f"\n[{number}] {place}　〔{citation.status.state.label}〕")
        if citation.quote not in answer.answer:
            lines.append(f"    “{citation.quote}”")
        lines.append(f"    {citation.source} 第 {citation.start}–{citation.end} 字")
    lines += [f"\n提示：{notice}" for notice in answer.notices if notice not in answer.answer]
    return lines + [f"· {suggestion}" for suggestion in answer.suggestions]


def _as_of(options: argparse.Namespace) -> date:
    return clock.day(options.as_of) if options.as_of else clock.today()
