"""How ``chenghe questions`` shows entries of the question log: lines for people, JSON for programs."""

from collections.abc import Sequence
from typing import Any

from bot import console
from index.policies.library import Library
from index.questions.carrying import clause_json
from index.questions.model import Approval, Asking, Entry
from index.questions.standing import Lapse, found_again
from index.questions.views import Judged, View, belongs

ASKINGS = 20
"""So many of the last askings are shown with an entry."""
QUOTE = 60
NEXT = {
    View.UNANSWERED: "查看：chenghe questions show N\n"
    "答复：chenghe questions answer N --text … --cite 文件编号 第…条 --by 姓名；不必答的：chenghe questions dismiss N",
    View.USELESS: "查看评价：chenghe questions show N；改正：chenghe questions answer N …",
    View.USEFUL: "条文正确的，请确认：chenghe questions confirm N",
    View.STALE: "按现行文件重新审核：chenghe questions answer N …；不再适用：chenghe questions retract N --reason …",
}
OTHERS = {View.UNANSWERED: "没有答上来", View.USELESS: "被评为没用", View.USEFUL: "等待确认", View.STALE: "审核已失效"}


def entry_line(one: Judged) -> str:
    entry = one.entry
    said = "".join((f" 有用{entry.useful}" if entry.useful else "", f" 没用{entry.useless}" if entry.useless else ""))
    return f"{entry.number:>5}  问{entry.asked}次{said}  〔{state(one)}〕  {entry.question}"


def state(one: Judged) -> str:
    words = [
        word.word.kind.label + (f"失效：{gone.label}" if gone else "")
        for word, gone in zip(one.entry.standing, one.lapses, strict=True)
    ]
    asked = {True: "已答", False: "未答", None: "未问过"}[one.entry.answered]
    return "，".join((asked, *words))


def say_list(view: View, kept: int, found: int, entries: Sequence[Judged]) -> None:
    """What is on this list, what to do next, and which other lists wait."""
    if not found:
        console.say("这一类没有问题。")
    elif kept < found:
        console.say(f"共 {found} 条，列出前 {kept} 条（--limit 0 列出全部）。")
    if found and view in NEXT:
        console.say(NEXT[view])
    for other, words in OTHERS.items():
        count = sum(belongs(one, other) for one in entries)
        if other is not view and count:
            console.say(f"另有 {count} 条{words}（--{other.value}）。")


def print_moved(one: Judged, library: Library) -> None:
    """Where the words of lapsed clauses stand in the text that took the place of theirs."""
    gone = [word for word, why in zip(one.entry.standing, one.lapses, strict=True) if why is Lapse.SOURCE_GONE]
    clauses = dict.fromkeys(cited for word in gone for cited in word.word.citations)
    for cited in filter(None, (found_again(cited, library) for cited in clauses)):
        console.line(f"       同样的文字现见于 {cited.document_id}:{cited.start}-{cited.end}")


def entry_json(one: Judged) -> dict[str, Any]:
    entry: Entry = one.entry
    return {
        "number": entry.number,
        "question": entry.question,
        "asked": entry.asked,
        "last_at": entry.last_at.isoformat() if entry.last_at else None,
        "answered": entry.answered,
        "useful": entry.useful,
        "useless": entry.useless,
        "approvals": [word_json(word, gone) for word, gone in zip(entry.standing, one.lapses, strict=True)],
    }


def word_json(approval: Approval, gone: Lapse | None) -> dict[str, Any]:
    word = approval.word
    return {
        "kind": word.kind.value,
        "text": word.text,
        "by": word.by,
        "at": word.at.isoformat(),
        "until": word.until.isoformat() if word.until else None,
        "citations": [clause_json(cited) for cited in word.citations],
        "lapse": gone.value if gone else None,
    }


def whole_json(one: Judged, askings: Sequence[Asking], words: Sequence[Approval]) -> dict[str, Any]:
    retracted = [word for word in words if word.retracted_at]
    return {
        **entry_json(one),
        "askings": [_asking_json(asking) for asking in askings],
        "retracted": [
            {**word_json(word, None), "retracted_by": word.retracted_by, "reason": word.reason} for word in retracted
        ],
    }


def _asking_json(asking: Asking) -> dict[str, Any]:
    line = asking.line
    return {
        "at": line.at.isoformat(),
        "channel": line.channel.value,
        "actor": line.actor,
        "question": line.question,
        "whole": line.whole,
        "turns": line.turns,
        "as_of": line.as_of.isoformat(),
        "answered": line.answered,
        "approved": line.approval is not None,
        "answer": line.answer,
        "citations": [clause_json(cited) for cited in line.citations],
        "notices": list(line.notices),
        "suggestions": list(line.suggestions),
        "masked": list(asking.masked),
        "elapsed_ms": round(line.elapsed_ms, 3),
        "version": line.version,
        "feedback": [
            {"at": said.at.isoformat(), "actor": said.actor, "verdict": said.verdict.value, "note": said.note}
            for said in asking.feedback
        ],
    }


def print_whole(one: Judged, askings: Sequence[Asking], words: Sequence[Approval]) -> None:
    console.line(f"第 {one.entry.number} 号：{one.entry.question}")
    console.line(f"〔{state(one)}〕问过 {one.entry.asked} 次，有用 {one.entry.useful}，没用 {one.entry.useless}")
    for word in words:
        _print_word(word)
    for asking in askings:
        _print_asking(asking)


def _print_word(approval: Approval) -> None:
    word = approval.word
    until = f"，用到 {word.until}" if word.until else ""
    console.line(f"\n{word.kind.label}　{word.by}　{word.at:%Y-%m-%d %H:%M}{until}")
    if word.text:
        console.line(f"    {word.text}")
    for cited in word.citations:
        console.line(
            f"    依据《{cited.title}》{cited.document_id}:{cited.start}-{cited.end} “{shortened(cited.quote)}”"
        )
    if approval.retracted_at:
        console.line(
            f"    已于 {approval.retracted_at:%Y-%m-%d %H:%M} 由 {approval.retracted_by} 撤回：{approval.reason}"
        )


def _print_asking(asking: Asking) -> None:
    line = asking.line
    kind = "审核答复" if line.approval else "已答" if line.answered else "未答"
    console.line(f"\n{line.at:%Y-%m-%d %H:%M}　{line.channel.label}　{kind}　按 {line.as_of} 的效力")
    if line.question != line.whole:
        before = f"前面有 {line.turns} 句对话，" if line.turns else ""
        console.line(f"    原话：{line.question}　（{before}理解为：{line.whole}）")
    console.line("    " + line.answer.replace("\n", "\n    "))
    for cited in line.citations:
        console.line(f"    引 {cited.document_id}:{cited.start}-{cited.end}")
    for said in asking.feedback:
        console.line(f"    评价：{said.verdict.label}{'　' + said.note if said.note else ''}")


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE else f"{line[:QUOTE]}……"
