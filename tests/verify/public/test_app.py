"""Every route of the verification service, as a phone, an institution and an enemy use it."""

import asyncio
import json
import logging
from datetime import timedelta
from html import unescape

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from tests.verify.public.conftest import Lasting, Serving
from tests.verify.public.published import (
    CODE,
    ISSUED_AT,
    NAME,
    NOW,
    STRANGER,
    TYPED,
    Published,
    token,
    trust_text,
    without_lists,
)
from verify.notices import Changed
from verify.public.access_log import Lines, access_logger
from verify.public.app import PublicSettings, build
from verify.public.bodies import BodyLimits
from verify.public.limits import Rate
from verify.scanned import digits
from verify.status import Status
from verify.trust import load

MONTH = timedelta(days=31)


async def page_of(client: TestClient, **fields: str) -> str:
    answer = await client.post("/v", data=fields)
    assert answer.status == 200
    return unescape(await answer.text())


def verdict_of(page: str) -> str:
    return page.split('data-verdict="')[1].split('"')[0]


async def test_start_page_offers_three_ways_without_script(client: TestClient) -> None:
    page = await (await client.get("/v")).text()
    assert page.count('<form method="post" action="/v"') == 3
    assert 'name="number"' in page
    assert 'type="file"' in page
    assert 'name="token"' in page


async def test_link_without_fragment_shows_whose_report_it_is(client: TestClient, published: Published) -> None:
    page = await (await client.get(f"/v/{published.digits}")).text()
    assert verdict_of(page) == "valid"
    for shown in (NAME, CODE, published.number, "2023年11月14日至2026年11月13日", "2026年12月16日24时", "45 个"):
        assert shown in page
    assert "请与手中的报告逐项比对" in page
    assert "在 44 个领域内未查询到违法违规记录" in page


async def test_token_in_the_body_gives_the_same_result(client: TestClient, published: Published) -> None:
    assert verdict_of(await page_of(client, token=published.link)) == "valid"
    assert verdict_of(await page_of(client, token=published.digits)) == "valid"


async def test_issued_content_is_traced_back(client: TestClient, published: Published) -> None:
    page = await page_of(client, token=published.digits)
    assert "一、分领域查询结果" in page
    assert "市税务局" in page
    assert "不作有无结论" in page


async def test_typed_number_and_code_open_the_report(client: TestClient, published: Published) -> None:
    typed = TYPED.replace("-", " ").lower()
    page = await page_of(client, number=f" {published.number.lower()} ", code=typed)
    assert verdict_of(page) == "valid"
    assert NAME in page


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("YTXY202611160000017", "7777-7777-7777"),
        ("YTXY202611160000018", TYPED),
        ("../../trust.json", TYPED),
        ("YTXY202611160000017", "../../../etc/pa"),
        ("", ""),
        ("‮<script>", "\x00\x00"),
        ("Y" * 60, "7" * 60),
    ],
)
async def test_unknown_number_and_wrong_code_get_one_neutral_answer(client: TestClient, number: str, code: str) -> None:
    page = await page_of(client, number=number, code=code)
    assert verdict_of(page) == "unreadable"
    assert 'data-reason="TYPED_CODE_UNKNOWN"' in page
    assert "未查询到" in page
    assert NAME not in page


async def test_expired_is_told_apart_from_altered_and_forged(serving: Serving, published: Published) -> None:
    later = await serving(clock=lambda: ISSUED_AT + MONTH)
    expired = await page_of(later, token=published.digits)
    forged = await page_of(later, token=digits(token(STRANGER)))
    assert 'class="verdict late"' in expired
    assert NAME in expired
    assert 'class="verdict bad"' in forged
    assert NAME not in forged


async def test_revoked_report_is_refused_within_its_month(client: TestClient, published: Published) -> None:
    assert verdict_of(await page_of(client, token=published.digits)) == "valid"
    published.publish({5: Status.REVOKED}, version=2)
    assert verdict_of(await page_of(client, token=published.digits)) == "revoked"


