"""Two tiny fictional documents and an index over them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.policies.model import Document, Passage, PassageKind, Validity
from index.search.whoosh_backend import WhooshBackend


def document(name: str, *lines: str) -> Document:
    """A fictional document: its first line is the title, every line one passage."""
    source = "\n".join(lines) + "\n"
    passages: list[Passage] = []
    start = 0
    for number, line in enumerate(lines):
        kind = PassageKind.TITLE if number == 0 else PassageKind.PARAGRAPH
        passages.append(Passage(name, number, kind, (lines[0],), start, start + len(line) + 1))
        start += len(line) + 1
    return Document(
        name, lines[0], None, None, None, "云汀", None, source, tuple(passages), Validity(), f"{name}.txt", "0" * 64
    )


CROPS = document("crops", "云汀市种子管理办法（虚构）", "种子经营者应当保存销售记录三年。", "种子检验不收取费用。")
BOATS = document("boats", "云汀市渡船管理办法（虚构）", "渡船每年检验一次。", "夜间渡运由市渡运管理处负责。")


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[WhooshBackend]:
    with WhooshBackend(tmp_path / "search") as opened:
        yield opened
