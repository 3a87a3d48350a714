"""The columns a department's file may have: 双公示 field codes or Chinese headings, and our own KZ_ columns.

Rules kept:
* A heading is recognised by code or by a listed Chinese name, whatever its width, case or spaces.
* A column twice, a required column missing, penalties mixed with permits, an unknown KZ_ column: the file is refused.
* An amount column in 元 is refused: our columns are 万元, and a report would print ten thousand times the amount.
* Some columns are checked and not kept: identity documents (their numbers are personal), terms of permits.
* Any other unknown column is left unread and named in the report.

Source: 双公示 field codes (conventions.md); docs/records.md lists every column for clerks.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from index.errors import UnreadableImport
from index.records.cells import visible


@dataclass(frozen=True, slots=True)
class Column:
    """One thing a file can tell. ``field`` is our name, ``code`` the field code, ``headings`` the Chinese names."""

    field: str
    code: str
    headings: tuple[str, ...]
    required: bool = False
    kept: bool = True
    """False: what it says is checked and then forgotten."""


DECISIVE = frozenset(
    {
        "subject_class",
        "kind",
        "domain",
        "published",
        "legal_state",
        "secrecy",
        "corrected_on",
        "repaired_on",
        "under_objection",
        "severity",
        "from_province",
        "source_kind",
        "publication_until",
        "facts",
        "content",
    }
)
"""Fields that decide whether a record appears, or as what. A row that is broken off before one of them is refused."""

_MAX_HEADING = 100
"""No column we know has a longer name; of others that much is told."""
_REMARK = re.compile(r"\((?:必填项?|选填项?|可选|18位)\)$")
_IN_YUAN = re.compile(r"(?:罚款|没收).*\(元\)")

_EXTENSIONS = (
    Column("kind", "KZ_LX", ("记录类型",)),
    Column("domain", "KZ_LY", ("所属领域", "领域")),
    Column("published", "KZ_GS", ("是否公示",)),
    Column("legal_state", "KZ_FLZT", ("法律状态",)),
    Column("secrecy", "KZ_BGK", ("不得公开情形",)),
    Column("corrected_on", "KZ_JZRQ", ("纠正日期",)),
    Column("repaired_on", "KZ_XFRQ", ("修复日期",)),
    Column("under_objection", "KZ_YY", ("异议处理中",)),
    Column("source_kind", "KZ_LYLX", ("来源类别",)),
    Column("severity", "KZ_YZCD", ("违法程度", "违法严重程度", "失信严重程度")),
    Column("from_province", "KZ_HL", ("省级回流", "是否省级回流")),
)
_PENALTY_ONLY = frozenset({"kind", "corrected_on", "repaired_on", "severity"})


def _identity(prefix: str) -> tuple[Column, ...]:
    """Kind and number of identity documents: checked against each other, never kept."""
    return (
        Column("person_document", f"{prefix}_XDR_ZJLX", ("证件类型", "行政相对人证件类型"), kept=False),
        Column("person_number", f"{prefix}_XDR_ZJHM", ("证件号码", "行政相对人证件号码"), kept=False),
        Column(
            "representative_document",
            f"{prefix}_FR_ZJLX",
            ("法定代表人证件类型", "法定代表人（负责人）证件类型"),
            kept=False,
        ),
        Column(
            "representative_number",
            f"{prefix}_FR_ZJHM",
            ("法定代表人证件号码", "法定代表人（负责人）证件号码"),
            kept=False,
        ),
    )


_CODE_HEADINGS = (
    "统一社会信用代码",
    "行政相对人代码_1",
    "行政相对人代码_1（统一社会信用代码）",
    "行政相对人代码",
)

PENALTY = (
    Column("subject_name", "CF_XDR_MC", ("行政相对人名称", "主体名称"), required=True),
    Column("subject_class", "CF_XDR_LB", ("行政相对人类别",)),
    Column("subject_code", "CF_XDR_SHXYM", _CODE_HEADINGS, required=True),
    Column(
        "document_number",
        "CF_WSH",
        ("行政处罚决定文书号", "处罚决定文书号", "决定文书号", "行政处罚决定书文号", "处罚决定书文号", "决定书文号"),
        required=True,
    ),
    Column("violation", "CF_WFXW", ("违法行为类型",)),
    Column("facts", "CF_SY", ("违法事实",)),
    Column("legal_basis", "CF_YJ", ("处罚依据",)),
    Column("category", "CF_CFLB", ("处罚类别",)),
    Column("content", "CF_NR", ("处罚内容",)),
    Column("fine_wan", "CF_NR_FK", ("罚款金额（万元）", "罚款金额")),
    Column(
        "confiscated_wan",
        "CF_NR_WFFF",
        ("没收违法所得、没收非法财物的金额（万元）", "没收违法所得、没收非法财物的金额", "没收金额（万元）"),
    ),
    Column("licence", "CF_NR_ZKDX", ("暂扣或吊销证照名称及编号",)),
    Column("decided_on", "CF_JDRQ", ("处罚决定日期", "决定日期", "作出处罚决定日期"), required=True),
    Column("penalty_until", "CF_YXQ", ("处罚有效期",)),
    Column("publication_until", "CF_GSJZQ", ("公示截止期", "公示截止日期")),
    Column("decided_by", "CF_CFJG", ("处罚机关", "决定机关", "作出处罚决定机关"), required=True),
    Column("source_unit", "CF_SJLY", ("数据来源单位",)),
    Column("note", "BZ", ("备注",)),
    *_identity("CF"),
    *_EXTENSIONS,
)

PERMIT = (
    Column("subject_name", "XK_XDR_MC", ("行政相对人名称", "主体名称"), required=True),
    Column("subject_class", "XK_XDR_LB", ("行政相对人类别",)),
    Column("subject_code", "XK_XDR_SHXYM", _CODE_HEADINGS, required=True),
    Column("document_number", "XK_WSH", ("行政许可决定文书号", "许可决定文书号", "行政许可决定书文号"), required=True),
    Column("category", "XK_XKLB", ("许可类别",)),
    Column("content", "XK_NR", ("许可内容",)),
    Column("decided_on", "XK_JDRQ", ("许可决定日期",), required=True),
    Column("decided_by", "XK_XKJG", ("许可机关",), required=True),
    Column("source_unit", "XK_LYDW", ("数据来源单位",)),
    Column("note", "BZ", ("备注",)),
    Column("valid_from", "XK_YXQZ", ("有效期自",), kept=False),
    Column("valid_until", "XK_YXQZI", ("有效期至",), kept=False),
    *_identity("XK"),
    *(column for column in _EXTENSIONS if column.field not in _PENALTY_ONLY),
)

SUBJECT = (
    Column(
        "name",
        "CF_XDR_MC",
        ("名称", "主体名称", "企业名称", "单位名称", "企业（机构）名称", "行政相对人名称", "XK_XDR_MC"),
        required=True,
    ),
    Column("code", "CF_XDR_SHXYM", (*_CODE_HEADINGS, "XK_XDR_SHXYM"), required=True),
    Column("subject_class", "CF_XDR_LB", ("行政相对人类别", "XK_XDR_LB")),
    Column("kind", "KZ_ZTLX", ("主体类型",)),
    Column("type_name", "KZ_LXMC", ("类型", "企业类型", "市场主体类型")),
    Column(
        "legal_representative",
        "CF_FRDB",
        ("法定代表人", "法定代表人（负责人）", "法定代表人姓名", "经营者", "负责人", "XK_FRDB"),
    ),
    Column("established_on", "KZ_CLRQ", ("成立日期",)),
    Column("address", "KZ_ZS", ("住所", "住所（经营场所）", "注册地址", "经营场所")),
    Column("registration_state", "KZ_DJZT", ("登记状态", "经营状态")),
    Column("registration_authority", "KZ_DJJG", ("登记机关",)),
    Column("parent_code", "KZ_LSDM", ("隶属主体代码", "隶属主体统一社会信用代码", "上级主体代码")),
)


class Form(Enum):
    """What a file is about, told by its headings."""

    PENALTY = PENALTY
    PERMIT = PERMIT
    SUBJECT = SUBJECT

    @property
    def columns(self) -> tuple[Column, ...]:
        columns: tuple[Column, ...] = self.value
        return columns


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each field of a file stands, and the heading the clerk wrote over it."""

    form: Form
    positions: dict[str, int]
    checked: dict[str, int]
    """Fields that are checked and not kept."""
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    """Headings of which nothing is kept."""
    required: frozenset[str]

    def has(self, field: str) -> bool:
        return field in self.positions

    def place(self, field: str) -> int | None:
        """The position of a field in a row; None when the file has no such column."""
        return self.positions.get(field, self.checked.get(field))

    def heading(self, field: str) -> str:
        """The clerk's heading of a field; its field code when the file has no such column."""
        place = self.place(field)
        if place is not None:
            return self.headings[place]
        return next(column.code for column in self.form.columns if column.field == field)


