"""Typed numbers and codes: no way to find out which numbers exist (case 75), however many machines ask."""

import hashlib

import pytest
from aiohttp.test_utils import TestClient
from multidict import CIMultiDict

from tests.verify.public.conftest import Serving
from tests.verify.public.published import TYPED, Published
from verify import sealing
from verify.public import shelf
from verify.public.limits import Rate

MALFORMED = ("", "Y" * 60, "../../trust.json", "YTXY2026111600000178", "九" * 19)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done for a question: each scrypt with its cost, each look for a file."""
    done: list[str] = []
    scrypt, read = hashlib.scrypt, shelf._read

    def counted_scrypt(password: bytes, **named: int) -> bytes:
        done.append(f"scrypt {named['n']} {named['r']} {named['p']} {named['dklen']}")
        return scrypt(password, **named)  # type: ignore[arg-type]

    def counted_read(*arguments: object) -> bytes | None:
        found = read(*arguments)  # type: ignore[arg-type]
        done.append(f"look {found is not None}")
        return found

    monkeypatch.setattr(sealing, "scrypt", counted_scrypt)
    monkeypatch.setattr(shelf, "_read", counted_read)
    return done


async def test_every_wrong_answer_takes_the_same_steps_and_is_the_same_answer(
    serving: Serving, published: Published, steps: list[str]
) -> None:
    client = await serving(typed=Rate(1000, 1000.0))
    wrong = [(published.number, "7777-7777-7777"), ("YTXY202611160000018", TYPED), (published.number, "too short")]
    answers, work = set(), set()
    for number, code in [*wrong, *((number, TYPED) for number in MALFORMED)]:
        steps.clear()
        answer = await client.post("/api/verify", json={"number": number, "code": code})
        entry = await answer.json()
        assert entry.pop("input") == number
        answers.add((answer.status, str(entry)))
        work.add(tuple(steps))
    assert len(answers) == 1
    assert work == {("scrypt 16384 8 1 80", "look False")}


async def test_the_right_code_takes_no_second_scrypt(
    client: TestClient, published: Published, steps: list[str]
) -> None:
    entry = await (await client.post("/api/verify", json={"number": published.number, "code": TYPED})).json()
    assert (entry["verdict"], entry["input"]) == ("valid", published.number)
    assert TYPED not in str(entry)
    assert steps == ["scrypt 16384 8 1 80", "look True"]


async def test_many_machines_guessing_for_one_number_are_slowed_down_like_one(
    serving: Serving, published: Published
) -> None:
    client = await serving(proxies=frozenset({"127.0.0.1"}), number=Rate(3, 0.1), monotonic=lambda: 0.0)
    spellings = (published.number, published.number.lower(), f" {published.number} ", "ＹＴＸＹ" + published.number[4:])
    statuses = []
    for machine, number in enumerate(spellings):
        answer = await client.post(
            "/api/verify",
            json={"number": number, "code": "7777-7777-7777"},
            headers={"X-Forwarded-For": f"203.0.113.{machine}"},
        )
        statuses.append(answer.status)
    assert statuses == [200, 200, 200, 429]
    elsewhere = {"X-Forwarded-For": "203.0.113.99"}
    other = await client.post("/api/verify", json={"number": "YTXY202611160000018", "code": TYPED}, headers=elsewhere)
    assert other.status == 200
    scanned = await client.post("/api/verify", json={"token": published.digits}, headers=elsewhere)
    assert (await scanned.json())["verdict"] == "valid"


async def test_the_limit_tells_nothing_about_which_numbers_exist(serving: Serving, published: Published) -> None:
    client = await serving(
        proxies=frozenset({"127.0.0.1"}), number=Rate(1, 0.1), typed=Rate(99, 9.0), monotonic=lambda: 0.0
    )
    for number in (published.number, "YTXY202611160000018", *MALFORMED):
        guess = {"number": number, "code": "7777-7777-7777"}
        statuses = [(await client.post("/api/verify", json=guess)).status for _ in range(2)]
        assert statuses == [200, 429], number


async def test_a_line_sent_by_the_client_does_not_hide_the_one_of_the_proxy(
    serving: Serving, published: Published
) -> None:
    """Some proxies add a line of their own behind the one that came."""
    client = await serving(proxies=frozenset({"127.0.0.1"}), tokens=Rate(3, 0.1), monotonic=lambda: 0.0)
    statuses = []
    for spoofed in range(4):
        headers = CIMultiDict([("X-Forwarded-For", f"198.51.100.{spoofed}"), ("X-Forwarded-For", "203.0.113.7")])
        statuses.append((await client.post("/api/verify", json={"token": "1"}, headers=headers)).status)
    assert statuses == [200, 200, 200, 429]
