"""Answers verify/issuing/app.py, answers.py, bodies.py: the service as its callers see it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.verify.issuing.office import COMPANY, ISSUED, SHOP, STRANGER, TestOffice
from verify.issuing.app import IssuingSettings, build
from verify.issuing.pdf.fonts import fonts_in
from verify.issuing.pdf.typesetting import Typesetter
from verify.reasons import Reason, Verdict
from verify.trust import load

ORDER = {"subject_code": COMPANY, "years": 3, "purpose": "银行贷款", "actor": "窗口 01"}
Client = TestClient[Any, Any]


def settings(office: TestOffice, **changes: Any) -> IssuingSettings:
    home = office.home
    return IssuingSettings(
        home / "office",
        home / "office.db",
        home / "keys",
        home / "reports",
        home / "public",
        lambda: office.wall,
        home / "portal.toml",
        **changes,
    )


@pytest.fixture
async def client(office: TestOffice) -> AsyncIterator[Client]:
    """A running service whose clock stands in the term of its basis, asked with its token."""
    office.wall = ISSUED
    async with TestClient(TestServer(build(settings(office)))) as running:
        token = (office.home / "keys" / "api-token").read_text().strip()
        running.session.headers["Authorization"] = f"Bearer {token}"
        yield running


async def issued(client: Client, **headers: str) -> dict[str, Any]:
    answer = await client.post("/issuing/reports", json=ORDER, headers=headers)
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def test_a_report_is_issued_fetched_and_valid(office: TestOffice, client: Client) -> None:
    report = await issued(client)
    assert report["calendar_published"] is True
    assert report["files"]["docx"] == f"/issuing/reports/{report['number']}/report.docx"
    docx = await (await client.get(report["files"]["docx"])).read()
    png = await (await client.get(report["files"]["qr_png"])).read()
    pdf = await client.get(report["files"]["pdf"])
    assert office.examine(docx).reason is Reason.OK
    assert office.examine(png).reason is Reason.OK
    assert (pdf.content_type, (await pdf.read())[:8]) == ("application/pdf", b"%PDF-1.7")
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{report["number"]}.pdf"'
    shown = await (await client.get(f"/issuing/reports/{report['number']}")).json()
    assert (shown["state"], shown["issued_by"]) == ("valid", "窗口 01")


async def test_without_fonts_the_service_says_so_on_start_and_answers_with_the_docx_alone(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    office.wall = ISSUED
    missing = Typesetter(lambda: fonts_in((str(tmp_path),), with_system=False))
    monkeypatch.setattr("verify.issuing.service.Typesetter", lambda: missing)
    async with TestClient(TestServer(build(settings(office)))) as running:
        assert "fonts-noto-cjk" in caplog.text
        token = (office.home / "keys" / "api-token").read_text().strip()
        running.session.headers["Authorization"] = f"Bearer {token}"
        report = await issued(running)
        assert report["files"]["pdf"] is None
        answer = await running.get(f"/issuing/reports/{report['number']}/report.pdf")
        told = await answer.json()
        assert (answer.status, told["code"]) == (503, "PDF_UNAVAILABLE")
        assert "fonts-noto-cjk" in told["next_step"]
        assert (await running.get(report["files"]["docx"])).status == 200


async def test_the_same_key_twice_at_once_gives_one_report(office: TestOffice, client: Client) -> None:
    key = {"Idempotency-Key": "K-7"}
    first, second = await asyncio.gather(issued(client, **key), issued(client, **key))
    assert first == second
    assert office.count("ledger") == 1


async def test_revoking_is_seen_by_verifiers_at_once(office: TestOffice, client: Client) -> None:
    report = await issued(client)
    place = f"/issuing/reports/{report['number']}/revoke"
    answer = await client.post(place, json={"reason": "数据有误", "actor": "窗口 01"})
    assert (answer.status, (await answer.json())["state"]) == (200, "revoked")
    assert office.examine(report["qr_text"]).verdict is Verdict.REVOKED
    again = await client.post(place, json={"reason": "数据有误", "actor": "窗口 01"})
    assert (again.status, (await again.json())["code"]) == (409, "REPORT_ALREADY_REVOKED")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer falsch", "Basic abc", "Bearer \u00e9"])
async def test_without_the_token_nothing_is_answered(client: Client, given: str) -> None:
    for method, place in (("POST", "/issuing/reports"), ("GET", "/issuing/reports/YCZX202608200000001")):
        answer = await client.request(method, place, headers={"Authorization": given})
        assert answer.status == 401
        assert (await answer.json())["code"] == "TOKEN_WRONG"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_that_is_no_text_is_refused_like_any_other(client: Client) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = b"GET /issuing/reports/YCZX202608200000001 HTTP/1.1\r\nHost: chenghe\r\nConnection: close\r\n"
    writer.write(head + b"Authorization: Bearer \xff\r\n\r\n")
    first_line = await reader.readline()
    writer.close()
    assert b" 401 " in first_line


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("nicht json", 400, "REQUEST_MALFORMED"),
        ("[" * 5000, 400, "REQUEST_MALFORMED"),
        ("[]", 400, "REQUEST_MALFORMED"),
        ({"subject_code": COMPANY, "years": 3}, 400, "REQUEST_MALFORMED"),
        (ORDER | {"years": "3"}, 400, "REQUEST_MALFORMED"),
        (ORDER | {"years": True}, 400, "REQUEST_MALFORMED"),
        (ORDER | {"moment": "2024-01-01"}, 400, "REQUEST_MALFORMED"),
        (ORDER | {"actor": "窗\x00口"}, 400, "REQUEST_MALFORMED"),
        (ORDER | {"purpose": "x" * 20000}, 413, "REQUEST_TOO_LARGE"),
        (ORDER | {"years": 4}, 422, "YEARS_REFUSED"),
        (ORDER | {"purpose": "移民"}, 422, "PURPOSE_UNKNOWN"),
        (ORDER | {"subject_code": STRANGER}, 404, "SUBJECT_UNKNOWN"),
    ],
)
async def test_every_refusal_has_status_code_sentence_and_next_step(
    client: Client, body: Any, status: int, code: str
) -> None:
    sent = {"data": body} if isinstance(body, str) else {"json": body}
    answer = await client.post("/issuing/reports", **sent)
    said = await answer.json()
    assert (answer.status, said["code"]) == (status, code)
    assert set(said) == {"code", "message", "next_step"}
    assert all(said.values())


@pytest.mark.parametrize("key", ["K" * 201, "K\u200b"])
async def test_a_header_that_is_no_plain_text_is_refused(client: Client, key: str) -> None:
    answer = await client.post("/issuing/reports", json=ORDER, headers={"Idempotency-Key": key})
    assert (answer.status, (await answer.json())["code"]) == (400, "REQUEST_MALFORMED")


async def test_an_unknown_number_is_404_in_words(client: Client) -> None:
    for place in ("", "/report.docx", "/report.pdf", "/qr.png"):
        answer = await client.get(f"/issuing/reports/YCZX202608200000009{place}")
        assert (answer.status, (await answer.json())["code"]) == (404, "REPORT_UNKNOWN")


async def test_health_says_whether_a_report_could_be_issued_now(office: TestOffice, client: Client) -> None:
    assert (await client.get("/issuing/health")).status == 200
    office.wall = ISSUED + timedelta(days=30)
    answer = await client.get("/issuing/health")
    assert (answer.status, (await answer.json())["code"]) == (503, "BASIS_EXPIRED")


async def test_the_token_is_made_once_for_its_owner_alone(office: TestOffice, client: Client) -> None:
    path = office.home / "keys" / "api-token"
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    assert len(before.strip()) >= 43
    async with TestClient(TestServer(build(settings(office)))):
        assert path.read_bytes() == before


async def test_the_status_list_is_renewed_while_the_service_runs(office: TestOffice) -> None:
    office.wall = ISSUED
    async with TestClient(TestServer(build(settings(office, renew_seconds=0.05)))):
        before = await _published(office.places.trust, after=None)
        office.wall += timedelta(hours=1)
        assert await _published(office.places.trust, after=before) == office.wall


async def test_what_a_crash_left_open_is_settled_on_start(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    from verify.issuing.ledger import Ledger

    office.wall = ISSUED
    with monkeypatch.context() as broken:
        broken.setattr(Ledger, "close", lambda *values: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            office.issue()
    assert len(office.issuing._ledger.open_intents()) == 1
    async with TestClient(TestServer(build(settings(office)))):
        assert office.issuing._ledger.open_intents() == ()


async def _published(path: Path, *, after: Any) -> Any:
    """The moment of the published status list, once it is another than ``after``."""
    for _ in range(1200):
        if path.exists():
            statuses = load(path.read_bytes()).statuses
            if statuses is not None and statuses.issued_at != after:
                return statuses.issued_at
        await asyncio.sleep(0.05)
    raise AssertionError("the status list was not renewed")


BATCH = {
    "subject_codes": [COMPANY, STRANGER, SHOP],
    "years": 1,
    "actor": "窗口 01",
    "identity_check": "上市辅导机构代办",
}


async def test_a_batch_answers_for_every_subject_and_repeats_itself(office: TestOffice, client: Client) -> None:
    key = {"Idempotency-Key": "B-1"}
    answer = await client.post("/issuing/batches", json=BATCH, headers=key)
    items = await answer.json()
    assert answer.status == 200
    assert [item["subject_code"] for item in items] == BATCH["subject_codes"]
    assert [item["problem"] and item["problem"]["code"] for item in items] == [None, "SUBJECT_UNKNOWN", None]
    for item in (items[0], items[2]):
        docx = await (await client.get(item["report"]["files"]["docx"])).read()
        assert office.examine(docx).reason is Reason.OK
        shown = await (await client.get(f"/issuing/reports/{item['report']['number']}")).json()
        assert (shown["channel"], shown["identity_check"], shown["request"]) == ("service", "上市辅导机构代办", "B-1")
    again = await client.post("/issuing/batches", json=BATCH, headers=key)
    assert await again.json() == items


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"parent_code": COMPANY}, 400, "REQUEST_MALFORMED"),
        ({"subject_codes": COMPANY}, 400, "REQUEST_MALFORMED"),
        ({"subject_codes": [7]}, 400, "REQUEST_MALFORMED"),
        ({"subject_codes": []}, 422, "BATCH_EMPTY"),
        ({"with_parent": "ja"}, 400, "REQUEST_MALFORMED"),
        ({"years": 4}, 200, ""),
        ({"subject_codes": ["9" * 18] * 9000}, 413, "REQUEST_TOO_LARGE"),
    ],
)
async def test_a_batch_that_is_none_is_refused_whole(
    office: TestOffice, client: Client, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.post("/issuing/batches", json=BATCH | change)
    said = await answer.json()
    assert answer.status == status, said
    if status == 200:
        assert {item["problem"]["code"] for item in said} == {"YEARS_REFUSED", "SUBJECT_UNKNOWN"}
    else:
        assert said["code"] == code
    assert office.count("ledger") == 0