def layout(headings: list[str], forms: tuple[Form, ...]) -> Layout:
    """Recognises the heading row as one of ``forms``. Raises UnreadableImport naming what is wrong with it."""
    headings = [_shown(heading) for heading in _without_empty_end(headings)]
    plain = [_plain(heading) for heading in headings]
    _refuse_mixture(plain)
    _refuse_yuan(headings)
    form = max(forms, key=lambda candidate: len(_match(plain, candidate)))
    found = _match(plain, form)
    _refuse_duplicates(form, found)
    _refuse_missing(form, {field for field, _ in found})
    forgotten = {column.field for column in form.columns if not column.kept}
    kept = {field: position for field, position in found if field not in forgotten}
    checked = {field: position for field, position in found if field in forgotten}
    read = set(kept.values())
    ignored = tuple(heading for position, heading in enumerate(headings) if position not in read and heading.strip())
    _refuse_unknown_extensions(form, ignored)
    required = frozenset(column.field for column in form.columns if column.required)
    return Layout(form, kept, checked, tuple(heading.strip() for heading in headings), ignored, required)


def _shown(heading: str) -> str:
    """A heading on one line, as it is repeated to people and in the error workbook."""
    return visible(" ".join(heading[:_MAX_HEADING].replace("\ufeff", "").split()))


