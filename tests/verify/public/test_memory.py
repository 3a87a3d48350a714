"""Verify-case 63 through the service: an old trust file does not bring a revoked key back, not after a restart."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from tests.verify.public.published import ISSUED_AT, ISSUER, NOW, ROOT, SIGNER, STRANGER, Published, publish
from verify.keylist import KeyEntry, KeyList, sign_key_list
from verify.keyring import Ed25519Signer
from verify.public.app import PublicSettings, build
from verify.status import CHANGES, StatusList, pack, sign_status_list, status_uri
from verify.trust import Root, dump, open_trust

Clients = Callable[..., Awaitable[TestClient]]
DAY = timedelta(days=1)
ENTRY = KeyEntry(SIGNER.algorithm, SIGNER.public_key, ISSUED_AT - 30 * DAY, ISSUED_AT + 90 * DAY, (1,))


def trust_text(version: int, entry: KeyEntry, root: Ed25519Signer = ROOT) -> str:
    """Lists signed by the root, so that they outlive the signing key."""
    keys = KeyList(version, NOW - DAY, NOW + 30 * DAY, ISSUER, (entry,))
    lists = StatusList(status_uri(ISSUER.verify_url), NOW, NOW + 7 * DAY, 3600, pack({}, 64))
    notices = replace(lists, uri=CHANGES.uri(ISSUER.verify_url))
    signed = [sign_status_list(each, root) for each in (lists, notices)]
    return dump(open_trust(Root(root.algorithm, root.public_key), sign_key_list(keys, root), *signed))


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return publish(tmp_path / "public")


async def answer(aiohttp_client: Clients, published: Published, memory: Path | None) -> tuple[str, dict[str, object]]:
    """As a service just started says: the verdict, and its health."""
    client = await aiohttp_client(build(PublicSettings(published.folder, lambda: NOW, memory=memory)))
    response = await client.post("/api/verify", json={"token": published.digits})
    entry = await response.json()
    health = json.loads(await (await client.get("/health")).text())
    await client.close()
    return f"{entry['verdict']} {entry['reason']}", health


async def test_an_old_trust_file_does_not_bring_a_revoked_key_back_even_after_a_restart(
    tmp_path: Path, published: Published, aiohttp_client: Clients
) -> None:
    file, memory = published.folder / "trust.json", tmp_path / "state" / "seen.json"
    before, after = trust_text(7, ENTRY), trust_text(8, replace(ENTRY, revoked_at=ISSUED_AT - DAY))
    file.write_text(before, "utf-8")
    assert (await answer(aiohttp_client, published, memory))[0] == "valid OK"
    file.write_text(after, "utf-8")
    assert (await answer(aiohttp_client, published, memory))[0] == "forged KEY_REVOKED"
    file.write_text(before, "utf-8")
    verdict, health = await answer(aiohttp_client, published, memory)
    assert verdict == "indeterminate TRUST_UNUSABLE"
    assert (health["ok"], health["code"]) == (False, "KEY_LIST_ROLLBACK")
    file.write_text(after, "utf-8")
    assert (await answer(aiohttp_client, published, memory))[0] == "forged KEY_REVOKED"


async def test_another_root_is_refused_after_a_restart(
    tmp_path: Path, published: Published, aiohttp_client: Clients
) -> None:
    file, memory = published.folder / "trust.json", tmp_path / "seen.json"
    file.write_text(trust_text(7, ENTRY), "utf-8")
    await answer(aiohttp_client, published, memory)
    file.write_text(trust_text(9, ENTRY, STRANGER), "utf-8")
    verdict, health = await answer(aiohttp_client, published, memory)
    assert (verdict, health["code"]) == ("indeterminate TRUST_UNUSABLE", "ROOT_CHANGED")


async def test_a_damaged_memory_is_never_green(tmp_path: Path, published: Published, aiohttp_client: Clients) -> None:
    memory = tmp_path / "seen.json"
    memory.write_text("{", "utf-8")
    verdict, health = await answer(aiohttp_client, published, memory)
    assert (verdict, health["code"]) == ("indeterminate TRUST_UNUSABLE", "SEEN_DAMAGED")


async def test_a_service_that_can_write_nowhere_still_answers_and_says_so(
    tmp_path: Path, published: Published, aiohttp_client: Clients
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    for memory, told in ((None, "process"), (blocked / "seen.json", "process"), (tmp_path / "seen.json", "file")):
        verdict, health = await answer(aiohttp_client, published, memory)
        assert (verdict, health["memory"]) == ("valid OK", told)
