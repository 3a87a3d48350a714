"""Answers verify/public/batch.py, batch_asking.py, batch_answer.py and spooling.py: many reports over HTTP, and
enemies."""

import asyncio
import base64
import csv
import io
import json
import tempfile
from typing import Any

import openpyxl
import pytest
from aiohttp import ClientPayloadError, FormData
from aiohttp.test_utils import TestClient

from tests.verify.batch.made import lying, zipped
from tests.verify.documents.photos import jpeg, photographed, report_page, sealed
from tests.verify.documents.report import qr_png
from tests.verify.public.conftest import Serving
from tests.verify.public.published import CODE, NAME, STRANGER, Published, token
from verify.public.limits import Rate
from verify.public.settings import BatchLimits
from verify.scanned import qr_text
from verify.status import Status

URL = "https://verify.example.gov.cn"
ADDRESS = "/api/verify/batch"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form(*files: tuple[str, bytes], **fields: str) -> FormData:
    sent = FormData(quote_fields=False, default_to_multipart=True)
    for name, content in files:
        sent.add_field("file", content, filename=name)
    for name, text in fields.items():
        sent.add_field(name, text)
    return sent


async def lines(client: TestClient, sent: FormData) -> list[dict[str, Any]]:
    answer = await client.post(ADDRESS, data=sent)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "application/x-ndjson"
    return [json.loads(line) for line in (await answer.text()).splitlines()]


def forged() -> bytes:
    return qr_text(token(STRANGER), URL).encode()


async def test_rows_come_one_by_one_and_the_whole_at_the_end(client: TestClient, published: Published) -> None:
    link = published.link
    files = [
        ("甲/报告.png", qr_png(link)),
        ("盖章.jpg", jpeg(photographed(sealed(report_page(link), (175, 28))))),
        ("伪造.txt", forged()),
        ("坏.pdf", b"%PDF-1.7"),
    ]
    start, *rows, end = await lines(client, form(*files))
    assert start == {"type": "start", "files": 4}
    assert [(row["done"], row["total"], row["row"]["input"]) for row in rows] == [
        (number, 4, name) for number, (name, _) in enumerate(files, start=1)
    ]
    assert [row["row"]["reason"] for row in rows] == ["OK", "OK", "KEY_UNKNOWN", "DAMAGED_FILE"]
    assert rows[0]["row"]["report"]["subject_name"] == NAME
    assert end["counts"] == {"files": 4, "rows": 4, "striking": 4, "forged": 1, "unreadable": 1, "valid": 2}
    assert end["marks"]["1"][0]["code"] == "DUPLICATE"
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(end["files"]["xlsx"])))
    assert book.sheetnames == ["核验结果", "说明"]
    assert base64.b64decode(end["files"]["csv"]).decode("utf-8-sig").count("\r\n") == 5


async def test_a_zip_with_chinese_names_is_its_files(client: TestClient, published: Published) -> None:
    packed = zipped({"投标/甲.png": qr_png(published.link), "投标/乙.txt": forged()}, raw_names="gb18030").read()
    _, *rows, end = await lines(client, form(("全部.zip", packed), ("丙.txt", b"?")))
    assert [row["row"]["input"] for row in rows] == ["投标/甲.png", "投标/乙.txt", "丙.txt"]
    assert end["counts"]["files"] == 3


async def test_a_zip_that_is_refused_is_one_row(client: TestClient) -> None:
    data = lying(zipped({"a.txt": b"x"}).read())
    _, row, end = await lines(client, form(("炸弹.zip", data)))
    assert (row["row"]["reason"], end["counts"]["rows"]) == ("DANGEROUS_FILE", 1)


async def test_a_zip_with_nothing_to_verify_in_it_is_a_row_that_says_so(
    client: TestClient, published: Published
) -> None:
    _, *rows, _ = await lines(
        client, form(("甲.zip", zipped({"__MACOSX/._甲": b"x"}).read()), ("乙.txt", published.link.encode()))
    )
    assert [(row["row"]["input"], row["row"]["reason"]) for row in rows] == [
        ("甲.zip", "NO_CODE_FOUND"),
        ("乙.txt", "OK"),
    ]


