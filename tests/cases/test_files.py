"""Pictures and documents of the 82 cases, handed to the public service as an upload."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient

from tests.cases.files import DATA, content, files
from tests.cases.test_vectors_over_http import FREELY
from tests.verify.public.conftest import lasting as lasting
from tests.verify.public.conftest import shared_readers as shared_readers
from tests.verify.sample import NOW
from verify.public.app import PublicSettings, build
from verify.public.bodies import BodyLimits
from verify.trust import dump

FILES = {(each.case, each.name): each for each in files()}
CASES: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["cases"]
NUMBERS = sorted({case["case"] for case in CASES})
LIMITS = replace(BodyLimits(), file_bytes=20 * 1024 * 1024)


@pytest.mark.parametrize("number", NUMBERS)
async def test_an_upload_is_answered_as_the_case_says(
    number: int, tmp_path: Path, aiohttp_client: Callable[..., Awaitable[TestClient[Any, Any]]]
) -> None:
    chosen = [case for case in CASES if case["case"] == number]
    client = None
    for case in chosen:
        file = FILES[number, case["id"]]
        (tmp_path / "trust.json").write_text(dump(file.trust()), encoding="utf-8")
        client = client or await aiohttp_client(build(PublicSettings(tmp_path, lambda: NOW, files=FREELY, body=LIMITS)))
        form = FormData()
        form.add_field("file", file.build(), filename="送验文件", content_type="application/octet-stream")
        response = await client.post("/api/verify", data=form)
        answer = await response.json()
        assert (response.status, answer["verdict"], answer["reason"]) == (200, case["verdict"], case["reason"]), case
        places = [each["where"] for each in answer["differences"]]
        assert not case["where"] or any(case["where"] in place for place in places), (case, places)
        found = "".join(each["found"] for each in answer["differences"])
        assert case["shown"] in found, (case, found)


def test_the_data_is_what_the_tables_say() -> None:
    assert DATA.read_text(encoding="utf-8") == content()


def test_no_file_of_a_forger_is_ever_valid() -> None:
    genuine = {1: 0, 2: 1, 3: 0, 14: 3, 15: 0}
    for number in NUMBERS:
        valid = [case for case in CASES if case["case"] == number and case["verdict"] == "valid"]
        assert len(valid) == genuine.get(number, 0), number
