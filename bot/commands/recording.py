"""The verification record on the command line: ``verify --record`` writes one, ``verify --check-record`` reads one.

* Signed by the checker's own P-256 key, ``keys/checker.pem`` of the home, mode 0600, made on the first record.
* Of several reports each has a record of its own, in a folder, named by its row.

Source: docs/record.md.
"""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import console, rooms
from bot.errors import UsageError
from bot.settings import Home
from verify.whole_files import replace_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from verify.batch.results import Row, Table
    from verify.record import Checked
    from verify.trust import Trust

KEY_FILE = "checker.pem"


def add_options(verifying: argparse.ArgumentParser) -> None:
    verifying.add_argument("--record", metavar="FILE", help="把核验记录写到 FILE；有几份报告时 FILE 是文件夹")
    verifying.add_argument("--by", metavar="NAME", help="核验人姓名，写进核验记录")
    verifying.add_argument("--organisation", metavar="NAME", default="", help="核验人单位，写进核验记录")
    verifying.add_argument("--check-record", metavar="FILE", help="核对一份核验记录的签名")


def write(options: argparse.Namespace, home: Home, table: "Table", trust: "Trust", *, now: datetime) -> None:
    """Nothing unless ``--record`` is given."""
    if not options.record:
        return
    from verify.record import Checker, write_record

    checker, key, program = Checker(options.by or "", options.organisation), checker_key(home), rooms.program()
    target = Path(options.record)
    for row in table.rows:
        path = target if len(table.rows) == 1 else target / f"{row.number:04d}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = write_record(
            row.verification, _checked(row), checker=checker, trust=trust, now=now, program=program, key=key
        )
        replace_file(path, content)
    console.say(f"核验记录已写到 {target}（{len(table.rows)} 份），签名密钥指纹 {_fingerprint(key)}")


def check(path: Path, *, as_json: bool) -> int:
    """0 when the signature holds. Raises RecordError when it does not."""
    from verify.record import RECORD_LIMIT_BYTES, read_record

    try:
        with path.open("rb") as file:
            data = file.read(RECORD_LIMIT_BYTES + 1)
    except OSError as cause:
        raise UsageError(
            f"读不到核验记录 {path}。", next_step="请检查路径和读取权限。", code="FILE_NOT_OPENED"
        ) from cause
    record = read_record(data)
    content = record.content
    if as_json:
        console.print_json({"record": content, "fingerprint": record.fingerprint})
        return 0
    checker, report = content["checker"], content["report"]
    console.line(f"✓ 核验记录的签名成立　{checker['name']}　{checker['organisation']}".rstrip())
    console.line(f"  记录时间 {content['recorded_at']}，所问时刻 {content['asked_at']}（核验人设备的时钟）")
    console.line(f"  结论 {content['verdict']}（{content['reason']}）")
    if isinstance(report, dict):
        console.line(f"  {report.get('subject_name')}　{report.get('subject_code')}　{report.get('number')}")
    console.line(f"  签名密钥指纹 {record.fingerprint}")
    console.line("  指纹与核验人另外声明的一致时，才能确定是其本人所记；报告真伪请用报告的核验码再核验。")
    return 0


def checker_key(home: Home) -> "EllipticCurvePrivateKey":
    """The checker's key; made when there is none."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    path = home.keys / KEY_FILE
    if path.exists():
        key = load_pem_private_key(_private(path), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise _bad_key(path)
        return key
    made = ec.generate_private_key(ec.SECP256R1())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def replace_file(path: Path, content: bytes) -> None:
    """The whole file or none of it; mode 0600."""
    try:
        replace_whole(path, content, 0o600)
    except OSError as cause:
        raise UsageError(
            f"写不了文件 {path}：{cause.strerror}。", next_step="请换一个可以写入的位置。", code="FILE_NOT_WRITTEN"
        ) from cause


def _private(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise UsageError(
            f"核验人的密钥 {path} 别人也能读。", next_step=f"请运行 chmod 600 {path}。", code="CHECKER_KEY_MODE"
        )
    return path.read_bytes()


def _bad_key(path: Path) -> UsageError:
    return UsageError(f"{path} 不是核验人的密钥。", next_step="请移开这个文件，下次会新建一把。", code="CHECKER_KEY")


def _fingerprint(key: "EllipticCurvePrivateKey") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from verify.record import fingerprint_of

    return fingerprint_of(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _checked(row: "Row") -> "Checked":
    from verify.record import Checked

    return Checked("file", row.file, row.sha256) if row.sha256 else Checked("code")