async def test_the_list_of_bidders_is_compared(client: TestClient, published: Published) -> None:
    sent = form(("甲.txt", published.link.encode()))
    sent.add_field("bidders", f"名称,代码\n{NAME},{CODE}\n没来的公司,\n".encode("gb18030"), filename="名单.csv")
    _, row, end = await lines(client, sent)
    assert row["row"]["marks"] == []
    assert [(each["name"], each["state"]) for each in end["bidders"]] == [
        (NAME, "VALID_REPORT"),
        ("没来的公司", "NO_REPORT"),
    ]


async def test_the_moment_asked_about_is_the_one_judged(client: TestClient, published: Published) -> None:
    _, row, end = await lines(client, form(("甲.txt", published.link.encode()), at="2026-12-30T10:00:00"))
    assert row["row"]["verdict"] == "expired"
    assert end["checked_at"] == "2026-12-30T10:00:00+08:00"


async def test_json_csv_and_xlsx_by_accept_or_by_field(client: TestClient, published: Published) -> None:
    def sent(**fields: str) -> FormData:
        return form(("甲.txt", published.link.encode()), ("=1+1.txt", forged()), **fields)

    answer = await client.post(ADDRESS, data=sent(), headers={"Accept": "application/json"})
    document = await answer.json()
    assert [row["verdict"] for row in document["rows"]] == ["valid", "forged"]
    answer = await client.post(ADDRESS, data=sent(), headers={"Accept": "text/html, text/csv;q=0.9"})
    rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert rows[2][1] == "'=1+1.txt"
    answer = await client.post(ADDRESS, data=sent(format="xlsx"))
    assert answer.content_type == XLSX
    assert answer.headers["Content-Disposition"] == 'attachment; filename="verification-20261121-090000.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(await answer.read())).sheetnames[0] == "核验结果"


BAD = {
    "no file": (form(at="2026-12-30"), 400),
    "a moment that is none": (form(("a.txt", b"x"), at="yesterday"), 400),
    "a form that is none": (form(("a.txt", b"x"), format="exe"), 400),
    "a long field": (form(("a.txt", b"x"), at="2" * 5000), 413),
}


@pytest.mark.parametrize(("sent", "status"), BAD.values(), ids=BAD.keys())
async def test_what_is_not_asked_well_is_refused_with_what_to_do(
    client: TestClient, sent: FormData, status: int
) -> None:
    answer = await client.post(ADDRESS, data=sent)
    assert answer.status == status
    assert (await answer.json())["error"]["next_step"]


async def test_a_list_of_bidders_that_cannot_be_read_is_refused(client: TestClient) -> None:
    for content, code in ((bytes(range(256)), "BIDDERS_UNREADABLE"), (b"1,2\n", "BIDDERS_NOT_FOUND")):
        sent = form(("a.txt", b"x"))
        sent.add_field("bidders", content, filename="名单.xlsx")
        answer = await client.post(ADDRESS, data=sent)
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, code)


