"""The frames of Feishu's long connection: a protobuf message of one kind, written and read strictly.

    1 SeqID uint64 · 2 LogID uint64 · 3 service int32 · 4 method int32 (0 control, 1 data)
    5 headers, repeated (1 key, 2 value) · 6 payload_encoding · 7 payload_type · 8 payload bytes · 9 LogIDNew

* The first four are required, as are both halves of a header; unknown fields are passed over; groups are refused.
* A long event comes in ``sum`` frames with one ``message_id``: joined by ``Parts``, bounded in number, size and time.

Source: the platform's own client (lark-oapi, pbbp2.proto); protobuf.dev, Encoding. Cross-tested against lark-oapi.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

FRAME_BYTES = 1024 * 1024
HEADERS_MOST = 64
CONTROL, DATA = 0, 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_VARINT_BYTES = 10
_UINT64 = (1 << 64) - 1

Header = tuple[str, str]


class BadFrame(Exception):
    """No frame, or no part of a message."""


@dataclass(frozen=True, slots=True)
class Frame:
    sequence: int
    log: int
    service: int
    method: int
    headers: tuple[Header, ...] = ()
    payload_encoding: str | None = None
    payload_type: str | None = None
    payload: bytes | None = None
    log_new: str | None = None

    def header(self, name: str) -> str:
        """The first of that name; raises BadFrame when there is none."""
        for key, value in self.headers:
            if key == name:
                return value
        raise BadFrame

    def to_bytes(self) -> bytes:
        return b"".join(
            [
                _number(1, self.sequence),
                _number(2, self.log),
                _number(3, self.service),
                _number(4, self.method),
                *(_block(5, _block(1, key.encode()) + _block(2, value.encode())) for key, value in self.headers),
                *_optional(6, self.payload_encoding),
                *_optional(7, self.payload_type),
                *([] if self.payload is None else [_block(8, self.payload)]),
                *_optional(9, self.log_new),
            ]
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "Frame":
        """Raises BadFrame."""
        if len(content) > FRAME_BYTES:
            raise BadFrame
        numbers: dict[int, int] = {}
        blocks: dict[int, bytes] = {}
        headers: list[Header] = []
        for number, value in _fields(content):
            if number == 5:
                headers.append(_header(_bytes(value)))
            elif number in _NUMBERS:
                numbers[number] = _integer(value)
            elif number in _BLOCKS:
                blocks[number] = _bytes(value)
        if numbers.keys() != _NUMBERS or len(headers) > HEADERS_MOST:
            raise BadFrame
        return cls(
            numbers[1],
            numbers[2],
            _signed(numbers[3]),
            _signed(numbers[4]),
            tuple(headers),
            _string(blocks.get(6)),
            _string(blocks.get(7)),
            blocks.get(8),
            _string(blocks.get(9)),
        )


_NUMBERS = frozenset({1, 2, 3, 4})
_BLOCKS = frozenset({6, 7, 8, 9})


@dataclass(slots=True)
class _Open:
    since: float
    parts: dict[int, bytes] = field(default_factory=dict)


class Parts:
    """Messages of several frames: ``joined`` gives the whole with the last part, whatever the order."""

    MOST_PARTS = 64
    MOST_OPEN = 32
    MOST_BYTES = 1024 * 1024
    SECONDS = 30.0

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def joined(self, frame: Frame, now: float) -> bytes | None:
        """None: more is to come. Raises BadFrame."""
        number, position = _count(frame.header("sum")), _count(frame.header("seq"))
        if number <= 1:
            return frame.payload or b""
        if number > self.MOST_PARTS or position >= number:
            raise BadFrame
        self._forget(now)
        name = frame.header("message_id")
        parts = self._open.setdefault(name, _Open(now)).parts
        parts[position] = frame.payload or b""
        if sum(map(len, parts.values())) > self.MOST_BYTES:
            del self._open[name]
            raise BadFrame
        if len(parts) < number:
            return None
        del self._open[name]
        return b"".join(parts[each] for each in range(number)) if set(parts) == set(range(number)) else None

    def _forget(self, now: float) -> None:
        """What was never completed; and the oldest, when there are too many. Feishu sends it again."""
        for name in [name for name, each in self._open.items() if now - each.since > self.SECONDS]:
            del self._open[name]
        while len(self._open) >= self.MOST_OPEN:
            del self._open[next(iter(self._open))]


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise BadFrame
    return int(text)


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value & _UINT64)


def _block(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _optional(number: int, text: str | None) -> list[bytes]:
    return [] if text is None else [_block(number, text.encode())]


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(content[at : at + _VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if value > _UINT64:
                raise BadFrame
            return value, at + index + 1
    raise BadFrame


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(content):
        tag, at = _read_varint(content, at)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _read_varint(content, at)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
            if kind == _BYTES:
                size, at = _read_varint(content, at)
            if size is None or size > len(content) - at:
                raise BadFrame
            value, at = content[at : at + size], at + size
        if not 0 < number < 1 << 29:
            raise BadFrame
        yield number, value


def _header(content: bytes) -> Header:
    found = {number: _string(_bytes(value)) for number, value in _fields(content) if number in (1, 2)}
    key, value = found.get(1), found.get(2)
    if key is None or value is None:
        raise BadFrame
    return key, value


def _integer(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise BadFrame
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise BadFrame
    return value


def _string(content: bytes | None) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError as cause:
        raise BadFrame from cause


def _signed(value: int) -> int:
    """An int32 is written as its 64-bit two's complement; only the lower half counts."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value
