"""``chenghe policies check``: proves that library, originals and index agree, repairs what does not, and says both."""

import argparse
from typing import TYPE_CHECKING

from bot import console, rooms
from bot.settings import Home

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from index.policies.checking import Finding
    from index.policies.library import Library
    from index.policies.model import Document


def add_to(group: "_SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser) -> None:
    checking = group.add_parser("check", parents=[common], help="核对文件库、原文件和检索，不一致的予以修复")
    checking.add_argument("--json", action="store_true", help="输出 JSON")
    checking.set_defaults(run=check)


def check(options: argparse.Namespace, home: Home) -> int:
    """0 when all agrees or was repaired, 1 when something could not be repaired."""
    from index.policies.checking import check_library
    from index.search.agreement import check_index
    from index.search.opening import open_backend

    library = rooms.library(home)
    found = check_library(library)
    documents = _readable(library, found)
    with open_backend(home.search, home.search_database) as backend:
        found += check_index(documents, backend)
    passages = sum(len(document.passages) for document in documents)
    broken = [one for one in found if not one.repaired]
    if options.json:
        facts = {"documents": len(documents), "passages": passages, "ok": not broken}
        console.print_json({**facts, "findings": [_json(one) for one in found]})
    else:
        for one in found:
            console.say(_line(one))
        console.say(_summary(len(documents), passages, len(found) - len(broken), len(broken)))
    return 1 if broken else 0


def _readable(library: "Library", found: "list[Finding]") -> "list[Document]":
    from index.policies.catalogue import read_catalogue
    from index.policies.checking import Fault

    broken = {one.subject for one in found if one.fault is Fault.BROKEN and not one.repaired}
    return [library.get(one) for one in read_catalogue(library.folder).ids if one not in broken]


def _line(one: "Finding") -> str:
    if one.repaired:
        return f"✓ {one.subject}：{one.fault.label}，已修复"
    return f"✗ {one.subject}：{one.fault.label}（下一步：{one.next_step}）"


def _summary(documents: int, passages: int, repaired: int, broken: int) -> str:
    whole = f"核对了 {documents} 份文件、{passages} 个段落"
    if not repaired and not broken:
        return f"{whole}：文件、原件和检索一致。"
    return f"{whole}：修复 {repaired} 处，{f'还有 {broken} 处需要处理' if broken else '现已一致'}。"


def _json(one: "Finding") -> dict[str, object]:
    facts = {"fault": one.fault.value, "subject": one.subject, "repaired": one.repaired}
    return {**facts, "message": one.fault.label, "next_step": one.next_step or None}