async def test_corrected_data_are_told_beside_the_verdict_and_do_not_change_it(
    client: TestClient, published: Published
) -> None:
    assert "data-notice" not in await page_of(client, token=published.digits)
    published.publish(changes={5: Changed.CORRECTED | Changed.REPAIRED}, version=2)
    page = await page_of(client, token=published.digits)
    assert verdict_of(page) == "valid"
    assert "数据已更正，请重新获取。" in page
    assert "签发后有记录完成修复。" in page
    entry = await (await client.post("/api/verify", json={"token": published.digits})).json()
    assert [notice["code"] for notice in entry["notices"]] == ["DATA_CORRECTED", "RECORD_REPAIRED"]


async def test_notices_of_one_report_are_not_told_to_who_holds_another_code(
    client: TestClient, published: Published
) -> None:
    published.publish(changes={6: Changed.CORRECTED}, version=2)
    assert "data-notice" not in await page_of(client, token=published.digits)
    published.publish(changes={5: Changed.CORRECTED}, version=3)
    assert "data-notice" not in await page_of(client, token=digits(token(STRANGER)))


async def test_without_trust_nothing_is_green(client: TestClient, published: Published) -> None:
    trust = published.folder / "trust.json"
    good = trust.read_text("utf-8")
    for content in ("", "{}", "not json", good[:-200]):
        trust.write_text(content, "utf-8")
        assert verdict_of(await page_of(client, token=published.digits)) == "indeterminate"
        assert verdict_of(await page_of(client, number=published.number, code=TYPED)) == "indeterminate"
    trust.unlink()
    assert verdict_of(await page_of(client, token=published.digits)) == "indeterminate"
    assert (await client.get("/trust.json")).status == 503
    assert (await client.get("/health")).status == 503


async def test_stale_status_list_is_not_green(serving: Serving, published: Published) -> None:
    later = await serving(clock=lambda: NOW + timedelta(days=8))
    assert verdict_of(await page_of(later, token=published.digits)) == "indeterminate"


async def test_name_with_markup_is_shown_as_text(client: TestClient, published: Published) -> None:
    nasty = '<script>alert("1")</script>&"\''
    answer = await client.post("/v", data={"token": digits(token(subject_name=nasty))})
    page = await answer.text()
    assert "<script>alert" not in page
    assert nasty in unescape(page)


async def test_api_answers_with_one_entry(client: TestClient, published: Published) -> None:
    answer = await client.post("/api/verify", json={"token": published.digits})
    entry = await answer.json()
    assert answer.status == 200
    assert (entry["input"], entry["verdict"], entry["reason"]) == (published.digits, "valid", "OK")
    assert entry["checked_at"] == NOW.isoformat()
    assert entry["report"]["subject_code"] == CODE
    assert entry["differences"] == []


async def test_api_moves_the_moment_asked_about(client: TestClient, published: Published) -> None:
    last = {"token": published.digits, "at": "2026-12-16T23:59:59+08:00"}
    over = {"token": published.digits, "at": "2026-12-17T00:00:00"}
    assert (await (await client.post("/api/verify", json=last)).json())["verdict"] == "valid"
    assert (await (await client.post("/api/verify", json=over)).json())["verdict"] == "expired"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"token": 5}', "application/json", 400),
        (b'{"token": "1", "at": "soon"}', "application/json", 400),
        (b'{"token": "1", "at": "0001-01-01T00:00:00+23:59"}', "application/json", 400),
        (b'{"token": "1", "at": []}', "application/json", 400),
        (b'{"token": "\\ud800"}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b"9" * 5_000, "application/json", 400),
        (b'{"token": "' + b"1" * 20_000 + b'"}', "application/json", 413),
        (b"token=1", "application/x-www-form-urlencoded", 415),
        (b"x", "text/plain", 415),
        (b"--b\r\n", "multipart/form-data; boundary=b", 400),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=" + "b" * 100, 400),
    ],
)
async def test_api_refuses_bad_input_in_json(client: TestClient, body: bytes, kind: str, status: int) -> None:
    answer = await client.post("/api/verify", data=body, headers={"Content-Type": kind})
    assert answer.status == status
    error = (await answer.json())["error"]
    assert set(error) == {"code", "message", "next_step"}


@pytest.mark.parametrize(
    "text",
    ["", " ", "0", "01", "12a", "9" * 1500, "－１２", "<b>", "..", "%00", "https://evil.example/v#1", "中文", "1\n2"],
)
async def test_bad_tokens_get_a_verdict_never_an_error(client: TestClient, text: str) -> None:
    page = await page_of(client, token=text)
    assert verdict_of(page) == "unreadable"


@pytest.mark.parametrize(
    "path", ["/v/..%2f..%2ftrust.json", "/v/%3Cscript%3E", "/v/a%0d%0aX-Evil:1", "/v/%00", "/v/%ff"]
)
async def test_hostile_paths_are_unreadable_codes(client: TestClient, path: str) -> None:
    answer = await client.get(URL(path, encoded=True))
    assert answer.status == 200
    assert "X-Evil" not in answer.headers
    text = await answer.text()
    assert verdict_of(text) == "unreadable"
    assert "<script>" not in text


async def test_static_files_do_not_lead_out_of_their_folder(client: TestClient) -> None:
    for path in ("/v/static/../app.py", "/v/static/%2e%2e/app.py", "/v/static/..%2fapp.py", "/v/static//etc/passwd"):
        answer = await client.get(URL(path, encoded=True))
        assert answer.status in (403, 404) or verdict_of(await answer.text()) == "unreadable"


async def test_every_answer_forbids_caching_foreign_content_and_indexing(
    client: TestClient, published: Published
) -> None:
    answers = [
        await client.get("/v"),
        await client.get(f"/v/{published.digits}"),
        await client.post("/v", data={"token": "x"}),
        await client.post("/api/verify", json={"token": "x"}),
        await client.get("/nowhere"),
        await client.delete("/v"),
    ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]


async def test_static_files_may_be_cached_by_version(client: TestClient) -> None:
    versioned = await client.get("/v/static/look.css?v=1234567890")
    assert versioned.status == 200
    assert "max-age" in versioned.headers["Cache-Control"]
    assert (await client.get("/v/static/look.css")).headers["Cache-Control"] == "no-cache"


async def test_trust_file_and_lists_are_published_as_they_are(client: TestClient, published: Published) -> None:
    answer = await client.get("/trust.json")
    assert await answer.read() == (published.folder / "trust.json").read_bytes()
    assert answer.headers["Cache-Control"] == "no-cache"
    trust = load((published.folder / "trust.json").read_bytes())
    for path, signed in (("/status", trust.status_list), ("/notices", trust.notice_list)):
        answer = await client.get(path)
        assert answer.content_type == "application/statuslist+cwt"
        assert await answer.read() == signed


async def test_a_list_that_was_not_published_is_not_there(client: TestClient, published: Published) -> None:
    (published.folder / "trust.json").write_text(without_lists(trust_text()), "utf-8")
    for path in ("/status", "/notices"):
        assert (await client.get(path)).status == 404


async def test_only_the_page_may_compile_webassembly(client: TestClient) -> None:
    assert "'wasm-unsafe-eval'" in (await client.get("/v")).headers["Content-Security-Policy"]
    assert "unsafe" not in (await client.get("/health")).headers["Content-Security-Policy"]


