"""The description of the API says what the service does: routes, statuses, codes and the shape of every answer."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from tests.verify.public.conftest import Serving
from tests.verify.public.published import NOW, STRANGER, TYPED, Published, token
from verify.notices import Notice
from verify.public.app import PublicSettings, build
from verify.public.bodies import BodyLimits
from verify.public.limits import Rate
from verify.public.openapi import description
from verify.public.problems import PROBLEMS
from verify.reasons import Reason, Verdict
from verify.scanned import digits
from verify.status import Status

PROGRAM = ("/v/static", "/v/program/", "/v/worker.js")
"""What the page is made of is no API."""


def schema(name: str) -> Any:
    components = description()["components"]
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": components})


def described(path: str, method: str) -> dict[str, Any]:
    return description()["paths"][path][method]["responses"]


async def test_it_is_served_and_is_a_valid_description(client: TestClient) -> None:
    served = await (await client.get("/openapi.json")).json()
    assert served == json.loads(json.dumps(description()))
    assert served["openapi"] == "3.1.0"
    for each in served["components"]["schemas"].values():
        jsonschema_rs.validator_for({**each, "components": served["components"]})


def test_routes_and_methods_are_those_of_the_service(published: Published) -> None:
    app = build(PublicSettings(published.folder, lambda: NOW))
    real = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and not isinstance(route.resource, web.StaticResource)
        and not route.resource.canonical.startswith(PROGRAM)
    }
    told = {(path, method) for path, operations in description()["paths"].items() for method in operations}
    assert told == real


def test_reasons_verdicts_and_notices_are_those_of_the_tables() -> None:
    entry = description()["components"]["schemas"]["Entry"]["properties"]
    assert entry["reason"]["enum"] == [each.value for each in Reason]
    assert entry["verdict"]["enum"] == [each.value for each in Verdict]
    notice = description()["components"]["schemas"]["Notice"]["properties"]
    assert notice["code"]["enum"] == [each.value for each in Notice]


def test_every_refusal_of_the_table_is_told_somewhere_but_those_of_other_rooms() -> None:
    told = {
        int(status)
        for operations in description()["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }
    assert set(PROBLEMS) - told == {403}  # the portal's
    assert told - set(PROBLEMS) == {200, 304}


async def test_answers_of_every_kind_have_the_described_shape(client: TestClient, published: Published) -> None:
    questions: list[dict[str, str]] = [
        {"token": published.digits},
        {"token": published.digits, "at": "2027-01-01T00:00:00"},
        {"token": digits(token(STRANGER))},
        {"token": "rubbish"},
        {"number": published.number, "code": TYPED},
        {"number": published.number, "code": "wrong"},
    ]
    valid = schema("Entry")
    for status in (Status.VALID, Status.SUSPENDED, Status.REVOKED):
        published.publish({5: status}, version=2 + status)
        for question in questions:
            answer = await client.post("/api/verify", json=question)
            assert answer.status == 200
            valid.validate(await answer.json())


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
async def test_every_route_answers_with_a_described_status(serving: Serving, published: Published, method: str) -> None:
    client = await serving(tokens=Rate(1, 0.01), static=Rate(3, 0.01), body=BodyLimits(small_bytes=50))
    for path, operations in description()["paths"].items():
        for _ in range(3):
            answer = await client.request(method, re.sub(r"\{.+\}", "1", path), data=b"x" * 100)
            allowed = operations.get(method, {"responses": {"405": {}}})["responses"]
            assert str(answer.status) in allowed, (method, path, answer.status)


async def test_refusals_have_the_described_shape_and_headers(serving: Serving, published: Published) -> None:
    client = await serving(tokens=Rate(1, 0.01), body=BodyLimits(small_bytes=50, file_bytes=100))
    form = FormData()
    form.add_field("file", b"x" * 5000, filename="x")
    answers = [
        await client.post("/api/verify", data=b"{", headers={"Content-Type": "application/json"}),
        await client.post("/api/verify", json={"token": "1" * 90}),
        await client.post("/api/verify", data=form),
        await client.post("/api/verify", data=b"x"),
        await client.get("/api/verify"),
        *[await client.post("/api/verify", json={"token": "1"}) for _ in range(2)],
    ]
    assert [answer.status for answer in answers] == [400, 413, 413, 415, 405, 200, 429]
    for answer in answers:
        if answer.status == 200:
            continue
        schema("Problem").validate(await answer.json())
        fault = described("/api/verify", "post")[str(answer.status)]
        assert (await answer.json())["error"]["code"] == fault["description"].partition("：")[0]
        wanted = {"429": "Retry-After", "405": "Allow"}.get(str(answer.status))
        assert wanted is None or wanted in answer.headers
