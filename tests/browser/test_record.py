"""The verification record: made in the browser, signed with the checker's key, read in Python, one page on paper."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, Served
from tests.browser.states import Office, office
from tests.browser.test_verification import scanned, upload
from tests.verify.public.published import NOW, ROOT
from verify.record import read_record
from verify.scanned import read
from verify.trust import load

pytestmark = pytest.mark.browser
KEYS = {
    *("format", "checker", "recorded_at", "asked_at", "input", "verdict", "reason", "notices", "differences", "report"),
    *("token_sha256", "log", "trust", "checked_in", "program", "public_key", "signature"),
}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("states") / "public") as served:
        yield served


def made(page: Page, name: str = "王示例", organisation: str = "云汀市示例招标中心") -> bytes:
    """The file behind the button after the record was made."""
    page.get_by_label("核验人姓名").fill(name)
    page.get_by_label("单位").fill(organisation)
    page.get_by_role("button", name="生成核验记录").click()
    expect(page.locator(".record-ready")).to_be_focused()
    return saved(page)


def saved(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="下载记录文件").click()
    return Path(download.value.path()).read_bytes()


def opened_record(content: bytes) -> dict[str, object]:
    """What docs/record.md promises of the file. Raises InvalidSignature."""
    record: dict[str, object] = json.loads(content)
    assert canonical(record) == content
    assert set(record) == KEYS
    signed = {key: value for key, value in record.items() if key != "signature"}
    spki = base64.b64decode(str(record["public_key"]), validate=True)
    key = load_der_public_key(spki)
    assert isinstance(key, EllipticCurvePublicKey)
    assert (len(spki), key.curve.name) == (91, "secp256r1")
    raw = base64.b64decode(str(record["signature"]), validate=True)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(der, canonical(signed), ECDSA(SHA256()))
    read_record(content)  # what ``chenghe verify --check-record`` does
    return record


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_record_says_who_checked_what_when_and_its_signature_holds(states: Office, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.clock.set_fixed_time(NOW)
    page.goto(states.link("valid"))
    record = opened_record(made(page))
    token = read(states.codes["valid"]).token
    trust = load((states.published.folder / "trust.json").read_bytes())
    assert trust.statuses is not None
    assert record["format"] == "chenghe-record-1"
    assert record["checker"] == {"name": "王示例", "organisation": "云汀市示例招标中心"}
    assert (record["recorded_at"], record["asked_at"]) == (NOW.isoformat(), NOW.isoformat())
    assert (record["verdict"], record["reason"], record["checked_in"]) == ("valid", "OK", "browser")
    assert record["input"] == {"kind": "code", "name": None, "sha256": None}
    assert record["token_sha256"] == hashlib.sha256(token).hexdigest()
    assert record["report"]["number"] == states.published.number  # type: ignore[index]
    assert record["trust"] == {
        "issuer": trust.keys.issuer.name,
        "root_sha256": hashlib.sha256(ROOT.public_key).hexdigest(),
        "key_list_version": trust.keys.version,
        "key_list_issued_at": trust.keys.issued_at.isoformat(),
        "status_list_issued_at": trust.statuses.issued_at.isoformat(),
        "notice_list_issued_at": trust.statuses.issued_at.isoformat(),
    }
    assert str(record["program"]).startswith("chenghe page ")
    shown = page.locator(".record-print dd").text_content() or ""
    assert shown.replace(" ", "").lower() == hashlib.sha256(base64.b64decode(str(record["public_key"]))).hexdigest()


def test_changed_record_does_not_hold(states: Office, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    page.goto(states.link("revoked"))
    content = made(page)
    assert opened_record(content)["verdict"] == "revoked"
    for before, after in ((b'"revoked"', b'"valid"'), ("王".encode(), "李".encode())):
        with pytest.raises(InvalidSignature):
            opened_record(content.replace(before, after))


def test_next_record_has_the_same_key_and_name_and_the_key_cannot_be_taken_out(states: Office, opened: Opener) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    page.goto(states.link("valid"))
    first = opened_record(made(page))
    page.goto("about:blank")
    page.goto(states.link("expired"))
    expect(page.get_by_label("核验人姓名")).to_have_value("王示例")
    expect(page.get_by_label("单位")).to_have_value("云汀市示例招标中心")
    page.get_by_role("button", name="生成核验记录").click()
    second = opened_record(saved(page))
    assert second["public_key"] == first["public_key"]
    assert second["verdict"] == "expired"
    refusal = page.evaluate(
        """() => new Promise((resolve) => {
          const request = indexedDB.open("chenghe-verify");
          request.onsuccess = () => {
            const stored = request.result.transaction("kept").objectStore("kept").get("checker-key");
            stored.onsuccess = () => crypto.subtle.exportKey("pkcs8", stored.result.privateKey)
              .then(() => resolve("exported"), (error) => resolve(error.name));
          };
        })"""
    )
    assert refusal == "InvalidAccessError"


def test_record_of_a_file_names_it_and_says_that_the_server_compared(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.goto(f"{served.origin}/v")
    upload(page, served)
    record = opened_record(made(page, "李示例", ""))
    assert record["checked_in"] == "server"
    assert record["input"] == {
        "kind": "file",
        "name": "report.docx",
        "sha256": hashlib.sha256(served.docx.read_bytes()).hexdigest(),
    }
    assert record["log"]["index"] >= 1  # type: ignore[index]


@pytest.mark.parametrize("text", ["'\"<b>&\\", "一\u2028二\u0007三\ud83d\ude00", "x" * 300])
def test_names_of_any_kind_are_signed_and_shown_as_text(states: Office, opened: Opener, text: str) -> None:
    page = opened(PHONE)
    page.clock.set_fixed_time(NOW)
    page.goto(states.link("valid"))
    page.get_by_label("核验人姓名").evaluate("(e, text) => { e.maxLength = 999; e.value = text; }", text)
    page.get_by_role("button", name="生成核验记录").click()
    record = opened_record(saved(page))
    name = str(record["checker"]["name"])  # type: ignore[index]
    assert 1 <= len(name) <= 60
    page.emulate_media(media="print")
    expect(page.locator(".sheet")).to_contain_text(name)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_record_is_one_page_of_a4_with_all_that_matters(served: Served, opened: Opener, language: str) -> None:
    page = opened(DESKTOP)
    page.goto(f"{served.origin}/v#{scanned(served)}")
    record = opened_record(made(page, "王示例" * 20, "云汀市示例招标中心" * 13))
    if language == "en":
        page.get_by_role("button", name="English").click()
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(document) == 1
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    text = "".join(document[0].get_textpage().get_text_bounded().split())
    report = record["report"]
    for part in (report["subject_code"], report["number"], "王示例", record["token_sha256"], "水电气领域"):  # type: ignore[index]
        assert str(part) in text
    assert "entry" in text if language == "en" else "登记日志" in text
    document.close()


def test_page_without_a_record_prints_the_verdict_with_its_moment(states: Office, opened: Opener) -> None:
    page = opened(DESKTOP)
    page.clock.set_fixed_time(NOW)
    page.goto(states.link("expired"))
    expect(page.locator("#result h1")).to_have_text("已过期")
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf()))
    text = document[0].get_textpage().get_text_bounded()
    assert "已过期" in text
    assert "2026年11月21日 09:00:00" in text
    assert "生成核验记录" not in text
    document.close()
