"""A draft as bytes and back: what was rehearsed is stored exactly, and after a crash it is exactly what gets signed.

Rules kept:
* Canonical JSON (sorted keys, no spaces, UTF-8): equal drafts have equal bytes; thaw(freeze(draft)) == draft.
* Days and moments are ISO 8601, amounts decimal text, bytes hexadecimal.
* A draft frozen by an earlier program thaws: a fact it did not know takes its default. What is printed never has one.

Source: design §6 (freeze content, persist intent).
"""

import json
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from index.channel import Channel
from verify.issuing.content import ReportContent

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a signature and the ledger need: content, seed of the salts, place in the status list, key, who asked.

    ``version``: how far the history of records had come when they were read (``Material``); None = not kept.
    """

    content: ReportContent
    seed: bytes
    status_index: int
    kid: bytes
    channel: Channel = Channel.DESK
    identity_check: str = ""
    request: str | None = None
    version: int | None = None


def freeze(draft: Draft) -> bytes:
    return json.dumps(_plain(draft), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def thaw(data: bytes) -> Draft:
    """Raises ValueError or KeyError for bytes that ``freeze`` did not make."""
    return _typed(Draft, json.loads(data))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Enum():
            return value.value
        case bytes():
            return value.hex()
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
    return value


def _typed(kind: type[Fact], value: Any) -> Fact:
    made: Any = value
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        known = [field.name for field in fields(kind) if field.name in value or field.default is MISSING]
        made = kind(**{name: _typed_as(hints[name], value[name]) for name in known})
    elif issubclass(kind, Enum | Decimal):
        made = kind(value)
    elif kind in (datetime, date):
        made = kind.fromisoformat(value)  # type: ignore[attr-defined]
    elif kind is bytes:
        made = bytes.fromhex(value)
    return made  # type: ignore[no-any-return]


def _typed_as(hint: Any, value: Any) -> Any:
    """``hint`` is a class, an optional class, or a tuple of one class."""
    if isinstance(hint, UnionType):
        (kind,) = (each for each in get_args(hint) if each is not NoneType)
        return None if value is None else _typed_as(kind, value)
    if get_origin(hint) is tuple:
        return tuple(_typed_as(get_args(hint)[0], item) for item in value)
    return _typed(hint, value)