async def test_a_body_that_is_no_form_is_refused(client: TestClient) -> None:
    answer = await client.post(ADDRESS, data=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status == 415
    for body in (
        b"",
        b"x",
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx",
        b"--b--",
        b"--b\r\n\r\n--b--",
    ):
        answer = await client.post(ADDRESS, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
        assert answer.status == 400, body


async def test_too_much_is_refused_before_it_is_read(serving: Serving) -> None:
    client = await serving(batch=BatchLimits(body_bytes=50_000, files=3))
    answer = await client.post(ADDRESS, data=form(("a.bin", bytes(60_000))))
    assert answer.status == 413

    async def endless() -> Any:
        yield b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"
        for _ in range(100):
            yield bytes(10_000)

    answer = await client.post(ADDRESS, data=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status == 413
    for sent in (
        form(*[(f"{number}.txt", b"x") for number in range(4)]),
        form(("a.zip", zipped({f"{number}.txt": b"x" for number in range(4)}).read())),
    ):
        answer = await client.post(ADDRESS, data=sent)
        assert (answer.status, (await answer.json())["error"]["code"]) == (413, "TOO_MANY_FILES")


async def test_over_the_rate_and_too_many_at_once_are_told_when_to_come_back(serving: Serving) -> None:
    client = await serving(batches=Rate(burst=1, per_second=0.01), monotonic=lambda: 0.0)
    answers = [await client.post(ADDRESS, data=form(("a.txt", b"x"))) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert int(answers[1].headers["Retry-After"]) > 0
    client = await serving(batch=BatchLimits(batches=0))
    answer = await client.post(ADDRESS, data=form(("a.txt", b"x")))
    assert (answer.status, "Retry-After" in answer.headers) == (503, True)


async def test_a_batch_that_takes_too_long_ends_without_its_end_and_leaves_its_place(serving: Serving) -> None:
    client = await serving(
        batch=BatchLimits(batches=1, answering_seconds=0.0), batches=Rate(burst=1000, per_second=1000.0)
    )
    answer = await client.post(ADDRESS, data=form(("a.txt", b"x"), format="json"))
    assert (answer.status, (await answer.json())["error"]["code"]) == (408, "TOO_SLOW")
    client = await serving(
        batch=BatchLimits(batches=1, answering_seconds=0.5), batches=Rate(burst=1000, per_second=1000.0)
    )
    report = jpeg(photographed(report_page("no code of ours")))
    for _ in range(2):
        answer = await client.post(ADDRESS, data=form(*[(f"{number}.jpg", report) for number in range(80)]))
        assert answer.status == 200
        with pytest.raises(ClientPayloadError):
            await answer.read()


async def test_without_usable_trust_nothing_is_said(client: TestClient, published: Published) -> None:
    (published.folder / "trust.json").write_text("{}")
    answer = await client.post(ADDRESS, data=form(("a.txt", published.link.encode())))
    assert (answer.status, (await answer.json())["error"]["code"]) == (503, "TRUST_FORMAT_UNKNOWN")


async def test_a_withdrawn_report_is_withdrawn_in_a_batch_too(client: TestClient, published: Published) -> None:
    published.publish({5: Status.REVOKED})
    _, row, _ = await lines(client, form(("a.txt", published.link.encode())))
    assert row["row"]["verdict"] == "revoked"


async def test_names_are_written_into_no_log_and_no_file(
    client: TestClient, published: Published, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    caplog.set_level(0)
    await lines(client, form(("某某公司机密.txt", published.link.encode())))
    assert list((tmp_path / "temporary").iterdir()) == []
    assert "某某公司" not in caplog.text
    assert NAME not in caplog.text


async def test_who_goes_away_ends_the_work(serving: Serving, published: Published) -> None:
    """The place in the row of batches is free again, soon, although nobody reads the answer."""
    client = await serving(batch=BatchLimits(batches=1), batches=Rate(burst=1000, per_second=1000.0))
    photo = jpeg(photographed(report_page(published.link)))
    answer = await client.post(ADDRESS, data=form(*[(f"{number}.jpg", photo) for number in range(60)]))
    assert await answer.content.readline()
    answer.close()
    for _ in range(100):
        again = await client.post(ADDRESS, data=form(("a.txt", published.link.encode())))
        if again.status == 200:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the batch that nobody reads goes on")


async def test_the_page_is_there_and_names_the_limits(client: TestClient) -> None:
    answer = await client.get("/v/batch")
    text = await answer.text()
    assert answer.status == 200
    assert "256 MB" in text
    assert answer.headers["Cache-Control"] == "no-store"
