"""docs/report.md against the code: every error code of the room, every route, every setting it names."""

import re
from datetime import datetime
from pathlib import Path

from verify.issuing.app import IssuingSettings, build
from verify.issuing.keys import PASSPHRASE_VARIABLE
from verify.issuing.pdf.fonts import FONTS_VARIABLE
from verify.validity import SHANGHAI

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
ROOM = ROOT / "verify" / "issuing"
SOURCES = [path.read_text(encoding="utf-8") for path in sorted([*ROOM.glob("*.py"), *ROOM.glob("pdf/*.py")])]
FETCHED = ("report.pdf", "qr.png")


def test_every_error_code_of_the_room_is_on_the_page() -> None:
    codes = {code for source in SOURCES for code in re.findall(r'code="([A-Z_]+)"|, "(MOMENT_[A-Z_]+)"\)', source)}
    named = {first or second for first, second in codes}
    assert len(named) >= 15
    assert not {code for code in named if f"`{code}`" not in PAGE}


def test_every_code_of_the_page_exists() -> None:
    elsewhere = ("verify/errors.py", "index/errors.py", "index/store/engine.py")
    everything = "\n".join([*SOURCES, *((ROOT / name).read_text(encoding="utf-8") for name in elsewhere)])
    named = re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE)
    assert named
    assert not [code for code in named if f'"{code}"' not in everything]


def test_every_route_of_the_service_is_on_the_page(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("office", "office.db", "keys", "reports", "public")]
    app = build(IssuingSettings(*folders, clock=lambda: datetime.now(SHANGHAI), portal=tmp_path / "portal.toml"))
    routes = {resource.canonical for resource in app.router.resources() if resource.canonical.startswith("/issuing")}
    assert len(routes) == 8
    beside = "".join(f"`/issuing/reports/<编号>/{name}`" for name in FETCHED)
    shown = PAGE.replace("`、`/report.pdf`、`/qr.png`", f"`{beside}")
    assert not {route for route in routes if f"{route.replace('{number}', '<编号>')}`" not in shown}


def test_the_settings_from_the_environment_are_on_the_page() -> None:
    assert f"`{PASSPHRASE_VARIABLE}`" in PAGE
    assert f"`{FONTS_VARIABLE}`" in PAGE
