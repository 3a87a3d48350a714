"""The issuing room over its HTTP interface, as it stands: the real service, the real token."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.actions.issuing_room import Elsewhere, Order
from bot.errors import UsageError
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice
from verify.errors import IssuingError
from verify.issuing.app import IssuingSettings, api_token, build

ORDER = Order(COMPANY, 3, "银行贷款", "王示例（S001）", "窗口核对，本人办理：营业执照", "chat:one")


@pytest.fixture
async def service(office: TestOffice) -> AsyncIterator[TestServer]:
    home = office.home
    settings = IssuingSettings(
        home / "office", home / "office.db", home / "keys", home / "reports", home / "public", lambda: ISSUED,
        home / "portal.toml",
    )  # fmt: skip
    async with TestServer(build(settings)) as server:
        yield server


@pytest.fixture
def room(office: TestOffice, service: TestServer) -> Elsewhere:
    return Elsewhere(f"http://127.0.0.1:{service.port}", api_token(office.home / "keys"))


async def test_a_report_comes_back_as_a_file_and_a_repetition_is_the_same(office: TestOffice, room: Elsewhere) -> None:
    first = await asyncio.to_thread(room.issue, ORDER)
    again = await asyncio.to_thread(room.issue, ORDER)
    assert first.file.content.startswith(b"%PDF")
    assert first == again
    assert office.count("ledger") == 1
    word = await asyncio.to_thread(room.issue, replace(ORDER, as_word=True))
    assert (word.number, word.file.name) == (first.number, f"{first.number}.docx")
    assert word.file.content.startswith(b"PK")
    (entry,) = office.issuing.reports_of(COMPANY, "测试员")
    assert (entry.actor, entry.channel, entry.identity_check) == (ORDER.actor, "service", ORDER.identity)


async def test_the_services_refusal_is_told_in_its_own_words(room: Elsewhere) -> None:
    with pytest.raises(IssuingError) as refused:
        await asyncio.to_thread(room.issue, replace(ORDER, purpose="没有这个用途"))
    assert refused.value.code == "PURPOSE_UNKNOWN"


async def refusal(room: Elsewhere, order: Order = ORDER) -> str:
    with pytest.raises(IssuingError) as refused:
        await asyncio.to_thread(room.issue, order)
    return refused.value.code


async def test_a_wrong_token_and_a_closed_port_are_told(office: TestOffice, service: TestServer) -> None:
    stranger = Elsewhere(f"http://127.0.0.1:{service.port}", "wrong")
    assert await refusal(stranger) not in ("", "ISSUING_UNREACHABLE")
    assert await refusal(Elsewhere("http://127.0.0.1:1", "x")) == "ISSUING_UNREACHABLE"
    assert office.count("ledger") == 0


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, "{}"),
        (201, "<html>"),
        (201, "[]"),
        (201, '{"number": "YCZX202608200000001"}'),
        (500, ""),
        (302, "elsewhere"),
    ],
)
async def test_strange_answers_are_no_report(status: int, text: str) -> None:
    async def strange(request: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    app = web.Application()
    app.router.add_post("/issuing/reports", strange)
    async with TestServer(app) as other:
        assert await refusal(Elsewhere(f"http://127.0.0.1:{other.port}", "x")) == "ISSUING_UNREACHABLE"


async def test_a_file_is_fetched_from_its_own_place_only() -> None:
    answer = {
        "number": "YCZX202608200000001",
        "valid_until": "2026-09-20T23:59:59+08:00",
        "files": {"pdf": "/issuing/health", "docx": "/x"},
        "calendar_published": True,
    }

    async def strange(request: web.Request) -> web.Response:
        return web.json_response(answer, status=201)

    app = web.Application()
    app.router.add_post("/issuing/reports", strange)
    async with TestServer(app) as other:
        assert await refusal(Elsewhere(f"http://127.0.0.1:{other.port}", "x")) == "ISSUING_UNREACHABLE"


@pytest.mark.parametrize(
    "address", ["", "issuing.example", "ftp://issuing.example", "http://[", "https://a.example/?x"]
)
def test_what_is_no_address_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(UsageError):
        Elsewhere(address, "x")
