"""Published files from a site: what is there, what is not, and a site that misbehaves."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bot.errors import UsageError
from bot.fetching import Site
from verify.transparency.evidence import FILE_LIMIT_BYTES

HUGE = FILE_LIMIT_BYTES * 2
ANSWERS = {
    "/log/checkpoint": (200, b"a checkpoint"),
    "/base/log/checkpoint": (200, b"another"),
    "/broken": (500, b""),
    "/moved": (302, b""),
    "/huge": (200, bytes(HUGE)),
    "/empty": (200, b""),
    "/slowly": (200, b"at last"),
    "/never": (429, b""),
}


BUSY = iter([True, True])
"""The first two are told to wait."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/garbage":
            self.wfile.write(b"no answer at all\r\n\r\n")
            self.close_connection = True
            return
        status, content = ANSWERS.get(self.path, (404, b""))
        if self.path == "/slowly" and next(BUSY, False):
            status, content = 429, b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.path == "/empty"

    def log_message(self, format: str, *args: object) -> None:
        """Not on the terminal of the tests."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has read enough hangs up."""


@pytest.fixture
def address() -> Iterator[str]:
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def site(address: str) -> Iterator[Site]:
    site = Site(address)
    yield site
    site.close()


def test_a_file_is_fetched_and_a_missing_one_is_told(site: Site) -> None:
    assert site.read("log/checkpoint") == b"a checkpoint"
    assert site.read("log/tile/0/000") is None
    assert site.read("empty") == b""
    assert site.read("log/checkpoint") == b"a checkpoint"


def test_a_site_below_a_path_is_read(address: str) -> None:
    site = Site(f"{address}/base/")
    assert site.read("log/checkpoint") == b"another"
    site.close()


@pytest.mark.parametrize("path", ["broken", "moved", "garbage"])
def test_a_site_that_does_not_answer_as_it_should_is_told(site: Site, path: str) -> None:
    with pytest.raises(OSError, match=r"HTTP|应答"):
        site.read(path)
    assert site.read("log/checkpoint") == b"a checkpoint"


def test_a_site_that_asks_to_wait_is_asked_again_a_few_times(site: Site) -> None:
    assert site.read("slowly") == b"at last"
    with pytest.raises(OSError, match="429"):
        site.read("never")


def test_a_huge_file_is_not_read_whole(site: Site) -> None:
    assert len(site.read("huge") or b"") == FILE_LIMIT_BYTES + 1
    assert site.read("log/checkpoint") == b"a checkpoint"


def test_a_site_that_is_not_there_is_told() -> None:
    site = Site("http://127.0.0.1:1")
    with pytest.raises(OSError):
        site.read("log/checkpoint")


@pytest.mark.parametrize(
    "address",
    ["", "verify.example.gov.cn", "ftp://a", "http://", "http://a:port", "http://a?b", "http://[", "http://a#b"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        Site(address)
    assert refused.value.code == "ADDRESS"
