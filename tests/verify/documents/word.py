"""What Word makes of a report that somebody opens, prints and saves: every part written anew, nothing visible changed.

Word is not at hand; this does to the parts what Word 2016 and later do on saving, as its files show: revision and
paragraph ids, spelling marks, page breaks as last laid out, the place of the cursor, style ids of its own, header and
footer files renumbered, notes with their separators, properties, settings, and a second custom XML part.
"""

import re
from collections.abc import Mapping
from itertools import count

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
VML, SHAPE_ID = "urn:schemas-microsoft-com:vml", "{urn:schemas-microsoft-com:office:office}spid"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_MORE_NAMESPACES = (
    ' xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex"'
    ' xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
    ' xmlns:w16cid="http://schemas.microsoft.com/office/word/2016/wordml/cid"'
    ' xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex"'
)
_RSID, _SAVED = "00A5121F", "00C5707F"
_NOTES = (
    f'<w:{{0}}s xmlns:w="{W}" xmlns:w14="{W14}">'
    '<w:{0} w:type="separator" w:id="-1"><w:p w14:paraId="1B2C3D4E" w14:textId="77777777" w:rsidR="00A5121F" '
    'w:rsidRDefault="00A5121F"><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r>'
    "<w:separator/></w:r></w:p></w:{0}>"
    '<w:{0} w:type="continuationSeparator" w:id="0"><w:p w14:paraId="2B2C3D4E" w14:textId="77777777" '
    'w:rsidR="00A5121F" w:rsidRDefault="00A5121F"><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    "</w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:{0}></w:{0}s>"
)
_SOURCES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="no"?><b:Sources StyleName="APA" '
    b'SelectedStyle="\\APASixthEditionOfficeOnline.xsl" '
    b'xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography"/>'
)
_SETTINGS = (
    f'<w:footnotePr xmlns:w="{W}"><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>',
    f'<w:endnotePr xmlns:w="{W}"><w:endnote w:id="-1"/><w:endnote w:id="0"/></w:endnotePr>',
)
Parts = dict[str, bytes]


def saved_by_word(parts: Mapping[str, bytes]) -> Parts:
    saved = {name: content for name, content in parts.items() if "stylesWithEffects" not in name}
    saved["[Content_Types].xml"] = re.sub(rb"<Override[^>]*stylesWithEffects[^>]*/>", b"", saved["[Content_Types].xml"])
    names = _style_ids(saved["word/styles.xml"])
    for name in [name for name in saved if re.fullmatch(r"word/(document|header\d|footer\d)\.xml", name)]:
        saved[name] = _story(saved[name], names, main=name == "word/document.xml")
    saved["word/styles.xml"] = _styles(saved["word/styles.xml"], names)
    saved["word/settings.xml"] = _settings(saved["word/settings.xml"])
    saved["docProps/core.xml"] = re.sub(
        rb"(<cp:lastModifiedBy>).*?(</cp:lastModifiedBy><cp:revision>)1", rb"\1user\g<2>2", saved["docProps/core.xml"]
    )
    for kind in ("footnote", "endnote"):
        saved[f"word/{kind}s.xml"] = _NOTES.format(kind).encode()
        _typed(saved, f"/word/{kind}s.xml", f"wordprocessingml.{kind}s")
    return _renumbered(_second_custom_part(saved))


