"""Bytes that say what is changed in something genuine: a fuzzer that had to invent a zip or a signature would never get
past the door.

* ``edited`` changes bytes anywhere. ``rebuilt`` changes the tree of an XML part, which stays well-formed whatever the
  bytes are.
"""

from copy import deepcopy

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_EDIT, _STEP, _STEPS_MAX = 5, 6, 8
_PROPERTIES = (
    "<w:vanish/>",
    "<w:webHidden/>",
    "<w:strike/>",
    '<w:color w:val="FFFFFF"/>',
    '<w:sz w:val="1"/>',
    '<w:position w:val="-400"/>',
    '<w:w w:val="1"/>',
    '<w:rFonts w:ascii="Wingdings" w:eastAsia="Wingdings"/>',
    "<w:rtl/>",
    '<w:fitText w:val="1"/>',
)
_CONTENT = (
    "<w:r><w:t>未查询到</w:t></w:r>",
    "<w:r><w:tab/><w:br/><w:t>0</w:t></w:r>",
    "<w:p><w:r><w:t>无</w:t></w:r></w:p>",
    '<w:ins w:id="9"><w:r><w:t>1</w:t></w:r></w:ins>',
    '<w:fldSimple w:instr="QUOTE 无"><w:r><w:t>无</w:t></w:r></w:fldSimple>',
    "<w:sdt><w:sdtContent><w:p><w:r><w:t>无</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/>',
    '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>',
    "<w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr>",
    "<w:r><w:noBreakHyphen/></w:r>",
)
_VALUES = ("", "0", "1", "-1", "999999", "FFFFFF", "auto", "none", "Hidden", "even")


def edited(original: bytes, edits: bytes) -> bytes:
    """``edits``: any number of (place: 3 bytes, cut: 1, insert: 1, so many bytes), each applied to the last result."""
    at = 0
    while len(edits) - at >= _EDIT:
        place = int.from_bytes(edits[at : at + 3]) % (len(original) + 1)
        cut, count = edits[at + 3] % 64, edits[at + 4] % 64
        inserted = edits[at + _EDIT : at + _EDIT + count]
        original = original[:place] + inserted + original[place + cut :]
        at += _EDIT + count
    return original


def rebuilt(part: bytes, steps: bytes) -> bytes:
    """``steps``: up to eight of (what: 1 byte, element: 2, another: 2, which: 1), each in the last one's tree."""
    root = etree.fromstring(part)
    for at in range(0, min(len(steps), _STEP * _STEPS_MAX) - _STEP + 1, _STEP):
        elements = [each for each in root.iter(etree.Element) if each is not root]
        if not elements:
            break
        one, other = (elements[int.from_bytes(steps[at + start : at + start + 2]) % len(elements)] for start in (1, 3))
        _CHANGES[steps[at] % len(_CHANGES)](one, other, steps[at + 5])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _removed(one: etree._Element, other: etree._Element, which: int) -> None:
    parent = one.getparent()
    assert parent is not None
    parent.remove(one)


def _doubled(one: etree._Element, other: etree._Element, which: int) -> None:
    one.addnext(deepcopy(one))


def _moved(one: etree._Element, other: etree._Element, which: int) -> None:
    if one not in other.iterancestors() and one is not other:
        other.addnext(one)


def _copied_into(one: etree._Element, other: etree._Element, which: int) -> None:
    other.insert(which % (len(other) + 1), deepcopy(one))


def _reworded(one: etree._Element, other: etree._Element, which: int) -> None:
    one.text = (one.text or "")[: which % 16] + (other.text or "")


def _revalued(one: etree._Element, other: etree._Element, which: int) -> None:
    names = sorted(one.attrib) or [f"{{{W}}}val"]
    one.set(names[which % len(names)], _VALUES[which // 16 % len(_VALUES)])


def _dressed(one: etree._Element, other: etree._Element, which: int) -> None:
    properties = one if one.tag == f"{{{W}}}rPr" else one.find(f"{{{W}}}rPr")
    if properties is None:
        properties = etree.SubElement(one, f"{{{W}}}rPr")
        one.insert(0, properties)
    properties.append(_fragment(_PROPERTIES[which % len(_PROPERTIES)]))


def _added(one: etree._Element, other: etree._Element, which: int) -> None:
    one.addnext(_fragment(_CONTENT[which % len(_CONTENT)]))


def _fragment(text: str) -> etree._Element:
    return etree.fromstring(f'<x xmlns:w="{W}">{text}</x>')[0]


_CHANGES = (_removed, _doubled, _moved, _copied_into, _reworded, _revalued, _dressed, _added)
