"""What runs in the browser, as one version: scripts, styles, the vendored QR reader, and the service worker.

* Every file is below ``/v/program/<version>/``. The version is a hash over all files and templates, so a page, its
  modules and what they load later are always of one make; another version is 404, never a mixture.
* ``/v/worker.js`` names the version and its files, so that it differs, byte by byte, whenever one of them does: that is
  when browsers take over a new service worker. It names each file's digest too: what a network puts in its place, or
  cuts short, is not kept.

Sources: Service Workers §8 (scope, update); Subresource Integrity §3.1; docs/decisions/0189, 0210.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from aiohttp import hdrs, web

from verify.public.look import LOOK, STATIC

PREFIX = "/v/program"
WORKER = "/v/worker.js"
READER = "vendor/"
ON_DEMAND = (READER, "batch/")
CLASSIC = "/plain.js"


class Program:
    """The files of ``static``, under the version of ``static`` and ``templates``."""

    def __init__(self, static: Path = STATIC, templates: Path = LOOK) -> None:
        self._static = static
        self._templates = templates
        self._files = tuple(_files(static))
        self.version = _version((static, templates))
        self._integrity = {self.url(name): _integrity(static / name) for name in self._files}

    def url(self, name: str) -> str:
        return f"{PREFIX}/{self.version}/{name}"

    def urls(self) -> tuple[str, ...]:
        """What the service worker fetches before it takes over; the QR reader comes after that."""
        return tuple(self.url(name) for name in self._files if not name.startswith(ON_DEMAND))

    def reader(self) -> tuple[str, ...]:
        """What reads pictures."""
        return tuple(self.url(name) for name in self._files if name.startswith(READER) and not name.endswith(".txt"))

    def modules(self) -> tuple[str, ...]:
        """All of them, for the page to ask for at once instead of one import after another."""
        return tuple(url for url in self.urls() if url.endswith(".js") and not url.endswith(CLASSIC))

    def mount(self, app: web.Application) -> None:
        """Before any route with a variable below ``/v/``."""
        app.add_routes([web.get(WORKER, self.worker), web.static(f"{PREFIX}/{self.version}", self._static)])

    async def worker(self, request: web.Request) -> web.Response:
        text = (self._templates / "worker.js").read_text("utf-8")
        text = text.replace("%VERSION%", self.version)
        for place, values in (("FIRST", self.urls()), ("READER", self.reader()), ("FILES", self._integrity)):
            text = text.replace(f'"%{place}%"', json.dumps(values, indent=1)[1:-1])
        headers = {"Service-Worker-Allowed": "/v", hdrs.CACHE_CONTROL: "no-cache"}
        return web.Response(text=text, content_type="text/javascript", charset="utf-8", headers=headers)


def _files(folder: Path) -> Iterable[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _integrity(file: Path) -> str:
    return f"sha256-{b64encode(sha256(file.read_bytes()).digest()).decode()}"


def _version(folders: Iterable[Path]) -> str:
    digest = sha256()
    for folder in folders:
        for name in _files(folder):
            content = (folder / name).read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
