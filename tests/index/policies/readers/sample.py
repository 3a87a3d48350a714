"""One fictional policy in every format: the same sentences must come out of each. All of it is invented."""

import io
import quopri
import zipfile

from tests.index.policies.readers.word_files import (
    cell,
    footnote,
    level,
    note_mark,
    numbering,
    paragraph,
    row,
    run,
    table,
    word_file,
)

TITLE = "云岭市茶园信用管理办法（试行）"
NUMBER = "云政规〔2031〕12号"
_LONG = (
    "茶园信用信息由云岭市茶业局统一归集，按照谁产生、谁提供、谁负责的原则，由各单位在信息产生之日起七个工作日内报送，"
    "报送的信息应当真实、准确、完整；发现错误的，应当在三个工作日内更正，并将更正情况书面告知茶园经营者和云岭市茶业局。"
)
_CHAPTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "总则",
        (
            "为加强茶园信用管理，促进茶业健康发展，根据《云岭市社会信用条例》，结合本市实际，制定本办法。",
            "本办法所称茶园经营者，是指在本市行政区域内从事茶树种植、茶叶采摘的单位和个人。",
            _LONG,
        ),
    ),
    (
        "信用评价",
        (
            "茶园信用评价每年进行一次，评价结果分为优、良、中、差四个等级，评价标准由云岭市茶业局另行公布。",
            "评价结果为优的茶园经营者，在申请贷款贴息、项目扶持时，同等条件下优先安排，但不得以评价结果代替法定条件。",
            _LONG.replace("茶园信用信息", "信用评价信息"),
            "评价结果应当自作出之日起5个工作日内公示，公示期不少于10日；有异议的，可以在公示期内书面提出，"
            "云岭市茶业局应当自收到异议之日起15日内答复，答复应当说明理由和依据。",
        ),
    ),
)
_ITEMS = ("伪造采摘记录的；", "使用禁用农药的；", "拒不配合检查的。")
_LEAD = "茶园经营者有下列情形之一的，评价结果直接定为差："
_NOTED = ("本办法所称禁用农药", "，以国家公布的名录为准。")
NOTE = "名录以检查当日有效的版本为准。"
_LAST = ("信用修复按照下表办理。", "本办法自2031年5月1日起施行，有效期至2033年4月30日。")
HEAD = ("序号", "事项", "责任单位", "时限")
ROWS = (
    ("1", "受理申请", "云岭市茶业局", "2个工作日"),
    ("2", "现场核查", "云岭市茶业局", "5个工作日"),
    ("3", "公布结果", "云岭市信用办", "3个工作日"),
)
_CHINESE = "一二三四五六七八九十"


def _number(number: int) -> str:
    return _CHINESE[number - 1] if number <= 10 else f"十{_CHINESE[number - 11]}"


def _plan() -> list[tuple[str, str]]:
    """(kind, words) without numbers; kinds: title, number, chapter, article, item, noted, table, sign."""
    parts = [("title", TITLE), ("number", NUMBER)]
    for chapter, articles in _CHAPTERS:
        parts += [("chapter", chapter), *(("article", words) for words in articles)]
    parts += [("chapter", "附则"), ("article", _LEAD), *(("item", words) for words in _ITEMS)]
    parts += [("noted", "".join(_NOTED)), ("article", _LAST[0]), ("table", ""), ("article", _LAST[1])]
    return [*parts, ("sign", "云岭市人民政府"), ("sign", "2031年4月2日")]


def _numbered_plan() -> list[tuple[str, str]]:
    """The same with its numbers typed."""
    counts = dict.fromkeys(("chapter", "article", "item"), 0)
    typed = []
    for kind, words in _plan():
        counted = "article" if kind == "noted" else kind
        if counted in counts:
            counts[counted] += 1
        number = _number(counts.get(counted, 0) or 1)
        label = {"chapter": f"第{number}章 ", "article": f"第{number}条 ", "item": f"（{number}）"}.get(counted, "")
        typed.append((kind, label + words))
    return typed


def as_text() -> str:
    lines = []
    for kind, words in _numbered_plan():
        if kind == "table":
            lines += [" | ".join(cells) for cells in (HEAD, *ROWS)]
        else:
            lines.append(words)
        if kind == "noted":
            lines.append(f"注1：{NOTE}")
    return "\n".join(lines) + "\n"


def as_markdown() -> str:
    marks = {"title": "# ", "chapter": "## "}
    blocks = []
    for kind, words in _numbered_plan():
        if kind == "table":
            rows = [f"| {' | '.join(cells)} |" for cells in (HEAD, ("---",) * 4, *ROWS)]
            blocks.append("\n".join(rows))
        elif kind == "noted":
            blocks += [words.replace("农药", "农药[^名录]"), f"[^名录]: {NOTE}"]
        else:
            blocks.append(marks.get(kind, "") + words.replace("七个工作日", "**七个工作日**"))
    return "\n\n".join(blocks) + "\n"


