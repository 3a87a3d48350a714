"""docs/report.md, keys.md and log.md against the code: every error code of the room, every route, every setting."""

import re
from datetime import datetime
from pathlib import Path

from verify.issuing.app import IssuingSettings, build
from verify.issuing.passphrase import FILE_VARIABLE, PASSPHRASE_VARIABLE
from verify.issuing.pdf.fonts import FONTS_VARIABLE
from verify.issuing.pkcs11 import MODULE_VARIABLE, PIN_FILE_VARIABLE, PIN_VARIABLE, TOKEN_VARIABLE
from verify.validity import SHANGHAI

ROOT = Path(__file__).resolve().parents[3]
KEYS_PAGE = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
LOG_PAGE = (ROOT / "docs" / "log.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8") + KEYS_PAGE + LOG_PAGE
ROOM = ROOT / "verify" / "issuing"
SOURCES = [path.read_text(encoding="utf-8") for path in sorted([*ROOM.glob("*.py"), *ROOM.glob("pdf/*.py")])]
FETCHED = ("report.pdf", "qr.png")


def test_every_error_code_of_the_room_is_on_the_page() -> None:
    codes = {code for source in SOURCES for code in re.findall(r'code="([A-Z_]+)"|, "(MOMENT_[A-Z_]+)"\)', source)}
    named = {first or second for first, second in codes}
    assert len(named) >= 15
    assert not {code for code in named if f"`{code}`" not in PAGE}


def test_every_code_of_the_page_exists() -> None:
    elsewhere = [ROOT / "index/errors.py", ROOT / "index/store/engine.py", *(ROOT / "verify").glob("*.py")]
    elsewhere += [*(ROOT / "verify/transparency").glob("*.py"), *(ROOT / "bot/commands").glob("*.py")]
    everything = "\n".join([*SOURCES, *(path.read_text(encoding="utf-8") for path in elsewhere)])
    named = re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE)
    assert named
    assert not [code for code in named if f'"{code}"' not in everything]


def test_every_route_of_the_service_is_on_the_page(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("office", "office.db", "keys", "reports", "public")]
    app = build(IssuingSettings(*folders, clock=lambda: datetime.now(SHANGHAI), portal=tmp_path / "portal.toml"))
    routes = {resource.canonical for resource in app.router.resources() if resource.canonical.startswith("/issuing")}
    assert len(routes) == 11
    beside = "".join(f"`/issuing/reports/<编号>/{name}`" for name in FETCHED)
    shown = PAGE.replace("`、`/report.pdf`、`/qr.png`", f"`{beside}")
    assert not {route for route in routes if f"{route.replace('{number}', '<编号>')}`" not in shown}


def test_the_settings_from_the_environment_are_on_the_page() -> None:
    of_devices = (MODULE_VARIABLE, TOKEN_VARIABLE, PIN_VARIABLE, PIN_FILE_VARIABLE)
    assert f"`{FONTS_VARIABLE}`" in PAGE
    assert not [name for name in (PASSPHRASE_VARIABLE, FILE_VARIABLE, *of_devices) if f"`{name}`" not in KEYS_PAGE]
