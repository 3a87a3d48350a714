"""Old Word files (doc, wps), RTF and ODT: LibreOffice makes a docx of them when it is installed, ``docx`` reads it.

Rules:
* the copy that LibreOffice opens is named by what it is, in a folder of its own that is deleted afterwards, with a
  profile of its own in which macros, active content and linked files are off;
* time, memory, processor time and output are bounded, the whole process group is ended, the network is out of reach
  where the system allows it;
* without LibreOffice the file is named with what to do by hand.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from index.policies.readers.isolation import environment, read_apart, run_bounded
from index.policies.readers.kinds import Kind
from index.policies.readers.raw import MAX_FILE_BYTES, RawText, unreadable

MAX_SECONDS = 90
_NAMES = {Kind.OLD_WORD: "旧版 Word（doc、wps）", Kind.RTF: "RTF", Kind.OPEN_DOCUMENT: "ODT"}
_BY_HAND = "请用 Word 或 WPS 打开，另存为 docx 后再添加；或请管理员在本机安装 LibreOffice。"
_SETTINGS = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Writer/Content/Update", "Link", "0"),
    ("Writer/Content/Update", "Field", "false"),
)


def read_legacy(path: Path, kind: Kind, content: bytes) -> RawText:
    """Text and headings of an old format; raises UnreadablePolicy without LibreOffice or when it fails."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise unreadable(path, f"是 {_NAMES[kind]} 文件，本机没有安装 LibreOffice", _BY_HAND, "POLICY_FORMAT")
    return read_apart(path, Kind.WORD, _as_docx(path, kind, content, office))


def _as_docx(path: Path, kind: Kind, content: bytes, office: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="chenghe-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        (work / f"source.{kind.value}").write_bytes(content)
        _write_profile(work / "profile" / "user")
        run_bounded(_command(office, work, kind), b"", seconds=MAX_SECONDS, environment=_environment(work))
        made = work / "out" / "source.docx"
        if not made.is_file() or made.stat().st_size > MAX_FILE_BYTES:
            reason = f"{_NAMES[kind]} 文件没有转换成功（可能已损坏、有密码或过大）"
            raise unreadable(path, reason, _BY_HAND, "POLICY_BROKEN")
        with made.open("rb") as file:
            return file.read(MAX_FILE_BYTES)


def _command(office: str, work: Path, kind: Kind) -> list[str]:
    """LibreOffice behind our own bounds (``child run``)."""
    return [
        *(sys.executable, "-m", "index.policies.readers.child", "run"),
        *(office, f"-env:UserInstallation={(work / 'profile').as_uri()}"),
        *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard"),
        *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(work / "out")),
        str(work / f"source.{kind.value}"),
    ]


def _environment(work: Path) -> dict[str, str]:
    return {**environment(), "HOME": str(work), "TMPDIR": str(work), "SAL_USE_VCLPLUGIN": "svp"}


def _write_profile(folder: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    folder.mkdir(parents=True)
    (folder / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )
