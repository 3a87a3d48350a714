"""Answers verify/issuing/portal/oidc: no token, key, document or answer of a hostile provider signs anybody in."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwk

from tests.ports import free_port
from tests.provider import Client, write_settings
from tests.verify.issuing.office import TestOffice
from tests.verify.issuing.portal.browsing import Browser
from tests.verify.issuing.portal.conftest import serving
from tests.verify.issuing.portal.hostile import Hostile, hostile_provider
from verify.issuing.portal.oidc.fetching import Fetcher
from verify.issuing.portal.oidc.provider import REST

APPLY, DESK = Client("chenghe-apply", "geheim"), Client("chenghe-desk", "geheim")


@pytest.fixture
async def hostile(city: TestOffice) -> AsyncIterator[Hostile]:
    async with hostile_provider(city.wall) as provider:
        yield provider


@pytest.fixture
async def browser(city: TestOffice, hostile: Hostile) -> AsyncIterator[Browser]:
    port = free_port()
    write_settings(city.home, f"http://127.0.0.1:{port}", hostile.issuer, APPLY, DESK)
    async with serving(city, port) as browser:
        yield browser


async def signed_in(browser: Browser, hostile: Hostile) -> bool:
    answer = await browser.get(hostile.authorize(await browser.sent_to("apply")))
    assert (answer.status == 200) == bool(browser.cookie("__Host-chenghe-apply"))
    assert answer.status == 200 or "下一步" in answer.text or "请" in answer.text
    return answer.status == 200


async def test_the_provider_that_behaves_signs_in(browser: Browser, hostile: Hostile) -> None:
    assert await signed_in(browser, hostile)


async def test_a_provider_whose_name_ends_in_a_slash_signs_in(city: TestOffice) -> None:
    async with hostile_provider(city.wall) as provider:
        place, provider.issuer = provider.issuer, f"{provider.issuer}/"
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        provider.discovery = {name: f"{place}/{path}" for name, path in names.items()} | {"userinfo_endpoint": None}
        port = free_port()
        write_settings(city.home, f"http://127.0.0.1:{port}", provider.issuer, APPLY, DESK)
        async with serving(city, port) as browser:
            assert await signed_in(browser, provider)


async def test_a_wrong_nonce_an_old_token_and_no_signature_sign_nobody_in(browser: Browser, hostile: Hostile) -> None:
    """The rules one by one: test_tokens.py."""
    past = int((hostile.moment - timedelta(minutes=5)).timestamp())
    for claims, header in (({"nonce": "another"}, {}), ({"exp": past}, {}), ({}, {"alg": "none"})):
        hostile.claims, hostile.header = claims, header
        assert not await signed_in(browser, hostile)


async def test_a_rotated_key_is_fetched_once_a_minute_at_most(
    city: TestOffice, browser: Browser, hostile: Hostile
) -> None:
    assert await signed_in(browser, hostile)
    hostile.key = jwk.generate_key("RSA", 2048, auto_kid=True)
    before = hostile.asked.count("jwks")
    async with Browser(browser.origin) as other:
        assert not await signed_in(other, hostile)
    assert hostile.asked.count("jwks") == before
    city.wall += timedelta(seconds=61)
    hostile.moment = city.wall
    async with Browser(browser.origin) as other:
        assert await signed_in(other, hostile)
    assert hostile.asked.count("jwks") == before + 1


async def test_after_a_failure_the_provider_is_left_in_peace_for_a_moment(
    city: TestOffice, browser: Browser, hostile: Hostile
) -> None:
    hostile.answer["discovery"] = web.Response(status=500)
    for _ in range(3):
        assert "PROVIDER_UNAVAILABLE" in (await browser.get("/apply/sign-in", follow=False)).text
    assert hostile.asked == ["discovery"]
    hostile.answer = {}
    city.wall += REST
    assert await signed_in(browser, hostile)


async def test_a_provider_that_does_not_know_us_is_told_from_one_that_is_down_and_stands_in_the_log(
    browser: Browser, hostile: Hostile, caplog: pytest.LogCaptureFixture
) -> None:
    hostile.answer["token"] = web.json_response({"error": "invalid_client"}, status=401)
    answer = await browser.get(hostile.authorize(await browser.sent_to("apply")))
    assert ("SIGN_IN_REFUSED" in answer.text, "client_id" in answer.text) == (True, True)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "chenghe.portal"]
    assert line.startswith("SIGN_IN_REFUSED")
    assert "code-" not in caplog.text


async def test_a_document_that_is_not_its_own_is_refused(city: TestOffice, browser: Browser, hostile: Hostile) -> None:
    for discovery in (
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://other.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"token_endpoint": "https://user@other.example/token"},
        {"end_session_endpoint": 7},
    ):
        hostile.discovery = discovery
        city.wall += REST
        answer = await browser.get("/apply/sign-in", follow=False)
        assert "PROVIDER_UNAVAILABLE" in answer.text
        assert answer.status == 503


async def test_huge_redirecting_and_senseless_answers_are_refused(
    city: TestOffice, browser: Browser, hostile: Hostile
) -> None:
    for place in ("discovery", "jwks"):
        for text, status in (("x" * 300_000, 200), ('{"a":' * 50_000, 200), ("[]", 200), ("<html>", 200), ("{}", 500)):
            hostile.answer = {place: web.Response(text=text, status=status)}
            city.wall += REST
            assert "PROVIDER_UNAVAILABLE" in (await browser.get("/apply/sign-in", follow=False)).text
        hostile.answer = {place: web.Response(status=302, headers={"Location": f"{hostile.issuer}/jwks"})}
        city.wall += REST
        assert "PROVIDER_UNAVAILABLE" in (await browser.get("/apply/sign-in", follow=False)).text
    hostile.answer = {}
    city.wall += REST
    hostile.moment = city.wall
    assert await signed_in(browser, hostile)


async def test_a_provider_that_closes_kept_connections_takes_every_code() -> None:
    """Whoever sends on a connection in the moment it is closed has no answer, and a code is not sent twice."""
    used: set[object] = set()

    async def token(request: web.Request) -> web.Response:
        assert request.transport is not None
        if request.transport in used:
            request.transport.close()
        used.add(request.transport)
        return web.json_response({})

    app = web.Application()
    app.add_routes([web.post("/token", token)])
    async with TestServer(app) as provider:
        fetcher = Fetcher()
        for _ in range(3):
            assert await fetcher.post(str(provider.make_url("/token")), {"code": "c"}) == {}
        await fetcher.close()
    assert len(used) == 3


async def test_senseless_tokens_sign_nobody_in(browser: Browser, hostile: Hostile) -> None:
    for body in ({}, {"id_token": 7}, {"id_token": "a.b"}, {"id_token": "a.b.c"}, {"id_token": "x" * 40_000}):
        hostile.answer["token"] = web.json_response(body)
        assert not await signed_in(browser, hostile)


async def test_userinfo_adds_what_the_token_lacks_and_overrules_nothing(browser: Browser, hostile: Hostile) -> None:
    hostile.claims, hostile.userinfo = {"real_name": None}, {"sub": "p-2", "real_name": "verified"}
    assert not await signed_in(browser, hostile)
    hostile.claims, hostile.userinfo = {"name": None, "real_name": "no"}, {"sub": "p-1", "real_name": "verified"}
    assert not await signed_in(browser, hostile)
    hostile.claims = {"real_name": None}
    assert await signed_in(browser, hostile)


async def test_an_answer_that_names_another_issuer_is_refused(browser: Browser, hostile: Hostile) -> None:
    back = hostile.authorize(await browser.sent_to("apply"))
    answer = await browser.get(f"{back}&iss=https%3A%2F%2Fother.example")
    assert "来自另一个认证平台" in answer.text


async def test_a_provider_that_names_itself_must_do_so(browser: Browser, hostile: Hostile) -> None:
    hostile.discovery = {"authorization_response_iss_parameter_supported": True}
    back = hostile.authorize(await browser.sent_to("apply"))
    assert "来自另一个认证平台" in (await browser.get(back)).text
    back = hostile.authorize(await browser.sent_to("apply"))
    assert (await browser.get(f"{back}&iss={hostile.issuer}")).status == 200
