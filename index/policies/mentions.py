"""What a text says about other texts: repeals, replaces, amends, rests on, carries out – with the words that say it.

Rules:
* a text is named by 《title》（number）, or by its number alone; a clause that only refers (根据《甲》) names
  nothing that is repealed;
* a list after 下列文件同时废止： and a table under a heading that says 废止 name one text a line;
* partly is not wholly: 《甲》第三条同时废止, 除第三条外, 与本办法不一致的 … are kept apart;
* spans are offsets into the source: of the name, and of the sentence that is the evidence.
Source: 立法技术规范（试行）(一) 25, 28; usage of administrative documents.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from index.policies.markers import Style, marker
from index.policies.model import Passage, PassageKind
from index.policies.titles import DOCUMENT_NUMBER

Span = tuple[int, int]


class Relation(StrEnum):
    """What a text does to one that it names."""

    REPEALS = "repeals"
    SUPERSEDES = "supersedes"
    AMENDS = "amends"
    IMPLEMENTS = "implements"
    BASED_ON = "based_on"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Relation.REPEALS: "废止",
    Relation.SUPERSEDES: "替代",
    Relation.AMENDS: "修改",
    Relation.IMPLEMENTS: "贯彻落实",
    Relation.BASED_ON: "依据",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A named text. ``title`` is empty where only a number is given; ``partial``: not the whole of it is meant."""

    relation: Relation
    title: str
    number: str | None
    span: Span
    clause: Span
    partial: bool = False


NAMED = re.compile(r"《((?:[^《》\n]|《[^《》\n]*》)+)》(?:（([^（）\n]*[〔\[（]?\d{4}[^（）\n]*号)[^（）\n]*）)?")
_NUMBER_ALONE = re.compile(rf"原?({DOCUMENT_NUMBER.pattern})(?:文件?)?")
_SENTENCE = re.compile(r"[^。\n]+[。\n]?")
_ENDED = re.compile(
    r"(?<!已)(?<!已经)(?<!被)(?:(?:同时|即行|自行|予以|相应|一并|随之|即|均|全部|起|》|）|号|文件?)(?:废止|停止(?:执行|施行))"
    r"|(?:同时|即行|自行|一并|相应|随之)(?:失效|不再执行))(?=[。；，：\n]|$)"
)
_ENDS = re.compile(r"(?:^|[。；，、]|决定|予以|同时|现将?)废止(?=(?:以下|下列)?[^。；，《]{0,16}《)", re.MULTILINE)
_LIST_LEAD = re.compile(r"(?:废止|失效).{0,30}[：:]$|(?:下列|以下).{0,40}(?:废止|失效)[：:]?$")
_LISTED = re.compile(r"^(?:《|[（(]?[一二三四五六七八九十\d]+[）)、.．])")
_REFERS = re.compile(r"^(?:根据|依据|按照|依照|鉴于|违反|除|经|为)|^[^《]{0,12}(?:根据|依据|按照|依照|违反)《")
_PART_AFTER = re.compile(
    r"^(?:中)?(?:[^，。；《]{0,12})?(?:第[一二三四五六七八九十百\d]+[编章节条款项]|有关(?:规定|内容|条款)|部分)"
)
_PART = re.compile(r"除[^，。；]{1,60}外|不一致|相抵触|相关内容|有关内容")
_AROUND_NAMES = re.compile(
    r"(?:原|和|及|以及|与|、|等|两个|\d{4}年|\d{1,2}月|\d{1,2}日|文件|[^，。；]{0,20}(?:发布|印发|公布|制定|施行|通过|批准|实施)的)*"
)
_REPLACES = re.compile(r"(?:替代|取代|代替)原?(?=《)")
_REPLACED = re.compile(r"由本[^，。；]{1,8}(?:替代|取代|代替)|修订后?[，]?(?:现)?(?:重新)?(?:公布|发布|印发)")
_AMENDED = re.compile(r"(?:作|做)(?:如下|以下|出如下)?修改|修改(?:《|如下)|予以修改|进行(?:了)?修改")
_AMENDING_TITLE = re.compile(r"关于修改(?:《|〈)(.+?)(?:》|〉)(?:等[^的]{0,12})?的决定")
_LEADS = re.compile("根据|依据|按照|遵照|依照|贯彻|落实")
_BASIS = re.compile(
    r"(?:根据|依据|按照|遵照|贯彻落实|为贯彻|落实|依照)([^。\n]{1,600}?)(?:制定|提出|结合|现就|现将|要求|精神|，加强|。|$)"
)
_GIVES_REASONS = re.compile(r"(?:第一条 ?(?:（[^）]{1,12}）|【[^】]{1,12}】)? ?)?(?:为|根据|依据|按照|遵照)")
_OPENING_LINES = 5
_ENDING_LIST = re.compile(r"(?:废止|失效)[^，。]{0,16}(?:目录|清单|文件|表)")
_NAME_COLUMNS = ("文件名称", "文件标题", "名称", "标题", "文件名", "规范性文件名称", "政策文件名称")
_NUMBER_COLUMNS = ("文号", "发文字号", "文件编号", "发文文号", "文件文号")
_MOST_LISTED = 2_000


