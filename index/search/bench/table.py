"""The results as a table for people."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from unicodedata import east_asian_width

from index.search.bench.adding import Adding
from index.search.bench.engines import PEERS
from index.search.bench.growth import Step
from index.search.bench.measuring import Result

_KINDS = {"office": "诚核的词项", "plain": "全部单字与双字"}


def result_table(result: Result) -> str:
    """Everything one run measured."""
    parts = [f"{result.passages} 条，{result.documents} 件，{result.questions} 问"]
    parts += [
        f"{peer.name} 很慢，质量与热查询都只问每 {peer.every} 问中的一问"
        for peer in PEERS.values()
        if peer.every > 1 and peer.name in result.built
    ]
    built = [
        (name, *_built(one.seconds, one.cpu_seconds, one.disk_mb, one.memory_mb)) for name, one in result.built.items()
    ]
    parts.append(table("建立", ("秒", "处理器秒", "磁盘 MB", "内存 MB"), built))
    for kind, title in _KINDS.items():
        scores = [(name, *(f"{value:.3f}" for value in astuple(one))) for name, one in result.quality[kind].items()]
        parts.append(table(f"质量（{title}）", ("R@1", "R@5", "R@10", "R@100", "MRR@10", "nDCG@10"), scores))
        times = [(name, *(f"{value:.2f}" for value in astuple(one))) for name, one in result.latency[kind].items()]
        parts.append(table(f"热查询，毫秒（{title}）", ("p50", "p95", "p99", "处理器 p50", "处理器 p99"), times))
        if (ratio := result.ratio[kind]) is not None:
            parts.append(f"诚核 p50 为 tantivy 的 {ratio:.2f} 倍（{title}）")
    if result.learning:
        learned = [
            (str(one.confirmed), f"{one.quality.recall_10:.3f}", f"{one.quality.ndcg_10:.3f}")
            for one in result.learning
        ]
        parts.append(table("确认过的问题（五折交叉验证）", ("R@10", "nDCG@10"), learned))
    if result.adding:
        parts.append(_adding(result.adding))
    if result.peak_mb is not None:
        parts.append(f"本次运行内存峰值（所有引擎一起）{result.peak_mb:.0f} MB")
    return "\n\n".join(parts)


def growth_table(steps: Iterable[Step]) -> str:
    """One line for each size and engine."""
    lines = [
        (
            f"{step.passages} {name}",
            *_built(one.seconds, one.cpu_seconds, one.disk_mb, one.memory_mb),
            *(f"{value:.2f}" for value in (step.latency[name].p50, step.latency[name].p99, step.latency[name].cpu_p50)),
        )
        for step in steps
        for name, one in step.built.items()
    ]
    return table("规模", ("秒", "处理器秒", "磁盘 MB", "内存 MB", "p50 毫秒", "p99 毫秒", "处理器 p50"), lines)


def table(title: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Columns aligned by the width characters have on a terminal."""
    every = [(title, *columns), *lines]
    widths = [max(map(_width, column)) for column in zip(*every, strict=True)]
    return "\n".join(
        "  ".join(
            [
                _padded(line[0], widths[0]),
                *(_led(cell, width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
        )
        for line in every
    )


def _built(seconds: float, cpu: float, disk: float, memory: float | None) -> tuple[str, ...]:
    return f"{seconds:.1f}", f"{cpu:.1f}", f"{disk:.1f}", "-" if memory is None else f"{memory:.0f}"


def _adding(adding: Adding) -> str:
    return (
        f"另一进程逐件加入 {adding.added} 件（{adding.passages} 条）：每件 p50 {adding.p50:.0f}、p95 {adding.p95:.0f}、"
        f"最长 {adding.longest:.0f} 毫秒\n其间查询 {adding.queries} 次：p50 {adding.query.p50:.2f}、"
        f"p95 {adding.query.p95:.2f}、p99 {adding.query.p99:.2f} 毫秒"
    )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _led(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
