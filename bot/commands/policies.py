"""``chenghe policies add | list | show | remove``: the library of policy texts, and the index that follows it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, console, rooms
from bot.commands import Commands, checking
from bot.settings import Home
from index.policies.readers.formats import FORMATS, READABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from index.policies.library import AddedFile, Library
    from index.policies.model import Document, Status
    from index.search.backend import SearchBackend

_NO_DOCUMENTS = ("~$", ".")
"""What Word leaves beside a file that is open, and hidden files."""
LABELS = {
    "id": "编号",
    "title": "标题",
    "document_number": "文号",
    "issuing_body": "发文机关",
    "issued_on": "发文日期",
    "place": "适用地方",
    "provenance": "来源提示",
    "origin": "原始文件",
    "passages": "段落数",
}


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("policies", help="政策文件库：添加、列出、查看、核对、移除").add_subparsers(
        dest="policies", required=True, metavar="动作"
    )
    adding = group.add_parser("add", parents=[common], help="添加政策文件（或整个文件夹）", description=_formats())
    adding.add_argument("paths", nargs="+", metavar="PATH", help="文件，或里面有这些文件的文件夹")
    adding.add_argument("--json", action="store_true", help="输出 JSON")
    adding.set_defaults(run=add)
    listing = group.add_parser("list", parents=[common], help="列出文件及其效力")
    listing.add_argument("--as-of", metavar="DATE", help="按哪一天的效力（默认今天）")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=list_)
    showing = group.add_parser("show", parents=[common], help="查看一份文件的结构和原文")
    showing.add_argument("id", metavar="ID")
    showing.add_argument("--as-of", metavar="DATE", help="按哪一天的效力（默认今天）")
    showing.add_argument("--raw", nargs=2, type=int, metavar=("START", "END"), help="这一段在原文件中的样子")
    showing.set_defaults(run=show)
    removing = group.add_parser("remove", parents=[common], help="移除一份文件")
    removing.add_argument("id", metavar="ID")
    removing.set_defaults(run=remove)
    checking.add_to(group, common)


def _formats() -> str:
    """What can be read, for the help: Word（docx、doc …）；网页（html …）…"""
    named = (f"{name}（{'、'.join(one[1:] for one in suffixes)}）" for name, suffixes in FORMATS.items())
    return f"能读取：{'；'.join(named)}。doc、wps、rtf、odt 需要本机装有 LibreOffice；扫描件请先做文字识别。"


def add(options: argparse.Namespace, home: Home) -> int:
    """0 when every file landed or was there already, 1 when some were named and skipped."""
    library = rooms.library(home)
    paths = [found for path in options.paths for found in _files(Path(path))]
    from index.search.sync import follow

    with _index(home) as index:
        added = library.add_files(
            console.progress(paths, label="读取政策文件"),
            lambda file: console.say(_added_line(file)),
            ready=index.replace_documents,
        )
        follow(library, index)
    if options.json:
        console.print_json([_added_json(file) for file in added])
    return 1 if any(file.problem for file in added) else 0


def _files(path: Path) -> list[Path]:
    """The readable files of a folder; a folder without any stands for itself and is named by the reader."""
    if not path.is_dir():
        return [path]
    found = [one for one in path.iterdir() if one.suffix.lower() in READABLE and not one.is_dir()]
    return sorted(one for one in found if not one.name.startswith(_NO_DOCUMENTS)) or [path]


def _added_line(file: "AddedFile") -> str:
    if file.problem:
        return f"✗ {file.problem.message}（下一步：{file.problem.next_step}）"
    titles = "、".join(f"《{document.title}》" for document in file.documents)
    return f"✓ {file.path.name}：{file.outcome.label} {titles}"


def _added_json(file: "AddedFile") -> dict[str, object]:
    return {
        "file": str(file.path),
        "outcome": file.outcome.value,
        "documents": [{"id": document.id, "title": document.title} for document in file.documents],
        "problem": console.described(file.problem) if file.problem else None,
    }


def list_(options: argparse.Namespace, home: Home) -> int:
    library = rooms.library(home)
    as_of = clock.day(options.as_of) if options.as_of else clock.today()
    rows = [(document, library.status(document.id, as_of)) for document in library.documents()]
    if options.json:
        console.print_json([{**_document_json(document), "status": status.to_json()} for document, status in rows])
        return 0
    for document, status in rows:
        console.line(f"{document.id}  {_standing(status)}  《{document.title}》{document.document_number or ''}")
    if not rows:
        console.say("文件库是空的。下一步：chenghe policies add 文件…")
    return 0


def _document_json(document: "Document") -> dict[str, object]:
    return {
        "id": document.id,
        "title": document.title,
        "document_number": document.document_number,
        "issuing_body": document.issuing_body,
        "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        "place": document.place,
        "provenance": document.provenance,
        "origin": document.origin,
        "passages": len(document.passages),
    }


def show(options: argparse.Namespace, home: Home) -> int:
    library = rooms.library(home)
    document = library.get(options.id)
    if options.raw:
        return _show_raw(library, document, *options.raw)
    for name, value in _document_json(document).items():
        console.line(f"{LABELS[name]}：{value if value is not None else '—'}")
    as_of = clock.day(options.as_of) if options.as_of else clock.today()
    console.line(f"效力：{_standing(library.status(document.id, as_of))}")
    for line in _relations(library, document):
        console.line(line)
    console.line()
    for passage in document.passages:
        indent = "  " * (len(passage.heading) - 1)
        console.line(f"{indent}[{passage.start}:{passage.end}] {document.source[passage.start : passage.end].rstrip()}")
    return 0


def _standing(status: "Status") -> str:
    dates = (
        f"自{status.effective_from}起施行" if status.effective_from else "",
        f"有效期至{status.effective_to}" if status.effective_to else "",
        f"被《{status.repealed_by.strip('《》')}》废止或替代" if status.repealed_by else "",
    )
    return "，".join((status.state.label, *(part for part in dates if part)))


def _relations(library: "Library", document: "Document") -> "Iterator[str]":
    """What the text says about others, and others about it, each with the words that say it."""
    graph = library.relations()
    titles = {one.id: one.title for one in library.documents()}
    for edge in graph.named_by(document.id):
        name = f"《{edge.title}》" if edge.title else ""
        known = "" if edge.target else "（库内没有）"
        yield f"{edge.label}：{name}{edge.number or ''}{known} [{edge.clause[0]}:{edge.clause[1]}]"
    for edge in graph.naming(document.id):
        by = titles[edge.document].strip("《》")
        yield f"被《{by}》{edge.label} {edge.document} [{edge.clause[0]}:{edge.clause[1]}]"


def _show_raw(library: "Library", document: "Document", start: int, end: int) -> int:
    """0 and the piece of the original, 1 when it cannot be given."""
    found = library.raw_span(document.id, start, end)
    if found is None:
        console.say(
            "原文件中没有与这一段对应的位置：位置不在正文内，或原文件与库内正文已不一致（可运行 policies check）。"
        )
        return 1
    console.say(f"{found.file} [{found.start}:{found.end}]")
    console.line(found.text)
    return 0


def remove(options: argparse.Namespace, home: Home) -> int:
    from index.search.sync import follow

    library = rooms.library(home)
    title = library.get(options.id).title
    library.remove(options.id)
    with _index(home) as index:
        follow(library, index)
    console.say(f"已移除《{title}》。")
    return 0


def _index(home: Home) -> "AbstractContextManager[SearchBackend]":
    from index.search.opening import open_backend

    return open_backend(home.search, home.search_database)
