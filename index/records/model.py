"""Subjects and credit records: the facts a department provides, and nothing computed.

Sources: the Yancheng scheme of 2024 (专用信用报告实施方案) 二（一）（二）, 双公示 field codes, 行政处罚法 arts. 33, 48.
Days are calendar days in Asia/Shanghai; amounts are in 万元 (10,000 CNY), exact decimals.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class SubjectKind(StrEnum):
    """Kinds of B04. Which of them may have a report is rule data: ``index.rules.subject_kinds``."""

    COMPANY = "公司"
    ENTERPRISE_LEGAL_PERSON = "非公司企业法人"
    SOLE_PROPRIETORSHIP = "个人独资企业"
    PARTNERSHIP = "合伙企业"
    COOPERATIVE = "农民专业合作社"
    INDIVIDUAL_BUSINESS = "个体工商户"
    FOREIGN_BRANCH = "外国公司分支机构"
    BRANCH = "分支机构"
    OTHER_OPERATOR = "其他经营主体"
    NATURAL_PERSON = "自然人"
    GOVERNMENT_AGENCY = "机关"
    PUBLIC_INSTITUTION = "事业单位"
    SOCIAL_ORGANIZATION = "社会组织"


class RecordKind(StrEnum):
    """What the department's document is. Only the first five can ever be a violation record (B01, B02)."""

    PENALTY = "行政处罚"
    COMPULSION = "行政强制"
    ENFORCEMENT = "法院执行"
    SERIOUS_LIST = "严重失信主体名单"
    CRIMINAL = "刑事裁判"
    NO_PENALTY = "不予行政处罚"
    PERMIT = "行政许可"
    INVESTIGATION = "立案调查"
    INTERVIEW = "约谈"
    RECTIFICATION = "责令改正"
    COMPLAINT = "投诉举报"
    PETITION = "信访"


class SourceKind(StrEnum):
    """出证机关 are the first four (二（一）)."""

    AGENCY = "行政机关"
    AUTHORIZED = "法律法规授权的组织"
    VERTICAL = "垂直管理单位"
    JUDICIAL = "司法机关"
    OTHER = "其他"


class LegalState(StrEnum):
    EFFECTIVE = "生效"
    NOT_EFFECTIVE = "未生效"
    REVOKED = "撤销"
    CHANGED = "变更"
    UNLAWFUL = "确认违法"
    VOID = "无效"


class Secrecy(StrEnum):
    NONE = "无"
    STATE = "国家秘密"
    COMMERCIAL = "商业秘密"
    PRIVACY = "个人隐私"
    MINOR = "未成年人"
    OTHER = "其他依法不得公开"


class Severity(StrEnum):
    """信用修复管理办法 (2026-04-01): decides the least and the longest publication."""

    MINOR = "轻微"
    GENERAL = "一般"
    SERIOUS = "严重"


@dataclass(frozen=True, slots=True)
class Subject:
    """A registered subject. ``code`` is its 18-character 统一社会信用代码 (GB 32100), checksum valid."""

    code: str
    name: str
    kind: SubjectKind
    type_name: str | None = None
    legal_representative: str | None = None
    established_on: date | None = None
    address: str | None = None
    registration_state: str | None = None
    registration_authority: str | None = None
    parent_code: str | None = None
    """隶属主体: the code of the subject whose branch it is."""


@dataclass(frozen=True, slots=True)
class CreditRecord:
    """One decision about one subject, as provided. ``key`` is stable: subject code + document number + decision day."""

    key: str
    subject_code: str
    subject_name: str
    kind: RecordKind
    domain: int
    source_unit: str
    source_kind: SourceKind
    document_number: str
    violation: str
    facts: str
    legal_basis: str
    category: str
    content: str
    fine_wan: Decimal | None
    confiscated_wan: Decimal | None
    decided_on: date
    decided_by: str
    publication_until: date | None
    published: bool
    legal_state: LegalState
    secrecy: Secrecy
    corrected_on: date | None
    repaired_on: date | None
    under_objection: bool
    provider: str
    batch: str
    received_at: datetime
    licence: str = ""
    """证照暂扣或吊销: name and number."""
    penalty_until: date | None = None
    """处罚有效期; None = no end, or not stated."""
    note: str = ""
    """备注: for the office only, never printed."""
    severity: Severity | None = None
    """How grave the violation is, as the deciding unit says; decides how long it is published at least and at most."""
    from_province: bool = False
    """省级数据回流: came back from the province's platform."""


@dataclass(frozen=True, slots=True)
class DomainFeed:
    """Whether a domain's data reaches us. ``updated_on`` is the day of the last batch; None = 暂未接入."""

    domain: int
    updated_on: date | None
