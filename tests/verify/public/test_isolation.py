"""The public service alone: no index, no bot, no issuing; on disk, in memory, and in as many copies as one likes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.verify.public.published import publish
from verify.validity import SHANGHAI

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = ("index", "bot", "verify.issuing", "sqlalchemy", "alembic", "whoosh", "opencc", "docx")
ROOM = "tests/verify/public"
GONE = ("issuing", "__pycache__", "bench")
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:xdist")


def test_a_fresh_interpreter_loads_nothing_of_the_office() -> None:
    program = "import sys, verify.public.app; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(run.stdout.split())
    assert "verify.check" in loaded
    assert [name for name in loaded if name.split(".")[0] in FOREIGN or name.startswith("verify.issuing")] == []


def image(folder: Path) -> dict[str, str]:
    """The repository without index, bot and issuing in ``folder``; gives the environment that sees nothing else."""
    shutil.copytree(ROOT / "verify", folder / "verify", ignore=shutil.ignore_patterns(*GONE))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "COV"))}
    return {**kept, "PYTHONPATH": f"{folder}:{sysconfig.get_path('purelib')}", "PYTHONDONTWRITEBYTECODE": "1"}


def copy_tests(folder: Path) -> set[str]:
    """All tests of the service but these, and what they make their inputs with; gives the names of their files. None of
    them needs issuing for its inputs, or LibreOffice."""
    shutil.copytree(ROOT / "tests/verify", folder / "tests/verify", ignore=shutil.ignore_patterns(*GONE))
    for name in ("__init__.py", "conftest.py", "distribution.py", "ports.py", "postgres.py"):
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / ROOM / Path(__file__).name).unlink()
    return {file.name for file in (folder / ROOM).glob("test_*.py")}


def test_the_tests_of_the_service_pass_where_no_office_is_on_disk(tmp_path: Path) -> None:
    environment = image(tmp_path)
    assert copy_tests(tmp_path) == {file.name for file in (ROOT / ROOM).glob("test_*.py")} - {Path(__file__).name}
    gone = subprocess.run(
        [sys.executable, "-S", "-c", "import verify.public.app; import verify.issuing"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "No module named 'verify.issuing'" in gone.stderr
    run = subprocess.run(
        [sys.executable, "-S", "-m", "pytest", "-q", "-x", "--assert=plain", *WITHOUT, ROOM],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    assert re.search(r"^[3-9][0-9]{2} passed in", run.stdout, re.M), run.stdout[-500:]


@contextmanager
def service(image_folder: Path, environment: dict[str, str], folder: Path) -> Iterator[str]:
    """``python -m verify.public`` in a process of its own; gives its origin."""
    command = [sys.executable, "-S", "-m", "verify.public", "--folder", str(folder), "--port", "0"]
    with subprocess.Popen(command, cwd=image_folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = re.search(r"http://\S+(?=/v)", process.stderr.readline())
            assert said is not None
            yield said[0]
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
            assert process.wait(120) == 0, rest
            assert "Traceback" not in rest


def test_two_processes_on_two_copies_of_the_folder_give_the_same_answers(tmp_path: Path) -> None:
    environment = image(tmp_path / "image")
    published = publish(tmp_path / "one", now=datetime.now(SHANGHAI).replace(microsecond=0))
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    question = json.dumps({"token": published.digits, "at": "2026-11-21T09:00:00"}).encode()
    with (
        service(tmp_path / "image", environment, tmp_path / "one") as one,
        service(tmp_path / "image", environment, tmp_path / "two") as two,
    ):
        answers = []
        for origin in (one, two):
            asked = urllib.request.Request(f"{origin}/api/verify", question, {"Content-Type": "application/json"})
            with urllib.request.urlopen(asked, timeout=120) as answer:
                answers.append(json.loads(answer.read()))
            with urllib.request.urlopen(f"{origin}/trust.json", timeout=120) as answer:
                answers.append(answer.headers["ETag"])
    assert answers[0]["verdict"] == "valid"
    assert answers[:2] == answers[2:]


def test_what_cannot_be_served_is_said_in_chinese(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "verify.public", "--folder", str(tmp_path / "nothing")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 1
    assert "没有文件夹" in run.stderr
    assert "FOLDER_MISSING" in run.stderr
