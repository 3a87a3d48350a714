"""The tools that a language model gets by the Model Context Protocol: search, ask, look up a clause, verify a report.

* Every tool reads and changes nothing; what is asked goes into the question log like everywhere else.
* Inputs are typed, described and bounded; results are structured, with exact spans of the library's text. What cannot
  be answered is said in Chinese, with the next step.
* Policy texts and published lists only: no records of anybody.
* Files come as base64 and are read in a bounded child process; no path of this machine is ever opened for a caller.

Source: issue 6 §1; modelcontextprotocol.io (tools, structured content); docs/mcp.md.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from bot import clock
from bot.actions.checking import Published
from bot.assistant.answer import Citation, Role, Turn
from bot.assistant.clauses import clause, names
from bot.channels.reception import Reception
from bot.errors import BotError
from bot.mcp_shapes import (
    FILE_BYTES,
    AskResult,
    CitationResult,
    ClauseName,
    Code,
    Conversation,
    Day,
    FileContent,
    FileName,
    Many,
    Named,
    PassageResult,
    Question,
    ReportResult,
    SearchResult,
    VerifyResult,
    Words,
)
from index.errors import OfficeError, PolicyError
from index.policies.library import Library
from index.policies.model import Document
from index.questions.model import Channel
from verify.errors import VerifyError
from verify.public.bodies import display_name

NEAR_MAX = 40
INSTRUCTIONS = (
    "诚核：信用政策问答与信用报告核验。ask 的答复由政策原文逐字引文组成，转述时请保留引文、文件名称、条款和效力状态；"
    "answered 为 false 表示已收录的文件没有写明，请不要自行补充。核验结论以 verify_report 的 verdict 和 message 为准。"
)
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

Result = TypeVar("Result")
Actor = Callable[[Context[Any, Any]], str | None]
"""For whom a request is made; None: for nobody in particular."""


def nobody(context: Context[Any, Any]) -> None:
    return None


class Tools:
    """``published``: what reports are checked by."""

    def __init__(self, reception: Reception, published: Published, actor: Actor = nobody) -> None:
        self._reception = reception
        self._published = published
        self._actor = actor

    async def search_policies(self, words: Words, limit: Many = 10, as_of: Day = None) -> SearchResult:
        """在已收录的政策文件中检索段落，最相关的在前。每段给出文件、标题路径、原文、位置和效力状态。"""
        day = self._day(as_of)
        found = await _said(self._reception.search(words, as_of=day, limit=limit))
        return {"as_of": day.isoformat(), "passages": [cast(PassageResult, each.to_json()) for each in found]}

    async def ask(
        self, question: Question, context: Context[Any, Any], as_of: Day = None, conversation: Conversation = None
    ) -> AskResult:
        """问一个政策问题。有依据则以逐字引文作答，附文件、条款、位置和效力状态；没有依据则说明没有写明。"""
        if not question.strip():
            raise ToolError("没有收到问题。下一步：请在 question 中写明要问的内容。")
        turns = tuple(Turn(Role(turn["role"]), turn["content"]) for turn in conversation or ())
        exchange = await _said(
            self._reception.answer(
                " ".join(question.split()),
                as_of=self._day(as_of),
                channel=Channel.MCP,
                context=turns,
                actor=self._actor(context),
            )
        )
        return cast(AskResult, exchange.answer.to_json())

    async def get_article(self, document: Named, article: ClauseName, as_of: Day = None) -> CitationResult:
        """取一份文件中某一条、章、项的全文，附位置和文件在那一天的效力状态。"""
        day = self._day(as_of)
        library = self._reception.library
        return await _said(self._reception.in_thread(lambda: _article(library, document, article, day)))

    async def verify_report(
        self, code: Code = None, file_base64: FileContent = None, file_name: FileName = "报告"
    ) -> VerifyResult:
        """核验专用信用报告：给出核验码文字（code）或报告文件、图片（file_base64），二者选一；结论见 verdict。"""
        if (code is None) == (file_base64 is None):
            raise ToolError("请只给 code 和 file_base64 中的一个。")
        content = None if file_base64 is None else _decoded(file_base64)
        name = display_name(file_name)
        return {"reports": await asyncio.to_thread(self._verified, code or "", content, name)}

    def _verified(self, code: str, content: bytes | None, name: str) -> list[ReportResult]:
        now = self._reception.clock()
        if content is None:
            found = [self._published.examined_text(code, now)]
        else:
            found = [answer.verification for answer in self._published.examined(content, name, now)]
        return [cast(ReportResult, verification.to_json()) for verification in found]

    def _day(self, as_of: str | None) -> date:
        try:
            return clock.day(as_of) if as_of else self._reception.clock().date()
        except BotError as error:
            raise _told(error) from error


def server(tools: Tools, version: str) -> MCPServer[Any]:
    """The tools under their names; run it by stdio, or as ``streamable_http_app``."""
    made: MCPServer[Any] = MCPServer(
        "chenghe", title="诚核", instructions=INSTRUCTIONS, version=version, log_level="WARNING", subscriptions=False
    )
    titles: Mapping[str, Callable[..., Any]] = {
        "检索政策": tools.search_policies,
        "政策问答": tools.ask,
        "取条文": tools.get_article,
        "核验报告": tools.verify_report,
    }
    for title, tool in titles.items():
        made.add_tool(tool, title=title, annotations=READS)
    return made


async def _said(work: Awaitable[Result]) -> Result:
    try:
        return await work
    except (OfficeError, VerifyError) as error:
        raise _told(error) from error


def _told(error: BotError | OfficeError | VerifyError) -> ToolError:
    return ToolError(f"{error.message}下一步：{error.next_step}（{error.code}）")


def _decoded(file_base64: str) -> bytes:
    try:
        content = base64.b64decode(file_base64, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise ToolError("file_base64 不是 base64 编码。下一步：请把文件原样编码后再发。") from cause
    if not 0 < len(content) <= FILE_BYTES:
        raise ToolError("文件是空的，或者超过 10 MB。下一步：请发原始的报告文件，或只拍核验码。")
    return content


def _article(library: Library, named: str, name: str, day: date) -> CitationResult:
    document = _document(library, named)
    found = clause(document, name)
    if found is None:
        has = "、".join(names(document)[:NEAR_MAX]) or "没有分条"
        raise PolicyError(f"《{document.title}》没有“{name}”。", next_step=f"它有：{has}。", code="CLAUSE_UNKNOWN")
    heading, span = found
    citation = Citation.of(document, heading, span, library.status(document.id, day))
    return cast(CitationResult, citation.to_json())


def _document(library: Library, named: str) -> Document:
    """By its id, number or title; a part of a title will do when only one has it."""
    plain = named.strip().removeprefix("《").removesuffix("》")
    documents = library.documents()
    exact = [each for each in documents if plain in (each.id, each.title, each.document_number)]
    found = exact or [each for each in documents if plain in each.title]
    if len(found) == 1:
        return found[0]
    choice = "、".join(f"《{each.title}》（{each.id}）" for each in (found or documents)[:NEAR_MAX])
    raise PolicyError(
        f"{'有几份' if found else '没有'}叫“{plain}”的文件。",
        next_step=f"请从中选一份：{choice}。",
        code="POLICY_UNKNOWN",
    )