async def test_guessing_codes_is_slowed_down(serving: Serving, published: Published) -> None:
    now = [0.0]
    client = await serving(typed=Rate(burst=3, per_second=0.1), monotonic=lambda: now[0])
    guess = {"number": published.number, "code": "7777-7777-7777"}
    statuses = [(await client.post("/v", data=guess)).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = await client.post("/v", data={"number": published.number, "code": TYPED})
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "10"
    assert "请求太频繁" in await answer.text()
    assert verdict_of(await page_of(client, token=published.digits)) == "valid"
    now[0] = 10.0
    assert verdict_of(await page_of(client, number=published.number, code=TYPED)) == "valid"


async def test_file_that_is_too_large_is_refused_in_chinese(serving: Serving) -> None:
    client = await serving(body=BodyLimits(file_bytes=100_000))
    form = FormData()
    form.add_field("file", b"\x89PNG" + b"0" * 200_000, filename="大.png")
    answer = await client.post("/v", data=form)
    assert answer.status == 413
    assert "内容太大" in await answer.text()
    answer = await client.post("/api/verify", data=_chunked(b"0" * 1_000_000))
    assert answer.status == 413


def _chunked(content: bytes) -> FormData:
    form = FormData(quote_fields=False)
    form.add_field("file", content, filename='x"; evil="1.docx')
    return form


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/verify", "application/json"),
        ("/api/verify", "multipart/form-data; boundary=B"),
        ("/v", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_says_that_it_is_too_large_is_refused_before_it_is_sent(
    serving: Serving, path: str, kind: str
) -> None:
    client = await serving()
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 104857600\r\n\r\n".encode()
    )
    assert (await asyncio.wait_for(reader.readline(), 30)).split()[1] == b"413"
    writer.close()


async def test_body_sent_too_slowly_is_refused(serving: Serving) -> None:
    client = await serving(body=BodyLimits(seconds=0.2))

    finish = asyncio.Event()

    async def slowly():
        yield b"token="
        await finish.wait()
        yield b"1"

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/v", data=slowly(), headers=headers)
    finish.set()
    assert answer.status == 408


async def test_the_readers_of_files_end_with_the_service(serving: Serving, lasting: Lasting) -> None:
    client = await serving()
    before = lasting.closings
    await client.close()
    assert lasting.closings == before + 2, "those of the page, and those of the batches"


async def test_only_so_many_files_are_sent_at_once(serving: Serving, published: Published) -> None:
    client = await serving(uploads_max=1)
    finish = asyncio.Event()

    async def slowly():
        yield b"--b\r\n"
        await finish.wait()

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    slow = asyncio.create_task(client.post("/v", data=slowly(), headers=headers))
    async with asyncio.timeout(60):
        while "\nchenghe_uploads 1\n" not in await (await client.get("/metrics")).text():
            await asyncio.sleep(0.01)
    answer = await client.post("/v", data=_chunked(b"x"))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert verdict_of(await page_of(client, token=published.digits)) == "valid"
    finish.set()
    assert (await slow).status == 400
    assert (await client.post("/v", data=_chunked(b"x"))).status == 200


async def test_uploaded_rubbish_is_unreadable(client: TestClient) -> None:
    for name, content in (
        ("a.docx", b"PK\x03\x04rubbish"),
        ("b.png", b"\x89PNG\r\n"),
        ("c", b"\x00\x01"),
        ("d.txt", b""),
    ):
        form = FormData()
        form.add_field("file", content, filename=name)
        answer = await client.post("/api/verify", data=form)
        entry = await answer.json()
        assert (answer.status, entry["verdict"], entry["input"]) == (200, "unreadable", name)


async def test_picture_of_the_qr_is_verified(client: TestClient, published: Published) -> None:
    form = FormData(quote_fields=False)  # as browsers send it
    form.add_field("file", _qr_png(published.link), filename="../../手机照片.png")
    form.add_field("at", "2026-12-20T00:00:00+08:00")
    entry = await (await client.post("/api/verify", data=form)).json()
    assert (entry["verdict"], entry["input"]) == ("expired", "手机照片.png")


def _qr_png(text: str) -> bytes:
    from io import BytesIO

    import qrcode

    stream = BytesIO()
    qrcode.make(text).save(stream, format="PNG")
    return stream.getvalue()


async def test_unknown_pages_and_methods_are_answered_in_chinese(client: TestClient) -> None:
    answer = await client.get("/nowhere")
    assert answer.status == 404
    assert "没有这个页面" in await answer.text()
    answer = await client.put("/v")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


async def test_log_has_neither_code_nor_name_nor_address(published: Published) -> None:
    written: list[str] = []
    lines = Lines(written.append, seconds_now=NOW.timestamp)
    server = TestServer(build(PublicSettings(published.folder, lambda: NOW)))
    await server.start_server(access_log=logging.getLogger("not used"), access_log_class=access_logger(lines))
    async with TestClient(server) as client:
        await client.get(f"/v/{published.digits}?x=INJECTED")
        await client.get("/INJECTED%0aline", headers={"User-Agent": "INJECTED"})
        await client.post("/v", data={"token": published.link})
    assert written == []
    lines.flush()
    shown = [line.rsplit(" ", 1)[0] for text in written for line in text.split("\n")]
    day = "2026-11-21 09:00:00"
    assert shown == [f"{day} GET /v/{{digits}} 200", f"{day} GET - 404", f"{day} POST /v 200"]


async def test_health_says_which_service_it_is(client: TestClient) -> None:
    health = json.loads(await (await client.get("/health")).text())
    assert health == {"service": "public", "ok": True, "memory": "process"}
