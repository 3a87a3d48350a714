"""The audit in one file that can be kept, handed on and checked without the database.

Rules kept:
* JSON lines (UTF-8, ``\\n``): first ``{"chenghe_audit": 1, "after": HEAD}``, then each line with its hash (in
  hexadecimal), last ``{"head": HEAD}``; a file without its last line is incomplete. Every line is written exactly as
  ``_written`` does, so that two readers cannot read different things.
* What is stored goes out as it is: bytes that are no UTF-8 as ``{"hex": …}``, what is no text as null.
* Who takes lines away leaves a line, which is in the file.

Source: docs/audit.md; issue 6 §3 (exported and verified).
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from index.audit import append
from index.audit_chain import FIELDS, START, ChainedLine, Fault, Head, Walk
from index.audit_lines import LOWEST, chained_lines, read
from index.errors import AuditError
from index.store.engine import writing

FORMAT = 1
MAX_LINE_BYTES = 16 << 20
_KEYS = ("number", *FIELDS, "hash")


def export(
    engine: Engine, after: Head = START, *, actor: str, purpose: str, target: str, now: datetime
) -> Iterator[bytes]:
    """The lines of the file, of all lines behind ``after``. Raises AuditError, AccessDenied."""
    with writing(engine) as connection:
        detail = f"第 {after.number} 行之后"
        append(connection, at=now, actor=actor, purpose=purpose, action="audit.export", target=target, detail=detail)
    with read(engine) as connection:
        _require(after, next(chained_lines(connection, after.number), None))
        yield _written({"chenghe_audit": FORMAT, "after": str(after)})
        head = str(after)
        for line in chained_lines(connection, after.number + 1 if after.number else LOWEST):
            shown = [line.number, *map(_shown, line.fields), (line.hash or b"").hex()]
            head = f"{line.number}:{shown[-1]}"
            yield _written(dict(zip(_KEYS, shown, strict=True)))
        yield _written({"head": head})


def _require(after: Head, found: ChainedLine | None) -> None:
    if after.number and (found is None or (found.number, found.hash) != (after.number, after.hash)):
        raise AuditError(
            "审计里没有这个链头：此行或以前的行已被改写或删去，或链头不是本机构的。",
            next_step="请核对链头；确认无误的，用 chenghe audit verify --head 查明从哪一行起不同。",
            code="AUDIT_OTHER_HEAD",
        )


def check_export(lines: Iterable[bytes], expected: tuple[Head, ...] = ()) -> Walk:
    """Follows the chain of an exported file; ``lines`` with their ends. Raises AuditError when it is none."""
    found = iter(lines)
    begun = _beginning(next(found, b""))
    _require_covered(begun, expected)
    walk, ended = Walk(begun, expected), False
    for place, content in enumerate(found, start=2):
        line = _line(place, content)
        if ended:
            raise _strange(place)
        if isinstance(line, ChainedLine):
            walk.step(line)
            continue
        ended = True
        if line != walk.head:
            walk.find(Fault.OTHER_HEAD, line.number, "文件末尾的链头与最后一行不同")
    if not ended:
        walk.find(Fault.INCOMPLETE, walk.head.number, f"文件不完整：第 {walk.head.number} 行之后没有链头")
    walk.end()
    return walk


def _require_covered(begun: Head, expected: tuple[Head, ...]) -> None:
    for head in expected:
        if head.number < begun.number:
            raise AuditError(
                f"这份导出从第 {begun.number + 1} 行开始，不能与第 {head.number} 行的链头核对。",
                next_step="请用从该链头或更早开始的导出核对，或核对数据库。",
                code="AUDIT_HEAD_BEFORE",
            )


def _beginning(line: bytes) -> Head:
    read = _parsed(line, 1)
    if set(read) != {"chenghe_audit", "after"} or read["chenghe_audit"] != FORMAT:
        raise _strange(1)
    return _head(read["after"], 1)


def _line(place: int, line: bytes) -> ChainedLine | Head:
    read = _parsed(line, place)
    if set(read) == {"head"}:
        return _head(read["head"], place)
    if tuple(read) != _KEYS or type(read["number"]) is not int:
        raise _strange(place)
    fields = tuple(_stored(read[name], place) for name in FIELDS)
    return ChainedLine(read["number"], fields, _bytes(read["hash"], place))


def _parsed(line: bytes, place: int) -> dict[str, Any]:
    try:
        read = json.loads(line) if len(line) <= MAX_LINE_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _strange(place) from error
    if not isinstance(read, dict) or _written(read) != line:
        raise _strange(place)
    return read


def _written(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(", ", ": ")).encode("utf-8", "surrogatepass") + b"\n"


def _shown(field: bytes | None) -> str | dict[str, str] | None:
    if field is None:
        return None
    try:
        return field.decode()
    except UnicodeDecodeError:
        return {"hex": field.hex()}


def _stored(shown: Any, place: int) -> bytes | None:
    if isinstance(shown, dict) and set(shown) == {"hex"}:
        return _bytes(shown["hex"], place)
    if shown is None:
        return None
    if not isinstance(shown, str):
        raise _strange(place)
    try:
        return shown.encode()
    except UnicodeEncodeError as error:
        raise _strange(place) from error


def _bytes(text: Any, place: int) -> bytes:
    try:
        found = bytes.fromhex(text)
    except (TypeError, ValueError) as error:
        raise _strange(place) from error
    if found.hex() != text:
        raise _strange(place)
    return found


def _head(text: Any, place: int) -> Head:
    if not isinstance(text, str):
        raise _strange(place)
    return Head.read(text)


def _strange(place: int) -> AuditError:
    return AuditError(
        f"这不是诚核导出的审计文件（第 {place} 行看不懂）。",
        next_step="请用 chenghe audit export 导出的原文件核对；经编辑器改存过的不能用。",
        code="AUDIT_EXPORT",
    )
