"""Cases 75–80: the service and the office under attack, as tests/cases/service.json says."""

import json
import logging
import re
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.verify.issuing.office import TestOffice
from tests.verify.public.published import NOW, Published, publish, token
from verify.public.app import PublicSettings, build
from verify.scanned import digits

SERVICE = json.loads(Path(__file__).with_name("service.json").read_text(encoding="utf-8"))["cases"]
ASKED = [case for case in SERVICE if "path" in case]
CHECKED = {case["check"]: case for case in SERVICE if "check" in case}
_PLACE = re.compile(r"\{digits(?::(.*))?\}", re.DOTALL)

Client = TestClient[Any, Any]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return publish(tmp_path / "public")


@pytest.fixture
async def client(
    published: Published, aiohttp_client: Callable[..., Awaitable[Client]], monkeypatch: pytest.MonkeyPatch
) -> Client:
    """The service; once it runs, nothing here may open a connection but to it."""
    client = await aiohttp_client(build(PublicSettings(published.folder, lambda: NOW)))
    port, connect = client.port, socket.socket.connect

    def only_to_the_service(self: socket.socket, address: Any) -> None:
        assert address[1] == port, f"a connection to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_to_the_service)
    return client


def filled(text: str) -> str:
    return _PLACE.sub(lambda found: digits(token(subject_name=found[1]) if found[1] else token()), text)


async def asked(client: Client, case: dict[str, Any]) -> tuple[int, str, dict[str, str]]:
    path = filled(case["path"])
    body = {key: {name: filled(value) for name, value in case[key].items()} for key in ("json", "form") if key in case}
    if "json" in body:
        response = await client.post(path, json=body["json"])
    elif "form" in body:
        response = await client.post(path, data=body["form"])
    else:
        response = await client.get(path)
    return response.status, await response.text(), dict(response.headers)


def verdict_in(text: str) -> tuple[str, str]:
    """Of a JSON answer, or of the page."""
    if text.startswith("{"):
        answer = json.loads(text)
        return answer["verdict"], answer["reason"]
    found = re.search(r'data-verdict="([a-z_]+)" data-reason="([A-Z_0-9]+)"', text)
    assert found, text[:2000]
    return found[1], found[2]


@pytest.mark.parametrize("case", ASKED, ids=[f"{case['case']} {case['id']}" for case in ASKED])
async def test_the_service_survives(case: dict[str, Any], client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    status, text, headers = await asked(client, case)
    assert (status, *verdict_in(text)) == (200, case["verdict"], case["reason"])
    assert case.get("headers", {}).items() <= headers.items()
    assert not [never for never in case.get("never", ()) if never in text or never in caplog.text]


async def test_nothing_tells_a_number_that_exists_from_one_that_does_not(client: Client) -> None:
    answers = set()
    for case in ASKED:
        if case["case"] == 75:
            _, text, _ = await asked(client, case)
            answer = json.loads(text)
            answers.add(json.dumps({**answer, "input": None}))
    assert len(answers) == 1


async def test_a_page_asked_for_again_after_a_revocation_is_not_the_green_one(
    client: Client, published: Published
) -> None:
    from verify.status import Status

    case = next(case for case in ASKED if case["path"] == "/v/{digits}")
    assert verdict_in((await asked(client, case))[1]) == ("valid", "OK")
    published.publish({5: Status.REVOKED}, version=2)
    assert verdict_in((await asked(client, case))[1]) == ("revoked", "WITHDRAWN")


def test_no_key_is_within_reach_of_the_verifier(published: Published) -> None:
    case = CHECKED["no key within reach"]
    program = (
        "import sys, json, asyncio\n"
        "from datetime import datetime\nfrom pathlib import Path\n"
        "import verify.public.app, verify.documents.examine\n"
        "from verify.check import check\nfrom verify.trust import load\n"
        "now = datetime.fromisoformat(sys.argv[3])\n"
        "trust = load(Path(sys.argv[1], 'trust.json').read_bytes())\n"
        "answer = check(sys.argv[2], trust=trust, at=now, now=now)\n"
        "print(json.dumps([answer.verdict, answer.reason, sorted(sys.modules)]))\n"
    )
    arguments = [str(published.folder), published.digits, NOW.isoformat()]
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    verdict, reason, modules = json.loads(run.stdout)
    assert (verdict, reason) == (case["verdict"], case["reason"])
    assert not [name for name in modules if name.startswith(("verify.issuing", "index", "bot", "verify.signing"))]
    held = b"".join(path.read_bytes() for path in published.folder.rglob("*") if path.is_file())
    assert b"PRIVATE KEY" not in held


def test_one_request_sent_twice_is_one_report(tmp_path: Path) -> None:
    case = CHECKED["one report for one request"]
    office = TestOffice(tmp_path)
    office.add_subjects()
    office.connect_all()
    first, again = (office.issue(idempotency_key="a request of the bank's") for _ in range(2))
    assert (first.number, first.qr_text) == (again.number, again.qr_text)
    assert (office.count("ledger"), office.count("intents")) == (1, 1)
    answer = office.examine(again.qr_text)
    assert (answer.verdict.value, answer.reason.value) == (case["verdict"], case["reason"])
