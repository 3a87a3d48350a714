"""The commands the READMEs show are executed, in the order shown, on a fresh demonstration."""

import re
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")


def commands(readme: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.S)
    return [line.split("   #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_both_readmes_show_the_same_commands() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")
    assert commands("README.md")[:2] == ["make demo", "make test"]


def test_the_commands_shown_work_in_the_order_shown(tmp_path: Path) -> None:
    run(tmp_path, ["--home", "chenghe-demo", "demo"])
    shown = [shlex.split(line)[1:] for line in commands("README.md") if line.startswith(".venv/bin/chenghe ")]
    assert len(shown) >= 7
    for arguments in shown:
        if "serve" in arguments:
            serve(tmp_path, arguments)
        else:
            run(tmp_path, arguments)


def run(folder: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)


def serve(folder: Path, arguments: list[str]) -> None:
    """Starts the services as shown (on a free port), asks each for a page, stops them."""
    port = free_port()
    arguments = [str(port) if value == "8765" else value for value in arguments]
    service = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        for path in ("/", "/v", "/health", "/issuing/health"):
            assert answers(f"http://127.0.0.1:{port}{path}"), path
    finally:
        service.terminate()
        service.communicate(timeout=120)


def answers(address: str) -> bool:
    for _ in range(480):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return False
        except OSError:
            time.sleep(0.25)
    return False


@pytest.mark.parametrize("readme", READMES)
def test_every_link_and_picture_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    targets = re.findall(r'\]\(([^)#]+)\)|src="([^"]+)"', text)
    missing = [link or picture for link, picture in targets if not (ROOT / (link or picture)).exists()]
    assert not missing
