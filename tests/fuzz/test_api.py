"""The API against its own description, by schemathesis, over a real port: only documented answers, and no fault."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.budget import examples, repeatable
from tests.verify.public.published import NOW, publish
from verify.public.app import PublicSettings, build
from verify.public.limits import Rate
from verify.public.openapi import description
from verify.public.serving import listen, running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    allow_header_conformance,
]
FREELY = Rate(1_000_000, 1_000_000.0)
API = schemathesis.openapi.from_dict(description())
OPERATIONS = [each.ok() for each in API.get_all_operations()]


@dataclass(frozen=True, slots=True)
class Running:
    origin: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service in a thread of its own, without limits per client."""
    folder: Path = tmp_path_factory.mktemp("published") / "public"
    publish(folder)
    rates = dict.fromkeys(("typed", "number", "files", "tokens", "static", "batches"), FREELY)
    listening = listen("127.0.0.1", 0)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with running(build(PublicSettings(folder, lambda: NOW, **rates)), listening) as drain:
            await stop.wait()
            await drain()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    port = listening.getsockname()[1]
    thread.start()
    yield Running(f"http://127.0.0.1:{port}")
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_only_described_answers(operation: Any, service: Running) -> None:
    asked = 0

    @settings(
        max_examples=examples(8),
        deadline=None,
        derandomize=repeatable(),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:
        nonlocal asked
        asked += 1
        answer = case.call(base_url=service.origin, timeout=30)
        case.validate_response(answer, checks=CHECKS)

    holds()
    print(f"\nasked {asked} times", operation.label)