def _story(content: bytes, styles: Mapping[str, str], *, main: bool) -> bytes:
    root = etree.fromstring(content)
    ids = count(0x10000000, 7)
    for each in root.iter(f"{{{W}}}p", f"{{{W}}}tr"):
        each.set(f"{{{W14}}}paraId", f"{next(ids):08X}")
        each.set(f"{{{W14}}}textId", "77777777")
        each.set(f"{{{W}}}rsidR", _SAVED)
        last = "rsidTr" if each.tag.endswith("tr") else "rsidRDefault"
        each.set(f"{{{W}}}{last}", _RSID)
    for each in root.iter(f"{{{W}}}pStyle", f"{{{W}}}rStyle", f"{{{W}}}tblStyle"):
        each.set(f"{{{W}}}val", styles.get(each.get(f"{{{W}}}val"), each.get(f"{{{W}}}val")))
    for number, run in enumerate(list(root.iter(f"{{{W}}}r"))):
        _run(run, number)
    for picture in root.iter(f"{{{WP}}}inline"):
        _picture(picture)
    for look in root.iter(f"{{{W}}}tblPr"):
        etree.SubElement(
            look, f"{{{W}}}tblLook", {f"{{{W}}}val": "04A0", f"{{{W}}}firstRow": "1", f"{{{W}}}noVBand": "1"}
        )
    for shape in root.iter(f"{{{VML}}}shape"):
        shape.set(SHAPE_ID, "_x0000_s1025")
        shape.set("alt", "")
        shape.getparent().set(f"{{{W14}}}anchorId", "5D6E7F80")
    for mark in root.iter(f"{{{W}}}fldChar"):
        _never_proofed(mark.getparent())
    for number, properties in enumerate(list(root.iter(f"{{{W}}}pPr"))):
        if number % 7 == 0 and properties.find(f"{{{W}}}rPr") is None:
            ending = etree.SubElement(properties, f"{{{W}}}rPr")
            etree.SubElement(ending, f"{{{W}}}rFonts", {f"{{{W}}}hint": "eastAsia"})
            etree.SubElement(ending, f"{{{W}}}lang", {f"{{{W}}}eastAsia": "zh-CN"})
    if main:
        _cursor(root)
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True).decode()
    return (
        text.replace(" xmlns:w=", f"{_MORE_NAMESPACES} xmlns:w=", 1)
        .replace('Ignorable="w14 wp14"', 'Ignorable="w14 w15 w16se w16cid wp14"', 1)
        .encode()
    )


def _run(run: etree._Element, number: int) -> None:
    """A run in two, as after a spelling mark; what Word asks xml:space for, it asks for only where it is needed."""
    run.set(f"{{{W}}}rsidRPr", _RSID)
    text = run.find(f"{{{W}}}t")
    if text is None or not text.text:
        return
    if text.text == text.text.strip():
        text.attrib.pop(XML_SPACE, None)
    if number % 5 == 0:
        run.addprevious(etree.Element(f"{{{W}}}proofErr", {f"{{{W}}}type": "spellStart"}))
        run.addnext(etree.Element(f"{{{W}}}proofErr", {f"{{{W}}}type": "spellEnd"}))
    if number % 4 == 0 and len(text.text) > 3:
        rest = etree.fromstring(etree.tostring(run))
        text.text, rest.find(f"{{{W}}}t").text = text.text[:2], text.text[2:]
        for part in (text, rest.find(f"{{{W}}}t")):
            part.set(XML_SPACE, "preserve")
        properties = rest.find(f"{{{W}}}rPr")
        if properties is None:
            properties = etree.Element(f"{{{W}}}rPr")
            rest.insert(0, properties)
        if properties.find(f"{{{W}}}rFonts") is None:
            properties.insert(0, etree.Element(f"{{{W}}}rFonts", {f"{{{W}}}hint": "eastAsia"}))
        run.addnext(rest)
    if number % 60 == 59:
        text.addprevious(etree.Element(f"{{{W}}}lastRenderedPageBreak"))


def _never_proofed(run: etree._Element) -> None:
    if run.find(f"{{{W}}}rPr") is None:
        run.insert(0, etree.fromstring(f'<w:rPr xmlns:w="{W}"><w:noProof/></w:rPr>'))


def _picture(inline: etree._Element) -> None:
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")
    inline.set(f"{{{W14}}}anchorId".replace("word/2010/wordml", "word/2010/wordprocessingDrawing"), "4E5F6A7B")
    effect = etree.Element(f"{{{WP}}}effectExtent", {"l": "0", "t": "0", "r": "0", "b": "0"})
    inline.find(f"{{{WP}}}extent").addnext(effect)
    blip = next(inline.iter(f"{{{A}}}blip"))
    blip.append(
        etree.fromstring(
            f'<a:extLst xmlns:a="{A}"><a:ext uri="{{28A0092B-C50C-407E-A947-70E740481C1C}}"><a14:useLocalDpi '
            'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" val="0"/></a:ext></a:extLst>'
        )
    )
    etree.SubElement(next(inline.iter("{*}prstGeom")), f"{{{A}}}avLst")


def _cursor(root: etree._Element) -> None:
    paragraph = list(root.iter(f"{{{W}}}p"))[-1]
    etree.SubElement(paragraph, f"{{{W}}}bookmarkStart", {f"{{{W}}}id": "0", f"{{{W}}}name": "_GoBack"})
    etree.SubElement(paragraph, f"{{{W}}}bookmarkEnd", {f"{{{W}}}id": "0"})


