"""docs/log.md against the code: every finding, every error code of the log and of its commands."""

import re
from pathlib import Path

from verify.transparency.findings import Kind

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "log.md").read_text(encoding="utf-8")
SOURCES = [
    *(ROOT / "verify" / "transparency").glob("*.py"),
    *(ROOT / "bot" / "commands" / name for name in ("log_source.py", "cosigning.py")),
]


def test_every_finding_is_on_the_page() -> None:
    assert not {kind for kind in Kind if f"`{kind}`" not in PAGE}


def test_every_error_code_of_the_log_is_on_the_page() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    shared = {"FILE_NOT_OPENED", "TRUST_FILE_MISSING", "KEYS_EXIST", "KEY_FILE_UNREADABLE"}
    codes = set(re.findall(r'code(?:: str)? = "([A-Z_]+)"|code="([A-Z_]+)"|, "([A-Z]+_[A-Z_]+)"\)', text))
    named = {code for found in codes for code in found if code} - shared
    assert len(named) >= 10
    assert not {code for code in named if f"`{code}`" not in PAGE}
