"""A published folder made with the proof core alone: keys, lists, one report in every state. Nothing of issuing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from verify.binding import Field, FieldPackage
from verify.credential import Facts, ReportType, sign
from verify.keylist import Issuer, KeyEntry, KeyList, sign_key_list
from verify.keyring import Ed25519Signer
from verify.notices import Changed
from verify.scanned import digits, qr_text
from verify.sealing import Sealed, seal, seal_typed, typed_code
from verify.status import CHANGES, Status, StatusList, pack, sign_status_list, status_uri
from verify.trust import Root, dump, open_trust
from verify.validity import SHANGHAI

ISSUER = Issuer("云汀市信用办（示例）", "YTXY", "https://verify.example.gov.cn")
ISSUED_AT = datetime(2026, 11, 16, 10, 32, 5, tzinfo=SHANGHAI)
NOW = datetime(2026, 11, 21, 9, 0, 0, tzinfo=SHANGHAI)
NAME = "云汀示例禾苗环保科技有限公司"
CODE = "91320902MA1EX0M1XB"
ROOT = Ed25519Signer.from_seed(b"r" * 32)
SIGNER = Ed25519Signer.from_seed(b"s" * 32)
STRANGER = Ed25519Signer.from_seed(b"x" * 32)
TYPED = typed_code(bytes(range(8)))


def fields(name: str = NAME) -> tuple[Field, ...]:
    """A small report with a field of every kind."""
    rows = (
        ("1", "市场监管领域", "市市场监督管理局", "2026年11月15日", "未查询到", ""),
        ("2", "税务领域", "市税务局", "—", "暂未接入", "不作有无结论"),
    )
    columns = ("序号", "领域", "责任单位", "数据更新至", "查询结果", "备注")
    part = "一、分领域查询结果"
    cells = [
        Field(f"{part}／第{row[0]}行 {row[1]}／{column}", "表格文字", value)
        for row in rows
        for column, value in zip(columns, row, strict=True)
    ]
    return (
        Field("首页／标题", "报告标题", "经营主体专用信用报告"),
        Field("首页／主体信息", "小标题", "主体信息"),
        Field("首页／主体信息／名称（栏目名）", "栏目名", "名称"),
        Field("首页／主体信息／名称", "栏目值", name),
        Field("首页／查询结论／结论", "查询结论", "在上述查询时间范围内，未查询到违法违规记录。"),
        Field(part, "部分标题", part),
        *(Field(f"{part}／表头／{column}", "表头", column) for column in columns),
        *cells,
        Field("二、违法违规记录明细", "部分标题", "二、违法违规记录明细"),
        Field("二、违法违规记录明细／无", "正文段落", "无"),
        Field("首页页眉／报告名称", "页眉文字", "云汀市经营主体专用信用报告"),
    )


def package(name: str = NAME) -> FieldPackage:
    return FieldPackage(b"\x07" * 32, fields(name))


def facts(**changes: object) -> Facts:
    usual = Facts(
        report_type=ReportType.SPECIAL,
        sequence=17,
        issued_at=ISSUED_AT,
        status_index=5,
        subject_code=CODE,
        subject_name=NAME,
        period_from=date(2023, 11, 14),
        period_to=date(2026, 11, 13),
        domains=45,
        records=0,
        domains_without_data=1,
        content_root=package().root(),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def token(signer: Ed25519Signer = SIGNER, **changes: object) -> bytes:
    return sign(facts(**changes), signer)


def trust_text(
    statuses: Mapping[int, Status] | None = None,
    *,
    changes: Mapping[int, Changed] | None = None,
    version: int = 1,
    issued_at: datetime = NOW,
) -> str:
    day = timedelta(days=1)
    until = max(ISSUED_AT + 90 * day, issued_at + 30 * day)  # with a real clock, on whatever day
    entry = KeyEntry(SIGNER.algorithm, SIGNER.public_key, ISSUED_AT - 30 * day, until, (1,))
    keys = KeyList(version, issued_at - day, issued_at + 30 * day, ISSUER, (entry,))
    packed = pack(statuses or {}, 64)
    lists = StatusList(status_uri(ISSUER.verify_url), issued_at, issued_at + 7 * day, 3600, packed)
    notices = replace(lists, uri=CHANGES.uri(ISSUER.verify_url), packed=pack(changes or {}, 64))
    root = Root(ROOT.algorithm, ROOT.public_key)
    signed = [sign_status_list(each, SIGNER) for each in (lists, notices)]
    return dump(open_trust(root, sign_key_list(keys, ROOT), *signed))


@dataclass(frozen=True, slots=True)
class Published:
    """``folder`` as the public service holds it; ``token`` is the credential of the one report in it."""

    folder: Path
    token: bytes

    @property
    def digits(self) -> str:
        return digits(self.token)

    @property
    def link(self) -> str:
        return qr_text(self.token, ISSUER.verify_url)

    @property
    def number(self) -> str:
        return facts().number(ISSUER.number_prefix)

    def publish(
        self,
        statuses: Mapping[int, Status] | None = None,
        *,
        changes: Mapping[int, Changed] | None = None,
        version: int = 1,
        issued_at: datetime = NOW,
    ) -> None:
        text = trust_text(statuses, changes=changes, version=version, issued_at=issued_at)
        (self.folder / "trust.json").write_text(text, "utf-8")


def publish(folder: Path, *, now: datetime = NOW) -> Published:
    """One report, sealed and typed, under a trust file that is fresh at ``now``."""
    published = Published(folder, token())
    for name in ("sealed", "typed"):
        (folder / name).mkdir(parents=True)
    content = seal(published.token, package().to_bytes())
    (folder / "sealed" / content.locator).write_bytes(content.ciphertext)
    typed = typed_content()
    (folder / "typed" / typed.locator).write_bytes(typed.ciphertext)
    published.publish(issued_at=now)
    return published


@cache
def typed_content() -> Sealed:
    """The same every time, and some 50 ms of work."""
    return seal_typed(facts().number(ISSUER.number_prefix), TYPED, token())


def without_lists(text: str) -> str:
    return json.dumps({**json.loads(text), "status_list": None, "notice_list": None})
