"""The names of WordprocessingML, and parsing a part without trusting it: no DTD, no entity, no network, no giant tree.

A part speaks transitional or strict WordprocessingML, not both: programs ignore what they take for a foreign language.

Source: ECMA-376 parts 1 and 4; relationship types in their transitional and strict spelling.
"""

from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from verify.reasons import Reason, Rejection

Element: TypeAlias = etree._Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
V = "{urn:schemas-microsoft-com:vml}"
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": W[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": R[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/drawingml/main": A[1:-1].encode(),
}


def parse(content: bytes) -> Element:
    """The root element. Raises Rejection, and nothing else."""
    for strict, transitional in _STRICT.items():
        if strict in content and transitional in content:
            raise Rejection(Reason.DANGEROUS_FILE, "两种命名空间混用")
        content = content.replace(strict, transitional)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error
    if etree.ElementTree(root).docinfo.internalDTD is not None:
        raise Rejection(Reason.DANGEROUS_FILE, "DTD")
    return root


def local(element: Element) -> str:
    """The name without namespace."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str | None:
    """``w:name`` of ``element``."""
    return None if element is None else element.get(W + name)


def is_on(element: Element | None) -> bool:
    """A toggle property: present and not switched off."""
    return element is not None and (attribute(element, "val") or "true") not in {"0", "false", "off"}


def children(element: Element) -> Iterator[Element]:
    """Child elements; entity references cannot occur (no DTD)."""
    for child in element:
        if isinstance(child.tag, str):
            yield child


def all_text(element: Element) -> str:
    """Every character below ``element``."""
    return "".join(map(str, element.itertext()))
