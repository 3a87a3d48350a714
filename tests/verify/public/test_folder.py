"""The public folder as it lies on disk: what is served, how long it may be kept, and what is never reached."""

import errno
import os
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from tests.verify.public.conftest import Serving
from tests.verify.public.published import Published
from verify.public.limits import Rate

REF = "ab" + "0" * 62
FILES = {
    "log/checkpoint": (b"verify.example.gov.cn/log\n3\nAAAA\n", "text/plain", "no-cache"),
    "log/cosigned": (b"verify.example.gov.cn/log\n2\nAAAA\n", "text/plain", "no-cache"),
    "log/tile/0/000": (b"h" * 8192, "application/octet-stream", "public, max-age=31536000, immutable"),
    "log/tile/63/x001/x234/067": (b"h" * 8192, "application/octet-stream", "public, max-age=31536000, immutable"),
    "log/tile/0/000.p/3": (b"h" * 96, "application/octet-stream", "public, max-age=3600"),
    "log/tile/entries/000.p/255": (b"e", "application/octet-stream", "public, max-age=3600"),
    f"registered/ab/{REF}": (b"\x80", "application/cbor", "no-cache"),
    "sealed/" + "0" * 32: (b"sealed", "application/octet-stream", "private, no-store"),
}
NOT_THERE = (
    "/log/", "/log", "/log/tile/", "/log/tile/0/", "/log/tile/0/000/", "/log/tile/64/000", "/log/tile/00/000",
    "/log/tile/0/0000", "/log/tile/0/x000", "/log/tile/0/000.p/256", "/log/tile/0/000.p/0", "/log/tile/0/000.p/03",
    "/log/tile/0/..%2f..%2fcheckpoint", "/log/tile/entries/..%2f000", "/log/tile/0/000%00", "/log/tile/0/000%0a",
    "/log/tile/0/%EF%BC%90%EF%BC%90%EF%BC%90", "/registered/", "/registered/ab/", f"/registered/cd/{REF}",
    f"/registered/ab/{REF.upper()}", f"/registered/ab/..%2fab%2f{REF}", f"/registered/ab/{REF}%0a", "/sealed/",
    "/sealed/..%2ftrust.json", "/sealed/" + "1" * 32, "/sealed/" + "0" * 31, "/typed/", "/typed/" + "0" * 32,
    "/v/sealed/" + "0" * 32,
)  # fmt: skip


def put(folder: Path) -> None:
    for name, (content, _, _) in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", FILES)
async def test_each_kind_of_file_has_its_type_and_its_caching(
    client: TestClient, published: Published, name: str
) -> None:
    put(published.folder)
    content, kind, caching = FILES[name]
    answer = await client.get(f"/{name}")
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (200, kind, caching)
    assert await answer.read() == content


async def test_every_other_name_is_not_there(client: TestClient, published: Published) -> None:
    put(published.folder)
    for path in NOT_THERE:
        assert (await client.get(URL(path, encoded=True))).status == 404, path


async def test_a_link_a_folder_and_a_pipe_are_not_there(client: TestClient, published: Published) -> None:
    sealed = published.folder / "sealed"
    (sealed / ("a" * 32)).symlink_to(published.folder / "trust.json")
    (sealed / ("b" * 32)).mkdir()
    os.mkfifo(sealed / ("c" * 32))
    for letter in "abc":
        assert (await client.get(f"/sealed/{letter * 32}")).status == 404


async def test_what_changes_is_asked_for_anew_and_sent_only_when_it_changed(
    client: TestClient, published: Published
) -> None:
    put(published.folder)
    for path in ("/trust.json", "/status", "/notices", "/log/checkpoint", f"/registered/ab/{REF}"):
        first = await client.get(path)
        known = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
        again = await client.get(path, headers=known)
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    (published.folder / "log/checkpoint").write_bytes(b"newer")
    fresh = await client.get("/log/checkpoint", headers={"If-None-Match": first.headers["ETag"]})
    assert (fresh.status, await fresh.read()) == (200, b"newer")


async def test_static_files_are_limited_per_client_too(serving: Serving, published: Published) -> None:
    put(published.folder)
    client = await serving(static=Rate(burst=2, per_second=0.1), monotonic=lambda: 0.0)
    assert [(await client.get("/log/checkpoint")).status for _ in range(3)] == [200, 200, 429]


async def test_a_disk_that_fails_is_never_told_as_a_file_that_is_not_there(
    client: TestClient, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absent leaf means "not registered": a fault must not say so."""
    put(published.folder)

    def failing(*_: object, **__: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("verify.public.folder.os.open", failing)
    assert (await client.get(f"/registered/ab/{REF}")).status == 500
