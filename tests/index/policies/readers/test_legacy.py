"""Old formats through LibreOffice: bounded, without macros, cleaned up – and a clear word where it is not installed."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.errors import UnreadablePolicy
from index.policies.readers import legacy, read
from index.policies.readers.isolation import environment, run_bounded
from tests.bad_input import ole

RTF = (
    b"{\\rtf1\\ansi\\deff0 {\\fonttbl{\\f0 SimSun;}}"
    + "".join(f"\\u{ord(char)}?" for char in "第一条茶园应当整洁。").encode()
    + b"\\par}"
)


@pytest.mark.parametrize(("name", "content"), [("甲.rtf", RTF), ("甲.wps", ole("WordDocument"))])
def test_without_an_office_the_file_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadablePolicy, match="没有安装 LibreOffice") as caught:
        read(tmp_path / name)
    assert "另存为 docx" in caught.value.next_step


def office_that(script: str, folder: Path) -> None:
    """A program called soffice in ``folder`` that does ``script``; it stands for an office that misbehaves."""
    program = folder / "soffice"
    program.write_text(f"#!{sys.executable}\n{script}\n", "utf-8")
    program.chmod(0o755)


@pytest.mark.parametrize(
    "script",
    ["", "raise SystemExit(1)", "import os; os.kill(os.getpid(), 9)", "bytearray(1 << 40)"],
    ids=["writes nothing", "fails", "dies", "wants a terabyte"],
)
def test_an_office_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    office_that(script, tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "甲.rtf").write_bytes(RTF)
    with pytest.raises(UnreadablePolicy, match="没有转换成功"):
        read(tmp_path / "甲.rtf")


def test_an_office_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, bounds = tmp_path / "child", iter((1, 4, 16, 64))
    start = f"p = subprocess.Popen(['sleep', '600'])\nopen({str(told)!r}, 'w').write(f'{{p.pid}}\\n')"
    office_that(f"import subprocess, time\n{start}\ntime.sleep(600)", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "甲.rtf").write_bytes(RTF)
    while not (told.exists() and told.read_text()):  # ended before it had come as far: it is given longer
        monkeypatch.setattr(legacy, "MAX_SECONDS", next(bounds))
        with pytest.raises(UnreadablePolicy, match="没有转换成功"):
            read(tmp_path / "甲.rtf")
    end, process = time.monotonic() + 60, int(told.read_text())
    while not is_gone(process):  # it is killed, which takes a moment
        assert time.monotonic() < end
        time.sleep(0.01)


def is_gone(process: int) -> bool:
    """Whether the process ended; an orphan that nobody has buried yet counts as gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    office_that("raise SystemExit(1)", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "甲.rtf").write_bytes(RTF)
    with pytest.raises(UnreadablePolicy):
        read(tmp_path / "甲.rtf")
    assert not list(scratch.iterdir())


@pytest.mark.office
def test_rtf_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "甲.doc").write_bytes(RTF)
    assert read(tmp_path / "甲.doc")[0].text.strip() == "第一条茶园应当整洁。"


BOUNDED = """
import os, signal
from index.policies.readers.child import bound
bound(memory_bytes=1 << 30, seconds=9, written_bytes=0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
"""


def said_by(script: str) -> str:
    status, said = run_bounded([sys.executable, "-c", BOUNDED + script], b"", seconds=30, environment=environment())
    assert status == 0
    return said.decode().strip()


def test_the_child_can_write_no_file(tmp_path: Path) -> None:
    script = f"try:\n open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x')\nexcept OSError:\n print('refused')"
    assert said_by(script) == "refused"


def test_the_child_has_a_network_of_its_own_where_the_system_allows_it() -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode:
        pytest.skip("this system gives no process a network of its own")
    assert said_by("print(os.readlink('/proc/self/ns/net'))") != os.readlink("/proc/self/ns/net")


def test_a_child_told_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGHE_SECRET", "geheim")
    assert "CHENGHE_SECRET" not in environment()
