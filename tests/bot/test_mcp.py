"""The tools of the Model Context Protocol, called by its own client: in this process, over HTTP, by stdio."""

import asyncio
import base64
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from bot import clock, mcp_http, rooms
from bot.actions.checking import Published
from bot.channels.reception import Reception, ReceptionSettings
from bot.holders import Holders
from bot.mcp import Tools, nobody, server
from bot.mcp_http import BODY_BYTES, Gate, Line, application, holder
from bot.settings import Home
from bot.tokens import TokenBook
from index.directory.changing import Deed, change
from index.directory.model import Staff
from index.policies.library import Library
from index.questions.listing import askings_of, entries_of
from index.questions.model import Channel
from index.questions.store import QuestionStore
from tests.bot.channels.conftest import library as library
from tests.verify.issuing.conftest import office as office
from tests.verify.issuing.conftest import prepared as prepared
from tests.verify.issuing.conftest import quick_disk as quick_disk
from tests.verify.issuing.conftest import quick_keys as quick_keys
from tests.verify.issuing.office import ISSUED, TestOffice
from verify.documents.reading import read
from verify.issuing.orders import IssuedReport
from verify.public.limits import Rate

QUESTION = "专用信用报告自开具之日起多长时间内核验有效？"
TITLE = "云汀市经营主体专用信用报告管理办法"
NOW = ISSUED + timedelta(days=1)


@pytest.fixture
def home(library: Library, tmp_path: Path) -> Home:
    home = Home(tmp_path / "asked")
    shutil.copytree(library.folder, home.library)
    return home


@asynccontextmanager
async def opened(home: Home, public: Path | None = None, **more: Any) -> AsyncIterator[Tools]:
    reception = Reception(ReceptionSettings(home.library, home.search, home.questions, lambda: NOW))
    await reception.open()
    try:
        yield Tools(reception, Published(public or home.public, lambda: NOW, read), **more)
    finally:
        await reception.close()


@asynccontextmanager
async def called(home: Home, public: Path | None = None) -> AsyncIterator[Client]:
    async with opened(home, public) as tools, Client(server(tools, "test")) as client:
        yield client


async def result(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return answer.structured_content


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return str(answer.content[0].text)


async def test_four_tools_that_read_are_described_and_bounded(home: Home) -> None:
    async with called(home) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search_policies", "ask", "get_article", "verify_report"}
    for tool in tools.values():
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.description
        assert tool.output_schema
        for name, field in tool.input_schema["properties"].items():
            kinds = field.get("anyOf", [field])
            assert field["description"], name
            bounds = ({"maxLength", "maximum", "maxItems", "pattern"} & set(kind) for kind in kinds)
            assert all(bound or kind["type"] == "null" for bound, kind in zip(bounds, kinds, strict=True)), name


async def test_answer_has_exact_quotes(home: Home, library: Library) -> None:
    async with called(home) as client:
        answer = await result(client, "ask", question=QUESTION)
    assert answer["answered"] is True
    for each in answer["citations"]:
        assert library.get(each["source"]).source[each["start"] : each["end"]] == each["quote"]
        assert each["status"]["state"] == "in_force"


async def test_text_of_an_answer_is_the_same_json(home: Home) -> None:
    async with called(home) as client:
        answer = await client.call_tool("ask", {"question": QUESTION})
    assert json.loads(answer.content[0].text) == answer.structured_content


async def test_what_no_text_says_is_not_answered(home: Home) -> None:
    async with called(home) as client:
        answer = await result(client, "ask", question="食堂几点开饭？")
    assert (answer["answered"], answer["citations"]) == (False, [])


async def test_day_and_conversation_count(home: Home) -> None:
    said = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "一个月。"}]
    async with called(home) as client:
        later = await result(client, "ask", question=QUESTION, as_of="2031-03-01")
        follow = await result(client, "ask", question="那超过的呢？", conversation=said)
    assert later["citations"][0]["status"]["state"] == "expired"
    assert follow["notices"][0].startswith("按上文理解为：“专用信用报告")


async def test_passages_are_found_with_place_and_status(home: Home, library: Library) -> None:
    async with called(home) as client:
        found = await result(client, "search_policies", words="异议处理", limit=3)
    assert 1 <= len(found["passages"]) <= 3
    for each in found["passages"]:
        assert library.get(each["source"]).source[each["start"] : each["end"]] == each["text"]


