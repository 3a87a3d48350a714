"""The chain of the audit: each line carries a hash over itself and the hash before it, so that no line changes unseen.

Rules kept:
* The hash of a line is SHA-256 over, in this order: ``chenghe-audit/1``, the hash of the line before, the line's number
  (decimal digits), then ``at``, ``actor``, ``purpose``, ``action``, ``target``, ``detail`` as stored (UTF-8); each of
  these nine preceded by its length in bytes as 8 bytes, big-endian. Before line 1 the hash is 32 zero bytes.
* Numbers run without a gap from 1.
* Whoever can write the whole database can write a whole new chain: only a ``Head`` kept elsewhere tells.

Source: docs/audit.md (so that another language can follow the chain); issue 6 §3.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from index.errors import AuditError

FIELDS = ("at", "actor", "purpose", "action", "target", "detail")
HASH_BYTES = 32
KEPT_FINDINGS = 100
_DOMAIN = b"chenghe-audit/1"
_HEAD = re.compile("(0|[1-9][0-9]{0,17}):([0-9a-f]{64})")


def line_hash(previous: bytes, number: int, fields: Sequence[bytes]) -> bytes:
    """The hash of line ``number``; ``fields`` in the order of ``FIELDS``."""
    parts = (_DOMAIN, previous, b"%d" % number, *fields)
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a chain: written down elsewhere, it proves all lines up to it. ``number`` 0: no line yet."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def read(cls, text: str) -> "Head":
        """What ``str`` gave. Raises AuditError."""
        found = _HEAD.fullmatch(text.strip())
        if found is None or (found[1] == "0" and found[2] != START.hash.hex()):
            raise AuditError(
                "看不懂审计链头。", next_step="应写成“行号:64 位十六进制摘要”，与核对时显示的一样。", code="AUDIT_HEAD"
            )
        return cls(int(found[1]), bytes.fromhex(found[2]))


START = Head(0, bytes(HASH_BYTES))


@dataclass(frozen=True, slots=True)
class ChainedLine:
    """A line as it was found. A field or hash that is not of its kind is None."""

    number: int
    fields: tuple[bytes | None, ...]
    hash: bytes | None


class Fault(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    TRUNCATED = "truncated"
    OTHER_HEAD = "other_head"
    INCOMPLETE = "incomplete"
    UNGUARDED = "unguarded"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, at which line (0: with the whole)."""

    fault: Fault
    number: int
    message: str

    def to_json(self) -> dict[str, object]:
        return {"fault": self.fault.value, "number": self.number, "message": self.message}


@dataclass(slots=True)
class Walk:
    """Follows a chain from ``head``, line by line, and keeps what it finds. ``expected``: heads kept elsewhere."""

    head: Head = START
    expected: tuple[Head, ...] = ()
    lines: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._compare()

    def follow(self, lines: Iterable[ChainedLine]) -> None:
        for line in lines:
            self.step(line)

    def step(self, line: ChainedLine) -> None:
        self.lines += 1
        if line.number != self.head.number + 1:
            self.find(
                Fault.MISSING,
                line.number,
                f"第 {self.head.number} 行之后是第 {line.number} 行：中间的行被删去或挪动，或行号被改",
            )
        elif not _holds(line, self.head.hash):
            self.find(Fault.CHANGED, line.number, f"第 {line.number} 行与链不符：内容或摘要被改动，或是插入的")
        self.head = Head(line.number, line.hash or b"")
        self._compare()

    def end(self) -> None:
        """No line follows: whatever an expected head proves must have been there."""
        last = self.head.number
        for number in (expected.number for expected in self.expected if expected.number > last):
            self.find(Fault.TRUNCATED, number, f"链头记有第 {number} 行，现在只到第 {last} 行：末尾被截去")

    def find(self, fault: Fault, number: int, message: str) -> None:
        self.found += 1
        if len(self.findings) < KEPT_FINDINGS:
            self.findings.append(Finding(fault, number, message))

    def _compare(self) -> None:
        for expected in self.expected:
            if expected.number == self.head.number and expected.hash != self.head.hash:
                self.find(
                    Fault.OTHER_HEAD,
                    expected.number,
                    f"第 {expected.number} 行的摘要与所给链头不同：此行或以前的行被改写",
                )


def _holds(line: ChainedLine, previous: bytes) -> bool:
    fields = tuple(each for each in line.fields if each is not None)
    return len(fields) == len(FIELDS) and line.hash == line_hash(previous, line.number, fields)
