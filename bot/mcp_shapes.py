"""What the tools take and give: types, bounds and descriptions, from which the protocol's schemas are made.

* Every text and list has a longest; numbers have a least and a most.
* Results are the design's JSON (ask, verify), and what a plain search gives.

Source: design §8; JSON Schema; docs/mcp.md.
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from bot.assistant.clauses import NAME_MAX
from bot.channels.asking import QUESTION_MAX, TURN_MAX, TURNS_KEPT

FILE_BYTES = 10 * 1024 * 1024
CODE_MAX = 4_000
LIMIT_MAX = 20

Day = Annotated[
    str | None, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="按哪一天的效力，如 2026-11-21；不写为今天")
]
Question = Annotated[str, Field(min_length=1, max_length=QUESTION_MAX, description="一个政策问题，用中文写")]
Words = Annotated[str, Field(min_length=1, max_length=QUESTION_MAX, description="要找的词或一句话")]
Many = Annotated[int, Field(ge=1, le=LIMIT_MAX, description="最多几段")]
Named = Annotated[
    str,
    Field(
        min_length=1, max_length=200, description="文件的编号（结果中的 source）、全称或文号，如 云政办发〔2026〕3号"
    ),
]
ClauseName = Annotated[
    str, Field(min_length=1, max_length=NAME_MAX, description="条款，如 第九条、第三章、（二）适用范围")
]
Code = Annotated[
    str | None,
    Field(max_length=CODE_MAX, description="核验码扫出的文字或网址；或报告编号和手输核验码，中间用空格隔开"),
]
FileContent = Annotated[
    str | None,
    Field(max_length=FILE_BYTES * 4 // 3 + 4, description="报告的 docx、PDF 或核验码图片，base64 编码，不超过 10 MB"),
]
FileName = Annotated[str, Field(max_length=120, description="文件名，只用于显示")]


class EarlierTurn(TypedDict):
    """One line said before."""

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=TURN_MAX)]


Conversation = Annotated[
    list[EarlierTurn] | None, Field(max_length=TURNS_KEPT, description="之前的对话，早的在前；用来理解“那……呢”")
]


class StatusResult(TypedDict):
    state: str
    effective_from: str | None
    effective_to: str | None


class CitationResult(TypedDict):
    """``quote`` is ``source[start:end]`` of the library's text, character for character."""

    document: str
    document_number: str | None
    heading: list[str]
    quote: str
    source: str
    start: int
    end: int
    status: StatusResult


class AskResult(TypedDict):
    question: str
    as_of: str
    answered: bool
    answer: str
    citations: list[CitationResult]
    notices: list[str]
    suggestions: list[str]
    elapsed_ms: float


class PassageResult(TypedDict):
    document: str
    document_number: str | None
    heading: list[str]
    text: str
    source: str
    start: int
    end: int
    score: float
    status: StatusResult


class SearchResult(TypedDict):
    as_of: str
    passages: list[PassageResult]


class ReportResult(TypedDict):
    """One for each report whose code was found."""

    verdict: str
    reason: str
    message: str
    next_step: str
    checked_at: str
    report: dict[str, Any] | None
    differences: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    log: dict[str, Any] | None


class VerifyResult(TypedDict):
    reports: list[ReportResult]
