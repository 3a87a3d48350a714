"""What an audit of the log can find: one kind each, with its sentence and the next step.

* A code is stable: it stands in JSON and in docs/log.md. A finding names the leaf, the report or the file it is about.
* Wording is for administrators of the office and of a second bureau.

Source: docs/log.md; docs/credential.md §10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    # the tree
    CHECKPOINT_FALSE = "CHECKPOINT_FALSE"
    LOG_FORKED = "LOG_FORKED"
    TILE_FALSE = "TILE_FALSE"
    # single leaves
    LEAF_UNREADABLE = "LEAF_UNREADABLE"
    OPENING_MISPLACED = "OPENING_MISPLACED"
    BACKDATED = "BACKDATED"
    AHEAD_OF_ISSUE = "AHEAD_OF_ISSUE"
    TIME_BACKWARDS = "TIME_BACKWARDS"
    AHEAD_OF_CHECKPOINT = "AHEAD_OF_CHECKPOINT"
    # leaves among each other
    REPORT_TWICE = "REPORT_TWICE"
    NUMBER_TWICE = "NUMBER_TWICE"
    CHAIN_BROKEN = "CHAIN_BROKEN"
    ACT_IMPOSSIBLE = "ACT_IMPOSSIBLE"
    # the leaves of one report, as published
    REGISTERED_DIFFERS = "REGISTERED_DIFFERS"
    # reports in hand
    REPORT_UNLOGGED = "REPORT_UNLOGGED"
    REPORT_DIFFERS = "REPORT_DIFFERS"
    REPORT_NOT_OURS = "REPORT_NOT_OURS"
    REPORT_UNREADABLE = "REPORT_UNREADABLE"
    # the office's own ledger
    ROWS_DIFFER = "ROWS_DIFFER"
    LEDGER_DIFFERS = "LEDGER_DIFFERS"
    LEDGER_UNLOGGED = "LEDGER_UNLOGGED"
    LEAF_NOT_IN_LEDGER = "LEAF_NOT_IN_LEDGER"
    STATE_DIFFERS = "STATE_DIFFERS"
    UNPUBLISHED = "UNPUBLISHED"


_KEEP = "请立即保存这份日志和两份检查点，停止采信，并与签发机构核实。"
_OFFICE = "请签发机构查明这一条是怎样登记的；查清之前不要采信这份报告。"
_STOLEN = "签名密钥可能已经泄露：请用 chenghe keys revoke 停用签名密钥，并通知核验方。"
_DATABASE = "请核对数据库和 public/ 是否来自同一份备份；查清之前停止签发。"

WORDING: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        Kind.CHECKPOINT_FALSE: ("检查点没有日志的有效签名", _KEEP),
        Kind.LOG_FORKED: ("与先前的检查点不一致：日志被改写、截短或者分叉", _KEEP),
        Kind.TILE_FALSE: ("日志文件与检查点的根不符", "请重新下载日志；仍然不符的，请保存下来并与签发机构核实。"),
        Kind.LEAF_UNREADABLE: ("不是规定格式的登记条目", _OFFICE),
        Kind.OPENING_MISPLACED: ("启用条目必须是第 0 条，而且只有一条", _OFFICE),
        Kind.BACKDATED: ("倒签：登记时间比报告上的签发时间晚一小时以上", _OFFICE),
        Kind.AHEAD_OF_ISSUE: ("登记时间早于报告上的签发时间", _OFFICE),
        Kind.TIME_BACKWARDS: ("登记时间早于前一条", "请签发机构核对服务器时钟，查明这一条是怎样登记的。"),
        Kind.AHEAD_OF_CHECKPOINT: ("登记时间晚于检查点的时间", "请签发机构核对服务器时钟，查明这一条是怎样登记的。"),
        Kind.REPORT_TWICE: ("同一份报告登记了两次", _OFFICE),
        Kind.NUMBER_TWICE: ("同一个报告编号签发了两次", _OFFICE),
        Kind.CHAIN_BROKEN: ("状态变动没有接在该报告的上一条之后", _OFFICE),
        Kind.ACT_IMPOSSIBLE: ("在该报告当时的状态下不可能有这种变动", _OFFICE),
        Kind.REGISTERED_DIFFERS: (
            "公布的登记文件与日志不符",
            "请签发机构执行 chenghe keys export 重新公布，再查一次。",
        ),
        Kind.REPORT_UNLOGGED: ("报告有本机构的签名，但没有登记在日志中", _STOLEN),
        Kind.REPORT_DIFFERS: ("登记的签发时间或编号与报告上的不一致", _OFFICE),
        Kind.REPORT_NOT_OURS: ("没有本机构的有效签名，不会在日志中", "请按核验结论处理，不要采信。"),
        Kind.REPORT_UNREADABLE: ("读不出核验码，没有查", "请换一份清楚的文件，或直接给出核验码文字。"),
        Kind.ROWS_DIFFER: ("数据库中保存的登记条目与公布的日志不一致", _DATABASE),
        Kind.LEDGER_DIFFERS: ("台账这一行与报告凭证不一致", _DATABASE),
        Kind.LEDGER_UNLOGGED: ("台账中的报告没有登记在日志中", _DATABASE),
        Kind.LEAF_NOT_IN_LEDGER: ("日志中登记的报告，台账里没有", _STOLEN),
        Kind.STATE_DIFFERS: ("台账中的状态与变动记录、日志中的不一致", _DATABASE),
        Kind.UNPUBLISHED: ("数据库中已有登记，但还没有公布", "请执行 chenghe keys export 重新公布，再查一次。"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """``index``: the leaf; ``number``: the report, or the file it was read from; ``detail`` adds figures."""

    kind: Kind
    index: int | None = None
    number: str | None = None
    detail: str = ""

    @property
    def message(self) -> str:
        leaf = "" if self.index is None else f"第 {self.index} 条"
        about = f"（{self.number}）" if leaf and self.number else self.number or ""
        where = f"{leaf}{about}：" if leaf or about else ""
        return f"{where}{WORDING[self.kind][0]}{f'（{self.detail}）' if self.detail else ''}。"

    @property
    def next_step(self) -> str:
        return WORDING[self.kind][1]

    def to_json(self) -> dict[str, str | int | None]:
        return {
            "code": self.kind.value,
            "index": self.index,
            "number": self.number,
            "message": self.message,
            "next_step": self.next_step,
        }
