"""A fictional office with fixed keys, for every test of this room. All names and codes are invented."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from verify.binding import Field, FieldPackage
from verify.credential import Facts, ReportType, sign
from verify.keylist import Issuer, KeyEntry, KeyList, sign_key_list
from verify.keyring import ED25519, Ed25519Signer
from verify.notices import Changed
from verify.scanned import qr_text
from verify.status import CHANGES, Status, StatusList, pack, sign_status_list, status_uri
from verify.trust import Root, Trust, open_trust
from verify.validity import SHANGHAI

URL = "https://verify.example.gov.cn"
ROOT = Ed25519Signer.from_seed(b"chenghe fictional root key 00001")
KEY = Ed25519Signer.from_seed(b"chenghe fictional signing key 01")
STRANGER = Ed25519Signer.from_seed(b"chenghe fictional stranger key 1")
ISSUER = Issuer("示例市公共信用信息中心（虚构）", "YCZX", URL)


def moment(text: str) -> datetime:
    """``2026-08-20T10:00:00`` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


ISSUED = moment("2026-08-20T10:32:05")
NOW = moment("2026-09-01T09:00:00")
PACKAGE = FieldPackage(
    b"a fictional seed of thirty-two b",
    (
        Field("首页／标题", "报告标题", "经营主体专用信用报告"),
        Field("首页／主体信息／名称", "栏目值", "盐城示例禾苗环保科技有限公司（虚构）"),
        Field("一、分领域查询结果／第1行 市场监管领域／查询结果", "表格", "未查询到"),
        Field("一、分领域查询结果／第2行 生态环境领域／查询结果", "表格", "有 1 条"),
        Field("一、分领域查询结果／第2行 生态环境领域／备注", "表格", ""),
        Field("三、说明／第1条", "说明条目", "1. 数据由各责任单位提供。"),
    ),
)
FACTS = Facts(
    report_type=ReportType.SPECIAL,
    sequence=17,
    issued_at=ISSUED,
    status_index=4711,
    subject_code="91320902MA1EX0M1XB",
    subject_name="盐城示例禾苗环保科技有限公司",
    period_from=date(2023, 8, 20),
    period_to=date(2026, 8, 19),
    domains=45,
    records=1,
    domains_without_data=2,
    content_root=PACKAGE.root(),
)
ENTRY = KeyEntry(ED25519, KEY.public_key, moment("2026-08-01T00:00:00"), moment("2026-12-01T00:00:00"), (1,))
KEYS = KeyList(3, moment("2026-08-01T00:00:00"), moment("2027-08-01T00:00:00"), ISSUER, (ENTRY,))
STATUSES = StatusList(
    status_uri(URL), moment("2026-08-31T00:00:00"), moment("2026-09-07T00:00:00"), 3600, pack({}, 1 << 14)
)
NOTICES = replace(STATUSES, uri=CHANGES.uri(URL))


@dataclass(frozen=True, slots=True)
class Office:
    """What differs from the plain office in a test is named there."""

    entry: KeyEntry = ENTRY
    keys: KeyList = KEYS
    statuses: StatusList | None = STATUSES
    changes: StatusList | None = NOTICES

    def trust(self) -> Trust:
        keys = replace(self.keys, keys=(self.entry,))
        lists = [None if each is None else sign_status_list(each, ROOT) for each in (self.statuses, self.changes)]
        return open_trust(Root(ED25519, ROOT.public_key), sign_key_list(keys, ROOT), *lists)


TRUST = Office().trust()
TOKEN = sign(FACTS, KEY)
QR = qr_text(TOKEN, URL)


def with_status(status: Status, index: int = FACTS.status_index) -> Trust:
    return Office(statuses=replace(STATUSES, packed=pack({index: status}, 1 << 14))).trust()


def with_change(change: Changed, index: int = FACTS.status_index, **differences: object) -> Trust:
    """What is noticed of the report; ``differences`` are those of the notice list."""
    changes = replace(NOTICES, packed=pack({index: change}, 1 << 14), **differences)  # type: ignore[arg-type]
    return Office(changes=changes).trust()