@pytest.mark.parametrize("named", [TITLE, f"《{TITLE}》", "云政办发〔2026〕3号", "专用信用报告管理办法"])
@pytest.mark.parametrize("article", ["第九条", "第9条", "9"])
async def test_article_is_given_whole_by_any_name(home: Home, named: str, article: str) -> None:
    async with called(home) as client:
        found = await result(client, "get_article", document=named, article=article)
    assert found["quote"].startswith("第九条 专用信用报告自开具之日起一个月内核验有效。")
    assert found["heading"] == ["第三章 核验", "第九条"]


async def test_chapters_and_items_are_given_with_all_that_is_in_them(home: Home) -> None:
    async with called(home) as client:
        chapter = await result(client, "get_article", document=TITLE, article="第三章")
        item = await result(client, "get_article", document="信用承诺实施细则", article="（二）适用范围")
    assert "第九条" in chapter["quote"]
    assert "第四章" not in chapter["quote"]
    assert item["quote"].endswith("本细则适用于本市行政许可、行政确认和政府采购中的信用承诺。")


async def test_what_is_not_there_is_said_with_what_is(home: Home) -> None:
    async with called(home) as client:
        assert "第九条" in await refusal(client, "get_article", document=TITLE, article="第九十九条")
        assert TITLE in await refusal(client, "get_article", document="云汀市", article="第一条")
        assert TITLE in await refusal(client, "get_article", document="../../office.db", article="第一条")


async def test_inputs_beyond_their_bounds_are_refused(home: Home) -> None:
    async with called(home) as client:
        for tool, arguments in (
            ("ask", {"question": ""}),
            ("ask", {"question": " \n"}),
            ("ask", {"question": "问" * 501}),
            ("ask", {"question": "问", "as_of": "2026-13-01"}),
            ("ask", {"question": "问", "as_of": "明天"}),
            ("ask", {"question": "问", "conversation": [{"role": "user", "content": "x"}] * 13}),
            ("ask", {"question": "问", "conversation": [{"role": "system", "content": "x"}]}),
            ("search_policies", {"words": "异议", "limit": 0}),
            ("search_policies", {"words": "异议", "limit": 21}),
            ("get_article", {"document": TITLE}),
            ("verify_report", {}),
            ("verify_report", {"code": "x", "file_base64": "eA=="}),
            ("verify_report", {"file_base64": "不是"}),
            ("verify_report", {"file_base64": ""}),
            ("verify_report", {"code": "1" * 4001}),
        ):
            assert await refusal(client, tool, **arguments), arguments


@pytest.fixture
def report(office: TestOffice) -> IssuedReport:
    office.wall = NOW
    office.add_records({})
    return office.issue()


async def test_reports_are_verified_by_code_number_and_file(
    home: Home, office: TestOffice, report: IssuedReport
) -> None:
    def encoded(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode("ascii")

    forged = report.qr_text[:-9] + ("0" * 9 if not report.qr_text.endswith("0" * 9) else "1" * 9)
    async with called(home, office.places.public) as client:
        given = (
            ({"code": report.qr_text}, "valid"),
            ({"code": f"{report.number} {report.typed_code}"}, "valid"),
            ({"file_base64": encoded(report.qr_png), "file_name": "码.png"}, "valid"),
            ({"file_base64": encoded(report.docx), "file_name": "../报告.docx"}, "valid"),
            ({"file_base64": base64.b64encode(b"no report").decode("ascii")}, "unreadable"),
        )
        for arguments, verdict in given:
            (checked,) = (await result(client, "verify_report", **arguments))["reports"]
            assert checked["verdict"] == verdict, arguments
            assert checked["next_step"]
        (checked,) = (await result(client, "verify_report", code=forged))["reports"]
        assert checked["verdict"] in {"forged", "unreadable"}


async def test_without_a_published_list_nothing_is_called_valid(home: Home, report: IssuedReport) -> None:
    async with called(home) as client:
        (checked,) = (await result(client, "verify_report", code=report.qr_text))["reports"]
    assert checked["verdict"] == "indeterminate"


@asynccontextmanager
async def over_http(app: Gate) -> AsyncIterator[str]:
    """Its address."""
    serving = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False, http=Line, ws="none"))
    task = asyncio.create_task(serving.serve())
    while not serving.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        serving.should_exit = True
        await task


def with_token(token: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=120, trust_env=False)


