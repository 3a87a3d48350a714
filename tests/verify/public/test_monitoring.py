"""Health and metrics: numbers for those who run the service, nothing about those who use it."""

import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from tests.verify.public.conftest import Serving
from tests.verify.public.published import NAME, NOW, STRANGER, Published, token
from verify.public.metrics import BOUNDS, Metrics
from verify.public.monitoring import FORWARDED
from verify.scanned import digits

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? [0-9.+e-]+')


async def told(client: TestClient) -> dict[str, float]:
    text = await (await client.get("/metrics")).text()
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert all(LINE.fullmatch(line) for line in lines)
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_requests_verdicts_and_seconds_are_counted(client: TestClient, published: Published) -> None:
    for question in (published.digits, digits(token(STRANGER)), "rubbish", "rubbish"):
        await client.post("/api/verify", json={"token": question})
    await client.post("/api/verify", json={})
    await client.get("/nowhere/INJECTED")
    found = await told(client)
    assert found['chenghe_requests_total{route="/api/verify",status="200"}'] == 4
    assert found['chenghe_requests_total{route="/api/verify",status="400"}'] == 1
    assert found['chenghe_requests_total{route="-",status="404"}'] == 1
    assert found['chenghe_verdicts_total{verdict="valid",reason="OK"}'] == 1
    assert found['chenghe_verdicts_total{verdict="forged",reason="KEY_UNKNOWN"}'] == 1
    assert found['chenghe_verdicts_total{verdict="unreadable",reason="NOT_A_VERIFICATION_CODE"}'] == 2
    assert found['chenghe_request_seconds_count{route="/api/verify"}'] == 5
    assert found['chenghe_request_seconds_bucket{route="/api/verify",le="+Inf"}'] == 5


async def test_ages_of_the_lists_and_the_queue_are_told(serving: Serving, published: Published) -> None:
    client = await serving(clock=lambda: NOW + timedelta(hours=2))
    found = await told(client)
    assert found["chenghe_trust_usable"] == 1
    assert found["chenghe_status_list_age_seconds"] == 7200
    assert found["chenghe_key_list_left_seconds"] == (timedelta(days=30) - timedelta(hours=2)).total_seconds()
    assert found["chenghe_waiting"] == found["chenghe_uploads"] == 0
    (published.folder / "trust.json").unlink()
    assert (await told(client))["chenghe_trust_usable"] == 0


async def test_nothing_of_who_asked_or_about_whom_is_in_it(client: TestClient, published: Published) -> None:
    await client.get(f"/v/{published.digits}", headers={"User-Agent": "INJECTED"})
    await client.post("/v", data={"number": published.number, "code": "WXYZ-WXYZ-WXYZ"})
    text = await (await client.get("/metrics")).text()
    for secret in (published.digits, published.number, "INJECTED", NAME, "127.0.0.1", "WXYZ"):
        assert secret not in text


@pytest.mark.parametrize("proxies", [frozenset(), frozenset({"127.0.0.1"})])
@pytest.mark.parametrize("header", FORWARDED)
async def test_nobody_sees_the_metrics_through_a_proxy_whether_it_was_named_or_not(
    serving: Serving, proxies: frozenset[str], header: str
) -> None:
    client = await serving(proxies=proxies)
    assert (await client.get("/metrics", headers={header: "203.0.113.5"})).status == 404
    assert (await client.get("/metrics")).status == 200


async def test_other_machines_see_the_metrics_only_when_they_are_named(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.public.monitoring.THIS_MACHINE", frozenset({"203.0.113.9"}))
    assert (await (await serving()).get("/metrics")).status == 404
    assert (await (await serving(scrapers=frozenset({"127.0.0.1"}))).get("/metrics")).status == 200


def test_a_request_falls_into_its_class_of_seconds_and_all_above() -> None:
    metrics = Metrics()
    for seconds in (0.0, BOUNDS[0], BOUNDS[3], 99.0):
        metrics.request("/v", 200, seconds)
    text = metrics.text({})
    assert f'le="{BOUNDS[0]}"}} 2' in text
    assert f'le="{BOUNDS[3]}"}} 3' in text
    assert 'le="+Inf"} 4' in text
