"""docs/inventory.md is true: every rule has a test of its name, every test stands in it, every module exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULES = [f"B{number:02d}" for number in range(1, 23)]
ROW = re.compile(r"^\| (B\d\d) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TABLE = {id: (kept, proved) for id, kept, proved in ROW.findall((ROOT / "docs" / "inventory.md").read_text("utf-8"))}


def names(folder: Path) -> set[tuple[str, str]]:
    """(module, test) of every test that names a rule."""
    test = re.compile(r"^(?:async )?def (test_b\d\d_\w+)\(", re.MULTILINE)
    return {(path.stem, name) for path in folder.glob("test_*.py") for name in test.findall(path.read_text("utf-8"))}


def test_every_rule_of_part_a_stands_in_the_table_once_in_order() -> None:
    assert list(TABLE) == RULES


def test_every_module_named_exists() -> None:
    for id, (kept, _) in TABLE.items():
        modules = re.findall(r"`([^`]+)`", kept)
        assert modules, id
        assert [module for module in modules if not (ROOT / module).is_file()] == [], id


def test_every_rule_has_a_test_of_its_name_and_every_test_stands_beside_its_rule() -> None:
    listed = set()
    for id, (_, proved) in TABLE.items():
        tests = set(re.findall(r"`(\w+)`: `(\w+)`", proved))
        assert tests, id
        assert all(name.startswith(f"test_{id.lower()}_") for _, name in tests), id
        listed |= tests
    assert listed == names(Path(__file__).parent)
