"""The tree of a policy text, as passages: one per leaf or table row, each with its full heading path.

Rules (design §7):
* the passages' spans, in order, are the whole source; a newline belongs to the passage before it;
* every heading path begins with the document's title; headings are as printed, without the final mark;
* ``（一）指导思想。以…`` on one line: a heading and its body; ``第十四条 …``: one passage, the article is in its path;
* a numbered line is a heading if it is short, gives no order, and something follows below it; else it is an item;
* attachments keep their label and title in the path, group rows of a table theirs;
* 一、 right above an article stands above articles, as chapters do (judicial interpretations); else below them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.policies import tables
from index.policies.markers import Marker, Sequence, Style, marker
from index.policies.model import Passage, PassageKind
from index.policies.split import TextPart
from index.policies.titles import ATTACHMENT_LABEL, BODY_LINE, DATE_LINE

_STEP = 10
_ATTACHMENT = -1
_PART = Style.PART * _STEP
_PLAIN = Style.CHAPTER * _STEP
_ABOVE_ARTICLES = Style.SECTION * _STEP
_GROUP = 200
_UNNUMBERED = re.compile(r"总则|分则|附则|[\u4e00-\u9fff]{2,8}编")
_ATTACHMENT_LIST = re.compile(r"^附(?:件|表|录)\s*\d*\s*[：:]\S")
_IN_FORCE_LINE = re.compile(
    r"^本(?:方案|办法|意见|通知|规定|细则|规则|条例|措施|制度|计划|规程|指引|实施\S{2})自.{1,40}(?:施行|实施|执行)"
)
_SENTENCE_MARK = re.compile(r"[。；：！？]")
_FINAL_MARK = "。；：:."
_ORDER = re.compile(r"应当|可以|不得|必须|是指|有权|有下列|按照|依据|根据")
_REFERENCE = re.compile(r"第[一二三四五六七八九十百\d]+[章节条](?:规定|所|第|中|的|之|、|和|及|至|或)")
"""A line that refers to an article: the line above it is a broken sentence, no heading."""
_RUN_IN = re.compile(r"[^。；：！？]{2,36}。(?=.)")
_LONGEST_HEADING = 40
_STYLE_RANKS = {1: Style.CHAPTER, 2: Style.CHINESE, 3: Style.CHINESE_BRACKETED, 4: Style.NUMBER}


def passages(document_id: str, part: TextPart, headings: dict[str, int] | None = None) -> tuple[Passage, ...]:
    """The passages of one document. ``headings``: lines the file itself styles as headings, with their level."""
    walk = _Walk(document_id, part, headings or {})
    return tuple(walk.passages())


@dataclass(slots=True)
class _Walk:
    """One pass over the lines; ``path`` holds (rank, label) of the open headings."""

    document_id: str
    part: TextPart
    styled: dict[str, int]
    path: list[tuple[int, str]] = field(default_factory=list)
    header: tuple[str, ...] = ()
    in_table: bool = False
    items: set[Style] = field(default_factory=set)
    number: int = 0

    def passages(self) -> Iterator[Passage]:
        lines = self.part.source.split("\n")[:-1]
        rows = tables.row_lines(lines)
        sequence = Sequence(lines)
        has_markers = any(map(marker, lines))
        start = 0
        for at, line in enumerate(lines):
            end = start + len(line) + 1
            if self.part.title_start <= start < self.part.title_end:
                if start == self.part.title_start:
                    yield self._passage(PassageKind.TITLE, start, self.part.title_end)
            elif rows[at]:
                yield self._row(line, start, end)
            else:
                yield from self._text(_Line(lines, rows, at, has_markers), sequence, start, end)
            start = end

    def _row(self, line: str, start: int, end: int) -> Passage:
        names = tables.cells(line)
        if names == self.header or (not self.in_table and tables.is_header(line)):
            self.header, self.in_table = names, True
            return self._passage(PassageKind.TABLE_HEADER, start, end)
        self.in_table = True
        row = tables.row(line, self.header)
        spans = tuple((start + left, start + right) for left, right in row.spans)
        return self._passage(PassageKind.TABLE_ROW, start, end, row.columns, spans)

    def _text(self, line: "_Line", sequence: Sequence, start: int, end: int) -> Iterator[Passage]:
        if self._names_attachment(line):
            label = self.path[-1][1]
            yield self._open(_ATTACHMENT, f"{label} {line.text}", start, end)
        elif line.above_row and self._is_group(line):
            self.in_table = self.in_table and line.below_row
            yield self._open(_GROUP, line.text, start, end)
        else:
            self._close_table()
            yield from self._prose(line, sequence, start, end)

    def _names_attachment(self, line: "_Line") -> bool:
        labelled = bool(self.path) and self.path[-1][0] == _ATTACHMENT and line.previous_is_label
        return labelled and marker(line.text) is None and not _SENTENCE_MARK.search(line.text)

    def _is_group(self, line: "_Line") -> bool:
        return tables.is_group(line.text) and marker(line.text) is None and line.text not in self.styled

    def _close_table(self) -> None:
        self.header, self.in_table = (), False
        while self.path and self.path[-1][0] == _GROUP:
            self.path.pop()

    def _prose(self, line: "_Line", sequence: Sequence, start: int, end: int) -> Iterator[Passage]:
        if ATTACHMENT_LABEL.match(line.text):
            sequence.restart()
            yield self._open(_ATTACHMENT, line.text.rstrip("：: "), start, end)
            return
        found = sequence.accept(line.text, line.stands_above_articles)
        if found is not None:
            yield from self._numbered(line, found, start, end)
        elif line.text in self.styled and self.styled[line.text] in _STYLE_RANKS:
            yield self._open(_STYLE_RANKS[self.styled[line.text]] * _STEP, _label(line.text), start, end)
        elif line.is_unnumbered_part:
            sequence.open_part()
            yield self._open(_PART if line.holds_chapters else self._highest(), line.text, start, end)
        elif line.is_plain_heading:
            yield self._open(_PLAIN, _label(line.text), start, end)
        else:
            if line.closes_the_text:
                self._pop(_ATTACHMENT + 1)
            yield self._passage(PassageKind.PARAGRAPH, start, end)

    def _highest(self) -> int:
        """The rank of the highest open heading: 附则 without a number stands beside the last part or chapter."""
        return next((rank for rank, _ in self.path if rank > _ATTACHMENT), _PLAIN)

    def _numbered(self, line: "_Line", found: Marker, start: int, end: int) -> Iterator[Passage]:
        above = found.style > Style.ARTICLE and line.stands_above_articles
        rank = _ABOVE_ARTICLES + found.style if above else found.style * _STEP
        rest = line.text[found.end :]
        run_in = _run_in(found, rest)
        if found.style < Style.ARTICLE or above or self._is_heading(line, found, rest):
            self.items.discard(found.style)
            yield self._open(rank, _label(line.text), start, end)
        elif found.style is Style.ARTICLE:
            self._pop(rank)
            self.path.append((rank, found.label))
            yield self._passage(PassageKind.PARAGRAPH, start, end)
        elif run_in:
            middle = start + found.end + run_in
            yield self._open(rank, _label(line.text[: found.end + run_in]), start, middle)
            yield self._passage(PassageKind.PARAGRAPH, middle, end)
        else:
            self.items.add(found.style)
            self._pop(rank)
            yield self._passage(PassageKind.PARAGRAPH, start, end)

    def _is_heading(self, line: "_Line", found: Marker, rest: str) -> bool:
        """Short, no order, no list of sentences – and a body below it that is not its own next sibling."""
        sentence = rest if found.style is Style.ARTICLE else rest.removesuffix("。")
        if not rest or len(rest) > _LONGEST_HEADING or _SENTENCE_MARK.search(sentence) or _ORDER.search(rest):
            return line.text in self.styled
        if found.number > 1 and found.style in self.items:
            return False
        below = line.next
        if below is None or ATTACHMENT_LABEL.match(below) or _REFERENCE.match(below):
            return False
        following = marker(below)
        return following is None or following.style > found.style

    def _open(self, rank: int, label: str, start: int, end: int) -> Passage:
        """A heading: closes what it stands above, and is itself the last of its path."""
        self._pop(rank)
        self.path.append((rank, label))
        return self._passage(PassageKind.HEADING, start, end)

    def _pop(self, rank: int) -> None:
        while self.path and self.path[-1][0] >= rank:
            self.items = {style for style in self.items if style * _STEP <= rank}
            self.path.pop()

    def _passage(
        self,
        kind: PassageKind,
        start: int,
        end: int,
        columns: tuple[tuple[str, str], ...] = (),
        spans: tuple[tuple[int, int], ...] = (),
    ) -> Passage:
        self.number += 1
        heading = (self.part.title, *(label for _, label in self.path))
        return Passage(self.document_id, self.number - 1, kind, heading, start, end, columns, spans)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is no table row, with its neighbours."""

    lines: list[str]
    rows: list[bool]
    at: int
    document_has_markers: bool

    @property
    def text(self) -> str:
        return self.lines[self.at]

    @property
    def next(self) -> str | None:
        return self.lines[self.at + 1] if self.at + 1 < len(self.lines) else None

    @property
    def below(self) -> Marker | None:
        """The marker of the next line, by its looks."""
        return marker(self.next) if self.next is not None else None

    @property
    def is_unnumbered_part(self) -> bool:
        """附则, 人格权编 above a chapter or article."""
        above = self.below is not None and self.below.style <= Style.ARTICLE
        return above and _UNNUMBERED.fullmatch(self.text) is not None

    @property
    def holds_chapters(self) -> bool:
        return self.below is not None and self.below.style < Style.ARTICLE

    @property
    def stands_above_articles(self) -> bool:
        """一、一般规定 right above 第一条, with at most one deeper heading between."""
        short = len(self.text) <= _LONGEST_HEADING and not _SENTENCE_MARK.search(self.text)
        below = self.below
        if not short or below is None:
            return False
        if below.style > Style.ARTICLE and self.at + 2 < len(self.lines) and not _SENTENCE_MARK.search(self.next or ""):
            below = marker(self.lines[self.at + 2])
        return below is not None and below.style is Style.ARTICLE

    @property
    def above_row(self) -> bool:
        return self.at + 1 < len(self.rows) and self.rows[self.at + 1]

    @property
    def below_row(self) -> bool:
        return self.at > 0 and self.rows[self.at - 1]

    @property
    def previous_is_label(self) -> bool:
        return self.at > 0 and ATTACHMENT_LABEL.match(self.lines[self.at - 1]) is not None

    @property
    def closes_the_text(self) -> bool:
        """In force from, list of attachments, signature, date: under the title, not under the last heading."""
        closing = _ATTACHMENT_LIST.match(self.text) or _IN_FORCE_LINE.match(self.text) or DATE_LINE.match(self.text)
        return closing is not None or (BODY_LINE.match(self.text) is not None and self._beside_date)

    @property
    def _beside_date(self) -> bool:
        neighbours = self.lines[max(0, self.at - 1) : self.at + 2]
        return any(DATE_LINE.match(other) for other in neighbours)

    @property
    def is_plain_heading(self) -> bool:
        """In a text without numbering (a news report): a short line without a full stop above a paragraph."""
        below = self.next
        short = len(self.text) <= _LONGEST_HEADING and not re.search(r"[。；：！？|\d]", self.text)
        return not self.document_has_markers and short and below is not None and below.endswith(("。", "”", "："))


def _run_in(found: Marker, rest: str) -> int:
    """Length of the heading at the beginning of ``rest`` (``指导思想。以…``); 0 if its first sentence is no heading."""
    if found.style is Style.ARTICLE:
        return 0
    match = _RUN_IN.match(rest)
    if match is None or _ORDER.search(match[0]) or ("，" in match[0] and found.style is not Style.DASH):
        return 0
    return match.end()


def _label(text: str) -> str:
    return text.rstrip(_FINAL_MARK)
