"""A log, a library of two fictional texts, and askings to put into the log."""

import hashlib
from datetime import date, datetime
from pathlib import Path

import pytest

from index.calendar import SHANGHAI
from index.policies.library import Library
from index.policies.model import Document
from index.questions.model import ApprovalKind, Channel, Cited, Line, NewApproval
from index.questions.store import QuestionStore

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
TODAY = NOW.date()
FERRIES = """云汀市渡口管理办法（虚构样例）
第一条 为加强渡口管理，制定本办法。
第二条 渡口每日六时至二十时开放。节假日延长一小时。
第三条 办理渡口许可不收取费用。
第四条 遗失许可证的，可以申请补发。
第五条 本办法自2025年3月1日起施行，有效期至2030年2月28日。
"""
NOTICE = "云汀市渡口安全提示（虚构样例）\n一、注意事项\n乘坐渡船应当穿救生衣。\n"


@pytest.fixture
def store(tmp_path: Path) -> QuestionStore:
    return QuestionStore(tmp_path / "home" / "questions.db", wait_seconds=0.2)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "home" / "library")
    add(library, tmp_path, "ferries", FERRIES)
    add(library, tmp_path, "notice", NOTICE)
    return library


@pytest.fixture
def ferries(library: Library) -> Document:
    return next(document for document in library.documents() if "渡口管理" in document.title)


def add(library: Library, folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    library.add(path)


def line(question: str = "渡口几点开放？", **changes: object) -> Line:
    values: dict[str, object] = {
        "ticket": hashlib.sha256(f"{question} {changes.get('at')}".encode("utf-8", "replace")).hexdigest()[:32],
        "at": NOW,
        "channel": Channel.WEB,
        "actor": None,
        "question": question,
        "whole": question,
        "turns": 0,
        "as_of": TODAY,
        "answered": False,
        "small_talk": False,
        "approval": None,
        "answer": "没有写明，不能作答。",
        "citations": (),
        "notices": (),
        "suggestions": (),
        "elapsed_ms": 12.5,
        "version": "chenghe 0",
    }
    return Line(**{**values, **changes})  # type: ignore[arg-type]


def cited(document: Document, words: str) -> Cited:
    start = document.source.index(words)
    return Cited(document.id, document.title, start, start + len(words), words)


def answer(*clauses: Cited, text: str = "六点到二十点。", until: date | None = None) -> NewApproval:
    return NewApproval(ApprovalKind.ANSWER, "王某", NOW, text, until, clauses)


def confirmation(*clauses: Cited) -> NewApproval:
    return NewApproval(ApprovalKind.CONFIRM, "王某", NOW, citations=clauses)