def token_of(home: Home, staff: str | None = None) -> str:
    return TokenBook(home.api_tokens).add("助手", staff, days=1, by="管理员", now=NOW)[1]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_over_http_the_holder_of_a_token_is_answered_and_named_in_the_log(home: Home, mode: str) -> None:
    engine = rooms.store(home)
    change(engine, lambda before: before.with_member(Staff("z001", "张示例", "示例局")), Deed("管理员", "测试", NOW))
    engine.dispose()
    holders = Holders(home)
    async with opened(home, actor=holder) as tools:
        app = application(server(tools, "test"), holders.check, lambda: NOW)
        async with (
            over_http(app) as address,
            with_token(token_of(home, "z001")) as http,
            Client(streamable_http_client(address, http_client=http), mode=mode) as client,
        ):
            assert len((await client.list_tools()).tools) == 4
            assert (await result(client, "ask", question=QUESTION))["answered"] is True
    holders.close()
    store = QuestionStore(home.questions)
    lines = [each.line for entry in entries_of(store) for each in askings_of(store, entry.number, 9)]
    store.close()
    assert [(line.channel, line.actor) for line in lines] == [(Channel.MCP, "z001")]


async def test_over_http_nobody_else_gets_as_far_as_the_protocol(home: Home) -> None:
    token = token_of(home)
    async with opened(home, actor=holder) as tools:
        app = application(server(tools, "test"), TokenBook(home.api_tokens).check, lambda: NOW, Rate(5, 0.01))
        async with over_http(app) as address, httpx2.AsyncClient(trust_env=False) as http:
            for _ in range(10):
                answer = await http.post(address, content=b"x" * 9)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "令牌" in answer.json()["error_description"]
            assert (await http.post(address)).status_code == 429
            known = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            large = await http.post(address, content=b"x" * (BODY_BYTES + 1), headers=known)
            assert large.status_code == 413
            for _ in range(5):
                answer = await http.post(address, content=b"{}", headers=known)
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) > 1


async def test_over_http_nothing_waits_on_a_line_that_says_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_http, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(mcp_http, "BODY_SECONDS", 0.2)
    head = f"POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token_of(home)}\r\n"
    slow = ("", "POST /mcp HTTP/1.1\r\nHost:", f"{head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{{")
    async with opened(home, actor=holder) as tools:
        app = application(server(tools, "test"), TokenBook(home.api_tokens).check, lambda: NOW)
        async with over_http(app) as address, asyncio.timeout(120):
            for sent in slow:
                reading, writing = await asyncio.open_connection("127.0.0.1", int(address.split(":")[2].split("/")[0]))
                writing.write(sent.encode())
                assert b"200 OK" not in await reading.read()
                writing.close()
            monkeypatch.undo()
            async with with_token(token_of(home)) as http:
                answer = await http.get(address, headers={"Accept": "text/event-stream"})
                assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_by_standard_streams_nothing_but_the_protocol_is_written(home: Home) -> None:
    command = [sys.executable, "-m", "bot", "mcp", "--home", str(home.root)]
    parameters = StdioServerParameters(command=command[0], args=command[1:], cwd=Path(__file__).parents[2])
    async with Client(parameters) as client:
        assert len((await client.list_tools()).tools) == 4
        assert (await result(client, "ask", question=QUESTION))["answered"] is True
        (checked,) = (await result(client, "verify_report", code="123"))["reports"]
        assert checked["verdict"] == "indeterminate"


async def test_over_http_a_service_that_is_told_to_stop_has_its_questions_in_the_log(home: Home) -> None:
    token = TokenBook(home.api_tokens).add("助手", None, days=1, by="管理员", now=clock.now())[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "mcp", "--http", "--port", "0", "--home", str(home.root),
        cwd=Path(__file__).parents[2], stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    address = (await process.stderr.readline()).decode("utf-8").split("：")[1].split("（")[0]
    async with with_token(token) as http, Client(streamable_http_client(address, http_client=http)) as client:
        assert (await result(client, "ask", question=QUESTION))["answered"] is True
    process.terminate()
    assert b"Traceback" not in await process.stderr.read()
    assert await process.wait() == 0
    store = QuestionStore(home.questions)
    assert [entry.question for entry in entries_of(store)] == [QUESTION]
    store.close()


async def test_garbage_on_standard_input_ends_without_a_traceback(home: Home) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "mcp", "--home", str(home.root), cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, said = await process.communicate(b'{"nonsense"\n\xff\xfe\n[]\n"x"\n' + b"[" * 100_000 + b"\n")
    assert process.returncode == 0
    assert b"Traceback" not in said
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in output.splitlines())


def test_nobody_is_named_without_a_token() -> None:
    assert nobody(None) is None  # type: ignore[arg-type]