def as_page() -> str:
    """A saved page of a government site."""
    tags = {"title": "h1", "chapter": "h2"}
    blocks = []
    for kind, words in _numbered_plan():
        tag = tags.get(kind, "p")
        if kind == "table":
            blocks.append(_page_table())
        elif kind == "noted":
            words = words.replace("农药", '农药<a href="#n1" name="r1"><sup>[1]</sup></a>')
            blocks.append(f"<p>{words}</p>")
        else:
            blocks.append(f"<{tag}>{words}</{tag}>")
    menu = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("首页", "政务公开", "办事大厅"))
    note = f'<div id="notes"><p><a href="#r1" name="n1">[1]</a> {NOTE}</p></div>'
    return (
        f'<!DOCTYPE html><html><head><meta charset="gb2312"><title>{TITLE}</title></head><body>'
        f'<ul class="nav">{menu}</ul><div class="content">{"".join(blocks)}{note}</div>'
        '<div class="footer">云ICP备00000000号</div></body></html>'
    )


def _page_table() -> str:
    rows = "".join(f"<th>{name}</th>" for name in HEAD)
    rows = f"<tr>{rows}</tr>"
    for at, (number, matter, unit, limit) in enumerate(ROWS):
        shared = "" if at == 1 else f"<td{' rowspan=2' if at == 0 else ''}>{unit}</td>"
        rows += f"<tr><td>{number}</td><td>{matter}</td>{shared}<td>{limit}</td></tr>"
    return f"<table>{rows}</table>"


_INDENT = '<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLine="640"/>'
_SIZE = '<w:sz w:val="32"/>'


def as_word() -> bytes:
    """Numbers are automatic, the note is a footnote, two cells are merged; page numbers in the footer."""
    body = "".join(_block(kind, words) for kind, words in _plan())
    chapters = level(0, "chineseCountingThousand", "第%1章", suffix="space")
    articles = level(0, "chineseCountingThousand", "第%1条", suffix="space")
    articles += level(1, "chineseCountingThousand", "（%2）")
    return word_file(
        body,
        parts={
            "styles": '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:pPr>'
            '<w:jc w:val="center"/></w:pPr></w:style>',
            "numbering": numbering({1: chapters, 2: articles}, {1: (1, ""), 2: (2, "")}),
            "footnotes": footnote(2, NOTE),
        },
        headers={
            "header1": paragraph(TITLE),
            "footer1": _page_number(),
        },
    )


def official_paper(lines: list[str]) -> bytes:
    """A docx of these lines, the first as its title."""
    title, *rest = lines
    body = paragraph(runs=run(title, '<w:sz w:val="44"/>'), properties='<w:jc w:val="center"/>')
    body += "".join(paragraph(runs=run(line, _SIZE), properties=_INDENT) for line in rest)
    return word_file(body, headers={"footer1": _page_number()})


def _page_number() -> str:
    number = '<w:r><w:t>— </w:t></w:r><w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    return paragraph(runs=number + run(" —"), properties='<w:jc w:val="center"/>')


def _block(kind: str, words: str) -> str:
    match kind:
        case "title":
            return paragraph(runs=run(words, '<w:sz w:val="44"/>'), properties='<w:pStyle w:val="Title"/>')
        case "number":
            return paragraph(runs=run(words, _SIZE), properties='<w:jc w:val="center"/>')
        case "chapter":
            return _numbered(words, 1, 0, '<w:outlineLvl w:val="0"/><w:jc w:val="center"/>')
        case "noted":
            return _noted()
        case "table":
            return _word_table()
        case "sign":
            return paragraph(runs=run(words, _SIZE), properties='<w:jc w:val="right"/>')
    return _numbered(words, 2, int(kind == "item"), _INDENT)


def _numbered(words: str, list_id: int, depth: int, properties: str) -> str:
    return paragraph(runs=run(words, _SIZE), properties=_number_of(list_id, depth) + properties)


def _number_of(list_id: int, depth: int) -> str:
    own = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return own + f"<w:rPr>{_SIZE}</w:rPr>"


def _noted() -> str:
    runs = run(_NOTED[0], _SIZE) + note_mark(2) + run(_NOTED[1], _SIZE)
    return paragraph(runs=runs, properties=_number_of(2, 0) + _INDENT)


def _word_table() -> str:
    rows = [row(*map(cell, HEAD))]
    for at, (number, matter, unit, limit) in enumerate(ROWS):
        merge = ('<w:vMerge w:val="restart"/>', "<w:vMerge/>", "")[at]
        rows.append(row(cell(number), cell(matter), cell("" if at == 1 else unit, merge), cell(limit)))
    return table(*rows, columns=4)


def as_archive() -> bytes:
    """The page as a browser saves it in one file."""
    page = quopri.encodestring(as_page().encode())
    head = (
        b"From: <Saved by a browser>\r\nSubject: sample\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----part"\r\n\r\n------part\r\n'
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    picture = (
        b"\r\n------part\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
        b"------part--\r\n"
    )
    return head + page + picture


def as_word_writes_lists(rtf: bytes) -> bytes:
    """LibreOffice writes ``?第?`` for the words of a list level; Word writes them as Unicode."""
    lost = rb"\leveltext \'03\'3f\'00\'3f;"
    for first, last in (("第", "章"), ("第", "条")):
        words = rf"\leveltext \'03\u{ord(first)}\'3f\'00\u{ord(last)}\'3f;".encode()
        assert lost in rtf
        rtf = rtf.replace(lost, words, 1)
    return rtf


def as_word_parts() -> dict[str, bytes]:
    """The parts of the Word file by name."""
    with zipfile.ZipFile(io.BytesIO(as_word())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
