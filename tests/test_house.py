"""The house keeps its own rules: contracts name every module, documents name every command, no room grows two ideas."""

import argparse
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bot.__main__ import parser

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "verify", "index")


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def test_import_contracts_name_every_module_of_the_proof_core() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    core = {f"verify.{path.stem}" for path in (ROOT / "verify").glob("*.py")} - {"verify.__init__"}
    for contract in contracts[-2:]:
        assert core <= set(contract["source_modules"]), contract["name"]


def test_no_module_is_longer_than_500_lines() -> None:
    long = {
        path.name: count for path in modules() if (count := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert not long


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.stat().st_size and not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert not silent


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    missing = [words for words in _commands(parser()) if not _documented(words, text)]
    assert not missing


def _commands(top: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    groups = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    for name, child in (pair for group in groups for pair in group.choices.items()):
        yield from _commands(child, (*path, name))
    if not groups:
        yield path
        options = [option for action in top._actions for option in action.option_strings if option.startswith("--")]
        yield from ((*path, option) for option in options if option not in ("--help", "--home"))


def _documented(words: tuple[str, ...], text: str) -> bool:
    *command, last = words
    if last.startswith("--"):
        usage = re.findall(rf"`{' '.join(command)}\b([^`]*)`", text)
        return any(last in shown for shown in usage)
    return f"`{' '.join(words)}" in text


def test_nothing_committed_names_a_registry_or_this_machine() -> None:
    committed = [ROOT / "pyproject.toml", ROOT / "Makefile", *(ROOT / "requirements").iterdir(), *modules()]
    guilty = [
        path.name for path in committed if re.search(r"pypi\.org|files\.pythonhosted|/work/", path.read_text("utf-8"))
    ]
    assert not guilty
