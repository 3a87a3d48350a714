"""A docx in hand: its QR texts, the field package it carries, and every line it can show.

* Opened as a hostile zip (``archive``) of hostile XML (``wordml``).
* Lines in order: headers in use (first page, default, even), body, footers, footnotes, endnotes, comments.
* Whatever can show something and is not text is a line of its own: embedded objects, charts, other pictures, templates,
  anything fetched from outside. So a file that shows more than was issued differs from what was issued.
* The package lies in customXml/item*.xml under ``PACKAGE_ROOT``; two of them, or a broken one, is a damaged package.

Source: ECMA-376 part 2 (packages), part 1 §11; design §5.
"""

import binascii
import posixpath
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verify.binding import DocumentInHand, FieldPackage, VisibleLine
from verify.documents.fonts import exchanged
from verify.documents.formatting import Styles
from verify.documents.image import Picture, is_picture, read_picture
from verify.documents.properties import SECTION, strange
from verify.documents.story import StoryReader
from verify.documents.theme import Theme
from verify.documents.widths import paper
from verify.documents.wordml import Element, R, W, all_text, attribute, children, is_on, local, parse
from verify.reasons import Reason, Rejection
from verify.scanned import read

PACKAGE_NAMESPACE = "urn:chenghe:field-package:1"
PACKAGE_ROOT = f"{{{PACKAGE_NAMESPACE}}}fieldPackage"
ELEMENTS_MAX = 250_000
"""A report of 45 rows has some 4,000; one with the most records 200,000, read in two seconds."""
PICTURES_MAX = 4
RELATIONSHIPS_MAX = 1000
PLACE_OF_STRUCTURE = "文件结构"
_HARMLESS_NAMES = """
    officeDocument styles stylesWithEffects settings webSettings fontTable theme numbering customXml customXmlProps
    header footer footnotes endnotes comments commentsExtended commentsIds commentsExtensible people image thumbnail
    core-properties extended-properties custom-properties extendedProperties customProperties printerSettings
    classificationlabels"""
_HARMLESS = frozenset(_HARMLESS_NAMES.split())
_TYPES = {
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": _HARMLESS,
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata": frozenset(
        {"core-properties", "thumbnail"}
    ),
    "http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata": frozenset({"core-properties"}),
}
"""Families of relationships, and what is harmless of each; the last is how LibreOffice once spelled it."""
_MICROSOFT = re.compile(r"http://schemas\.microsoft\.com/office/[0-9]{4}(/[0-9]{2})?/relationships")
_OF_MICROSOFT = frozenset(
    ["stylesWithEffects", "commentsExtended", "commentsIds", "commentsExtensible", "people", "classificationlabels"]
)
_FORMERLY = f"{W}sectPrChange"
_SINGLE = _HARMLESS - {"customXml", "customXmlProps", "header", "footer", "image", "thumbnail", "printerSettings"}
_HEADER_KINDS = (("first", "首页"), ("default", ""), ("even", "偶数页"))
_NOTES = (("footnotes", "脚注"), ("endnotes", "尾注"), ("comments", "批注"))


@dataclass(frozen=True, slots=True)
class DocxInHand:
    """``qr_texts``: what the QR codes shown in the document say."""

    qr_texts: tuple[str, ...]
    document: DocumentInHand


@dataclass(frozen=True, slots=True)
class Relationship:
    kind: str
    target: str
    external: bool


def package_xml(package: FieldPackage) -> bytes:
    """The custom XML part that carries ``package``."""
    return package_part(package.to_bytes())


def package_part(package_bytes: bytes) -> bytes:
    """The same for a package that was encoded before."""
    text = b64encode(package_bytes).decode()
    part = f'<fieldPackage xmlns="{PACKAGE_NAMESPACE}">{text}</fieldPackage>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{part}'.encode()


def read_docx(parts: Mapping[str, bytes]) -> DocxInHand:
    """``parts``: the members of the zip. Raises Rejection, and nothing else."""
    return _Docx(parts).read()


def package_in(roots: Sequence[Element]) -> tuple[FieldPackage | None, bool]:
    """The package of the only one of ``roots``, and whether something damaged stands in its place."""
    if not roots:
        return None, False
    if len(roots) > 1 or len(roots[0]) or roots[0].tag != PACKAGE_ROOT:
        return None, True
    try:
        return FieldPackage.from_bytes(b64decode("".join((roots[0].text or "").split()), validate=True)), False
    except (Rejection, binascii.Error, ValueError):
        return None, True


def is_docx(parts: Mapping[str, bytes]) -> bool:
    return "[Content_Types].xml" in parts and "_rels/.rels" in parts