def ended_in(source: str) -> Iterator[Mention]:
    """The texts this one repeals or replaces, in order."""
    if "废止" not in source and not re.search(r"失效|停止[执施]行|不再执行|[替取代]代|修订", source):
        return
    for sentence in _SENTENCE.finditer(source):
        text = sentence[0]
        if "废止" in text or "失效" in text or "执行" in text or "施行" in text:
            yield from _repealed(text, sentence.start())
        if "代" in text or "修订" in text:
            yield from _replaced(text, sentence.start())
    yield from _listed(source)


def _repealed(text: str, start: int) -> Iterator[Mention]:
    ended = list(_ENDED.finditer(text))
    before = text[: ended[-1].end()] if ended else ""
    clause = start, start + len(text.rstrip("\n"))
    for left, right in _ended_clauses(before):
        yield from _names(Relation.REPEALS, text, (left, right), start, clause)
    for match in _ENDS.finditer(text):
        if not ended or match.start() > ended[-1].end():
            yield from _names(Relation.REPEALS, text, (match.end(), len(text)), start, clause)


def _ended_clauses(text: str) -> list[Span]:
    """The clause before 同时废止 that names texts, and those right before it that only go on naming."""
    found: list[Span] = []
    for left, right in reversed(list(_clauses(text))):
        clause = text[left:right]
        named = NAMED.search(clause) is not None or _NUMBER_ALONE.search(clause) is not None
        if _REFERS.match(clause) or (found and not (named and _only_names(clause))):
            break
        if named:
            found.insert(0, (left, right))
    return found


def _only_names(clause: str) -> bool:
    return _AROUND_NAMES.fullmatch(_NUMBER_ALONE.sub("", NAMED.sub("", clause))) is not None


def _replaced(text: str, start: int) -> Iterator[Mention]:
    clause = start, start + len(text.rstrip("\n"))
    for match in _REPLACES.finditer(text):
        end = re.compile(r"[，。；]|$").search(text, match.end())
        yield from _names(Relation.SUPERSEDES, text, (match.end(), end.start() if end else len(text)), start, clause)
    for match in _REPLACED.finditer(text):
        names = list(NAMED.finditer(text, 0, match.start()))
        if names and "，" not in text[names[-1].end() : match.start()].rstrip("，"):
            yield _mention(Relation.SUPERSEDES, text, names[-1], start, clause)


def _listed(source: str) -> Iterator[Mention]:
    """One name a line after a line that announces what is repealed."""
    announced: Span | None = None
    start, count = 0, 0
    for line in source.split("\n"):
        if announced and _LISTED.match(line) and count < _MOST_LISTED and not _ENDED.search(line):
            for mention in _names(Relation.REPEALS, line, (0, len(line)), start, announced):
                count += 1
                yield mention
        elif _LIST_LEAD.search(line):
            announced, count = (start, start + len(line)), 0
        else:
            announced = None
        start += len(line) + 1


