"""docs/serving.md and docs/portal.md say what the portal does: settings, routes, codes."""

import re
from pathlib import Path

from aiohttp import web

from tests.verify.issuing.office import TestOffice
from tests.verify.issuing.test_app import settings
from verify.issuing.app import build
from verify.issuing.files import write_private
from verify.issuing.portal.settings import Task, load_portal

ROOT = Path(__file__).resolve().parents[4]
SERVING = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
PORTAL = (ROOT / "docs" / "portal.md").read_text(encoding="utf-8")
SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "verify" / "issuing" / "portal").rglob("*.py"))
SHARED_CODES = {"SUBJECT_UNKNOWN"}


def test_the_sample_settings_are_settings(tmp_path: Path) -> None:
    sample, chat = re.findall(r"```toml\n(.*?)```", SERVING, re.S)
    (tmp_path / "portal.toml").write_text(sample, encoding="utf-8")
    for name in ("company", "staff"):
        write_private(tmp_path / "keys", f"portal-{name}.secret", b"geheim\n")
    read = load_portal(tmp_path / "portal.toml")
    assert read.company is not None
    assert read.staff is not None
    assert set(read.staff.tasks) == set(Task)
    assert read.company.provider.client_secret == "geheim"
    (tmp_path / "portal.toml").write_text(chat, encoding="utf-8")
    write_private(tmp_path / "chat", "client.secret", b"geheim\n")
    alone = load_portal(tmp_path / "portal.toml")
    assert alone.chat is not None
    assert (alone.chat.client_secret, alone.company, alone.staff) == ("geheim", None, None)


def test_every_route_is_in_the_table(office: TestOffice) -> None:
    app = build(settings(office))
    pages = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource and not isinstance(route.resource, web.StaticResource)
    }
    ours = {page for page in pages if page.split("/")[1] in ("apply", "desk", "guide")}
    assert len(ours) > 30
    twice = {page.replace("/desk/sign", "/apply/sign") for page in ours}
    missing = {page for page in twice if f"`{page}`" not in SERVING and f"GET {page}`" not in SERVING}
    beside = re.compile(r"/files/\{file\}$|/(report\\\.docx.*|\{name\})$")
    assert not {page for page in missing if not beside.search(page) and f"POST {page}`" not in SERVING}


def test_every_code_is_explained_and_every_explained_code_exists() -> None:
    named = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', SOURCES)) - SHARED_CODES
    explained = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PORTAL))
    assert named == explained
