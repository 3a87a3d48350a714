"""Answers verify/issuing/portal/guides.py: what the guides say is the office's own data of the day."""

import asyncio

import pytest

from index.rules.offices import load_office
from tests.ports import free_port
from tests.verify.issuing.office import TestOffice
from tests.verify.issuing.portal.browsing import Browser
from tests.verify.issuing.portal.conftest import serving


async def test_the_guide_is_open_to_everybody_and_made_from_the_offices_data(city: TestOffice, portal: Browser) -> None:
    office = load_office(city.home / "office")
    page = (await portal.get("/guide")).text
    for _group, names in office.purposes:
        assert "、".join(names) in page
    assert all(domain.name in page for domain in office.domains)
    assert "个体工商户" in page.partition("不适用：")[0]
    assert "事业单位" in page.partition("不适用：")[2]
    assert "后续实施方案（虚构）" in page
    assert f"{office.verify_url}/v" in page
    assert "不收费" in page


async def test_the_steps_lead_from_signing_in_to_verifying(portal: Browser) -> None:
    page = (await portal.get("/guide/steps")).text
    for word in ("登录", "选择", "看内容", "开具", "下载", "扫码", "比对", "提异议", "信用修复"):
        assert f"<strong>{word}</strong>" in page or f"<h2>{word}</h2>" in page


async def test_without_a_basis_in_force_the_guide_says_that_nothing_is_issued(office: TestOffice) -> None:
    async with serving(office, free_port()) as browser:
        assert "暂停开具新报告" in (await browser.get("/guide")).text


async def test_a_page_that_does_not_exist_is_answered_in_the_look_of_the_portal(portal: Browser) -> None:
    for path in ("/guide/nowhere", "/apply/nowhere", "/desk/nowhere"):
        answer = await portal.get(path)
        assert (answer.status, "专用信用报告办理" in answer.text) == (404, True)


@pytest.mark.parametrize("target", ["*", "/", "//", "/applyx", "/apply%2fnew", "/desk/../apply"])
async def test_odd_targets_are_answered_and_nothing_breaks(portal: Browser, target: str) -> None:
    port = int(portal.origin.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    assert 400 <= status < 500