def ended_rows(passages: tuple[Passage, ...]) -> Iterator[Mention]:
    """The texts that a table under 废止…目录 names, one a row: its column of names, and of numbers if there is one."""
    for row in passages:
        if row.kind is not PassageKind.TABLE_ROW or not any(_ENDING_LIST.search(one) for one in row.heading):
            continue
        cells = {name: (text, span) for (name, text), span in zip(row.columns, row.spans, strict=True)}
        title = next((cells[name] for name in _NAME_COLUMNS if name in cells), None)
        number = next((cells[name][0] for name in _NUMBER_COLUMNS if name in cells), "")
        if title is not None and title[0]:
            found = DOCUMENT_NUMBER.search(number) or DOCUMENT_NUMBER.search(title[0])
            name = title[0].replace(f"（{found[0]}）", "") if found else title[0]
            clause = row.spans[0][0], row.spans[-1][1]
            yield Mention(Relation.REPEALS, name.strip("《》"), found[0] if found else None, title[1], clause)


def _clauses(text: str) -> Iterator[Span]:
    """Between commas and semicolons that stand in no bracket."""
    depth = left = 0
    for at, char in enumerate(text):
        depth = max(0, depth + (char in "《（") - (char in "》）"))
        if char in "，；" and not depth:
            yield left, at
            left = at + 1
    if left < len(text):
        yield left, len(text)


def _names(relation: Relation, text: str, span: Span, start: int, clause: Span) -> Iterator[Mention]:
    done = span[0]
    for match in NAMED.finditer(text, *span):
        yield from _numbers(relation, text, (done, match.start()), start, clause)
        yield _mention(relation, text, match, start, clause)
        done = match.end()
    yield from _numbers(relation, text, (done, span[1]), start, clause)


def _numbers(relation: Relation, text: str, span: Span, start: int, clause: Span) -> Iterator[Mention]:
    for match in _NUMBER_ALONE.finditer(text, *span):
        yield Mention(relation, "", match[1], (start + match.start(1), start + match.end(1)), clause)


def _mention(relation: Relation, text: str, match: re.Match[str], start: int, clause: Span) -> Mention:
    number = DOCUMENT_NUMBER.search(match[2]) if match[2] else None
    after = text[match.end() : match.end() + 30]
    own = next(text[left:right] for left, right in _clauses(text) if left <= match.start() < right)
    partial = _PART_AFTER.match(after) is not None or _PART.search(own) is not None
    span = start + match.start(), start + match.end()
    return Mention(relation, match[1], number[0] if number else None, span, clause, partial)


def amended_in(title: str, source: str) -> Iterator[Mention]:
    """The text a decision of amendment amends: named in its title, or where it says so."""
    in_title = _AMENDING_TITLE.search(title)
    if "修改" not in source:
        return
    for sentence in _SENTENCE.finditer(source):
        if "修改" not in sentence[0] or (in_title is None and not _AMENDED.search(sentence[0])):
            continue
        clause = sentence.start(), sentence.start() + len(sentence[0].rstrip("\n"))
        named = [one for one in NAMED.finditer(sentence[0]) if in_title is None or one[1] == in_title[1]]
        for match in named:
            yield _mention(Relation.AMENDS, sentence[0], match, sentence.start(), clause)
        if named and in_title is not None:
            return
        if in_title is not None and in_title[1] in sentence[0]:
            at = source.index(in_title[1], sentence.start())
            yield Mention(Relation.AMENDS, in_title[1], None, (at, at + len(in_title[1])), clause)
            return


def rests_on(source: str, body_start: int) -> Iterator[Mention]:
    """Names after 根据, 为贯彻落实 … in the opening: the first paragraphs, or the first article."""
    for start, line in _opening(source, body_start):
        found = [
            _basis(line, match, name, start)
            for match in _BASIS.finditer(line)
            for name in NAMED.finditer(line, match.start(1), match.end(1))
        ]
        if found:
            yield from found
            return


def _basis(line: str, match: re.Match[str], name: re.Match[str], start: int) -> Mention:
    leads = _LEADS.findall(line, 0, name.start())
    relation = Relation.IMPLEMENTS if leads and leads[-1] in ("贯彻", "落实") else Relation.BASED_ON
    number = DOCUMENT_NUMBER.search(name[2]) if name[2] else None
    clause = start + match.start(), start + match.end()
    return Mention(relation, name[1], number[0] if number else None, (start + name.start(), start + name.end()), clause)


def _opening(source: str, start: int) -> Iterator[tuple[int, str]]:
    for line in source[start:].split("\n")[:_OPENING_LINES]:
        found = marker(line)
        if found is not None and found.style > Style.ARTICLE:
            return
        if _GIVES_REASONS.match(line):
            yield start, line
        start += len(line) + 1
