"""Templates and static files keep the promises of our Content-Security-Policy and of autoescape."""

import re
from pathlib import Path

import pytest

import verify.public

PUBLIC = Path(str(verify.public.__file__)).parent
ROOT = PUBLIC.parents[1]
ROOMS = [PUBLIC, *(room for room in (ROOT / "bot/channels", ROOT / "verify/issuing/portal") if room.is_dir())]
"""Where the public service runs, the other two need not be."""
TEMPLATES = [file for room in ROOMS for file in sorted((room / "templates").glob("*.html"))]
STATIC = [
    file
    for room in ROOMS
    for file in sorted((room / "static").rglob("*"))
    if file.is_file() and "vendor" not in file.parts  # others' code, as it came: docs/decisions/0190
]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_template_escapes_everything_and_has_nothing_inline(file: Path) -> None:
    text = file.read_text("utf-8")
    for forbidden in (
        r"\|\s*safe",
        r"autoescape",
        r"\sstyle=",
        r"\son[a-z]+=",
        r"<style",
        r"<script(?! src=)",
        r"javascript:",
    ):
        assert not re.search(forbidden, text), forbidden


@pytest.mark.parametrize("file", TEMPLATES + STATIC, ids=lambda file: file.name)
def test_file_points_to_nothing_outside(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import|//[a-z]+\.[a-z]", text)


@pytest.mark.parametrize("file", [file for file in STATIC if file.suffix == ".js"], ids=lambda file: file.name)
def test_script_never_makes_markup_of_text(file: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", file.read_text("utf-8")
    )