class _Docx:
    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = parts
        self._roots: dict[str, Element] = {}
        self._known_relationships: dict[str, dict[str, Relationship]] = {}
        self._main = self._main_part()
        self._paper_twips = paper(self._root(self._main))
        self._settings = self._related_root(self._main, "settings")
        self._theme = self._related_root(self._main, "theme")
        self._styles = Styles(self._related_root(self._main, "styles"), Theme(self._theme, self._settings))
        self._texts: dict[str, None] = {}
        self._codes = 0
        self._pictures: dict[str, Picture | None] = {}
        self._elements = 0

    def read(self) -> DocxInHand:
        main = self._root(self._main)
        lines = [
            *self._margins(main, "header", "页眉"),
            *self._story(self._main, self._body(main), "正文"),
            *self._margins(main, "footer", "页脚"),
            *self._notes(),
            *self._structure(),
        ]
        package, damaged = self._package()
        return DocxInHand(tuple(self._texts), DocumentInHand(package, tuple(lines), damaged))

    # Parts and relationships

    def _main_part(self) -> str:
        for found in self._relationships("").values():
            if found.kind == "officeDocument" and not found.external:
                return found.target
        raise Rejection(Reason.UNSUPPORTED_FILE)

    def _root(self, part: str) -> Element:
        if part not in self._parts:
            raise Rejection(Reason.DAMAGED_FILE, part)
        if part not in self._roots:
            self._roots[part] = parse(self._parts[part])
        return self._roots[part]

    def _relationships(self, part: str) -> dict[str, Relationship]:
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        return self._read_relationships(path, folder) if path in self._parts else {}

    def _read_relationships(self, path: str, folder: str) -> dict[str, Relationship]:
        if path not in self._known_relationships:
            self._known_relationships[path] = _relationships_in(self._parts[path], folder)
        return self._known_relationships[path]

    def _related(self, part: str, kind: str) -> Iterator[str]:
        return (each.target for each in self._relationships(part).values() if each.kind == kind and not each.external)

    def _related_root(self, part: str, kind: str) -> Element | None:
        target = next(self._related(part, kind), None)
        return None if target is None else self._root(target)

    # Stories

    def _body(self, main: Element) -> Element:
        body = main.find(f"{W}body")
        if body is None:
            raise Rejection(Reason.DAMAGED_FILE)
        return body

    def _story(self, part: str, story: Element, place: str) -> list[VisibleLine]:
        self._elements += sum(1 for _ in story.iter())
        if self._elements > ELEMENTS_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        related = self._relationships(part)
        reader = StoryReader(
            self._styles,
            lambda found: self._picture(related.get(found.picture or ""), found.plain),
            self._paper_twips,
        )
        return reader.lines(story, place)

    def _margins(self, main: Element, kind: str, name: str) -> Iterator[VisibleLine]:
        """Headers or footers that are shown, each part once."""
        related = self._relationships(self._main)
        done: set[str] = set()
        for section in main.iter(f"{W}sectPr"):
            for which, words in self._shown_kinds(section):
                identity = _reference(section, f"{W}{kind}Reference", which)
                found = related.get(identity)
                if found is not None and found.kind == kind and found.target not in done:
                    done.add(found.target)
                    yield from self._story(found.target, self._root(found.target), words + name)

    def _shown_kinds(self, section: Element) -> list[tuple[str, str]]:
        even = self._even_pages_differ()
        shown = {"first": is_on(section.find(f"{W}titlePg")), "default": True, "even": even}
        return [(kind, words) for kind, words in _HEADER_KINDS if shown[kind]]

    def _even_pages_differ(self) -> bool:
        return self._settings is not None and is_on(self._settings.find(f"{W}evenAndOddHeaders"))

    def _notes(self) -> Iterator[VisibleLine]:
        for kind, name in _NOTES:
            for part in self._related(self._main, kind):
                for number, note in enumerate(children(self._root(part)), start=1):
                    yield from self._story(part, note, f"{name}{number}／")

    # What is not text

    def _picture(self, found: Relationship | None, plainly_shown: bool) -> str | None:
        """None for the one verification code that a report shows, and for nothing else."""
        if found is None or found.external:
            return "‹图片 来自文件之外›"
        name = posixpath.basename(found.target)
        picture = self._read_picture(found.target)
        if picture is None:
            return f"‹图片 {name}›"
        self._texts.update(dict.fromkeys(picture.texts))
        if plainly_shown and picture.plain and len(picture.texts) == 1 and _is_verification_code(picture.texts[0]):
            self._codes += 1
            if self._codes == 1:
                return None
        return f"‹图片 {name}›"

    def _read_picture(self, part: str) -> Picture | None:
        """Each part is read once, and only so many: a report has one picture."""
        if part not in self._pictures:
            content = self._parts.get(part, b"")
            readable = is_picture(content) and len(self._pictures) < PICTURES_MAX
            self._pictures[part] = read_picture(content) if readable else None
        return self._pictures[part]

    def _structure(self) -> Iterator[VisibleLine]:
        """Embedded objects, templates, macros, fonts, anything from outside: by the relationships of every part.

        And what programs would read differently: one part of a kind given twice, two styles of one name.
        """
        if self._styles.ambiguous:
            yield VisibleLine(PLACE_OF_STRUCTURE, "‹样式表有歧义›")
        for name in exchanged(self._related_root(self._main, "fontTable"), self._theme):
            yield VisibleLine(PLACE_OF_STRUCTURE, f"‹换成符号字体 {name}›")
        yield from self._pages()
        for part in ("", self._main):
            kinds = [each.kind for each in self._relationships(part).values()]
            for kind in sorted({kind for kind in kinds if kind in _SINGLE and kinds.count(kind) > 1}):
                yield VisibleLine(PLACE_OF_STRUCTURE, f"‹部件重复 {kind}›")
        for path in sorted(self._parts):
            if path.endswith(".rels"):
                folder = posixpath.dirname(posixpath.dirname(path))
                for each in self._read_relationships(path, folder).values():
                    if each.external:
                        yield VisibleLine(PLACE_OF_STRUCTURE, f"‹外部引用 {each.kind}›{each.target}")
                    elif each.kind not in _HARMLESS:
                        yield VisibleLine(PLACE_OF_STRUCTURE, f"‹嵌入内容 {each.kind}›{each.target}")

    def _pages(self) -> Iterator[VisibleLine]:
        """What stands beside the body, and how pages are set up: a report is one section, with one set of margins."""
        main = self._root(self._main)
        if self._even_pages_differ():
            yield VisibleLine(PLACE_OF_STRUCTURE, "‹页面设置异常 evenAndOddHeaders›")
        for child in children(main):
            if child is not main.find(f"{W}body"):
                yield VisibleLine(PLACE_OF_STRUCTURE, f"‹未知内容 {local(child)}›{all_text(child)}")
        sections = [each for each in main.iter(f"{W}sectPr") if next(each.iterancestors(_FORMERLY), None) is None]
        if len(sections) > 1:
            yield VisibleLine(PLACE_OF_STRUCTURE, "‹页面设置异常 sectPr›")
        for section in main.iter(f"{W}sectPr"):
            references = [(each.tag, attribute(each, "type")) for each in children(section) if each.get(f"{R}id")]
            names = [
                *strange(section, SECTION),
                *(["headerReference"] if len(set(references)) != len(references) else []),
            ]
            if names:
                yield VisibleLine(PLACE_OF_STRUCTURE, f"‹页面设置异常 {' '.join(names)}›")

    def _package(self) -> tuple[FieldPackage | None, bool]:
        """The package, and whether something damaged stands in its place."""
        return package_in([root for root in self._custom_parts() if root.tag == PACKAGE_ROOT])

    def _custom_parts(self) -> Iterator[Element]:
        for path, content in self._parts.items():
            if path.lower().startswith("customxml/item") and "props" not in path.lower() and path.endswith(".xml"):
                yield parse(content)


def _relationships_in(content: bytes, folder: str) -> dict[str, Relationship]:
    root = parse(content)
    if len(root) > RELATIONSHIPS_MAX:
        raise Rejection(Reason.DANGEROUS_FILE, "关系过多")
    found: dict[str, Relationship] = {}
    for each in children(root):
        target, external = each.get("Target") or "", each.get("TargetMode") == "External"
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        if each.get("Id") in found:
            raise Rejection(Reason.DANGEROUS_FILE, "重复的关系编号")
        found[each.get("Id") or ""] = Relationship(_kind(each.get("Type") or ""), target, external)
    return found


def _kind(address: str) -> str:
    """The short name of a type of relationship; the whole of one that programs would not know by that name."""
    family, _, name = address.rpartition("/")
    known = _OF_MICROSOFT if _MICROSOFT.fullmatch(family) else _TYPES.get(family, frozenset())
    return name if name in known else address


def _reference(section: Element, tag: str, which: str) -> str:
    for reference in section.findall(tag):
        if (attribute(reference, "type") or "default") == which:
            return reference.get(f"{R}id") or ""
    return ""


def _is_verification_code(text: str) -> bool:
    try:
        read(text)
    except Rejection:
        return False
    return True
