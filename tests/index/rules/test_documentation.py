"""docs/office.md names every key, file, column and error code of an office: it fails when it lies."""

import re
from pathlib import Path

import pytest

from index.rules import identity, office_sheets, offices, subject_kinds

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "office.md").read_text(encoding="utf-8")
CODES = sorted(
    {
        code
        for path in (*(ROOT / "index" / "rules").glob("*.py"), ROOT / "bot" / "commands" / "office.py")
        for code in re.findall(r'code="([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
)
COLUMNS = (
    *office_sheets.DOMAIN_COLUMNS,
    *office_sheets.DOMAIN_OPTIONAL,
    *office_sheets.BASIS_COLUMNS,
    *office_sheets.ALIAS_COLUMNS,
    *office_sheets.KIND_COLUMNS,
    *office_sheets.MAIN_COLUMNS,
    *office_sheets.CALENDAR_COLUMNS,
    *subject_kinds.COLUMNS,
)


@pytest.mark.parametrize("word", [*identity.KEYS, *identity.CHOICES, *offices.REQUIRED, *offices.OPTIONAL, *CODES])
def test_every_key_file_and_code_is_documented(word: str) -> None:
    assert f"`{word}`" in TEXT


@pytest.mark.parametrize("column", sorted(set(COLUMNS)))
def test_every_column_is_documented(column: str) -> None:
    assert re.search(rf"(?<!\w){re.escape(column)}(?!\w)", TEXT)


def test_the_template_explains_every_key_and_offers_every_choice() -> None:
    template = (ROOT / "index" / "rules" / "template" / "office.toml").read_text(encoding="utf-8")
    for key in (*identity.TEXTS, "sample", *identity.CHOICES):
        assert re.search(rf"^# [^\n]+\n(# )?{key} = ", template, re.MULTILINE), key


@pytest.mark.parametrize(
    "name", [file for file in (*offices.REQUIRED, *offices.OPTIONAL) if file != subject_kinds.FILE]
)
def test_every_file_has_a_template(name: str) -> None:
    assert (ROOT / "index" / "rules" / "template" / name).read_text(encoding="utf-8").startswith("# ")