def recognised(headings: list[str], forms: tuple[Form, ...]) -> int:
    """How many cells of a row are headings of one of ``forms``."""
    plain = [_plain(heading) for heading in headings]
    return max(len(_match(plain, form)) for form in forms)


def _without_empty_end(headings: list[str]) -> list[str]:
    """A spreadsheet's CSV often ends with columns that were emptied once: no heading, and cells in some rows only."""
    width = max((place for place, heading in enumerate(headings, start=1) if heading.strip()), default=0)
    return headings[:width]


def _match(plain: list[str], form: Form) -> list[tuple[str, int]]:
    names = {_plain(name): column.field for column in form.columns for name in (column.code, *column.headings)}
    return [(names[heading], position) for position, heading in enumerate(plain) if heading in names]


def _plain(heading: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", heading).split()).upper().strip("\ufeff*★'\"“”")
    return _REMARK.sub("", plain).strip("*★")


def _refuse_yuan(headings: list[str]) -> None:
    wrong = [heading.strip() for heading in headings if _IN_YUAN.fullmatch(_plain(heading))]
    if wrong:
        raise UnreadableImport(
            f"“{'、'.join(wrong)}”列的单位是元，应为万元。",
            next_step="请把金额换算成万元，列名改为“罚款金额（万元）”“没收金额（万元）”。",
            code="IMPORT_YUAN",
        )


def _refuse_mixture(plain: list[str]) -> None:
    if any(name.startswith("CF_") for name in plain) and any(name.startswith("XK_") for name in plain):
        raise UnreadableImport(
            "表头同时有处罚（CF_）和许可（XK_）字段。", next_step="请分成两个文件，分别导入。", code="IMPORT_MIXED"
        )


def _refuse_duplicates(form: Form, found: list[tuple[str, int]]) -> None:
    fields = [field for field, _ in found]
    twice = [_label(column) for column in form.columns if column.kept and fields.count(column.field) > 1]
    if twice:
        raise UnreadableImport(
            f"表头有重复的列：{'、'.join(twice)}。", next_step="每种内容只留一列。", code="IMPORT_DUPLICATE_HEADING"
        )


def _refuse_missing(form: Form, fields: set[str]) -> None:
    missing = [_label(column) for column in form.columns if column.required and column.field not in fields]
    if missing:
        raise UnreadableImport(
            f"表头缺少必需的列：{'、'.join(missing)}。",
            next_step="表头应为双公示字段代码或中文列名，见 docs/records.md。",
            code="IMPORT_HEADING",
        )


def _refuse_unknown_extensions(form: Form, ignored: tuple[str, ...]) -> None:
    unknown = [heading for heading in ignored if _plain(heading).startswith("KZ_")]
    if unknown:
        known = "、".join(_label(column) for column in form.columns if column.code.startswith("KZ_"))
        raise UnreadableImport(
            f"不认识的扩展列：{'、'.join(unknown)}。", next_step=f"可用的扩展列：{known}。", code="IMPORT_HEADING"
        )


def _label(column: Column) -> str:
    return f"{column.code}（{column.headings[0]}）"