def _style_ids(styles: bytes) -> dict[str, str]:
    """Chinese Word numbers its style ids: a, a0, a1, …"""
    ids = re.findall(r'w:styleId="([^"]+)"', styles.decode())
    return {old: "a" if number == 0 else f"a{number - 1}" for number, old in enumerate(ids)}


def _styles(content: bytes, names: Mapping[str, str]) -> bytes:
    root = etree.fromstring(content)
    for style in root.iter(f"{{{W}}}style"):
        style.set(f"{{{W}}}styleId", names[style.get(f"{{{W}}}styleId")])
        for link in style.iter(f"{{{W}}}basedOn", f"{{{W}}}next", f"{{{W}}}link"):
            link.set(f"{{{W}}}val", names.get(link.get(f"{{{W}}}val"), link.get(f"{{{W}}}val")))
        if style.find(f"{{{W}}}rsid") is not None:
            continue
        place = style.find(f"{{{W}}}pPr")
        mark = etree.Element(f"{{{W}}}rsid", {f"{{{W}}}val": _RSID})
        place.addprevious(mark) if place is not None else style.append(mark)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _settings(content: bytes) -> bytes:
    root = etree.fromstring(content)
    zoom = root.find(f"{{{W}}}zoom")
    zoom.attrib.clear()
    zoom.set(f"{{{W}}}percent", "110")
    compat = root.find(f"{{{W}}}compat")
    for each in _SETTINGS:
        compat.addprevious(etree.fromstring(each))
    etree.SubElement(root.find(f"{{{W}}}rsids"), f"{{{W}}}rsid", {f"{{{W}}}val": _SAVED})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _second_custom_part(parts: Parts) -> Parts:
    """Our package becomes item2 behind Word's own list of sources."""
    moved = {
        name.replace("customXml/item1", "customXml/item2")
        .replace("_rels/item1", "_rels/item2")
        .replace("itemProps1", "itemProps2"): content.replace(b"itemProps1.xml", b"itemProps2.xml")
        for name, content in parts.items()
    }
    moved["customXml/item1.xml"] = _SOURCES
    moved["customXml/_rels/item1.xml.rels"] = moved["customXml/_rels/item2.xml.rels"].replace(b"Props2", b"Props1")
    moved["customXml/itemProps1.xml"] = (
        b'<?xml version="1.0" encoding="UTF-8" standalone="no"?><ds:datastoreItem ds:itemID="{0F1E2D3C-4B5A-4968-8776-'
        b'A5B4C3D2E1F0}" xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
        b'<ds:schemaRef ds:uri="http://schemas.openxmlformats.org/officeDocument/2006/bibliography"/></ds:schemaRefs>'
        b"</ds:datastoreItem>"
    )
    return moved


def _renumbered(parts: Parts) -> Parts:
    """Relationships in the order in which Word writes parts; footers before headers, each file renamed."""
    path = "word/_rels/document.xml.rels"
    root = etree.fromstring(parts[path])
    for effects in [each for each in root if each.get("Type").endswith("stylesWithEffects")]:
        root.remove(effects)
    for kind in ("footnotes", "endnotes"):
        etree.SubElement(
            root, f"{{{PACKAGE}}}Relationship", {"Id": f"x{kind}", "Type": f"{OFFICE}/{kind}", "Target": f"{kind}.xml"}
        )
    etree.SubElement(
        root,
        f"{{{PACKAGE}}}Relationship",
        {"Id": "xitem", "Type": f"{OFFICE}/customXml", "Target": "../customXml/item2.xml"},
    )
    new = {each.get("Id"): f"rId{number}" for number, each in enumerate(reversed(root), start=5)}
    for each in root:
        each.set("Id", new[each.get("Id")])
    parts[path] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    parts["word/document.xml"] = re.sub(
        rb'r:id="([^"]+)"', lambda found: f'r:id="{new[found[1].decode()]}"'.encode(), parts["word/document.xml"]
    )
    swap = {"header1": "header2", "header2": "header1", "footer1": "footer2", "footer2": "footer1"}
    parts[path] = re.sub(
        rb'"((?:header|footer)\d)\.xml"', lambda found: f'"{swap[found[1].decode()]}.xml"'.encode(), parts[path]
    )
    return {
        re.sub(r"(?<=/)(header\d|footer\d)(?=\.xml)", lambda found: swap[found[1]], name): content
        for name, content in parts.items()
    }


def _typed(parts: Parts, part: str, kind: str) -> None:
    line = (
        f'<Override PartName="{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/></Types>'
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", line.encode())
