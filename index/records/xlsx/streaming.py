"""XML of a workbook as a stream of elements: no document type, no entity, no element or text beyond its bound.

Rules kept:
* A document type is refused before anything in it is looked at: no external entity, no entity bomb, in any encoding.
* The parser never holds more than 1 MiB of an unfinished tag; texts come in pieces and are bounded by who keeps them.
* At most 64 levels, 5,000 different names of elements and attributes, 200 prefixes: the parser keeps each of them.

Source: expat (https://libexpat.github.io); ECMA-376 part 2, 8.2: parts of a package have no document type.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Protocol
from xml.parsers import expat

from index.records.xlsx.package import BROKEN, broken, hostile

BLOCK_BYTES = 1 << 16
MAX_TAG_BYTES = 1 << 20
MAX_LEVELS = 64
MAX_NAMES = 5000
MAX_PREFIXES = 200
_ENCODINGS = frozenset({"UTF-8", "UTF-16", "US-ASCII"})
"""Those of ECMA-376 part 2; for any other the parser would ask Python, whatever the file calls it."""
_SEPARATOR = " "


class Elements(Protocol):
    """What happens at each element; names come without their namespace."""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, piece: str) -> None: ...


class _LocalNames(dict[str, str]):
    """Element names without their namespace, remembered; a part has a few dozen."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(_SEPARATOR)[2]
        if len(self) < 1000:
            self[name] = local
        return local


def stream(file: str, part: IO[bytes], elements: Elements) -> Iterator[None]:
    """Tells ``elements`` what the part holds, block by block; yields after each. Raises UnreadableImport."""
    parser = _parser(file, elements)
    fed = 0
    try:
        while block := _block(file, part):
            fed += len(block)
            parser.Parse(block, False)
            if fed - parser.CurrentByteIndex > MAX_TAG_BYTES:
                raise hostile(file, "里有过长的标签")
            if len(parser.intern) > MAX_NAMES:
                raise hostile(file, "里有过多的标签名")
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise broken(file) from error
    yield


def _block(file: str, part: IO[bytes]) -> bytes:
    try:
        return part.read(BLOCK_BYTES)
    except BROKEN as error:
        raise broken(file) from error


def read_whole(file: str, part: IO[bytes], elements: Elements) -> None:
    """``stream`` to its end."""
    for _ in stream(file, part, elements):
        pass


def _parser(file: str, elements: Elements) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    names, level = _LocalNames(), 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        if level > MAX_LEVELS:
            raise hostile(file, "的层级过深")
        elements.begin(names[name], attributes)

    def end(name: str) -> None:
        nonlocal level
        level -= 1
        elements.end(names[name])

    def refuse(*_: object) -> None:
        raise hostile(file, "含有文档类型或外部实体声明")

    def know_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.upper() not in _ENCODINGS:
            raise broken(file, "里有不认识的编码")

    prefixes: set[str | None] = set()

    def declare(prefix: str | None, _uri: str) -> None:
        prefixes.add(prefix)
        if len(prefixes) > MAX_PREFIXES:
            raise hostile(file, "里有过多的标签名")

    parser.buffer_text = True
    parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = elements.text
    parser.StartDoctypeDeclHandler = refuse
    parser.XmlDeclHandler = know_encoding
    return parser
