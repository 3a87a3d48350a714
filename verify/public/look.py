"""The look of every page: Jinja templates with autoescape, and the files beside them.

* Everything that reaches a template is escaped; there is no way around it in our templates (a test looks for ``safe``).
* A page points to its style sheets and scripts by content hash, so that they may be cached and never be stale.
* The staff chat uses the same base template and the same ``look.css`` (``LOOK``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import jinja2
from aiohttp import web

HERE = Path(__file__).parent
LOOK = HERE / "templates"
STATIC = HERE / "static"


class Addressed(Protocol):
    """Static files with an address that changes with them: ``Assets``, or the program of the verification page."""

    def url(self, name: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Assets:
    """The static files of one folder under one address."""

    prefix: str
    folder: Path
    versions: Mapping[str, str]

    @classmethod
    def of(cls, prefix: str, folder: Path) -> "Assets":
        files = sorted(file for file in folder.iterdir() if file.is_file())
        return cls(
            prefix, folder, MappingProxyType({file.name: sha256(file.read_bytes()).hexdigest()[:10] for file in files})
        )

    def url(self, name: str) -> str:
        return f"{self.prefix}/{name}?v={self.versions[name]}"

    def route(self) -> web.StaticDef:
        return web.static(self.prefix, self.folder)


class Pages:
    """Renders the templates of ``folders`` (first match wins) to responses."""

    def __init__(self, folders: Sequence[Path], *, look: Addressed, own: Addressed) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(look=look.url, asset=own.url)

    def text(self, template: str, **values: object) -> str:
        return self._environment.get_template(template).render(**values)

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        return web.Response(
            text=self.text(template, **values), content_type="text/html", charset="utf-8", status=status
        )
